// AES-SIV, deterministic authenticated encryption (RFC 5297).
//
// Built on the AES block cipher and not on OpenSSL's AES-256-SIV, for two
// reasons: OpenSSL 3.0 gives no synthetic IV for an empty plaintext, and it
// needs a copy of its context for each value. Tests compare the two.
// Thread rule: const methods from any thread.
#ifndef SEALGATE_CRYPTO_AES_SIV_H_
#define SEALGATE_CRYPTO_AES_SIV_H_

#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/aes_block.h"

namespace sealgate::crypto {

class AesSiv {
 public:
  /// What S2V has made of the associated data. The same for all values of a
  /// key, hence computed once.
  using Absorbed = Block;

  /// `key` has 32, 48 or 64 bytes (two AES keys); throws std::invalid_argument
  /// otherwise.
  explicit AesSiv(std::string_view key);
  ~AesSiv();

  Absorbed Absorb(std::initializer_list<std::string_view> associated) const;
  /// Appends the synthetic IV and the ciphertext to `out`, which `plaintext`
  /// may not view.
  void Seal(const Absorbed& absorbed, std::string_view plaintext, std::string& out) const;
  /// Appends the plaintext to `out`. False, and `out` as before, when anything
  /// differs from what was sealed. `synthetic_iv` has 16 bytes.
  bool Open(const Absorbed& absorbed, std::string_view synthetic_iv, std::string_view sealed,
            std::string& out) const;

 private:
  Block Cmac(std::string_view message, const Block& xor_at_end) const;
  Block SyntheticIv(const Absorbed& absorbed, std::string_view plaintext) const;
  void XorKeyStream(const Block& synthetic_iv, std::string_view in, unsigned char* out) const;

  AesBlockCipher mac_;
  AesBlockCipher stream_;
  Block whole_mask_;   // CMAC's K1, for messages of whole blocks
  Block padded_mask_;  // CMAC's K2, for all others
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_AES_SIV_H_
