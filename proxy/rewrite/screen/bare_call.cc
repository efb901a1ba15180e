#include "proxy/rewrite/screen/bare_call.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::IsAnyWord;
using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// Statements of one word, or the ends of some.
constexpr std::string_view kAlone[] = {"BEGIN", "COMMIT",   "CONTINUE", "END",      "EXIT",
                                       "NULL",  "RESIGNAL", "RETURN",   "ROLLBACK", "WORK"};
constexpr std::string_view kBefore[] = {"ATOMIC", "BEGIN", "DO", "ELSE", "LOOP", "REPEAT", "THEN"};
// In front of a parenthesis that is no procedure's.
constexpr std::string_view kBeforeParenthesis[] = {"DO", "ELSEIF", "UNTIL"};
// Of a handler's statement, that have a name behind them.
constexpr std::string_view kTakeName[] = {"CLOSE",   "FETCH", "FOR",  "GOTO", "HANDLER", "INTO",
                                          "ITERATE", "LEAVE", "OPEN", "NOT",  "SQLSTATE"};

// DECLARE EXIT HANDLER FOR SQLSTATE '42S02', 1146, NOT FOUND statement.
bool FollowsHandler(const sql::TokenList& tokens, std::size_t first) {
  if (first < 2 || IsAnyWord(tokens, first - 1, kTakeName)) return false;
  for (std::size_t i = first - 1; i > 0; --i) {
    if (IsWord(tokens, i, "FOR") && IsWord(tokens, i - 1, "HANDLER")) return true;
    const sql::Token& token = tokens.tokens[i];
    const bool condition = token.kind == TokenKind::kWord || token.kind == TokenKind::kString ||
                           token.kind == TokenKind::kQuotedIdentifier ||
                           token.kind == TokenKind::kInteger || token.op == Operator::kComma;
    if (!condition) return false;
  }
  return false;
}

// Behind a dot any word is a name.
bool IsNamePart(const sql::TokenList& tokens, std::size_t i) {
  const TokenKind kind = tokens.tokens[i].kind;
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier;
}

std::size_t EndOfName(const sql::TokenList& tokens, std::size_t first) {
  std::size_t last = first;
  while (sql::IsOperator(tokens, last + 1, Operator::kDot) && IsNamePart(tokens, last + 2)) {
    last += 2;
  }
  return last;
}

// Of the text, or of a program in it.
bool MayStartStatement(const sql::TokenList& tokens, std::size_t first) {
  if (first == 0) return true;
  const sql::Token& before = tokens.tokens[first - 1];
  // Behind a label: <<a>> or a:
  return before.kind == TokenKind::kSemicolon || before.op == Operator::kShiftRight ||
         before.op == Operator::kColon || IsAnyWord(tokens, first - 1, kBefore) ||
         FollowsHandler(tokens, first);
}

}  // namespace

bool IsBareCall(const sql::TokenList& tokens, std::size_t first, std::size_t last) {
  if (!sql::EndsStatement(tokens, last + 1) || !MayStartStatement(tokens, first)) return false;
  return first < last || !IsAnyWord(tokens, first, kAlone);
}

bool IsCallWithArguments(const sql::TokenList& tokens, std::size_t first, std::size_t last) {
  return sql::IsOperator(tokens, last + 1, Operator::kOpen) && MayStartStatement(tokens, first) &&
         (first < last || !IsStatementWord(tokens, first));
}

bool IsStatementWord(const sql::TokenList& tokens, std::size_t index) {
  return IsAnyWord(tokens, index, kBeforeParenthesis) && MayStartStatement(tokens, index);
}

bool HasBareCall(const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (!sql::MayBeName(tokens, i)) continue;
    const std::size_t last = EndOfName(tokens, i);
    if (IsBareCall(tokens, i, last) || IsCallWithArguments(tokens, i, last)) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
