// Tokens tile the text, the list agrees with the lexer, an unchanged text has
// an unchanged shape, and so has the sample of its lists.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "proxy/sql/lexer.h"
#include "proxy/sql/shape.h"

using namespace sealgate::sql;

namespace {

constexpr std::size_t kAnyShape = std::size_t{1} << 32;

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  LexMode mode;
  mode.ansi_quotes = (data[0] & 1) != 0;
  mode.no_backslash_escapes = (data[0] & 2) != 0;
  mode.utf8 = (data[0] & 4) == 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  TokenList list;
  Lex(text, mode, list);
  Lexer lexer(text, mode);
  std::uint32_t at = 0;
  std::size_t significant = 0;
  bool adjacent = false;
  for (;;) {
    const Token token = lexer.Next();
    Require(token.begin == at && token.end >= token.begin);
    at = token.end;
    if (token.kind == TokenKind::kWhitespace || token.kind == TokenKind::kComment ||
        token.kind == TokenKind::kExecutableComment) {
      adjacent = false;
      continue;
    }
    Require(list.tokens[significant].begin == token.begin);
    Require(list.tokens[significant].end == token.end);
    Require(list.tokens[significant].kind == token.kind);
    Require(list.tokens[significant].op == token.op);
    Require(list.tokens[significant].adjacent == adjacent);
    adjacent = true;
    ++significant;
    if (token.kind == TokenKind::kEnd) break;
    Require(token.end > token.begin);
    std::string value;
    const std::string_view part(text.data() + token.begin, token.end - token.begin);
    if (token.kind == TokenKind::kString) UnescapeString(part, mode, value);
    if (token.kind == TokenKind::kHex || token.kind == TokenKind::kBit) {
      DecodeHexOrBit(part, value);
    }
    if (token.kind == TokenKind::kQuotedIdentifier) UnquoteIdentifier(part, value);
    Require(value.size() <= part.size());
  }
  Require(at == text.size() && significant == list.tokens.size());
  KeyBuffer first;
  KeyBuffer second;
  AppendShape(list, {}, kAnyShape, first);
  TokenList again;
  Lex(text, mode, again);
  AppendShape(again, {}, kAnyShape, second);
  Require(first.bytes() == second.bytes() && list.tokens == again.tokens);
  // A sample of its lists looks like the statement.
  std::vector<Run> runs;
  FindRuns(list, runs);
  TokenList sample;
  std::vector<Run> sample_runs;
  MakeSample(list, runs, sample, sample_runs);
  KeyBuffer shared;
  KeyBuffer of_sample;
  Require(AppendShape(list, runs, kAnyShape, shared) &&
          shared.bytes().size() <= first.bytes().size() + 5 * kMaxRuns);
  Require(AppendShape(sample, sample_runs, kAnyShape, of_sample) &&
          shared.bytes() == of_sample.bytes());
  return 0;
}
