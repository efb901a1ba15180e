#include "proxy/wire/reader.h"

namespace sealgate::wire {

void Reader::Fail(DecodeError error) {
  if (failed_) return;
  failed_ = true;
  error_ = error;
  position_ = bytes_.size();
}

std::uint64_t Reader::Int(std::size_t size) {
  const std::string_view bytes = Sized(size);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

std::string_view Reader::Sized(std::uint64_t size) {
  if (size > remaining()) {
    Fail(DecodeError::kTruncated);
    return {};
  }
  const std::string_view result = bytes_.substr(position_, static_cast<std::size_t>(size));
  position_ += result.size();
  return result;
}

void Reader::Expect(std::uint8_t value) {
  if (U8() != value) Fail(DecodeError::kMalformed);
}

std::optional<std::uint64_t> Reader::LenencIntOrNull() {
  const std::uint8_t first = U8();
  switch (first) {
    case kNullMark:
      return std::nullopt;
    case 0xFC:
      return Int(2);
    case 0xFD:
      return Int(3);
    case 0xFE:
      return Int(8);
    case 0xFF:
      Fail(DecodeError::kMalformed);
      return 0;
    default:
      return first;
  }
}

std::uint64_t Reader::LenencInt() {
  const std::optional<std::uint64_t> value = LenencIntOrNull();
  if (!value) Fail(DecodeError::kMalformed);
  return value.value_or(0);
}

std::optional<std::string_view> Reader::LongLenencStringOrNull() {
  const std::optional<std::uint64_t> size = LenencIntOrNull();
  if (!size) return std::nullopt;
  return Sized(*size);
}

std::string_view Reader::NulString() {
  const std::size_t end = bytes_.find('\0', position_);
  if (end == std::string_view::npos) {
    Fail(DecodeError::kTruncated);
    return {};
  }
  const std::string_view result = Sized(end - position_);
  Skip(1);
  return result;
}

std::string_view Reader::NulStringOrRest() {
  return bytes_.find('\0', position_) == std::string_view::npos ? Rest() : NulString();
}

std::string_view Reader::Rest() { return Sized(remaining()); }

}  // namespace sealgate::wire
