#include "crypto/rsa_password.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "tests/crypto/hex.h"

namespace sealgate::crypto {
namespace {

const std::string kNonce = Sequence(0x41, kAuthNonceBytes);

const RsaKeyPair& Pair() {
  static const RsaKeyPair pair = RsaKeyPair::Generate();
  return pair;
}

std::string WithNul(std::string text) { return text + '\0'; }

TEST(RsaPassword, ServerReadsWhatTheClientSent) {
  const std::string pem = Pair().PublicKeyPem();
  EXPECT_TRUE(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
  // 2048 bits less 42 bytes of OAEP carry 213 bytes and the NUL.
  for (const std::size_t size : {0, 1, 19, 20, 21, 64, 213}) {
    const std::string password = WithNul(std::string(size, 'p'));
    const auto cipher = EncryptPassword(pem, password, kNonce);
    ASSERT_TRUE(cipher) << size;
    EXPECT_EQ(cipher->size(), 256U);
    const auto opened = Pair().DecryptPassword(*cipher, kNonce);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->Reveal(), password);
  }
}

TEST(RsaPassword, EncryptingIsRandomised) {
  const std::string pem = Pair().PublicKeyPem();
  EXPECT_NE(*EncryptPassword(pem, WithNul("p"), kNonce),
            *EncryptPassword(pem, WithNul("p"), kNonce));
}

TEST(RsaPassword, LimitsAreKept) {
  const std::string pem = Pair().PublicKeyPem();
  const auto error = [&](std::string_view key, std::string_view password, std::string_view nonce) {
    return EncryptPassword(key, password, nonce).error();
  };
  EXPECT_EQ(error(pem, WithNul(std::string(214, 'p')), kNonce), RsaError::kBadPassword);
  EXPECT_EQ(error(pem, "", kNonce), RsaError::kBadPassword);
  EXPECT_EQ(error(pem, "no nul", kNonce), RsaError::kBadPassword);
  EXPECT_EQ(error(pem, WithNul(WithNul("two")), kNonce), RsaError::kBadPassword);
  EXPECT_EQ(error(pem, WithNul("p"), kNonce.substr(1)), RsaError::kBadNonce);
  EXPECT_EQ(error(pem, WithNul("p"), kNonce + "x"), RsaError::kBadNonce);
  EXPECT_EQ(error("", WithNul("p"), kNonce), RsaError::kBadPublicKey);
  EXPECT_EQ(error("no key", WithNul("p"), kNonce), RsaError::kBadPublicKey);
  EXPECT_EQ(error(pem.substr(0, pem.size() / 2), WithNul("p"), kNonce), RsaError::kBadPublicKey);
  EXPECT_EQ(error(std::string(20'000, ' ') + pem, WithNul("p"), kNonce), RsaError::kBadPublicKey);
  EXPECT_THROW(RsaKeyPair::Generate(1024), std::invalid_argument);
  EXPECT_THROW(RsaKeyPair::Generate(1 << 20), std::invalid_argument);
}

std::string PublicPem(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_PUBKEY(bio, key), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

TEST(RsaPassword, OtherAndWeakKeysAreRefused) {
  for (const std::string& pem : {PublicPem(EVP_RSA_gen(1024)), PublicPem(EVP_EC_gen("P-256"))}) {
    EXPECT_EQ(EncryptPassword(pem, WithNul("p"), kNonce).error(), RsaError::kBadPublicKey);
  }
}

TEST(RsaPassword, WhatWasChangedDoesNotDecrypt) {
  const std::string cipher = *EncryptPassword(Pair().PublicKeyPem(), WithNul("secret"), kNonce);
  const auto refused = [](std::string_view bytes, std::string_view nonce) {
    return !Pair().DecryptPassword(bytes, nonce);
  };
  for (std::size_t i = 0; i < cipher.size(); i += 5) {
    std::string changed = cipher;
    changed[i] ^= 1;
    EXPECT_TRUE(refused(changed, kNonce)) << i;
  }
  EXPECT_TRUE(refused(cipher.substr(1), kNonce));
  EXPECT_TRUE(refused(cipher + "x", kNonce));
  EXPECT_TRUE(refused("", kNonce));
  EXPECT_TRUE(refused(cipher, Sequence(0x42, kAuthNonceBytes)));
  EXPECT_TRUE(refused(cipher, "short"));
  EXPECT_FALSE(RsaKeyPair::Generate().DecryptPassword(cipher, kNonce));
}

}  // namespace
}  // namespace sealgate::crypto
