#include "proxy/sql/scanner.h"

#include <cstddef>

#include "policy/ascii.h"
#include "proxy/sql/utf8.h"

namespace sealgate::sql {
namespace {

bool IsWordByte(char c) { return kWordBytes[static_cast<unsigned char>(c)]; }
using ascii::IsDigit;
bool IsHexDigit(char c) { return ascii::HexValue(c) >= 0; }
// What makes "--" a comment when it follows.
bool IsSpaceOrControl(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; }

}  // namespace

// The servers read a name as far as it is well formed in the connection's
// character set; we refuse the rest.
bool Scanner::HighBytesOk(std::uint32_t from, std::uint32_t to) const {
  bool high = false;
  for (std::uint32_t i = from; i < to; ++i) high |= IsHigh(text_[i]);
  return !high || (mode_.utf8 && IsWellFormedUtf8(text_.substr(from, to - from)));
}

Reading Scanner::ReadRare(std::uint32_t at, Follows before) const {
  if (before == Follows::kDot && IsWordByte(text_[at])) return WordRest(at);
  switch (ClassAt(at)) {
    case ByteClass::kSpace:
      return Make(TokenKind::kWhitespace, SpaceEnd(at));
    case ByteClass::kLetter:
    case ByteClass::kDollar:
    case ByteClass::kHigh:
      return Word(at);
    case ByteClass::kDigit:
      return DigitFirst(at);
    case ByteClass::kSingleQuote:
      return Quoted(at, 0, TokenKind::kString, true);
    case ByteClass::kDoubleQuote:
      if (mode_.ansi_quotes) return QuotedName(at, 0, TokenKind::kQuotedIdentifier);
      return Quoted(at, 0, TokenKind::kString, true);
    case ByteClass::kBacktick:
      return QuotedName(at, 0, TokenKind::kQuotedIdentifier);
    case ByteClass::kComparison:
      return Comparison(at);
    case ByteClass::kHash:
      return LineComment(at);
    case ByteClass::kMinus:
      return Minus(at);
    case ByteClass::kSlash:
      return Slash(at);
    case ByteClass::kDot:
      if (before != Follows::kWord && IsDigit(At(at + 1))) return Fraction(at + 1);
      return Dot(at);
    case ByteClass::kAt:
      return UserVariable(at);
    case ByteClass::kQuestion:
      // Directly before a word the servers do not take it for a parameter.
      if (IsWordByte(At(at + 1))) return IllegalRest();
      return Make(TokenKind::kParameter, at + 1);
    case ByteClass::kSemicolon:
      return Make(TokenKind::kSemicolon, at + 1);
    case ByteClass::kSingle:
      return Make(TokenKind::kOperator, at + 1,
                  kSingleOperators[static_cast<unsigned char>(text_[at])]);
    case ByteClass::kDouble:
      return Pair(at);
    case ByteClass::kIllegal:
      break;
  }
  return IllegalRest();
}

// The servers end this comment at a NUL byte too.
Reading Scanner::LineComment(std::uint32_t at) const {
  const std::size_t end = text_.find_first_of(std::string_view("\n\0", 2), at);
  if (end == std::string_view::npos) return Make(TokenKind::kComment, size());
  if (text_[end] == '\0') return IllegalRest();
  return Make(TokenKind::kComment, static_cast<std::uint32_t>(end));
}

Reading Scanner::Minus(std::uint32_t at) const {
  if (At(at + 1) == '-' && IsSpaceOrControl(At(at + 2))) return LineComment(at);
  if (At(at + 1) != '>') return Make(TokenKind::kOperator, at + 1, Operator::kMinus);
  if (At(at + 2) != '>') return Make(TokenKind::kOperator, at + 2, Operator::kArrow);
  return Make(TokenKind::kOperator, at + 3, Operator::kArrowText);
}

Reading Scanner::Slash(std::uint32_t at) const {
  if (At(at + 1) != '*') return Make(TokenKind::kOperator, at + 1, Operator::kSlash);
  const char third = At(at + 2);
  const std::size_t close = text_.find("*/", at + 2);
  if (close == std::string_view::npos) return IllegalRest();
  const auto end = static_cast<std::uint32_t>(close + 2);
  if (third == '!' || (third == 'M' && At(at + 3) == '!')) {
    return Make(TokenKind::kExecutableComment, end);
  }
  if (third == '+') return Hint(at);
  return Make(TokenKind::kComment, end);
}

// MySQL reads names and strings within a hint, so a "*/" in quotes ends the
// hint for one server and not for the other.
Reading Scanner::Hint(std::uint32_t at) const {
  char quote = '\0';
  for (std::uint32_t i = at + 3; i < size(); ++i) {
    const char c = text_[i];
    if (c == '*' && At(i + 1) == '/') {
      return quote == '\0' ? Make(TokenKind::kComment, i + 2) : IllegalRest();
    }
    if (c == '\\' || c == '\0') return IllegalRest();
    if (mode_.trails_may_be_signs && c == '`' && IsHigh(text_[i - 1])) return IllegalRest();
    if (quote == '\0' ? c == '\'' || c == '"' || c == '`' : c == quote) {
      quote = quote == '\0' ? c : '\0';
    }
  }
  return IllegalRest();
}

// To the end of the word, whatever it begins with.
Reading Scanner::WordRest(std::uint32_t at) const {
  std::uint32_t end = at;
  while (end < size() && IsWordByte(text_[end])) ++end;
  if (!HighBytesOk(at, end)) return IllegalRest();
  return MakeWord(end);
}

Reading Scanner::Word(std::uint32_t at) const {
  const char c = text_[at];
  if (At(at + 1) == '\'') {
    switch (c) {
      case 'n':
      case 'N':
        return Quoted(at, 1, TokenKind::kNationalString, true);
      case 'x':
      case 'X':
        return QuotedDigits(at, TokenKind::kHex);
      case 'b':
      case 'B':
        return QuotedDigits(at, TokenKind::kBit);
      default:
        break;
    }
  }
  const Reading word = WordRest(at);
  // MySQL takes $tag$ for the beginning of dollar-quoted text.
  if (c == '$' && text_.substr(at + 1, word.end - at - 1).find('$') != text_.npos) {
    return IllegalRest();
  }
  return word;
}

// A number, or a name that begins with a digit.
Reading Scanner::DigitFirst(std::uint32_t at) const {
  const char second = At(at + 1);
  if (text_[at] == '0' && (second == 'x' || second == 'b')) {
    const bool hex = second == 'x';
    std::uint32_t end = at + 2;
    while (hex ? IsHexDigit(At(end)) : At(end) == '0' || At(end) == '1') ++end;
    if (end > at + 2 && !IsWordByte(At(end))) {
      return Make(hex ? TokenKind::kHex : TokenKind::kBit, end);
    }
    return WordRest(at);
  }
  std::uint32_t end = at + 1;
  while (IsDigit(At(end))) ++end;
  const char c = At(end);
  if (c == '.') return Fraction(end + 1);
  if (c == 'e' || c == 'E') {
    const std::uint32_t sign = At(end + 1) == '+' || At(end + 1) == '-' ? 1 : 0;
    if (IsDigit(At(end + 1 + sign))) {
      end += 2 + sign;
      while (IsDigit(At(end))) ++end;
      return Make(TokenKind::kFloat, end);
    }
  }
  if (IsWordByte(c)) return WordRest(at);
  return Make(TokenKind::kInteger, end);
}

// `from` is behind the point.
Reading Scanner::Fraction(std::uint32_t from) const {
  while (IsDigit(At(from))) ++from;
  if (At(from) != 'e' && At(from) != 'E') return Make(TokenKind::kDecimal, from);
  ++from;
  if (At(from) == '+' || At(from) == '-') ++from;
  if (!IsDigit(At(from))) return IllegalRest();
  while (IsDigit(At(from))) ++from;
  return Make(TokenKind::kFloat, from);
}

Reading Scanner::Quoted(std::uint32_t at, std::uint32_t prefix, TokenKind kind,
                        bool backslash) const {
  const char quote = text_[at + prefix];
  const bool escapes = backslash && !mode_.no_backslash_escapes;
  const char* const data = text_.data();
  const std::size_t size = text_.size();
  std::size_t i = at + prefix + 1;
  while (i < size) {
    while (i < size && data[i] != quote && data[i] != '\\') ++i;
    if (i >= size) break;
    const char c = data[i];
    const bool sign = c == '`' || (c == '\\' && escapes);
    if (mode_.trails_may_be_signs && sign && IsHigh(data[i - 1])) break;
    if (c == quote) {
      if (i + 1 >= size || data[i + 1] != quote) {
        return Make(kind, static_cast<std::uint32_t>(i + 1));
      }
      i += 2;
    } else {
      i += c == '\\' && escapes ? 2 : 1;
    }
  }
  return IllegalRest();
}

// Of a quoted name after `prefix` bytes. The servers stop at a NUL byte.
Reading Scanner::QuotedName(std::uint32_t at, std::uint32_t prefix, TokenKind kind) const {
  const Reading token = Quoted(at, prefix, kind, false);
  const std::string_view name = text_.substr(at, token.end - at);
  if (name.find('\0') != std::string_view::npos || !HighBytesOk(at, token.end)) {
    return IllegalRest();
  }
  return token;
}

Reading Scanner::QuotedDigits(std::uint32_t at, TokenKind kind) const {
  std::uint32_t end = at + 2;
  while (kind == TokenKind::kHex ? IsHexDigit(At(end)) : At(end) == '0' || At(end) == '1') ++end;
  if (At(end) != '\'') return IllegalRest();
  if (kind == TokenKind::kHex && (end - at) % 2 != 0) return IllegalRest();
  return Make(kind, end + 1);
}

Reading Scanner::UserVariable(std::uint32_t at) const {
  switch (At(at + 1)) {
    case '@':
      // The name is never a keyword or a literal.
      return {at + 2, TokenKind::kSystemVariable, Operator::kNone, Follows::kDot};
    case '\'':
      return Quoted(at, 1, TokenKind::kUserVariable, true);
    case '`':
      return QuotedName(at, 1, TokenKind::kUserVariable);
    case '"':
      if (mode_.ansi_quotes) return QuotedName(at, 1, TokenKind::kUserVariable);
      return Quoted(at, 1, TokenKind::kUserVariable, true);
    default:
      break;
  }
  std::uint32_t end = at + 1;
  while (end < size() && (IsWordByte(text_[end]) || text_[end] == '.')) ++end;
  if (!HighBytesOk(at, end)) return IllegalRest();
  return Make(TokenKind::kUserVariable, end);
}

Reading Scanner::Comparison(std::uint32_t at) const {
  const char second = At(at + 1);
  const auto two = [&](Operator op) { return Make(TokenKind::kOperator, at + 2, op); };
  switch (text_[at]) {
    case '<':
      if (second == '=') {
        if (At(at + 2) != '>') return two(Operator::kLessEqual);
        return Make(TokenKind::kOperator, at + 3, Operator::kNullSafeEqual);
      }
      if (second == '>') return two(Operator::kNotEqual);
      if (second == '<') return two(Operator::kShiftLeft);
      return Make(TokenKind::kOperator, at + 1, Operator::kLess);
    case '>':
      if (second == '=') return two(Operator::kGreaterEqual);
      if (second == '>') return two(Operator::kShiftRight);
      return Make(TokenKind::kOperator, at + 1, Operator::kGreater);
    case '!':
      if (second == '=') return two(Operator::kNotEqual);
      return Make(TokenKind::kOperator, at + 1, Operator::kBang);
    default:
      return Make(TokenKind::kOperator, at + 1, Operator::kEqual);
  }
}

// One byte or two: &&, ||, :=
Reading Scanner::Pair(std::uint32_t at) const {
  const char second = At(at + 1);
  const auto one = [&](Operator op) { return Make(TokenKind::kOperator, at + 1, op); };
  const auto two = [&](Operator op) { return Make(TokenKind::kOperator, at + 2, op); };
  switch (text_[at]) {
    case '&':
      return second == '&' ? two(Operator::kAndAnd) : one(Operator::kAmpersand);
    case '|':
      return second == '|' ? two(Operator::kOrOr) : one(Operator::kPipe);
    default:
      return second == '=' ? two(Operator::kAssign) : one(Operator::kColon);
  }
}

}  // namespace sealgate::sql
