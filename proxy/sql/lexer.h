// Bytes to tokens. Pure. The text must be in a character set in which no byte
// below 0x80 is part of a longer character (the caller makes sure: utf8mb4,
// utf8mb3, latin1, ascii, binary; never gbk, sjis, big5, cp932, gb18030, utf16).
#ifndef SEALGATE_PROXY_SQL_LEXER_H_
#define SEALGATE_PROXY_SQL_LEXER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::sql {

/// Yields every token, trivia included; the tokens tile the text.
class Lexer {
 public:
  Lexer(std::string_view text, LexMode mode) : text_(text), mode_(mode) {}
  /// The next token; kEnd (empty, at the end) for ever after the last one.
  Token Next();

 private:
  std::string_view text_;
  LexMode mode_;
  std::uint32_t at_ = 0;
  Follows follows_ = Follows::kOther;
};

/// Clears and fills `out`. Texts are limited to 4 GiB - 1 by the packet limit.
void Lex(std::string_view text, LexMode mode, TokenList& out);

/// The value of a kString or kNationalString token's text, quotes included, as
/// the server reads it: escapes resolved as `mode` says, doubled quotes joined.
/// Appends to `out`.
void UnescapeString(std::string_view token_text, LexMode mode, std::string& out);
/// Of a kQuotedIdentifier's text; of a kWord's text it is the text itself.
void UnquoteIdentifier(std::string_view token_text, std::string& out);
/// Of a kHex or kBit token's text: the bytes. Appends.
void DecodeHexOrBit(std::string_view token_text, std::string& out);
/// Appends X'..' for `bytes`.
void AppendHexLiteral(std::string_view bytes, std::string& out);
/// Appends `name` in backticks, backticks doubled.
void AppendQuotedIdentifier(std::string_view name, std::string& out);

/// ASCII case-insensitive comparison; `upper` is upper case.
bool EqualsKeyword(std::string_view word, std::string_view upper);
/// Whether there is a token at `index`, and it is this word without quotes.
inline bool IsWord(const TokenList& tokens, std::size_t index, std::string_view upper) {
  return index < tokens.tokens.size() && tokens.tokens[index].kind == TokenKind::kWord &&
         EqualsKeyword(tokens.Text(index), upper);
}

/// Whether it is one of these words.
template <typename Words>
bool IsAnyWord(const TokenList& tokens, std::size_t index, const Words& upper) {
  return std::any_of(std::begin(upper), std::end(upper),
                     [&](std::string_view word) { return IsWord(tokens, index, word); });
}

/// Whether there is a token at `index`, and it is this operator.
inline bool IsOperator(const TokenList& tokens, std::size_t index, Operator op) {
  return index < tokens.tokens.size() && tokens.tokens[index].op == op;
}

/// Whether a statement, or the text, has ended before this token.
inline bool EndsStatement(const TokenList& tokens, std::size_t index) {
  return index >= tokens.tokens.size() || tokens.tokens[index].kind == TokenKind::kEnd ||
         tokens.tokens[index].kind == TokenKind::kSemicolon;
}

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_LEXER_H_
