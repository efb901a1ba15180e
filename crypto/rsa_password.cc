#include "crypto/rsa_password.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using BioOwner = std::unique_ptr<BIO, Free>;
using KeyOwner = std::unique_ptr<EVP_PKEY, Free>;
using ContextOwner = std::unique_ptr<EVP_PKEY_CTX, Free>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A PEM may claim to be encrypted; OpenSSL would then ask on the terminal.
int RefusePassphrase(char*, int, int, void*) { return -1; }

KeyOwner ParsePublicKey(std::string_view pem) {
  if (pem.empty() || pem.size() > kLargestPublicKeyPem) {
    return nullptr;
  }
  const BioOwner bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyOwner key(bio == nullptr ? nullptr
                              : PEM_read_bio_PUBKEY(bio.get(), nullptr, RefusePassphrase, nullptr));
  const bool usable = key != nullptr && EVP_PKEY_is_a(key.get(), "RSA") == 1 &&
                      EVP_PKEY_get_bits(key.get()) >= kFewestRsaBits &&
                      EVP_PKEY_get_bits(key.get()) <= kMostRsaBits;
  return usable ? std::move(key) : nullptr;
}

SecretBytes XoredWithNonce(std::string_view text, std::string_view nonce) {
  SecretBytes result = SecretBytes::CopyOf(text);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result.data()[i] ^= static_cast<unsigned char>(nonce[i % nonce.size()]);
  }
  return result;
}

bool UseOaep(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha1()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) == 1;
}

// OAEP with SHA-1 costs two hashes and two bytes.
std::size_t LongestMessage(EVP_PKEY* key) {
  return static_cast<std::size_t>(EVP_PKEY_get_size(key)) - 42;
}

// Someone else's failure must not show up in a later call of another module.
template <typename T>
tl::unexpected<RsaError> Failed(T error) {
  ERR_clear_error();
  return tl::make_unexpected(error);
}

bool IsPassword(std::string_view with_nul) {
  return !with_nul.empty() && with_nul.find('\0') == with_nul.size() - 1;
}

}  // namespace

tl::expected<std::string, RsaError> EncryptPassword(std::string_view server_public_key_pem,
                                                    std::string_view password_with_nul,
                                                    std::string_view nonce20) {
  if (nonce20.size() != kAuthNonceBytes) {
    return Failed(RsaError::kBadNonce);
  }
  const KeyOwner key = ParsePublicKey(server_public_key_pem);
  if (key == nullptr) {
    return Failed(RsaError::kBadPublicKey);
  }
  if (!IsPassword(password_with_nul) || password_with_nul.size() > LongestMessage(key.get())) {
    return Failed(RsaError::kBadPassword);
  }
  const SecretBytes message = XoredWithNonce(password_with_nul, nonce20);
  const ContextOwner context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  std::string cipher(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
  std::size_t written = cipher.size();
  if (context == nullptr || EVP_PKEY_encrypt_init(context.get()) != 1 || !UseOaep(context.get()) ||
      EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(cipher.data()), &written,
                       message.data(), message.size()) != 1) {
    return Failed(RsaError::kCannotEncrypt);
  }
  cipher.resize(written);
  return cipher;
}

RsaKeyPair RsaKeyPair::Generate(int bits) {
  if (bits < kFewestRsaBits || bits > kMostRsaBits) {
    throw std::invalid_argument("an RSA key for passwords has 2048 to 8192 bits");
  }
  EVP_PKEY* const key = EVP_RSA_gen(static_cast<unsigned>(bits));
  Require(key != nullptr, "an RSA key cannot be made");
  return RsaKeyPair(key);
}

std::string RsaKeyPair::PublicKeyPem() const {
  const BioOwner bio(BIO_new(BIO_s_mem()));
  Require(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1,
          "an RSA key cannot be written");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

tl::expected<SecretBytes, RsaError> RsaKeyPair::DecryptPassword(std::string_view cipher,
                                                                std::string_view nonce20) const {
  const auto modulus_bytes = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  if (nonce20.size() != kAuthNonceBytes) {
    return Failed(RsaError::kBadNonce);
  }
  if (cipher.size() != modulus_bytes) {
    return Failed(RsaError::kCannotDecrypt);
  }
  const ContextOwner context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  SecretBytes message(modulus_bytes);
  std::size_t written = message.size();
  if (context == nullptr || EVP_PKEY_decrypt_init(context.get()) != 1 || !UseOaep(context.get()) ||
      EVP_PKEY_decrypt(context.get(), message.data(), &written, Bytes(cipher), cipher.size()) !=
          1) {
    return Failed(RsaError::kCannotDecrypt);
  }
  SecretBytes password = XoredWithNonce(message.Reveal().substr(0, written), nonce20);
  if (!IsPassword(password.Reveal())) {
    return Failed(RsaError::kCannotDecrypt);
  }
  return password;
}

}  // namespace sealgate::crypto
