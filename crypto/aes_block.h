// The AES block cipher by itself (FIPS 197), keyed once, for the constructs
// that are made of single blocks: the key derivation of XAES-256-GCM, CMAC
// (NIST SP 800-38B) and SIV (RFC 5297). Not an encryption mode.
//
// Thread rule: const methods from any thread.
#ifndef SEALGATE_CRYPTO_AES_BLOCK_H_
#define SEALGATE_CRYPTO_AES_BLOCK_H_

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "crypto/context_pool.h"

namespace sealgate::crypto {

inline constexpr std::size_t kBlockBytes = 16;
using Block = std::array<unsigned char, kBlockBytes>;

/// Multiplication by x in GF(2^128) as CMAC and SIV define it. Takes the same
/// time for every input.
Block Doubled(const Block& block);

inline void XorInto(Block& target, const Block& other) {
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    target[i] ^= other[i];
  }
}

EVP_CIPHER_CTX* CopyCipherContext(const EVP_CIPHER_CTX* context);

class AesBlockCipher {
 public:
  using Pool = ContextPool<EVP_CIPHER_CTX, CopyCipherContext, EVP_CIPHER_CTX_free>;

  /// The right to encrypt any number of blocks on this thread. Keep it short.
  class Session {
   public:
    explicit Session(const Pool& pool) : lease_(pool.Take()) {}
    /// `size` is a multiple of 16; `in` may equal `out`.
    void Encrypt(const unsigned char* in, unsigned char* out, std::size_t size) const;
    Block Encrypt(const Block& block) const;

   private:
    Pool::Lease lease_;
  };

  /// `key` has 16, 24 or 32 bytes; throws std::invalid_argument otherwise.
  explicit AesBlockCipher(std::string_view key);
  Session Begin() const { return Session(pool_); }

 private:
  Pool pool_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_AES_BLOCK_H_
