#include "crypto/keychain.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace sealgate::crypto {
namespace {

KeyRing TwoDomains() {
  KeyRing ring(SecretBytes::CopyOf(Sequence(0, 32)));
  SystemRandom random;
  EXPECT_TRUE(ring.AddDomain("email", Mode::kSearchable, random, 0));
  EXPECT_TRUE(ring.AddDomain("note", Mode::kRandom, random, 0));
  return ring;
}

TEST(Keychain, FindsWhatItWasBuiltWith) {
  const auto chain =
      Keychain::Build(TwoDomains(), {{"email", Mode::kSearchable}, {"note", Mode::kRandom}});
  ASSERT_TRUE(chain);
  ASSERT_NE(chain->Find("email"), nullptr);
  EXPECT_EQ(ModeOf(*chain->Find("email")), Mode::kSearchable);
  EXPECT_EQ(ModeOf(*chain->Find("note")), Mode::kRandom);
  EXPECT_EQ(chain->Find("Email"), nullptr);
  EXPECT_EQ(chain->Find(""), nullptr);
}

TEST(Keychain, PointersOutliveAMove) {
  auto chain = Keychain::Build(TwoDomains(), {{"note", Mode::kRandom}});
  ASSERT_TRUE(chain);
  const ColumnCipher* const before = chain->Find("note");
  const Keychain moved = *std::move(chain);
  EXPECT_EQ(moved.Find("note"), before);
}

TEST(Keychain, ADomainOfSeveralColumnsCountsOnce) {
  EXPECT_TRUE(
      Keychain::Build(TwoDomains(), {{"email", Mode::kSearchable}, {"email", Mode::kSearchable}}));
  const auto two_modes =
      Keychain::Build(TwoDomains(), {{"email", Mode::kSearchable}, {"email", Mode::kRandom}});
  ASSERT_FALSE(two_modes);
  EXPECT_EQ(two_modes.error().code, KeyError::kDomainExists);
}

TEST(Keychain, MissingKeysAreNamed) {
  const auto unknown = Keychain::Build(TwoDomains(), {{"phone", Mode::kRandom}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, KeyError::kUnknownDomain);
  EXPECT_NE(unknown.error().message.find("phone"), std::string::npos);
  const auto lacking = Keychain::Build(TwoDomains(), {{"note", Mode::kSearchable}});
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().code, KeyError::kNoActiveKey);
}

}  // namespace
}  // namespace sealgate::crypto
