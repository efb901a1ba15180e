// HMAC-SHA-256 (RFC 2104, FIPS 180-4), keyed once and used for many messages.
// Thread rule: const methods from any thread.
#ifndef SEALGATE_CRYPTO_HMAC_SHA256_H_
#define SEALGATE_CRYPTO_HMAC_SHA256_H_

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "crypto/context_pool.h"

namespace sealgate::crypto {

EVP_MAC_CTX* CopyMacContext(const EVP_MAC_CTX* context);

class HmacSha256 {
 public:
  static constexpr std::size_t kBytes = 32;
  using Tag = std::array<char, kBytes>;

  explicit HmacSha256(std::string_view key);
  Tag Of(std::string_view message) const;

 private:
  ContextPool<EVP_MAC_CTX, CopyMacContext, EVP_MAC_CTX_free> pool_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_HMAC_SHA256_H_
