// How a file of LOAD DATA is cut into rows and fields.
//
// Source: MySQL manual, "LOAD DATA Statement", "Field and Line Handling".
#ifndef SEALGATE_PROXY_LOAD_FILE_FORMAT_H_
#define SEALGATE_PROXY_LOAD_FILE_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sealgate::load {

enum class Encoding : std::uint8_t {
  kBytes,    // one byte is one character
  kUtf8mb3,  // up to U+FFFF
  kUtf8mb4,
};

/// No delimiter is longer. (The servers have no such bound.)
inline constexpr std::size_t kMaxDelimiter = 64;

/// The defaults are the servers' own. Every delimiter is ASCII; `field_end` and
/// `line_end` are not empty and not the same.
struct FileFormat {
  std::string field_end = "\t";
  std::string line_start;
  std::string line_end = "\n";
  std::optional<char> enclosed;
  std::optional<char> escape = '\\';
  std::uint64_t skip_lines = 0;
  Encoding encoding = Encoding::kBytes;
};

}  // namespace sealgate::load

#endif  // SEALGATE_PROXY_LOAD_FILE_FORMAT_H_
