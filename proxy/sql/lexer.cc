#include "proxy/sql/lexer.h"

#include <array>
#include <cstddef>

#include "proxy/sql/utf8.h"

namespace sealgate::sql {
namespace {

// What a byte can begin or belong to.
enum class Class : std::uint8_t {
  kIllegal,
  kSpace,
  kLetter,
  kDigit,
  kHigh,
  kSingleQuote,
  kDoubleQuote,
  kBacktick,
  kComparison,
  kHash,
  kMinus,
  kSlash,
  kDot,
  kAt,
  kQuestion,
  kSemicolon,
  kPunctuation,
};

constexpr std::array<Class, 256> MakeClasses() {
  std::array<Class, 256> classes{};
  for (int c = 9; c <= 13; ++c) classes[c] = Class::kSpace;
  classes[' '] = Class::kSpace;
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = Class::kLetter;
  classes['_'] = classes['$'] = Class::kLetter;
  for (int c = '0'; c <= '9'; ++c) classes[c] = Class::kDigit;
  for (int c = 0x80; c <= 0xFF; ++c) classes[c] = Class::kHigh;
  for (const char c : {'(', ')', ',', '+', '*', '%', '&', '|', '^', '~', ':', '{', '}'}) {
    classes[static_cast<unsigned char>(c)] = Class::kPunctuation;
  }
  for (const char c : {'<', '=', '>', '!'}) {
    classes[static_cast<unsigned char>(c)] = Class::kComparison;
  }
  classes['\''] = Class::kSingleQuote;
  classes['"'] = Class::kDoubleQuote;
  classes['`'] = Class::kBacktick;
  classes['#'] = Class::kHash;
  classes['-'] = Class::kMinus;
  classes['/'] = Class::kSlash;
  classes['.'] = Class::kDot;
  classes['@'] = Class::kAt;
  classes['?'] = Class::kQuestion;
  classes[';'] = Class::kSemicolon;
  return classes;
}
constexpr std::array<Class, 256> kClasses = MakeClasses();

constexpr std::array<bool, 256> MakeWordBytes() {
  std::array<bool, 256> word{};
  for (int c = 0; c < 256; ++c) {
    const Class of = kClasses[c];
    word[c] = of == Class::kLetter || of == Class::kDigit || of == Class::kHigh;
  }
  return word;
}
constexpr std::array<bool, 256> kWordBytes = MakeWordBytes();

Class ClassOf(char c) { return kClasses[static_cast<unsigned char>(c)]; }
bool IsWordByte(char c) { return kWordBytes[static_cast<unsigned char>(c)]; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsHigh(char c) { return static_cast<unsigned char>(c) >= 0x80; }
// What makes "--" a comment when it follows.
bool IsSpaceOrControl(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; }

}  // namespace

Token Lexer::Make(TokenKind kind, std::uint32_t end, Operator op) {
  Token token;
  token.begin = at_;
  token.end = end;
  token.kind = kind;
  token.op = op;
  at_ = end;
  return token;
}

Token Lexer::IllegalRest() {
  return Make(TokenKind::kIllegal, static_cast<std::uint32_t>(text_.size()));
}

// The servers read a name as far as it is well formed in the connection's
// character set; we refuse the rest.
bool Lexer::HighBytesOk(std::uint32_t from, std::uint32_t to) const {
  bool high = false;
  for (std::uint32_t i = from; i < to; ++i) high |= IsHigh(text_[i]);
  return !high || (mode_.utf8 && IsWellFormedUtf8(text_.substr(from, to - from)));
}

Token Lexer::Next() {
  if (at_ >= text_.size()) return Make(TokenKind::kEnd, at_);
  const char c = text_[at_];
  const bool after_dot = after_dot_;
  const bool after_word = after_word_;
  after_dot_ = after_word_ = false;
  if (after_dot && IsWordByte(c)) return WordRest();
  switch (ClassOf(c)) {
    case Class::kSpace:
      return Whitespace();
    case Class::kLetter:
    case Class::kHigh:
      return Word();
    case Class::kDigit:
      return DigitFirst();
    case Class::kSingleQuote:
      return Quoted(0, TokenKind::kString, true);
    case Class::kDoubleQuote:
      if (mode_.ansi_quotes) return QuotedName(0, TokenKind::kQuotedIdentifier);
      return Quoted(0, TokenKind::kString, true);
    case Class::kBacktick:
      return QuotedName(0, TokenKind::kQuotedIdentifier);
    case Class::kComparison:
      return Comparison(c);
    case Class::kHash: {
      // The servers end this comment at a NUL byte too.
      const std::size_t end = text_.find_first_of(std::string_view("\n\0", 2), at_);
      if (end == std::string_view::npos) return Make(TokenKind::kComment, text_.size());
      if (text_[end] == '\0') return IllegalRest();
      return Make(TokenKind::kComment, static_cast<std::uint32_t>(end));
    }
    case Class::kMinus:
      if (At(at_ + 1) == '-' && IsSpaceOrControl(At(at_ + 2))) {
        const std::size_t end = text_.find_first_of(std::string_view("\n\0", 2), at_);
        if (end == std::string_view::npos) return Make(TokenKind::kComment, text_.size());
        if (text_[end] == '\0') return IllegalRest();
        return Make(TokenKind::kComment, static_cast<std::uint32_t>(end));
      }
      if (At(at_ + 1) != '>') return Make(TokenKind::kOperator, at_ + 1, Operator::kMinus);
      if (At(at_ + 2) != '>') return Make(TokenKind::kOperator, at_ + 2, Operator::kArrow);
      return Make(TokenKind::kOperator, at_ + 3, Operator::kArrowText);
    case Class::kSlash:
      return Slash();
    case Class::kDot:
      if (!after_word && IsDigit(At(at_ + 1))) return Fraction(at_ + 1);
      after_dot_ = true;
      return Make(TokenKind::kOperator, at_ + 1, Operator::kDot);
    case Class::kAt:
      return UserVariable();
    case Class::kQuestion:
      // Directly before a word the servers do not take it for a parameter.
      if (IsWordByte(At(at_ + 1))) return IllegalRest();
      return Make(TokenKind::kParameter, at_ + 1);
    case Class::kSemicolon:
      return Make(TokenKind::kSemicolon, at_ + 1);
    case Class::kPunctuation:
      return Punctuation(c);
    case Class::kIllegal:
      break;
  }
  return IllegalRest();
}

// Saves the token that Lex would drop.
bool Lexer::SkipSpace() {
  std::uint32_t at = at_;
  while (at < text_.size() && ClassOf(text_[at]) == Class::kSpace) ++at;
  if (at == at_) return false;
  after_dot_ = after_word_ = false;
  at_ = at;
  return true;
}

Token Lexer::Whitespace() {
  std::uint32_t end = at_ + 1;
  while (end < text_.size() && ClassOf(text_[end]) == Class::kSpace) ++end;
  return Make(TokenKind::kWhitespace, end);
}

Token Lexer::Slash() {
  if (At(at_ + 1) != '*') return Make(TokenKind::kOperator, at_ + 1, Operator::kSlash);
  const char third = At(at_ + 2);
  const std::size_t close = text_.find("*/", at_ + 2);
  if (close == std::string_view::npos) return IllegalRest();
  const auto end = static_cast<std::uint32_t>(close + 2);
  if (third == '!' || (third == 'M' && At(at_ + 3) == '!')) {
    return Make(TokenKind::kExecutableComment, end);
  }
  if (third == '+') return Hint();
  return Make(TokenKind::kComment, end);
}

// MySQL reads names and strings within a hint, so a "*/" in quotes ends the
// hint for one server and not for the other.
Token Lexer::Hint() {
  char quote = '\0';
  for (std::uint32_t i = at_ + 3; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '*' && At(i + 1) == '/') {
      return quote == '\0' ? Make(TokenKind::kComment, i + 2) : IllegalRest();
    }
    if (c == '\\' || c == '\0') return IllegalRest();
    if (quote == '\0' ? c == '\'' || c == '"' || c == '`' : c == quote) {
      quote = quote == '\0' ? c : '\0';
    }
  }
  return IllegalRest();
}

// To the end of the word, whatever it begins with.
Token Lexer::WordRest() {
  const char* const data = text_.data();
  const auto size = static_cast<std::uint32_t>(text_.size());
  std::uint32_t end = at_;
  unsigned char all = 0;
  while (end < size && IsWordByte(data[end])) all |= static_cast<unsigned char>(data[end++]);
  if (all >= 0x80 && !HighBytesOk(at_, end)) return IllegalRest();
  after_word_ = true;
  return Make(TokenKind::kWord, end);
}

Token Lexer::Word() {
  const char c = text_[at_];
  if (At(at_ + 1) == '\'') {
    switch (c) {
      case 'n':
      case 'N':
        return Quoted(1, TokenKind::kNationalString, true);
      case 'x':
      case 'X':
        return QuotedDigits(TokenKind::kHex);
      case 'b':
      case 'B':
        return QuotedDigits(TokenKind::kBit);
      default:
        break;
    }
  }
  const std::uint32_t begin = at_;
  const Token token = WordRest();
  // MySQL takes $tag$ for the beginning of dollar-quoted text.
  if (c == '$' && text_.substr(begin + 1, token.end - begin - 1).find('$') != text_.npos) {
    at_ = begin;
    return IllegalRest();
  }
  return token;
}

// A number, or a name that begins with a digit.
Token Lexer::DigitFirst() {
  const char second = At(at_ + 1);
  if (text_[at_] == '0' && (second == 'x' || second == 'b')) {
    const bool hex = second == 'x';
    std::uint32_t end = at_ + 2;
    while (hex ? IsHexDigit(At(end)) : At(end) == '0' || At(end) == '1') ++end;
    if (end > at_ + 2 && !IsWordByte(At(end))) {
      return Make(hex ? TokenKind::kHex : TokenKind::kBit, end);
    }
    return WordRest();
  }
  std::uint32_t end = at_ + 1;
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
  if (IsWordByte(c)) return WordRest();
  return Make(TokenKind::kInteger, end);
}

// `from` is behind the point.
Token Lexer::Fraction(std::uint32_t from) {
  while (IsDigit(At(from))) ++from;
  if (At(from) != 'e' && At(from) != 'E') return Make(TokenKind::kDecimal, from);
  ++from;
  if (At(from) == '+' || At(from) == '-') ++from;
  if (!IsDigit(At(from))) return IllegalRest();
  while (IsDigit(At(from))) ++from;
  return Make(TokenKind::kFloat, from);
}

Token Lexer::Quoted(std::uint32_t prefix, TokenKind kind, bool backslash) {
  const char quote = text_[at_ + prefix];
  const bool escapes = backslash && !mode_.no_backslash_escapes;
  const char* const data = text_.data();
  const std::size_t size = text_.size();
  std::size_t i = at_ + prefix + 1;
  while (i < size) {
    while (i < size && data[i] != quote && data[i] != '\\') ++i;
    if (i >= size) break;
    const char c = data[i];
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
Token Lexer::QuotedName(std::uint32_t prefix, TokenKind kind) {
  const std::uint32_t begin = at_;
  Token token = Quoted(prefix, kind, false);
  const std::string_view name = text_.substr(begin, token.end - begin);
  if (name.find('\0') != std::string_view::npos || !HighBytesOk(begin, token.end)) {
    at_ = begin;
    return IllegalRest();
  }
  return token;
}

Token Lexer::QuotedDigits(TokenKind kind) {
  std::uint32_t end = at_ + 2;
  while (kind == TokenKind::kHex ? IsHexDigit(At(end)) : At(end) == '0' || At(end) == '1') ++end;
  if (At(end) != '\'') return IllegalRest();
  if (kind == TokenKind::kHex && (end - at_) % 2 != 0) return IllegalRest();
  return Make(kind, end + 1);
}

Token Lexer::UserVariable() {
  switch (At(at_ + 1)) {
    case '@':
      after_dot_ = true;  // the name is never a keyword or a literal
      return Make(TokenKind::kSystemVariable, at_ + 2);
    case '\'':
      return Quoted(1, TokenKind::kUserVariable, true);
    case '`':
      return QuotedName(1, TokenKind::kUserVariable);
    case '"':
      if (mode_.ansi_quotes) return QuotedName(1, TokenKind::kUserVariable);
      return Quoted(1, TokenKind::kUserVariable, true);
    default:
      break;
  }
  std::uint32_t end = at_ + 1;
  while (end < text_.size() && (IsWordByte(text_[end]) || text_[end] == '.')) ++end;
  if (!HighBytesOk(at_, end)) return IllegalRest();
  return Make(TokenKind::kUserVariable, end);
}

Token Lexer::Comparison(char first) {
  const char second = At(at_ + 1);
  const auto two = [&](Operator op) { return Make(TokenKind::kOperator, at_ + 2, op); };
  switch (first) {
    case '<':
      if (second == '=') {
        if (At(at_ + 2) != '>') return two(Operator::kLessEqual);
        return Make(TokenKind::kOperator, at_ + 3, Operator::kNullSafeEqual);
      }
      if (second == '>') return two(Operator::kNotEqual);
      if (second == '<') return two(Operator::kShiftLeft);
      return Make(TokenKind::kOperator, at_ + 1, Operator::kLess);
    case '>':
      if (second == '=') return two(Operator::kGreaterEqual);
      if (second == '>') return two(Operator::kShiftRight);
      return Make(TokenKind::kOperator, at_ + 1, Operator::kGreater);
    case '!':
      if (second == '=') return two(Operator::kNotEqual);
      return Make(TokenKind::kOperator, at_ + 1, Operator::kBang);
    default:
      return Make(TokenKind::kOperator, at_ + 1, Operator::kEqual);
  }
}

Token Lexer::Punctuation(char first) {
  const char second = At(at_ + 1);
  const auto one = [&](Operator op) { return Make(TokenKind::kOperator, at_ + 1, op); };
  const auto two = [&](Operator op) { return Make(TokenKind::kOperator, at_ + 2, op); };
  switch (first) {
    case '(':
      return one(Operator::kOpen);
    case ')':
      return one(Operator::kClose);
    case ',':
      return one(Operator::kComma);
    case '+':
      return one(Operator::kPlus);
    case '*':
      return one(Operator::kStar);
    case '%':
      return one(Operator::kPercent);
    case '^':
      return one(Operator::kCaret);
    case '~':
      return one(Operator::kTilde);
    case '{':
      return one(Operator::kOpenBrace);
    case '}':
      return one(Operator::kCloseBrace);
    case '&':
      return second == '&' ? two(Operator::kAndAnd) : one(Operator::kAmpersand);
    case '|':
      return second == '|' ? two(Operator::kOrOr) : one(Operator::kPipe);
    default:
      return second == '=' ? two(Operator::kAssign) : one(Operator::kColon);
  }
}

void Lex(std::string_view text, LexMode mode, TokenList& out) {
  out.text = text;
  out.tokens.clear();
  out.has_executable_comment = out.has_illegal = out.has_inner_semicolon = false;
  out.parameters = 0;
  Lexer lexer(text, mode);
  bool adjacent = false;
  bool after_semicolon = false;
  for (;;) {
    if (lexer.SkipSpace()) adjacent = false;
    Token token = lexer.Next();
    switch (token.kind) {
      case TokenKind::kWhitespace:
      case TokenKind::kComment:
        adjacent = false;
        continue;
      case TokenKind::kExecutableComment:
        out.has_executable_comment = true;
        adjacent = false;
        continue;
      default:
        break;
    }
    token.adjacent = adjacent;
    adjacent = true;
    out.tokens.push_back(token);
    if (token.kind == TokenKind::kEnd) return;
    if (token.kind == TokenKind::kIllegal) out.has_illegal = true;
    if (token.kind == TokenKind::kParameter) ++out.parameters;
    if (token.kind == TokenKind::kSemicolon) {
      after_semicolon = true;
    } else if (after_semicolon) {
      out.has_inner_semicolon = true;
    }
  }
}

}  // namespace sealgate::sql
