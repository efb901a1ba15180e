// AES-256-GCM (NIST SP 800-38D) under a key that one message has for itself.
//
// Thread rule: from any thread; each has contexts of its own, so that nothing is
// allocated once warm.
#ifndef SEALGATE_CRYPTO_GCM_H_
#define SEALGATE_CRYPTO_GCM_H_

#include <array>
#include <cstddef>
#include <string_view>

#include "crypto/envelope.h"

namespace sealgate::crypto {

inline constexpr std::size_t kGcmNonceBytes = 12;
using GcmKey = std::array<unsigned char, 32>;

/// Associated data in two parts, which are authenticated as if concatenated.
struct AssociatedData {
  std::string_view head;
  std::string_view tail;
};

/// Writes ciphertext and tag to `out`, which has room for
/// plaintext.size() + kTagBytes and does not overlap `plaintext`.
void SealGcm(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
             std::string_view plaintext, unsigned char* out);
/// Writes the plaintext to `out`, which has room for ciphertext.size(). False
/// when anything differs from what was sealed; the caller wipes `out` then.
bool OpenGcm(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
             std::string_view ciphertext, std::string_view tag, unsigned char* out);

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_GCM_H_
