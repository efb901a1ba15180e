#include "proxy/wire/writer.h"

#include <array>

namespace sealgate::wire {

void Writer::Int(std::uint64_t value, std::size_t size) {
  std::array<char, 8> bytes;
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
  }
  out_.append(bytes.data(), size);
}

void Writer::LongLenencInt(std::uint64_t value) {
  if (value <= 0xFFFF) {
    U8(0xFC);
    Int(value, 2);
  } else if (value <= 0xFFFFFF) {
    U8(0xFD);
    Int(value, 3);
  } else {
    U8(0xFE);
    Int(value, 8);
  }
}

void Writer::LenencString(std::string_view value) {
  LenencInt(value.size());
  Bytes(value);
}

void Writer::ShortString(std::string_view value) {
  if (value.size() > 0xFF) return Fail();
  U8(static_cast<std::uint8_t>(value.size()));
  Bytes(value);
}

void Writer::NulString(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return Fail();
  Bytes(value);
  U8(0);
}

}  // namespace sealgate::wire
