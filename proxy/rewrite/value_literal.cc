// Literals of a statement.
#include "proxy/rewrite/value.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = SourceValue::Kind;
using sql::TokenKind;

tl::expected<SourceValue, ValueError> FromWord(std::string_view word) {
  if (sql::EqualsKeyword(word, "NULL")) return SourceValue{Kind::kNull, false, {}};
  if (sql::EqualsKeyword(word, "TRUE")) return SourceValue{Kind::kInteger, false, "1"};
  if (sql::EqualsKeyword(word, "FALSE")) return SourceValue{Kind::kInteger, false, "0"};
  return tl::unexpected(ValueError::kUnsupported);
}

bool IsNumber(TokenKind kind) {
  return kind == TokenKind::kInteger || kind == TokenKind::kDecimal || kind == TokenKind::kFloat;
}

// The signs before a number; the first token that is none.
std::uint32_t SkipSigns(const sql::TokenList& tokens, std::uint32_t first, std::uint32_t last,
                        bool& negative) {
  for (; first < last; ++first) {
    const sql::Operator op = tokens.tokens[first].op;
    if (op == sql::Operator::kMinus) {
      negative = !negative;
    } else if (op != sql::Operator::kPlus) {
      break;
    }
  }
  return first;
}

// _binary'…'
bool IsBinaryString(const sql::TokenList& tokens, std::uint32_t first, std::uint32_t last) {
  return last == first + 1 && tokens.tokens[first].kind == TokenKind::kWord &&
         sql::EqualsKeyword(tokens.Text(first), "_BINARY") &&
         tokens.tokens[last].kind == TokenKind::kString;
}

}  // namespace

tl::expected<SourceValue, ValueError> FromLiteral(const sql::TokenList& tokens, std::uint32_t first,
                                                  std::uint32_t last, sql::LexMode mode,
                                                  std::string& scratch) {
  if (first > last || last >= tokens.tokens.size()) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  bool negative = false;
  const std::uint32_t at = SkipSigns(tokens, first, last, negative);
  const TokenKind kind = tokens.tokens[at].kind;
  if (IsBinaryString(tokens, first, last)) {
    scratch.clear();
    sql::UnescapeString(tokens.Text(last), mode, scratch);
    return SourceValue{Kind::kBinaryString, false, scratch};
  }
  // Adjacent strings, other introducers and signed strings are expressions.
  if (at != last || (at != first && !IsNumber(kind))) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  const std::string_view text = tokens.Text(at);
  switch (kind) {
    case TokenKind::kWord:
      return FromWord(text);
    case TokenKind::kString:
      scratch.clear();
      sql::UnescapeString(text, mode, scratch);
      return SourceValue{Kind::kString, false, scratch};
    case TokenKind::kHex:
    case TokenKind::kBit:
      scratch.clear();
      sql::DecodeHexOrBit(text, scratch);
      return SourceValue{Kind::kBytes, false, scratch};
    case TokenKind::kInteger:
      return SourceValue{Kind::kInteger, negative, text};
    case TokenKind::kDecimal:
      return SourceValue{Kind::kDecimal, negative, text};
    case TokenKind::kFloat:
      return SourceValue{Kind::kFloat, negative, text};
    default:
      return tl::unexpected(ValueError::kUnsupported);
  }
}

}  // namespace sealgate::rewrite
