// Reads the protocol's basic types from one payload.
//
// The error is sticky: after the first failure every read returns zero or an
// empty view and the position stays at the end, so a decoder reads all fields
// and checks once, with Finish(). Nothing is allocated, and no length is
// trusted before the bytes it announces are there.
//
// Views returned point into the bytes given to the constructor.
// Source: MySQL manual, "Protocol Basics: Basic Data Types".
#ifndef SEALGATE_PROXY_WIRE_READER_H_
#define SEALGATE_PROXY_WIRE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "proxy/wire/decode_error.h"

namespace sealgate::wire {

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return !failed_; }
  /// Meaningful only if !ok().
  DecodeError error() const { return error_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool AtEnd() const { return remaining() == 0; }

  std::uint8_t U8() {
    if (AtEnd()) [[unlikely]] {
      Fail(DecodeError::kTruncated);
      return 0;
    }
    return static_cast<std::uint8_t>(bytes_[position_++]);
  }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Int(2)); }
  std::uint32_t U24() { return static_cast<std::uint32_t>(Int(3)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Int(4)); }
  std::uint64_t U64() { return Int(8); }

  /// Fails as kMalformed unless the next byte is `value`.
  void Expect(std::uint8_t value);

  /// int<lenenc>. 0xFB (NULL in rows) and 0xFF (an error's header) are
  /// malformed here. Longer encodings than needed are accepted, as servers do.
  std::uint64_t LenencInt();
  /// int<lenenc> or 0xFB, which gives nullopt. A failure gives zero.
  std::optional<std::uint64_t> LenencIntOrNull();
  std::string_view LenencString() { return Sized(LenencInt()); }
  std::optional<std::string_view> LenencStringOrNull() {
    // Most values are short: the many columns of many rows pass here.
    if (!AtEnd()) [[likely]] {
      const auto first = static_cast<std::uint8_t>(bytes_[position_]);
      if (first < kNullMark && first < remaining()) [[likely]] {
        const std::string_view result(bytes_.data() + position_ + 1, first);
        position_ += 1 + result.size();
        return result;
      }
    }
    return LongLenencStringOrNull();
  }
  /// string<NUL>, without its terminator.
  std::string_view NulString();
  /// string<NUL> whose terminator may be missing at the end of the payload.
  std::string_view NulStringOrRest();
  std::string_view Rest();
  std::string_view Bytes(std::size_t size) { return Sized(size); }
  void Skip(std::size_t size) { Sized(size); }

  /// The bytes from `start`, an earlier position(), up to here.
  std::string_view Since(std::size_t start) const {
    return {bytes_.data() + start, position_ - start};
  }

  /// Keeps the first error.
  void Fail(DecodeError error);

  /// `value` if every read succeeded and nothing is left.
  template <typename T>
  Decoded<T> Finish(T value) {
    if (ok() && !AtEnd()) Fail(DecodeError::kTrailing);
    return FinishPrefix(std::move(value));
  }

  /// `value` if every read succeeded; bytes may be left.
  template <typename T>
  Decoded<T> FinishPrefix(T value) {
    if (!ok()) return tl::unexpected(error_);
    return value;
  }

 private:
  static constexpr std::uint8_t kNullMark = 0xFB;

  std::uint64_t Int(std::size_t size);
  std::string_view Sized(std::uint64_t size);
  std::optional<std::string_view> LongLenencStringOrNull();

  std::string_view bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
  DecodeError error_ = DecodeError::kTruncated;
};

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_READER_H_
