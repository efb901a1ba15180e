// HKDF with SHA-256 (RFC 5869), and the subkeys that Sealgate makes with it.
#ifndef SEALGATE_CRYPTO_HKDF_H_
#define SEALGATE_CRYPTO_HKDF_H_

#include <cstddef>
#include <string_view>

#include "crypto/secret.h"

namespace sealgate::crypto {

/// `size` is 1 to 8160 bytes.
SecretBytes HkdfSha256(std::string_view key, std::string_view salt, std::string_view info,
                       std::size_t size);

/// Data keys and master keys have this many bytes.
inline constexpr std::size_t kRootKeyBytes = 32;

/// One purpose each; the label is HKDF's `info`, and there is no salt.
/// docs/envelope_format.md lists them.
struct SubkeyPurpose {
  std::string_view label;
  std::size_t bytes;
};
inline constexpr SubkeyPurpose kSealSubkey{"sealgate/1/xaes-256-gcm", 32};
inline constexpr SubkeyPurpose kBlindIndexSubkey{"sealgate/1/blind-index", 32};
inline constexpr SubkeyPurpose kSivSubkey{"sealgate/1/aes-256-siv", 64};
inline constexpr SubkeyPurpose kRingCheckSubkey{"sealgate/1/ring-check", 16};
inline constexpr SubkeyPurpose kRingMacSubkey{"sealgate/1/ring-mac", 32};
inline constexpr SubkeyPurpose kRingWrapSubkey{"sealgate/1/ring-wrap", 32};

/// Throws std::invalid_argument unless `root` has kRootKeyBytes.
SecretBytes DeriveSubkey(const SecretBytes& root, const SubkeyPurpose& purpose);

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_HKDF_H_
