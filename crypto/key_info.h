// What a key is, apart from its bytes, and how work with keys fails.
#ifndef SEALGATE_CRYPTO_KEY_INFO_H_
#define SEALGATE_CRYPTO_KEY_INFO_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace sealgate::crypto {

enum class KeyError : std::uint8_t {
  kFileMissing,
  kFileExists,
  kFileMode,  // not a regular file, readable by others, or not the caller's
  kFileUnreadable,
  kTruncated,
  kMalformed,  // damaged, changed, or not what it should be
  kWrongMasterKey,
  kBadDomainName,
  kUnknownDomain,
  kDomainExists,
  kNoActiveKey,
  kWriteFailed,
};

/// `message` names the file or domain, what is wrong and what to do, and holds
/// no byte of a key.
struct KeyFailure {
  KeyError code;
  std::string message;
};

inline tl::unexpected<KeyFailure> Fail(KeyError code, std::string message) {
  return tl::make_unexpected(KeyFailure{code, std::move(message)});
}

enum class KeyKind : std::uint8_t { kSealing = 1, kEquality = 2 };
enum class KeyState : std::uint8_t { kActive = 1, kReadable = 2, kRetired = 3 };
std::string_view KeyKindName(KeyKind kind);
std::string_view KeyStateName(KeyState state);

/// Three identifiers of MySQL's and two dots fit.
inline constexpr std::size_t kLongestDomainName = 1024;

/// What may be shown of a key.
struct KeyInfo {
  std::uint32_t id = 0;
  std::string domain;
  std::uint32_t version = 0;
  KeyKind kind{};
  KeyState state{};
  std::int64_t created_unix_seconds = 0;

  friend bool operator==(const KeyInfo&, const KeyInfo&) = default;
};

/// A data key as the ring holds it: nonce, ciphertext and tag under the master
/// key.
struct WrappedKey {
  KeyInfo info;
  std::string wrapped;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_KEY_INFO_H_
