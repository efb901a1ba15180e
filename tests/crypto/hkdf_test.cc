#include "crypto/hkdf.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "crypto/hmac_sha256.h"
#include "tests/crypto/hex.h"

namespace sealgate::crypto {
namespace {

// RFC 5869, Appendix A.
TEST(Hkdf, RfcA1) {
  EXPECT_EQ(
      ToHex(HkdfSha256(std::string(22, 0x0b), Sequence(0, 13), Sequence(0xf0, 10), 42).Reveal()),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(Hkdf, RfcA2) {
  EXPECT_EQ(
      ToHex(HkdfSha256(Sequence(0, 80), Sequence(0x60, 80), Sequence(0xb0, 80), 82).Reveal()),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
      "0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(Hkdf, RfcA3) {
  EXPECT_EQ(ToHex(HkdfSha256(std::string(22, 0x0b), {}, {}, 42).Reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, SubkeysDifferByPurpose) {
  const SecretBytes root = SecretBytes::CopyOf(Sequence(0, 32));
  std::set<std::string> seen;
  for (const SubkeyPurpose& purpose : {kSealSubkey, kBlindIndexSubkey, kSivSubkey, kRingCheckSubkey,
                                       kRingMacSubkey, kRingWrapSubkey}) {
    const SecretBytes subkey = DeriveSubkey(root, purpose);
    EXPECT_EQ(subkey.size(), purpose.bytes);
    EXPECT_TRUE(seen.insert(std::string(subkey.Reveal().substr(0, 16))).second);
  }
}

TEST(Hkdf, EveryWrongRootLengthIsRefused) {
  for (std::size_t size = 0; size <= 100; ++size) {
    if (size != 32) {
      EXPECT_THROW(DeriveSubkey(SecretBytes(size), kSealSubkey), std::invalid_argument) << size;
    }
  }
}

// RFC 4231, cases 1, 2 and 6 (a key longer than a block).
TEST(HmacSha256, RfcVectors) {
  struct Vector {
    std::string key, message;
    const char* tag;
  };
  const Vector vectors[] = {
      {std::string(20, 0x0b), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(131, static_cast<char>(0xaa)),
       "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
  };
  for (const Vector& vector : vectors) {
    const HmacSha256 hmac(vector.key);
    // Twice: the second starts from the state after the key again.
    for (int i = 0; i < 2; ++i) {
      const HmacSha256::Tag tag = hmac.Of(vector.message);
      EXPECT_EQ(ToHex({tag.data(), tag.size()}), vector.tag);
    }
  }
}

}  // namespace
}  // namespace sealgate::crypto
