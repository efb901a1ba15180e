// How caching_sha2_password and sha256_password carry a password over a
// connection without TLS: XORed with the server's nonce, then RSA-OAEP with
// SHA-1, as MySQL's manual and protocol documentation state ("Caching SHA-2
// Pluggable Authentication").
//
// This protects the password from who only listens. It does not tell the
// server from an impostor; TLS does.
// Thread rule: const methods and free functions from any thread.
#ifndef SEALGATE_CRYPTO_RSA_PASSWORD_H_
#define SEALGATE_CRYPTO_RSA_PASSWORD_H_

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "crypto/secret.h"

namespace sealgate::crypto {

enum class RsaError : std::uint8_t {
  kBadPublicKey,  // not a PEM public key, not RSA, or not 2048 to 8192 bits
  kBadNonce,      // not kAuthNonceBytes long
  kBadPassword,   // longer than the key can carry, or without its NUL
  kCannotEncrypt,
  kCannotDecrypt,  // for every reason, on purpose
};

inline constexpr std::size_t kAuthNonceBytes = 20;
inline constexpr std::size_t kLargestPublicKeyPem = 16 * 1024;
inline constexpr int kFewestRsaBits = 2048;
inline constexpr int kMostRsaBits = 8192;

/// The client's part. `password_with_nul` ends with the one NUL that it has.
tl::expected<std::string, RsaError> EncryptPassword(std::string_view server_public_key_pem,
                                                    std::string_view password_with_nul,
                                                    std::string_view nonce20);

/// The server's part.
class RsaKeyPair {
 public:
  /// Takes up to a second. `bits` outside the limits above: std::invalid_argument.
  static RsaKeyPair Generate(int bits = kFewestRsaBits);

  /// As a server sends it: a SubjectPublicKeyInfo in PEM.
  std::string PublicKeyPem() const;
  /// The password with its NUL.
  tl::expected<SecretBytes, RsaError> DecryptPassword(std::string_view cipher,
                                                      std::string_view nonce20) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  explicit RsaKeyPair(EVP_PKEY* key) : key_(key) {}

  std::unique_ptr<EVP_PKEY, FreeKey> key_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_RSA_PASSWORD_H_
