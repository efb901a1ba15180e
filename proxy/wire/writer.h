// Appends the protocol's basic types to a string that the caller owns.
//
// The error is sticky: a value that its field cannot hold (a NUL inside a
// string<NUL>, a length too long for its prefix) makes ok() false. Check it
// once after encoding and discard what was appended if it is false; such a
// message would be read differently by the other side.
// Source: MySQL manual, "Protocol Basics: Basic Data Types".
#ifndef SEALGATE_PROXY_WIRE_WRITER_H_
#define SEALGATE_PROXY_WIRE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealgate::wire {

class Writer {
 public:
  /// `out` must outlive the writer.
  explicit Writer(std::string& out) : out_(out) {}

  bool ok() const { return ok_; }
  void Fail() { ok_ = false; }

  void U8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void U16(std::uint16_t value) { Int(value, 2); }
  void U24(std::uint32_t value) { Int(value, 3); }
  void U32(std::uint32_t value) { Int(value, 4); }
  void U64(std::uint64_t value) { Int(value, 8); }

  /// int<lenenc> in its shortest form.
  void LenencInt(std::uint64_t value) {
    if (value < 0xFB) [[likely]] {
      return U8(static_cast<std::uint8_t>(value));
    }
    LongLenencInt(value);
  }
  /// 0xFB, which stands for NULL where a string<lenenc> may be NULL.
  void LenencNull() { U8(0xFB); }
  void LenencString(std::string_view value);
  /// A string after a length of one byte; fails above 255.
  void ShortString(std::string_view value);
  /// string<NUL>; fails if `value` contains NUL.
  void NulString(std::string_view value);
  void Bytes(std::string_view value) { out_.append(value); }
  void Zeros(std::size_t count) { out_.append(count, '\0'); }

 private:
  void Int(std::uint64_t value, std::size_t size);
  void LongLenencInt(std::uint64_t value);

  std::string& out_;
  bool ok_ = true;
};

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_WRITER_H_
