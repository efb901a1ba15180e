// What a decoder of this folder returns.
//
// Decoded structs are views: they point into the bytes they were decoded from
// and are valid as long as those are, which for traffic means until the next
// read. No error carries text or bytes from traffic.
#ifndef SEALGATE_PROXY_WIRE_DECODE_ERROR_H_
#define SEALGATE_PROXY_WIRE_DECODE_ERROR_H_

#include <tl/expected.hpp>

namespace sealgate::wire {

enum class DecodeError {
  /// The payload ends inside a field.
  kTruncated,
  /// Bytes are left over after the last field.
  kTrailing,
  /// A field holds a value that the protocol does not allow there.
  kMalformed,
  /// Well-formed, but of a kind that we do not negotiate or do not speak.
  kUnsupported,
};

template <typename T>
using Decoded = tl::expected<T, DecodeError>;

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_DECODE_ERROR_H_
