// Letters and digits of ASCII, whatever the process's locale is. Every byte above
// 0x7F is a letter of no case.
#ifndef SEALGATE_POLICY_ASCII_H_
#define SEALGATE_POLICY_ASCII_H_

#include <algorithm>
#include <string>
#include <string_view>

namespace sealgate::ascii {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char ToUpper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
/// -1: not a hexadecimal digit.
constexpr int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = ToLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr bool IsHigh(char c) { return (c & 0x80) != 0; }
inline bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), IsHigh);
}

inline std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ToLower(c);
  return lower;
}

inline bool EqualsAnyCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

/// `lower` in any case.
inline bool Contains(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return ToLower(a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

}  // namespace sealgate::ascii

#endif  // SEALGATE_POLICY_ASCII_H_
