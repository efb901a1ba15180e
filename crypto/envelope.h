// The stored form of a protected value ("envelope"), format 1.
// docs/envelope_format.md is the specification; this header is its only home
// in the code for offsets and lengths. All integers are big endian.
//
//   all         0   1  0xFE: a sealed value of format 1
//               1   1  scheme: 1 random, 2 searchable, 3 deterministic
//   random      2   4  key id         6  24 nonce   30 n ciphertext, 16 tag
//   searchable  2   4  index key id   6  16 blind index
//              22   4  key id        26  24 nonce   50 n ciphertext, 16 tag
//   determin.   2   4  key id         6  16 synthetic IV    22 n ciphertext
//
// Associated data: every byte before the nonce or the synthetic IV, then the
// name of the domain.
#ifndef SEALGATE_CRYPTO_ENVELOPE_H_
#define SEALGATE_CRYPTO_ENVELOPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sealgate::crypto {

/// How a domain is encrypted. The values are the envelope's scheme byte.
enum class Mode : std::uint8_t { kRandom = 1, kSearchable = 2, kDeterministic = 3 };

std::string_view ModeName(Mode mode);
std::optional<Mode> ModeFromName(std::string_view name);

inline constexpr unsigned char kEnvelopeMagic = 0xFE;
inline constexpr std::size_t kKeyIdBytes = 4;
inline constexpr std::size_t kNonceBytes = 24;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kBlindIndexBytes = 16;
inline constexpr std::size_t kSyntheticIvBytes = 16;
/// Magic, scheme and first key id: the "head" that leads every envelope.
inline constexpr std::size_t kHeadBytes = 2 + kKeyIdBytes;
/// Head and blind index: what equality of a searchable column looks at, and
/// the length of the prefix key that makes it unique.
inline constexpr std::size_t kEqualityPrefixBytes = kHeadBytes + kBlindIndexBytes;

/// Bytes that an envelope is longer than its plaintext: 46, 66 or 22.
std::size_t EnvelopeOverhead(Mode mode);

/// An envelope taken apart. Views into the parsed bytes.
struct EnvelopeView {
  Mode mode{};
  std::uint32_t index_key_id = 0;  // searchable only, else 0
  std::uint32_t key_id = 0;        // of the sealing key
  std::string_view blind_index;    // searchable only
  std::string_view associated;     // bytes before the nonce or synthetic IV
  std::string_view nonce;          // nonce, or the synthetic IV
  std::string_view sealed;         // ciphertext, and the tag where there is one
};

/// nullopt when `bytes` cannot be an envelope of format 1.
std::optional<EnvelopeView> ParseEnvelope(std::string_view bytes);

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_ENVELOPE_H_
