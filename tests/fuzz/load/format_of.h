// A format of delimiters that meet often, from a few bytes.
#ifndef SEALGATE_TESTS_FUZZ_LOAD_FORMAT_OF_H_
#define SEALGATE_TESTS_FUZZ_LOAD_FORMAT_OF_H_

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proxy/load/file_format.h"

namespace sealgate::load {

inline constexpr std::size_t kFormatBytes = 6;

inline void Require(bool holds) {
  if (!holds) std::abort();
}

/// Of the first kFormatBytes of `data`.
inline FileFormat FormatOf(const std::uint8_t* data) {
  constexpr const char* kEnds[] = {"\t", ",", "\n", "aa", "ab", "\"", "\r\n", "\"\""};
  constexpr char kCharacters[] = "\"\\,ab'\n";
  FileFormat format;
  format.field_end = kEnds[data[0] % 8];
  format.line_end = kEnds[data[1] % 8];
  if (format.field_end == format.line_end) format.line_end = "|";
  if (data[2] % 8 < 7) format.enclosed = kCharacters[data[2] % 8];
  format.escape.reset();
  if (data[3] % 8 < 7) format.escape = kCharacters[data[3] % 8];
  constexpr const char* kStarts[] = {"", "", "a", "aab"};
  format.line_start = kStarts[data[4] % 4];
  format.skip_lines = data[4] / 4 % 3;
  format.encoding = static_cast<Encoding>(data[5] % 3);
  return format;
}

}  // namespace sealgate::load

#endif  // SEALGATE_TESTS_FUZZ_LOAD_FORMAT_OF_H_
