// Tokens of MySQL's and MariaDB's SQL.
//
// Tokens tile the input: every byte belongs to exactly one token. Anything
// unterminated is one kIllegal token that reaches to the end of the input.
// Sources: MySQL 8.4 manual, "Language Structure"; MariaDB manual, "SQL
// Language Structure".
#ifndef SEALGATE_PROXY_SQL_TOKEN_H_
#define SEALGATE_PROXY_SQL_TOKEN_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace sealgate::sql {

enum class TokenKind : std::uint8_t {
  kEnd,
  // Trivia: never in TokenList::tokens, only from Lexer::Next.
  kWhitespace,
  kComment,  // "-- ", "#", "/* */", and optimizer hints "/*+ */"
  // An executable comment ("/*!", "/*M!") up to the first "*/". Whether and
  // how the server reads its inside is its own affair, so nothing may be
  // concluded from the tokens of a statement that has one.
  kExecutableComment,
  kWord,              // keyword or unquoted identifier
  kQuotedIdentifier,  // `x`, and "x" under ANSI_QUOTES
  kString,            // 'x', and "x" without ANSI_QUOTES
  kNationalString,    // N'x'
  kHex,               // X'41', 0x41
  kBit,               // B'01', 0b01
  kInteger,
  kDecimal,         // 1.5, .5, 1.
  kFloat,           // 1e5
  kParameter,       // ?
  kUserVariable,    // @x, @'x', @`x`, and a lone @
  kSystemVariable,  // "@@" alone; the name follows as words and dots
  kOperator,        // see Operator
  kSemicolon,
  kIllegal,  // unterminated, or a byte no token begins with
};

/// Operators and punctuation.
enum class Operator : std::uint8_t {
  kNone,
  kOpen,
  kClose,
  kComma,
  kDot,
  kEqual,
  kNotEqual,
  kNullSafeEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kShiftLeft,
  kShiftRight,
  kAmpersand,
  kPipe,
  kCaret,
  kTilde,
  kBang,
  kAndAnd,
  kOrOr,
  kAssign,
  kArrow,
  kArrowText,
  kOpenBrace,
  kCloseBrace,
  kColon,
};

/// One token; a span of the statement's text.
struct Token {
  Token() = default;
  // For emplace_back(): each field goes to its place. A Token that is put together
  // first and then copied stalls the processor, once per token.
  Token(std::uint32_t from, std::uint32_t to, TokenKind what, Operator which, bool follows)
      : begin(from), end(to), kind(what), op(which), adjacent(follows) {}

  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  TokenKind kind = TokenKind::kEnd;
  Operator op = Operator::kNone;
  /// No trivia between the previous token and this one. (MySQL reads
  /// "count (x)" and "count(x)" differently.)
  bool adjacent = false;

  bool operator==(const Token&) const = default;
};

/// What ends directly before a token, without trivia in between.
enum class Follows : std::uint8_t {
  kOther,
  kWord,  // "t.5": a dot, not the number .5
  kDot,   // "t.1a": a name, not a number. Also behind "@@"
};

/// The modes of a session that change how bytes become tokens.
struct LexMode {
  bool ansi_quotes = false;
  bool no_backslash_escapes = false;
  bool pipes_as_concat = false;  // read by the parser
  /// The text is UTF-8. When it is not (latin1, ascii, binary), a byte above
  /// 0x7F outside of strings and comments is illegal: whether it is a letter, a
  /// space (0xA0 in latin1) or nothing depends on the character set.
  bool utf8 = true;
  /// A backslash or a backquote behind a byte above 0x7F may be the second half of a
  /// character (gbk, big5, sjis, …): where that decides where a string or a name ends, the
  /// rest of the text is illegal.
  bool trails_may_be_signs = false;

  bool operator==(const LexMode&) const = default;
};

/// The significant tokens of one text, ended by a kEnd token, and what was
/// met on the way. Reused from statement to statement: no allocation once warm.
struct TokenList {
  std::string_view text;
  std::vector<Token> tokens;
  bool has_executable_comment = false;
  bool has_illegal = false;
  bool has_inner_semicolon = false;  // a ';' that significant tokens follow
  bool has_double_quoted = false;    // a kString in double quotes
  bool has_in_list = false;          // "IN ("
  std::uint32_t parameters = 0;

  /// "" beyond the end.
  std::string_view Text(std::size_t index) const {
    if (index >= tokens.size()) return {};
    const Token& token = tokens[index];
    return text.substr(token.begin, token.end - token.begin);
  }
};

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_TOKEN_H_
