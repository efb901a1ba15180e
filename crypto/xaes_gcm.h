// XAES-256-GCM, authenticated encryption with a 24-byte nonce that may be
// random. https://c2sp.org/XAES-256-GCM
//
// A subkey for AES-256-GCM is derived from the key and the first half of the
// nonce; the second half is the nonce of AES-256-GCM.
// Thread rule: const methods from any thread.
#ifndef SEALGATE_CRYPTO_XAES_GCM_H_
#define SEALGATE_CRYPTO_XAES_GCM_H_

#include <string>
#include <string_view>

#include "crypto/aes_block.h"
#include "crypto/gcm.h"

namespace sealgate::crypto {

class XaesGcm {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  /// Throws std::invalid_argument unless `key` has kKeyBytes.
  explicit XaesGcm(std::string_view key);
  ~XaesGcm();

  /// Appends ciphertext and tag to `out`. `nonce` has kNonceBytes and is used
  /// once per key. No argument may view `out`.
  void Seal(std::string_view nonce, const AssociatedData& associated, std::string_view plaintext,
            std::string& out) const;
  /// Appends the plaintext to `out`. False, and `out` as before, when anything
  /// differs from what was sealed.
  bool Open(std::string_view nonce, const AssociatedData& associated, std::string_view sealed,
            std::string& out) const;

 private:
  GcmKey DeriveKey(std::string_view nonce) const;

  AesBlockCipher aes_;
  Block mask_;  // K1 of the specification
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_XAES_GCM_H_
