#include "crypto/column_cipher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "tests/crypto/hex.h"
#include "tests/crypto/replayed_random.h"

namespace sealgate::crypto {
namespace {

constexpr Mode kModes[] = {Mode::kRandom, Mode::kSearchable, Mode::kDeterministic};

DataKey Key(std::uint32_t id, std::size_t size = 32) {
  return {id, SecretBytes::CopyOf(Sequence(id, size))};
}

DomainKeys KeysFor(Mode mode, std::uint32_t first_id = 1) {
  DomainKeys keys;
  if (mode != Mode::kDeterministic) {
    keys.sealing.push_back(Key(first_id));
    keys.active_sealing_id = first_id;
  }
  if (mode != Mode::kRandom) {
    keys.equality.push_back(Key(first_id + 1));
  }
  return keys;
}

ColumnCipher Cipher(Mode mode, std::string domain, DomainKeys keys) {
  switch (mode) {
    case Mode::kRandom:
      return RandomCipher(std::move(domain), std::move(keys));
    case Mode::kSearchable:
      return SearchableCipher(std::move(domain), std::move(keys));
    default:
      return DeterministicCipher(std::move(domain), std::move(keys));
  }
}

ColumnCipher Cipher(Mode mode, std::string domain = "shop.customers.email") {
  return Cipher(mode, std::move(domain), KeysFor(mode));
}

std::string Seal(const ColumnCipher& cipher, std::string_view plaintext, RandomSource& random) {
  std::string out;
  if (const auto* each = std::get_if<RandomCipher>(&cipher)) {
    each->Seal(plaintext, random, out);
  } else if (const auto* each = std::get_if<SearchableCipher>(&cipher)) {
    each->Seal(plaintext, plaintext, random, out);
  } else {
    std::get<DeterministicCipher>(cipher).Seal(plaintext, out);
  }
  return out;
}

std::string Seal(const ColumnCipher& cipher, std::string_view plaintext) {
  SystemRandom random;
  return Seal(cipher, plaintext, random);
}

void ExpectDoesNotOpen(const ColumnCipher& cipher, std::string_view envelope) {
  std::string out = "before";
  EXPECT_FALSE(Open(cipher, envelope, out));
  EXPECT_EQ(out, "before");
}

TEST(ColumnCipher, OpensWhatItSealed) {
  for (const Mode mode : kModes) {
    const ColumnCipher cipher = Cipher(mode);
    EXPECT_EQ(ModeOf(cipher), mode);
    for (const std::size_t size : {0, 1, 15, 16, 17, 31, 32, 33, 64, 255, 4096, 100'000}) {
      const std::string plaintext = Sequence(3, size);
      const std::string envelope = Seal(cipher, plaintext);
      EXPECT_EQ(envelope.size(), size + EnvelopeOverhead(mode));
      std::string out = "before";
      ASSERT_TRUE(Open(cipher, envelope, out)) << ModeName(mode) << " " << size;
      EXPECT_EQ(out, "before" + plaintext);
    }
  }
}

TEST(ColumnCipher, SealAppends) {
  SystemRandom random;
  std::string out = "before";
  std::get<RandomCipher>(Cipher(Mode::kRandom)).Seal("a", random, out);
  std::get<SearchableCipher>(Cipher(Mode::kSearchable)).Seal("a", "A", random, out);
  std::get<DeterministicCipher>(Cipher(Mode::kDeterministic)).Seal("a", out);
  EXPECT_EQ(out.substr(0, 8), "before\xFE\x01");
  EXPECT_EQ(out.size(), 6U + 46 + 66 + 22 + 3);
}

TEST(ColumnCipher, EveryFlippedBitDoesNotOpen) {
  for (const Mode mode : kModes) {
    const ColumnCipher cipher = Cipher(mode);
    for (const std::string_view plaintext : {"", "bob@example.com", "seventeen letters"}) {
      std::string envelope = Seal(cipher, plaintext);
      for (std::size_t bit = 0; bit < envelope.size() * 8; ++bit) {
        envelope[bit / 8] ^= static_cast<char>(1 << (bit % 8));
        ExpectDoesNotOpen(cipher, envelope);
        envelope[bit / 8] ^= static_cast<char>(1 << (bit % 8));
      }
      std::string out;
      EXPECT_TRUE(Open(cipher, envelope, out));
    }
  }
}

TEST(ColumnCipher, EveryTruncationAndExtensionDoesNotOpen) {
  for (const Mode mode : kModes) {
    const ColumnCipher cipher = Cipher(mode);
    const std::string envelope = Seal(cipher, "bob@example.com");
    for (std::size_t size = 0; size < envelope.size(); ++size) {
      ExpectDoesNotOpen(cipher, std::string(envelope, 0, size));
      ExpectDoesNotOpen(cipher, std::string(envelope, size + 1));
    }
    ExpectDoesNotOpen(cipher, envelope + '\0');
    ExpectDoesNotOpen(cipher, envelope + envelope);
  }
}

TEST(ColumnCipher, AnotherDomainWithTheSameKeysDoesNotOpen) {
  for (const Mode mode : kModes) {
    const std::string envelope = Seal(Cipher(mode), "bob@example.com");
    for (const char* domain : {"shop.customers.emai", "shop.customers.email2", "x"}) {
      ExpectDoesNotOpen(Cipher(mode, domain), envelope);
    }
  }
}

TEST(ColumnCipher, OtherKeysWithTheSameIdsDoNotOpen) {
  for (const Mode mode : kModes) {
    DomainKeys other = KeysFor(mode);
    for (auto* list : {&other.sealing, &other.equality}) {
      for (DataKey& key : *list) {
        key.key.data()[31] ^= 1;
      }
    }
    const std::string envelope = Seal(Cipher(mode), "bob@example.com");
    ExpectDoesNotOpen(Cipher(mode, "shop.customers.email", std::move(other)), envelope);
  }
}

TEST(ColumnCipher, AnotherModeDoesNotOpen) {
  for (const Mode sealed : kModes) {
    const std::string envelope = Seal(Cipher(sealed), std::string(80, 'x'));
    for (const Mode opened : kModes) {
      if (opened != sealed) {
        ExpectDoesNotOpen(Cipher(opened), envelope);
      }
    }
  }
}

TEST(ColumnCipher, ReadsOlderVersionsAndSealsWithTheActiveOne) {
  for (const Mode mode : {Mode::kRandom, Mode::kSearchable}) {
    const std::string old_envelope = Seal(Cipher(mode), "old");
    DomainKeys keys = KeysFor(mode);
    keys.sealing.push_back(Key(9));
    keys.active_sealing_id = 9;
    const ColumnCipher rotated = Cipher(mode, "shop.customers.email", std::move(keys));
    std::string out;
    EXPECT_TRUE(Open(rotated, old_envelope, out));
    EXPECT_EQ(out, "old");
    const std::string envelope = Seal(rotated, "new");
    EXPECT_EQ(ParseEnvelope(envelope)->key_id, 9U);
    ExpectDoesNotOpen(Cipher(mode), envelope);
  }
}

TEST(ColumnCipher, EveryWrongKeyLengthIsRefused) {
  for (std::size_t size = 0; size <= 80; ++size) {
    if (size == 32) {
      continue;
    }
    for (const Mode mode : kModes) {
      DomainKeys bad_sealing = KeysFor(mode);
      DomainKeys bad_equality = KeysFor(mode);
      if (mode != Mode::kDeterministic) {
        bad_sealing.sealing[0] = Key(1, size);
        EXPECT_THROW(Cipher(mode, "d", std::move(bad_sealing)), std::invalid_argument);
      }
      if (mode != Mode::kRandom) {
        bad_equality.equality[0] = Key(2, size);
        EXPECT_THROW(Cipher(mode, "d", std::move(bad_equality)), std::invalid_argument);
      }
    }
  }
}

TEST(ColumnCipher, KeysThatDoNotFitTheModeAreRefused) {
  for (const Mode keys : kModes) {
    for (const Mode mode : kModes) {
      if (keys != mode) {
        EXPECT_THROW(Cipher(mode, "d", KeysFor(keys)), std::invalid_argument);
      }
    }
  }
  for (const Mode mode : kModes) {
    EXPECT_THROW(Cipher(mode, "", KeysFor(mode)), std::invalid_argument);
  }
  DomainKeys not_active = KeysFor(Mode::kRandom);
  not_active.active_sealing_id = 5;
  EXPECT_THROW(RandomCipher("d", std::move(not_active)), std::invalid_argument);
  DomainKeys two_equal = KeysFor(Mode::kSearchable);
  two_equal.equality.push_back(Key(7));
  EXPECT_THROW(SearchableCipher("d", std::move(two_equal)), std::invalid_argument);
  DomainKeys same_id = KeysFor(Mode::kSearchable);
  same_id.equality[0].id = 1;
  EXPECT_THROW(SearchableCipher("d", std::move(same_id)), std::invalid_argument);
}

TEST(RandomCipher, SealsTheSameValueDifferentlyEachTime) {
  const ColumnCipher cipher = Cipher(Mode::kRandom);
  SystemRandom random;
  const std::string one = Seal(cipher, "value", random);
  const std::string two = Seal(cipher, "value", random);
  EXPECT_NE(ParseEnvelope(one)->nonce, ParseEnvelope(two)->nonce);
  EXPECT_NE(ParseEnvelope(one)->sealed, ParseEnvelope(two)->sealed);
}

TEST(SearchableCipher, EqualityPrefixLeadsEveryEnvelopeOfTheSameWeights) {
  const ColumnCipher variant = Cipher(Mode::kSearchable);
  const auto& cipher = std::get<SearchableCipher>(variant);
  SystemRandom random;
  std::string prefix;
  cipher.AppendEqualityPrefix("BOB", prefix);
  EXPECT_EQ(prefix.size(), kEqualityPrefixBytes);
  for (const std::string_view plaintext : {"bob", "Bob", "BOB", ""}) {
    std::string envelope;
    cipher.Seal(plaintext, "BOB", random, envelope);
    EXPECT_TRUE(envelope.starts_with(prefix));
    std::string out;
    EXPECT_TRUE(cipher.Open(envelope, out));
    EXPECT_EQ(out, plaintext);
  }
  for (const std::string_view other : {"", "BO", "BOBB", "BOC"}) {
    std::string envelope;
    cipher.Seal("bob", other, random, envelope);
    EXPECT_FALSE(envelope.starts_with(prefix));
    EXPECT_EQ(envelope.substr(0, kHeadBytes), prefix.substr(0, kHeadBytes));
  }
}

TEST(SearchableCipher, PrefixStaysWhenTheSealingKeyRotates) {
  DomainKeys rotated = KeysFor(Mode::kSearchable);
  rotated.sealing.push_back(Key(9));
  rotated.active_sealing_id = 9;
  std::string before;
  std::string after;
  SearchableCipher("d", KeysFor(Mode::kSearchable)).AppendEqualityPrefix("w", before);
  SearchableCipher("d", std::move(rotated)).AppendEqualityPrefix("w", after);
  EXPECT_EQ(before, after);
}

TEST(SearchableCipher, SwappedBlindIndexDoesNotOpen) {
  const ColumnCipher cipher = Cipher(Mode::kSearchable);
  const std::string alice = Seal(cipher, "alice");
  const std::string bobby = Seal(cipher, "bobby");
  ExpectDoesNotOpen(cipher,
                    alice.substr(0, kEqualityPrefixBytes) + bobby.substr(kEqualityPrefixBytes));
}

TEST(DeterministicCipher, SameBytesSameEnvelope) {
  const ColumnCipher cipher = Cipher(Mode::kDeterministic);
  EXPECT_EQ(Seal(cipher, "value"), Seal(cipher, "value"));
  EXPECT_NE(Seal(cipher, "value"), Seal(cipher, "Value"));
  EXPECT_NE(Seal(cipher, ""), Seal(cipher, std::string(1, '\0')));
  EXPECT_NE(Seal(cipher, "value"), Seal(Cipher(Mode::kDeterministic, "other"), "value"));
}

TEST(ColumnCipher, OneCipherServesManyThreads) {
  for (const Mode mode : kModes) {
    const ColumnCipher cipher = Cipher(mode);
    std::vector<std::thread> threads;
    std::vector<int> right(20, 0);
    for (std::size_t t = 0; t < right.size(); ++t) {
      threads.emplace_back([&, t] {
        SystemRandom random;
        for (int i = 0; i < 200; ++i) {
          const std::string plaintext = Sequence(static_cast<unsigned>(t + i), 10 + t);
          std::string out;
          const bool opened = Open(cipher, Seal(cipher, plaintext, random), out).has_value();
          right[t] += opened && out == plaintext ? 1 : 0;
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_EQ(right, std::vector<int>(20, 200));
  }
}

TEST(SystemRandom, BlocksDoNotRepeat) {
  SystemRandom random;
  std::string seen[200];
  for (std::string& bytes : seen) {
    bytes.resize(24);
    random.Fill(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  }
  std::sort(std::begin(seen), std::end(seen));
  EXPECT_EQ(std::adjacent_find(std::begin(seen), std::end(seen)), std::end(seen));
  std::string large(5000, '\0');
  random.Fill(reinterpret_cast<unsigned char*>(large.data()), large.size());
  EXPECT_NE(large.substr(0, 2500), large.substr(2500));
}

}  // namespace
}  // namespace sealgate::crypto
