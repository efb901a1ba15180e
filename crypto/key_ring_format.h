// The bytes of a key ring file, format 1. docs/envelope_format.md describes it.
// All integers are big endian.
//
//   header      0   8  "SGKEYS\r\n"          8   2  format, 1
//              10   4  length of the file   14   4  number of entries
//              18  16  check value of the master key
//   entry       0   4  key id                4   4  version
//               8   1  kind                  9   1  state
//              10   8  created, Unix seconds
//              18   2  length of domain     20   d  domain
//            20+d  24  nonce, then 32 wrapped key, 16 tag
//   trailer    32      HMAC-SHA-256 of all bytes before it
//
// Pure: bytes in, bytes out.
#ifndef SEALGATE_CRYPTO_KEY_RING_FORMAT_H_
#define SEALGATE_CRYPTO_KEY_RING_FORMAT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/key_info.h"
#include "crypto/random_source.h"
#include "crypto/secret.h"

namespace sealgate::crypto {

inline constexpr std::size_t kLargestRing = std::size_t{16} << 20;
/// Nonce, key and tag.
inline constexpr std::size_t kWrappedKeyBytes = 24 + 32 + 16;

/// `master` has 32 bytes here and below.
std::string EncodeKeyRing(const std::vector<WrappedKey>& keys, const SecretBytes& master);

/// `name` is the file's, for messages.
tl::expected<std::vector<WrappedKey>, KeyFailure> DecodeKeyRing(std::string_view bytes,
                                                                const SecretBytes& master,
                                                                const std::string& name);

/// Wraps a data key so that it opens only with the very same `info`.
WrappedKey WrapDataKey(KeyInfo info, const SecretBytes& data_key, const SecretBytes& master,
                       RandomSource& random);
tl::expected<SecretBytes, KeyFailure> UnwrapDataKey(const WrappedKey& key,
                                                    const SecretBytes& master);

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_KEY_RING_FORMAT_H_
