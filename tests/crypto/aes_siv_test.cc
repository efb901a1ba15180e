#include "crypto/aes_siv.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <stdexcept>
#include <vector>

#include "tests/crypto/hex.h"

namespace sealgate::crypto {
namespace {

struct Vector {
  const char* source;
  std::string_view key;
  std::vector<std::string_view> associated;
  std::string_view plaintext;
  std::string_view sealed;  // synthetic IV and ciphertext
};

constexpr std::string_view kKeyA1 =
    "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
constexpr std::string_view kKeyA2 =
    "7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f";
constexpr std::string_view kTextA2 =
    "7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d414"
    "553";
constexpr std::string_view kAssociatedA2 =
    "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100";

std::vector<Vector> Published() {
  return {
      {"RFC 5297 A.1",
       kKeyA1,
       {"101112131415161718191a1b1c1d1e1f2021222324252627"},
       "112233445566778899aabbccddee",
       "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"},
      {"RFC 5297 A.2",
       kKeyA2,
       {kAssociatedA2, "102030405060708090a0", "09f911029d74e35bd84156c5635688c0"},
       kTextA2,
       "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba"
       "8af829ea64ad544a272e9c485b62a3fd5c0d"},
      {"OpenSSL, no associated data",
       kKeyA1,
       {},
       "112233445566778899aabbccddee",
       "f1c5fdeac1f15a26779c1501f9fb758827e946c669088ab06da58c5c831c"},
      {"OpenSSL, empty associated data",
       kKeyA1,
       {""},
       "112233445566778899aabbccddee",
       "d1022f5b3664e5a4dfaf90f85be6f28ab66cff6b8eca0b79f083b39a0901"},
      {"OpenSSL, one empty part",
       kKeyA2,
       {kAssociatedA2, "", "09f911029d74e35bd84156c5635688c0"},
       kTextA2,
       "83ce6593a8fa67eb6fcd2819cedfc01130d937b42f71f71f93fc2d8d702d3eac8dc7651eefcd81120081ff29d6"
       "26f97f3de17f2969b691c91b69b652bf3a6d"},
      {"OpenSSL, AES-256-SIV",
       "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
       "f0f1f2f3f4f5f6f7f8f9fafbfcfdfefffffefdfcfbfaf9f8f7f6f5f4f3f2f1f0",
       {"101112131415161718191a1b1c1d1e1f2021222324252627"},
       "112233445566778899aabbccddee",
       "724dfb2eaf94dbb19b0ba3a299a0801ef3b05a55498ec2552690b89810e4"},
  };
}

AesSiv::Absorbed AbsorbAll(const AesSiv& siv, const std::vector<std::string_view>& parts) {
  std::vector<std::string> bytes;
  for (const std::string_view part : parts) {
    bytes.push_back(FromHex(part));
  }
  switch (bytes.size()) {
    case 0:
      return siv.Absorb({});
    case 1:
      return siv.Absorb({bytes[0]});
    default:
      return siv.Absorb({bytes.at(0), bytes.at(1), bytes.at(2)});
  }
}

TEST(AesSiv, PublishedVectors) {
  for (const Vector& vector : Published()) {
    SCOPED_TRACE(vector.source);
    const AesSiv siv(FromHex(vector.key));
    const AesSiv::Absorbed absorbed = AbsorbAll(siv, vector.associated);
    std::string sealed;
    siv.Seal(absorbed, FromHex(vector.plaintext), sealed);
    EXPECT_EQ(ToHex(sealed), vector.sealed);
    std::string opened;
    EXPECT_TRUE(siv.Open(absorbed, sealed.substr(0, 16), sealed.substr(16), opened));
    EXPECT_EQ(ToHex(opened), vector.plaintext);
  }
}

std::string SealedByOpenSsl(std::string_view key, std::string_view associated,
                            std::string_view plaintext) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr);
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  std::string sealed(16 + plaintext.size(), '\0');
  auto* const out = reinterpret_cast<unsigned char*>(sealed.data());
  int written = 0;
  EXPECT_EQ(EVP_EncryptInit_ex(context, cipher, nullptr, bytes(key), nullptr), 1);
  EXPECT_EQ(EVP_EncryptUpdate(context, nullptr, &written, bytes(associated),
                              static_cast<int>(associated.size())),
            1);
  EXPECT_EQ(EVP_EncryptUpdate(context, out + 16, &written, bytes(plaintext),
                              static_cast<int>(plaintext.size())),
            1);
  EXPECT_EQ(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out), 1);
  EVP_CIPHER_CTX_free(context);
  EVP_CIPHER_free(cipher);
  return sealed;
}

TEST(AesSiv, AgreesWithOpenSslForEveryLength) {
  const std::string key = Sequence(1, 64);
  const AesSiv siv(key);
  for (std::size_t size = 1; size <= 600; ++size) {
    const std::string plaintext = Sequence(static_cast<unsigned>(size), size);
    const std::string associated = Sequence(7, 1 + size % 50);
    std::string sealed;
    siv.Seal(siv.Absorb({associated}), plaintext, sealed);
    ASSERT_EQ(ToHex(sealed), ToHex(SealedByOpenSsl(key, associated, plaintext))) << size;
  }
}

// RFC 5297 2.4 worked by hand for an empty plaintext, with OpenSSL's CMAC:
// V = CMAC(K1, dbl(D) XOR 10*), D = dbl(CMAC(0)) XOR CMAC(associated).
TEST(AesSiv, EmptyPlaintextFollowsTheRfc) {
  const std::string key = Sequence(1, 64);
  const auto cmac = [&key](std::string_view message) {
    Block result{};
    std::size_t size = 0;
    EXPECT_NE(EVP_Q_mac(nullptr, "CMAC", nullptr, "AES-256-CBC", nullptr, key.data(), 32,
                        reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                        result.data(), result.size(), &size),
              nullptr);
    return result;
  };
  Block state = Doubled(cmac(std::string(16, '\0')));
  XorInto(state, cmac("head and domain"));
  state = Doubled(state);
  state[0] ^= 0x80;
  const Block expected = cmac({reinterpret_cast<const char*>(state.data()), state.size()});

  const AesSiv siv(key);
  std::string sealed;
  siv.Seal(siv.Absorb({"head and domain"}), "", sealed);
  EXPECT_EQ(sealed, std::string(expected.begin(), expected.end()));
  std::string opened;
  EXPECT_TRUE(siv.Open(siv.Absorb({"head and domain"}), sealed, "", opened));
  EXPECT_FALSE(siv.Open(siv.Absorb({"head and domaim"}), sealed, "", opened));
  EXPECT_EQ(opened, "");
}

TEST(AesSiv, EveryWrongKeyLengthIsRefused) {
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string key(size, 'k');
    if (size == 32 || size == 48 || size == 64) {
      EXPECT_NO_THROW(AesSiv{key}) << size;
    } else {
      EXPECT_THROW(AesSiv{key}, std::invalid_argument) << size;
    }
  }
}

}  // namespace
}  // namespace sealgate::crypto
