#include "crypto/key_ring.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "crypto/key_ring_format.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/replayed_random.h"
#include "tests/crypto/scratch_directory.h"

namespace sealgate::crypto {
namespace {

constexpr std::int64_t kNow = 1'790'000'000;

SecretBytes Master(unsigned first = 0) { return SecretBytes::CopyOf(Sequence(first, 32)); }

KeyRing ShopRing() {
  KeyRing ring(Master());
  SystemRandom random;
  EXPECT_TRUE(ring.AddDomain("shop.customers.note", Mode::kRandom, random, kNow));
  EXPECT_TRUE(ring.AddDomain("shop.customers.email", Mode::kSearchable, random, kNow + 1));
  EXPECT_TRUE(ring.AddDomain("shop.customers.tax", Mode::kDeterministic, random, kNow + 2));
  return ring;
}

std::string SavedShopRing(const ScratchDirectory& scratch) {
  EXPECT_TRUE(ShopRing().Save(scratch / "ring"));
  return ScratchDirectory::Read(scratch / "ring");
}

TEST(KeyRing, AddsTheKeysThatEachModeNeeds) {
  const std::vector<KeyInfo> expected = {
      {1, "shop.customers.note", 1, KeyKind::kSealing, KeyState::kActive, kNow},
      {2, "shop.customers.email", 1, KeyKind::kSealing, KeyState::kActive, kNow + 1},
      {3, "shop.customers.email", 1, KeyKind::kEquality, KeyState::kActive, kNow + 1},
      {4, "shop.customers.tax", 1, KeyKind::kEquality, KeyState::kActive, kNow + 2},
  };
  EXPECT_EQ(ShopRing().List(), expected);
}

TEST(KeyRing, ADomainIsAddedOnceAndCompletedForAnotherMode) {
  KeyRing ring = ShopRing();
  SystemRandom random;
  const auto again = ring.AddDomain("shop.customers.email", Mode::kRandom, random, kNow);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, KeyError::kDomainExists);
  const auto more = ring.AddDomain("shop.customers.note", Mode::kSearchable, random, kNow);
  ASSERT_TRUE(more);
  ASSERT_EQ(more->size(), 1U);
  EXPECT_EQ(more->at(0).id, 5U);
  EXPECT_EQ(more->at(0).kind, KeyKind::kEquality);
  EXPECT_TRUE(ring.KeysOf("shop.customers.note", Mode::kSearchable));
}

TEST(KeyRing, BadDomainNamesAreRefused) {
  KeyRing ring(Master());
  SystemRandom random;
  for (const std::string& name :
       {std::string(), std::string(1025, 'x'), std::string("a\nb"), std::string("a\0b", 3)}) {
    const auto added = ring.AddDomain(name, Mode::kRandom, random, kNow);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, KeyError::kBadDomainName);
  }
  EXPECT_TRUE(ring.AddDomain(std::string(1024, 'x'), Mode::kRandom, random, kNow));
}

TEST(KeyRing, GivesEachModeItsKeys) {
  const KeyRing ring = ShopRing();
  const auto email = ring.KeysOf("shop.customers.email", Mode::kSearchable);
  ASSERT_TRUE(email);
  ASSERT_EQ(email->sealing.size(), 1U);
  EXPECT_EQ(email->active_sealing_id, 2U);
  ASSERT_EQ(email->equality.size(), 1U);
  EXPECT_EQ(email->equality[0].id, 3U);
  EXPECT_FALSE(
      EqualInConstantTime(email->sealing[0].key.Reveal(), email->equality[0].key.Reveal()));

  const auto unknown = ring.KeysOf("shop.customers.phone", Mode::kRandom);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, KeyError::kUnknownDomain);
  const auto lacking = ring.KeysOf("shop.customers.note", Mode::kDeterministic);
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().code, KeyError::kNoActiveKey);
  EXPECT_FALSE(ring.CipherOf("shop.customers.tax", Mode::kRandom));
}

TEST(KeyRing, ValuesSealedBeforeSavingOpenAfterLoading) {
  const ScratchDirectory scratch;
  KeyRing ring = ShopRing();
  SystemRandom random;
  std::string envelope;
  std::get<RandomCipher>(*ring.CipherOf("shop.customers.note", Mode::kRandom))
      .Seal("note", random, envelope);
  ASSERT_TRUE(ring.Save(scratch / "ring"));
  EXPECT_EQ(ScratchDirectory::ModeOf(scratch / "ring"), 0600U);
  const auto loaded = KeyRing::Load(scratch / "ring", Master());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->List(), ring.List());
  std::string plaintext;
  EXPECT_TRUE(Open(*loaded->CipherOf("shop.customers.note", Mode::kRandom), envelope, plaintext));
  EXPECT_EQ(plaintext, "note");
}

TEST(KeyRing, AnEmptyRingIsSavedAndLoaded) {
  const ScratchDirectory scratch;
  ASSERT_TRUE(KeyRing(Master()).Save(scratch / "ring"));
  const auto loaded = KeyRing::Load(scratch / "ring", Master());
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->List().empty());
}

TEST(KeyRing, TheFileHoldsNoKey) {
  const ScratchDirectory scratch;
  const KeyRing ring = ShopRing();
  ASSERT_TRUE(ring.Save(scratch / "ring"));
  const std::string bytes = ScratchDirectory::Read(scratch / "ring");
  EXPECT_EQ(bytes.find(Sequence(0, 32)), std::string::npos);
  const auto keys = ring.KeysOf("shop.customers.note", Mode::kRandom);
  EXPECT_EQ(bytes.find(keys->sealing[0].key.Reveal()), std::string::npos);
}

TEST(KeyRing, WrongMasterKeyIsToldFromDamage) {
  const ScratchDirectory scratch;
  const std::string bytes = SavedShopRing(scratch);
  for (int bit = 0; bit < 256; ++bit) {
    SecretBytes wrong = Master();
    wrong.data()[bit / 8] ^= static_cast<unsigned char>(1 << (bit % 8));
    const auto loaded = KeyRing::Load(scratch / "ring", std::move(wrong));
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, KeyError::kWrongMasterKey);
    EXPECT_NE(loaded.error().message.find("another master key"), std::string::npos);
  }
  for (std::size_t size = 0; size <= 70; ++size) {
    if (size != 32) {
      EXPECT_THROW(KeyRing{SecretBytes(size)}, std::invalid_argument);
    }
  }
}

TEST(KeyRing, EveryTruncationIsSeen) {
  const ScratchDirectory scratch;
  const std::string bytes = SavedShopRing(scratch);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto loaded =
        KeyRing::Load(scratch.Write("cut", std::string_view(bytes).substr(0, size)), Master());
    ASSERT_FALSE(loaded) << size;
    EXPECT_EQ(loaded.error().code, KeyError::kTruncated) << loaded.error().message;
    EXPECT_NE(loaded.error().message.find("cut off"), std::string::npos);
  }
  const auto longer = KeyRing::Load(scratch.Write("long", bytes + '\0'), Master());
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, KeyError::kMalformed);
}

TEST(KeyRing, EveryFlippedBitIsSeen) {
  const ScratchDirectory scratch;
  std::string bytes = SavedShopRing(scratch);
  const SecretBytes master = Master();
  ASSERT_TRUE(DecodeKeyRing(bytes, master, "ring"));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_FALSE(DecodeKeyRing(bytes, master, "ring")) << bit / 8;
    bytes[bit / 8] ^= static_cast<char>(1 << (bit % 8));
  }
}

// Entries of two keys of equal length, exchanged or removed by someone who has
// the file but not the master key.
TEST(KeyRing, ReorderedAndRemovedEntriesAreSeen) {
  KeyRing ring(Master());
  SystemRandom random;
  ASSERT_TRUE(ring.AddDomain("a", Mode::kRandom, random, kNow));
  ASSERT_TRUE(ring.AddDomain("b", Mode::kRandom, random, kNow));
  const ScratchDirectory scratch;
  ASSERT_TRUE(ring.Save(scratch / "ring"));
  const std::string bytes = ScratchDirectory::Read(scratch / "ring");
  constexpr std::size_t kEntry = 20 + 1 + kWrappedKeyBytes;
  const std::string header = bytes.substr(0, 34);
  const std::string a = bytes.substr(34, kEntry);
  const std::string b = bytes.substr(34 + kEntry, kEntry);
  const std::string mac = bytes.substr(34 + 2 * kEntry);
  const SecretBytes master = Master();
  ASSERT_TRUE(DecodeKeyRing(header + a + b + mac, master, "ring"));
  EXPECT_FALSE(DecodeKeyRing(header + b + a + mac, master, "ring"));
  std::string shorter = header + a + mac;
  shorter[13] = static_cast<char>(shorter.size());
  shorter[17] = 1;
  const auto removed = DecodeKeyRing(shorter, master, "ring");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, KeyError::kMalformed);
}

TEST(KeyRing, AWrappedKeyOpensOnlyAsWhatItIs) {
  const SecretBytes master = Master();
  const SecretBytes data_key = SecretBytes::CopyOf(Sequence(100, 32));
  ReplayedRandom random;
  const KeyInfo info{7, "domain", 1, KeyKind::kSealing, KeyState::kActive, kNow};
  const WrappedKey wrapped = WrapDataKey(info, data_key, master, random);
  EXPECT_EQ(UnwrapDataKey(wrapped, master)->Reveal(), data_key.Reveal());
  std::vector<WrappedKey> changed(6, wrapped);
  changed[0].info.id = 8;
  changed[1].info.domain = "domaim";
  changed[2].info.version = 2;
  changed[3].info.kind = KeyKind::kEquality;
  changed[4].info.state = KeyState::kRetired;
  changed[5].info.created_unix_seconds++;
  for (const WrappedKey& key : changed) {
    EXPECT_FALSE(UnwrapDataKey(key, master));
  }
  EXPECT_FALSE(UnwrapDataKey(wrapped, Master(1)));
}

std::vector<WrappedKey> KeysInStates(const SecretBytes& master) {
  ReplayedRandom random;
  const auto key = [&](std::uint32_t id, std::uint32_t version, KeyKind kind, KeyState state) {
    return WrapDataKey({id, "d", version, kind, state, kNow}, SecretBytes(32), master, random);
  };
  std::vector<WrappedKey> keys;
  keys.push_back(key(3, 1, KeyKind::kSealing, KeyState::kRetired));
  keys.push_back(key(4, 2, KeyKind::kSealing, KeyState::kReadable));
  keys.push_back(key(9, 3, KeyKind::kSealing, KeyState::kActive));
  keys.push_back(key(5, 1, KeyKind::kEquality, KeyState::kReadable));
  keys.push_back(key(6, 2, KeyKind::kEquality, KeyState::kActive));
  return keys;
}

TEST(KeyRing, StatesDecideWhichKeysAreUsed) {
  const ScratchDirectory scratch;
  const SecretBytes master = Master();
  const std::string path = scratch.Write("ring", EncodeKeyRing(KeysInStates(master), master));
  auto ring = KeyRing::Load(path, Master());
  ASSERT_TRUE(ring);
  const auto keys = ring->KeysOf("d", Mode::kSearchable);
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->sealing.size(), 2U);
  EXPECT_EQ(keys->sealing[0].id, 4U);
  EXPECT_EQ(keys->active_sealing_id, 9U);
  ASSERT_EQ(keys->equality.size(), 1U);
  EXPECT_EQ(keys->equality[0].id, 6U);
  SystemRandom random;
  EXPECT_EQ(ring->AddDomain("new", Mode::kRandom, random, kNow)->at(0).id, 10U);
}

TEST(KeyRing, EntriesThatMakeNoSenseAreRefusedEvenWhenAuthentic) {
  const SecretBytes master = Master();
  const auto refused = [&](auto change) {
    std::vector<WrappedKey> keys = KeysInStates(master);
    change(keys);
    const auto decoded = DecodeKeyRing(EncodeKeyRing(keys, master), master, "ring");
    return !decoded && decoded.error().code == KeyError::kMalformed;
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& keys) { keys[1].info.id = 0; }));
  EXPECT_TRUE(refused([](auto& keys) { keys[1].info.id = keys[0].info.id; }));
  EXPECT_TRUE(refused([](auto& keys) { keys[1].info.kind = static_cast<KeyKind>(3); }));
  EXPECT_TRUE(refused([](auto& keys) { keys[1].info.state = static_cast<KeyState>(0); }));
  EXPECT_TRUE(refused([](auto& keys) { keys[1].info.domain.clear(); }));
  EXPECT_TRUE(refused([](auto& keys) { keys[4].wrapped.pop_back(); }));
  EXPECT_TRUE(refused([](auto& keys) { keys[4].wrapped.push_back('x'); }));
}

TEST(KeyRing, KeyIdsRunOut) {
  const ScratchDirectory scratch;
  const SecretBytes master = Master();
  std::vector<WrappedKey> keys = KeysInStates(master);
  keys[0].info.id = 0xFFFFFFFE;
  auto ring = KeyRing::Load(scratch.Write("ring", EncodeKeyRing(keys, master)), Master());
  ASSERT_TRUE(ring);
  SystemRandom random;
  EXPECT_FALSE(ring->AddDomain("two more", Mode::kSearchable, random, kNow));
  EXPECT_EQ(ring->List().size(), keys.size());
  EXPECT_TRUE(ring->AddDomain("one more", Mode::kRandom, random, kNow));
}

TEST(KeyRing, FilesThatAreNoRingAreNamed) {
  const ScratchDirectory scratch;
  const auto missing = KeyRing::Load(scratch / "absent", Master());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, KeyError::kFileMissing);
  const auto text = KeyRing::Load(scratch.Write("text", "not a ring"), Master());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, KeyError::kMalformed);
  EXPECT_NE(text.error().message.find("not a key ring"), std::string::npos);
  const std::string bytes = SavedShopRing(scratch);
  const auto open = KeyRing::Load(scratch.Write("open", bytes, 0640), Master());
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, KeyError::kFileMode);
}

}  // namespace
}  // namespace sealgate::crypto
