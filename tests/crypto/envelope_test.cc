#include "crypto/envelope.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace sealgate::crypto {
namespace {

TEST(Envelope, ModeNamesGoBothWays) {
  for (const Mode mode : {Mode::kRandom, Mode::kSearchable, Mode::kDeterministic}) {
    EXPECT_EQ(ModeFromName(ModeName(mode)), mode);
  }
  EXPECT_EQ(ModeFromName(""), std::nullopt);
  EXPECT_EQ(ModeFromName("Random"), std::nullopt);
}

TEST(Envelope, OverheadsAreAsSpecified) {
  EXPECT_EQ(EnvelopeOverhead(Mode::kRandom), 46U);
  EXPECT_EQ(EnvelopeOverhead(Mode::kSearchable), 66U);
  EXPECT_EQ(EnvelopeOverhead(Mode::kDeterministic), 22U);
  EXPECT_EQ(kEqualityPrefixBytes, 22U);
}

TEST(Envelope, TakesRandomApart) {
  const std::string bytes =
      FromHex("fe0101020304") + Sequence(0x20, 24) + "sealed" + Sequence(0, 16);
  const auto view = ParseEnvelope(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->mode, Mode::kRandom);
  EXPECT_EQ(view->key_id, 0x01020304U);
  EXPECT_EQ(view->index_key_id, 0U);
  EXPECT_EQ(view->associated, bytes.substr(0, 6));
  EXPECT_EQ(view->nonce, Sequence(0x20, 24));
  EXPECT_EQ(view->sealed, "sealed" + Sequence(0, 16));
}

TEST(Envelope, TakesSearchableApart) {
  const std::string bytes = FromHex("fe02fffefdfc") + Sequence(0x40, 16) + FromHex("00000007") +
                            Sequence(0x20, 24) + Sequence(0, 16);
  const auto view = ParseEnvelope(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->mode, Mode::kSearchable);
  EXPECT_EQ(view->index_key_id, 0xFFFEFDFCU);
  EXPECT_EQ(view->key_id, 7U);
  EXPECT_EQ(view->blind_index, Sequence(0x40, 16));
  EXPECT_EQ(view->associated, bytes.substr(0, 26));
  EXPECT_EQ(view->nonce, Sequence(0x20, 24));
  EXPECT_EQ(view->sealed, Sequence(0, 16));
}

TEST(Envelope, TakesDeterministicApart) {
  const std::string bytes = FromHex("fe0300000009") + Sequence(0x40, 16) + "text";
  const auto view = ParseEnvelope(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->mode, Mode::kDeterministic);
  EXPECT_EQ(view->key_id, 9U);
  EXPECT_EQ(view->associated, bytes.substr(0, 6));
  EXPECT_EQ(view->nonce, Sequence(0x40, 16));
  EXPECT_EQ(view->sealed, "text");
}

TEST(Envelope, RefusesWhatIsTooShort) {
  for (const Mode mode : {Mode::kRandom, Mode::kSearchable, Mode::kDeterministic}) {
    for (std::size_t size = 0; size <= EnvelopeOverhead(mode) + 2; ++size) {
      std::string bytes{'\xFE', static_cast<char>(mode)};
      bytes.resize(size, 'x');
      EXPECT_EQ(ParseEnvelope(bytes).has_value(), size >= EnvelopeOverhead(mode)) << size;
    }
  }
}

TEST(Envelope, RefusesOtherMagicAndSchemes) {
  for (int magic = 0; magic < 256; ++magic) {
    for (int scheme = 0; scheme < 256; ++scheme) {
      std::string bytes(100, 'x');
      bytes[0] = static_cast<char>(magic);
      bytes[1] = static_cast<char>(scheme);
      EXPECT_EQ(ParseEnvelope(bytes).has_value(), magic == 0xFE && scheme >= 1 && scheme <= 3);
    }
  }
}

}  // namespace
}  // namespace sealgate::crypto
