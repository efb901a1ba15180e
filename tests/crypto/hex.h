// Bytes as hex digits, for vectors.
#ifndef SEALGATE_TESTS_CRYPTO_HEX_H_
#define SEALGATE_TESTS_CRYPTO_HEX_H_

#include <stdexcept>
#include <string>
#include <string_view>

namespace sealgate::crypto {

inline std::string FromHex(std::string_view digits) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = kDigits.find(digits.at(i));
    const auto low = kDigits.find(digits.at(i + 1));
    if (high == kDigits.npos || low == kDigits.npos) {
      throw std::invalid_argument("not hex digits");
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

inline std::string ToHex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char byte : bytes) {
    digits.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    digits.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return digits;
}

/// The bytes first, first+1, … , `count` of them.
inline std::string Sequence(unsigned first, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<char>(first + i));
  }
  return bytes;
}

}  // namespace sealgate::crypto

#endif  // SEALGATE_TESTS_CRYPTO_HEX_H_
