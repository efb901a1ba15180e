// Literals of a statement.
#include <algorithm>

#include "policy/ascii.h"
#include "proxy/rewrite/value/canonical.h"
#include "proxy/rewrite/value/value.h"
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

bool IsString(TokenKind kind) {
  return kind == TokenKind::kString || kind == TokenKind::kNationalString;
}

// _utf8mb4'a', _binary X'41', N'a', 'a' 'b': a string in a character set of its
// own is one in the session's if it is ASCII.
tl::expected<SourceValue, ValueError> FromStrings(const sql::TokenList& tokens, std::uint32_t first,
                                                  std::uint32_t last, sql::LexMode mode,
                                                  std::string& scratch) {
  std::string_view introducer;
  if (tokens.tokens[first].kind == TokenKind::kWord) introducer = tokens.Text(first++);
  bool own_set = !introducer.empty();
  scratch.clear();
  const TokenKind head = tokens.tokens[first].kind;
  const bool bytes = head == TokenKind::kHex || head == TokenKind::kBit;
  if (bytes && first == last && own_set) {
    sql::DecodeHexOrBit(tokens.Text(first), scratch);
  } else {
    for (std::uint32_t i = first; i <= last; ++i) {
      const TokenKind kind = tokens.tokens[i].kind;
      if (!IsString(kind)) return tl::unexpected(ValueError::kUnsupported);
      own_set = own_set || kind == TokenKind::kNationalString;
      sql::UnescapeString(tokens.Text(i), mode, scratch);
    }
  }
  if (sql::EqualsKeyword(introducer, "_BINARY")) {
    return SourceValue{bytes ? Kind::kBytes : Kind::kBinaryString, false, scratch};
  }
  bool known = introducer.empty();
  for (const std::string_view name : {"_UTF8MB4", "_UTF8MB3", "_UTF8", "_LATIN1", "_ASCII"}) {
    known = known || sql::EqualsKeyword(introducer, name);
  }
  if (!known || (own_set && !ascii::IsAscii(scratch))) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  return SourceValue{Kind::kString, false, scratch};
}

// DATE'2020-02-29', TIME'…', TIMESTAMP'…', if written out in full and without zeros for
// a month or a day: the servers read other forms, and not alike.
tl::expected<SourceValue, ValueError> FromTemporal(const sql::TokenList& tokens,
                                                   std::uint32_t first, sql::LexMode mode,
                                                   std::string& scratch) {
  const std::string_view word = tokens.Text(first);
  policy::LogicalType type;
  Kind kind = Kind::kDatetime;
  type.kind = policy::TypeKind::kDatetime;
  if (sql::EqualsKeyword(word, "DATE")) {
    kind = Kind::kDate;
    type.kind = policy::TypeKind::kDate;
  } else if (sql::EqualsKeyword(word, "TIME")) {
    kind = Kind::kTime;
    type.kind = policy::TypeKind::kTime;
  } else if (!sql::EqualsKeyword(word, "TIMESTAMP")) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  scratch.clear();
  sql::UnescapeString(tokens.Text(first + 1), mode, scratch);
  const std::size_t point = scratch.find('.');
  const std::size_t digits = point == std::string::npos ? 0 : scratch.size() - point - 1;
  type.fraction = static_cast<std::uint8_t>(std::min<std::size_t>(digits, 7));
  Moment moment;
  if (type.fraction > 6 || !ReadTemporal(type, scratch, moment) ||
      (kind != Kind::kTime && HasZeroPart(moment))) {
    return tl::unexpected(ValueError::kBadTemporal);
  }
  return SourceValue{kind, false, scratch};
}

}  // namespace

tl::expected<SourceValue, ValueError> FromLiteral(const sql::TokenList& tokens, std::uint32_t first,
                                                  std::uint32_t last, sql::LexMode mode,
                                                  std::string& scratch) {
  if (first > last || last >= tokens.tokens.size()) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  const TokenKind head = tokens.tokens[first].kind;
  const bool introducer = head == TokenKind::kWord && tokens.Text(first)[0] == '_' && first < last;
  if (introducer || IsString(head)) return FromStrings(tokens, first, last, mode, scratch);
  if (head == TokenKind::kWord && last == first + 1 &&
      tokens.tokens[last].kind == TokenKind::kString) {
    return FromTemporal(tokens, first, mode, scratch);
  }
  bool negative = false;
  const std::uint32_t at = SkipSigns(tokens, first, last, negative);
  const TokenKind kind = tokens.tokens[at].kind;
  // Signed strings are expressions.
  if (at != last || (at != first && !IsNumber(kind))) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  const std::string_view text = tokens.Text(at);
  switch (kind) {
    case TokenKind::kWord:
      return FromWord(text);
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
