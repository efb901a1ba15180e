#include "crypto/xaes_gcm.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/crypto/hex.h"

namespace sealgate::crypto {
namespace {

struct Vector {
  char key_byte;
  std::string_view associated;
  std::string_view sealed;
};

// https://c2sp.org/XAES-256-GCM, "Test vectors": one for each top bit of L.
constexpr Vector kPublished[] = {
    {1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
    {3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
};
constexpr std::string_view kNonce = "ABCDEFGHIJKLMNOPQRSTUVWX";
constexpr std::string_view kPlaintext = "XAES-256-GCM";

TEST(XaesGcm, PublishedVectors) {
  for (const Vector& vector : kPublished) {
    const XaesGcm aead(std::string(32, vector.key_byte));
    std::string sealed;
    aead.Seal(kNonce, {vector.associated, {}}, kPlaintext, sealed);
    EXPECT_EQ(ToHex(sealed), vector.sealed);
    std::string opened;
    EXPECT_TRUE(aead.Open(kNonce, {vector.associated, {}}, sealed, opened));
    EXPECT_EQ(opened, kPlaintext);
  }
}

std::string Shake128(std::string_view input, std::size_t size) {
  std::string output(size, '\0');
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EXPECT_EQ(EVP_DigestInit_ex(context, EVP_shake128(), nullptr), 1);
  EXPECT_EQ(EVP_DigestUpdate(context, input.data(), input.size()), 1);
  EXPECT_EQ(
      EVP_DigestFinalXOF(context, reinterpret_cast<unsigned char*>(output.data()), output.size()),
      1);
  EVP_MD_CTX_free(context);
  return output;
}

// https://c2sp.org/XAES-256-GCM, "Accumulated randomized tests".
TEST(XaesGcm, TenThousandAccumulatedIterations) {
  constexpr std::size_t kIterations = 10'000;
  constexpr std::size_t kMostPerIteration = 32 + 24 + 2 * 256;
  const std::string stream = Shake128("", kIterations * kMostPerIteration);
  ASSERT_EQ(ToHex(stream.substr(0, 16)), "7f9c2ba4e88f827d616045507605853e");
  std::string_view rest = stream;
  const auto take = [&rest](std::size_t size) {
    const std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  };
  std::string all;
  for (std::size_t i = 0; i < kIterations; ++i) {
    const XaesGcm aead(take(32));
    const std::string_view nonce = take(24);
    const std::string_view plaintext = take(static_cast<unsigned char>(take(1)[0]));
    const std::string_view associated = take(static_cast<unsigned char>(take(1)[0]));
    std::string sealed;
    aead.Seal(nonce, {associated, {}}, plaintext, sealed);
    std::string opened;
    ASSERT_TRUE(aead.Open(nonce, {associated, {}}, sealed, opened));
    ASSERT_EQ(opened, plaintext);
    all += sealed;
  }
  EXPECT_EQ(ToHex(Shake128(all, 32)),
            "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST(XaesGcm, EveryWrongKeyLengthIsRefused) {
  for (std::size_t size = 0; size <= 100; ++size) {
    if (size != 32) {
      EXPECT_THROW(XaesGcm(std::string(size, 'k')), std::invalid_argument) << size;
    }
  }
}

TEST(XaesGcm, EveryWrongNonceLengthDoesNotOpen) {
  const XaesGcm aead(std::string(32, 'k'));
  std::string sealed;
  aead.Seal(kNonce, {}, kPlaintext, sealed);
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string nonce(kNonce);
    nonce.resize(size, 'Y');
    std::string opened = "before";
    EXPECT_EQ(aead.Open(nonce, {}, sealed, opened), size == 24) << size;
    EXPECT_EQ(opened, size == 24 ? "beforeXAES-256-GCM" : "before");
  }
}

TEST(XaesGcm, TheTwoPartsOfAssociatedDataCountAsOne) {
  const XaesGcm aead(std::string(32, 'k'));
  std::string one;
  std::string two;
  aead.Seal(kNonce, {"head and tail", {}}, "", one);
  aead.Seal(kNonce, {"head ", "and tail"}, "", two);
  EXPECT_EQ(one, two);
  EXPECT_EQ(one.size(), 16U);
}

TEST(XaesGcm, OneKeyServesManyThreads) {
  const XaesGcm aead(std::string(32, 'k'));
  std::string expected;
  aead.Seal(kNonce, {}, kPlaintext, expected);
  std::vector<std::thread> threads;
  std::vector<int> right(20, 0);
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        std::string sealed;
        std::string opened;
        aead.Seal(kNonce, {}, kPlaintext, sealed);
        right[t] += sealed == expected && aead.Open(kNonce, {}, sealed, opened) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right, std::vector<int>(20, 500));
}

}  // namespace
}  // namespace sealgate::crypto
