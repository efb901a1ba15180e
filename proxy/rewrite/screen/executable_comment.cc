#include "proxy/rewrite/screen/executable_comment.h"

#include <charconv>
#include <cstdint>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

constexpr std::size_t kMaxDigits = 6;
// MariaDB takes these for comments of a MySQL that it does not follow.
constexpr std::uint32_t kOtherMySqlFirst = 50700;
constexpr std::uint32_t kOtherMySqlLast = 99999;

// "10.11.6-MariaDB" is 101106, as the comments write it.
std::uint32_t VersionNumber(std::string_view version) {
  std::uint32_t number = 0;
  for (int part = 0; part < 3; ++part) {
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), value);
    if (error != std::errc{}) value = 0;
    number = number * 100 + value;
    const auto used = static_cast<std::size_t>(end - version.data());
    version.remove_prefix(used < version.size() ? used + 1 : version.size());
  }
  return number;
}

struct Opening {
  std::size_t size = 0;  // of the mark with its version
  bool runs = false;
};

Opening ReadOpening(const policy::Catalog& server, std::string_view comment) {
  const bool for_mariadb = comment.size() > 2 && comment[2] != '!';
  Opening opening{static_cast<std::size_t>(for_mariadb ? 4 : 3), server.is_mariadb || !for_mariadb};
  std::uint32_t version = 0;
  std::size_t digits = 0;
  while (digits < kMaxDigits && opening.size < comment.size() && comment[opening.size] >= '0' &&
         comment[opening.size] <= '9') {
    version = version * 10 + static_cast<std::uint32_t>(comment[opening.size] - '0');
    ++opening.size;
    ++digits;
  }
  if (digits == 0) return opening;
  const bool other = server.is_mariadb && !for_mariadb && version >= kOtherMySqlFirst &&
                     version <= kOtherMySqlLast;
  opening.runs = opening.runs && !other && version <= VersionNumber(server.server_version);
  return opening;
}

}  // namespace

bool OpenExecutableComments(const policy::Catalog& server, sql::LexMode mode, std::string_view text,
                            std::string& out) {
  out.clear();
  bool all_run = true;
  sql::Lexer lexer(text, mode);
  for (sql::Token token = lexer.Next(); token.kind != sql::TokenKind::kEnd; token = lexer.Next()) {
    const std::string_view bytes = text.substr(token.begin, token.end - token.begin);
    if (token.kind != sql::TokenKind::kExecutableComment) {
      out += bytes;
      continue;
    }
    const Opening opening = ReadOpening(server, bytes);
    const std::size_t close = bytes.size() >= opening.size + 2 ? bytes.size() - 2 : opening.size;
    all_run = all_run && opening.runs;
    if (!opening.runs) {
      out.append(bytes.size(), ' ');
      continue;
    }
    out.append(opening.size, ' ').append(bytes.substr(opening.size, close - opening.size));
    out.append(bytes.size() - close, ' ');
  }
  return all_run;
}

}  // namespace sealgate::rewrite
