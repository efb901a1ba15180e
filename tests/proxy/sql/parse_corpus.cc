// Which statements the parser does not know: reads statements that a server has
// accepted from standard input, each ended by a NUL and begun by one character,
// '0' plus the sum of 1 (ANSI_QUOTES), 2 (NO_BACKSLASH_ESCAPES), 4
// (PIPES_AS_CONCAT) and 8 (the character set is not UTF-8). Prints one line for
// each that is not parsed: its number from 0, why, and the byte where. The last
// line is "N read".
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"

namespace {

using namespace sealgate::sql;

LexMode ModeOf(char flags) {
  const int bits = flags - '0';
  return {.ansi_quotes = (bits & 1) != 0,
          .no_backslash_escapes = (bits & 2) != 0,
          .pipes_as_concat = (bits & 4) != 0,
          .utf8 = (bits & 8) == 0};
}

const char* Reason(ParseErrorCode code) {
  switch (code) {
    case ParseErrorCode::kUnexpectedToken:
      return "token";
    case ParseErrorCode::kTooDeep:
      return "depth";
    case ParseErrorCode::kIllegalToken:
      return "illegal";
    case ParseErrorCode::kExecutableComment:
      return "comment";
    case ParseErrorCode::kSecondStatement:
      return "second";
    case ParseErrorCode::kBeyond:
      return "beyond";
  }
  return "?";
}

void Look(std::size_t number, std::string_view record) {
  TokenList tokens;
  const LexMode mode = ModeOf(record.front());
  Lex(record.substr(1), mode, tokens);
  Arena arena;
  auto parsed = Parse(tokens, mode, arena);
  if (!parsed && parsed.error().code == ParseErrorCode::kBeyond) {
    arena.Clear();
    if (const auto whole = Understands(tokens, mode, arena); !whole) {
      parsed = tl::unexpected(whole.error());
    }
  }
  if (!parsed) {
    const std::uint32_t token = parsed.error().token;
    std::printf("%zu %s %u\n", number, Reason(parsed.error().code), tokens.tokens[token].begin);
  } else if ((*parsed)->kind == StatementKind::kOther) {
    std::printf("%zu other 0\n", number);
  }
}

}  // namespace

int main() {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < input.size(); ++number) {
    const std::size_t end = input.find('\0', begin);
    if (end == std::string::npos) return 1;
    if (end > begin) Look(number, std::string_view(input).substr(begin, end - begin));
    begin = end + 1;
  }
  std::printf("%zu read\n", number);
  return 0;
}
