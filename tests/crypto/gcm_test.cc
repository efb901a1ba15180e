#include "crypto/gcm.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>
#include <thread>

#include "crypto/short_gcm.h"

namespace sealgate::crypto {
namespace {

constexpr std::string_view kNonce = "twelve bytes";

GcmKey KeyOf(unsigned char byte) {
  GcmKey key;
  key.fill(byte);
  return key;
}

std::string Text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(i * 7 + 1);
  return text;
}

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL's own cipher, made anew for each message.
std::string Expected(const GcmKey& key, std::string_view associated, std::string_view plaintext) {
  std::string out(plaintext.size() + kTagBytes, '\0');
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  int written = 0;
  EXPECT_EQ(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), Bytes(kNonce)), 1);
  EXPECT_EQ(EVP_EncryptUpdate(context, nullptr, &written, Bytes(associated),
                              static_cast<int>(associated.size())),
            1);
  EXPECT_EQ(EVP_EncryptUpdate(context, Bytes(out), &written, Bytes(plaintext),
                              static_cast<int>(plaintext.size())),
            1);
  EXPECT_EQ(EVP_EncryptFinal_ex(context, Bytes(out) + written, &written), 1);
  EXPECT_EQ(
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, Bytes(out) + plaintext.size()),
      1);
  EVP_CIPHER_CTX_free(context);
  return out;
}

std::string Sealed(const GcmKey& key, const AssociatedData& associated,
                   std::string_view plaintext) {
  std::string out(plaintext.size() + kTagBytes, '\0');
  SealGcm(key, kNonce, associated, plaintext, Bytes(out));
  return out;
}

bool Opens(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
           std::string_view sealed, std::string& out) {
  const std::string_view ciphertext = sealed.substr(0, sealed.size() - kTagBytes);
  out.assign(ciphertext.size(), '\0');
  return OpenGcm(key, nonce, associated, ciphertext, sealed.substr(ciphertext.size()), Bytes(out));
}

TEST(Gcm, EveryLengthIsAsOpenSslsCipherSealsIt) {
  const std::string associated = Text(40);
  for (std::size_t size = 0; size <= ShortGcm::kLongest + 40; ++size) {
    const GcmKey key = KeyOf(static_cast<unsigned char>(size));
    const std::string plaintext = Text(size);
    const std::string expected = Expected(key, associated, plaintext);
    ASSERT_EQ(Sealed(key, {associated, {}}, plaintext), expected) << size;
    std::string opened;
    ASSERT_TRUE(Opens(key, kNonce, {associated, {}}, expected, opened)) << size;
    ASSERT_EQ(opened, plaintext);
  }
}

TEST(Gcm, EveryPartitionOfTheAssociatedDataIsTheSame) {
  const std::string whole = Text(50);
  const std::string_view view = whole;
  for (const std::size_t size : {std::size_t{20}, ShortGcm::kLongest + 1}) {
    const std::string expected = Expected(KeyOf(1), whole, Text(size));
    for (std::size_t at = 0; at <= view.size(); ++at) {
      ASSERT_EQ(Sealed(KeyOf(1), {view.substr(0, at), view.substr(at)}, Text(size)), expected);
    }
  }
}

TEST(Gcm, NothingThatWasChangedOpens) {
  const std::string associated = "associated";
  for (const std::size_t size : {std::size_t{0}, std::size_t{33}, ShortGcm::kLongest + 1}) {
    const std::string sealed = Sealed(KeyOf(1), {associated, {}}, Text(size));
    std::string opened;
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      std::string changed = sealed;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      ASSERT_FALSE(Opens(KeyOf(1), kNonce, {associated, {}}, changed, opened)) << bit;
    }
    EXPECT_FALSE(Opens(KeyOf(2), kNonce, {associated, {}}, sealed, opened));
    EXPECT_FALSE(Opens(KeyOf(1), "twelve bytez", {associated, {}}, sealed, opened));
    EXPECT_FALSE(Opens(KeyOf(1), kNonce, {"associateD", {}}, sealed, opened));
    EXPECT_FALSE(Opens(KeyOf(1), kNonce, {}, sealed, opened));
    // A failure leaves nothing behind for the next message.
    EXPECT_TRUE(Opens(KeyOf(1), kNonce, {associated, {}}, sealed, opened));
    EXPECT_EQ(opened, Text(size));
  }
}

TEST(Gcm, ManyThreadsAndThreadsThatEnd) {
  const std::string expected = Expected(KeyOf(3), "a", Text(100));
  for (int round = 0; round < 3; ++round) {
    int right[4] = {};
    std::thread threads[4];
    for (int t = 0; t < 4; ++t) {
      threads[t] = std::thread([&, t] {
        for (int i = 0; i < 200; ++i) {
          right[t] += Sealed(KeyOf(3), {"a", {}}, Text(100)) == expected ? 1 : 0;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const int count : right) EXPECT_EQ(count, 200);
  }
}

}  // namespace
}  // namespace sealgate::crypto
