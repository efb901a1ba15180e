#include "proxy/rewrite/screen/several.h"

#include <algorithm>
#include <array>
#include <string>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::TokenKind;

constexpr std::array<std::string_view, 8> kVerbs = {"SELECT", "INSERT", "REPLACE",  "UPDATE",
                                                    "DELETE", "COMMIT", "ROLLBACK", "SAVEPOINT"};
// Variables that change nothing about what a text means.
constexpr std::array<std::string_view, 4> kVariables = {"AUTOCOMMIT", "FOREIGN_KEY_CHECKS",
                                                        "UNIQUE_CHECKS", "SQL_SAFE_UPDATES"};

/// One statement's tokens, from `first` up to `end`.
struct Span {
  const sql::TokenList& tokens;
  std::size_t first;
  std::size_t end;

  std::size_t size() const { return end - first; }
  TokenKind Kind(std::size_t i) const {
    return i < size() ? tokens.tokens[first + i].kind : TokenKind::kEnd;
  }
  bool Is(std::size_t i, std::string_view upper) const {
    return Kind(i) == TokenKind::kWord && EqualsKeyword(tokens.Text(first + i), upper);
  }
  bool IsAny(std::size_t i, const auto& words) const {
    return std::any_of(words.begin(), words.end(), [&](auto word) { return Is(i, word); });
  }
};

// SET with one assignment of one token.
bool IsHarmlessSet(const Span& statement) {
  if (!statement.Is(0, "SET")) return false;
  const std::size_t name = statement.Is(1, "SESSION") ? 2 : 1;
  const bool variable = statement.Kind(name) == TokenKind::kUserVariable && name == 1;
  return statement.size() == name + 3 && (variable || statement.IsAny(name, kVariables));
}

// What is one statement as far as its semicolon, and gives one answer.
bool IsPlain(const Span& statement) {
  constexpr std::array<std::string_view, 3> kTableVerbs = {"CREATE", "DROP", "ALTER"};
  constexpr std::array<std::string_view, 2> kObjects = {"TABLE", "INDEX"};
  if (statement.IsAny(0, kTableVerbs)) {
    const bool word = statement.Is(1, "TEMPORARY") || statement.Is(1, "UNIQUE");
    return statement.IsAny(word ? 2 : 1, kObjects);
  }
  if (statement.Is(0, "LOCK") || statement.Is(0, "UNLOCK")) return statement.Is(1, "TABLES");
  if (statement.Is(0, "SET")) return statement.Is(1, "NAMES") && statement.size() == 3;
  return statement.Is(0, "TRUNCATE");
}

bool IsListed(const Span& statement) {
  if (statement.IsAny(0, kVerbs)) return true;
  if (statement.Is(0, "BEGIN")) {
    return statement.size() == 1 || (statement.size() == 2 && statement.Is(1, "WORK"));
  }
  if (statement.Is(0, "START")) return statement.Is(1, "TRANSACTION");
  return IsHarmlessSet(statement);
}

Refusal RefuseStatement(std::size_t number, const char* why) {
  return Unsupported(
      "a text with more than one statement that may name a protected table is refused: statement " +
      std::to_string(number) + " of it " + why);
}

Refusal RefuseUnlisted(std::size_t number) {
  return RefuseStatement(
      number, "is none of SELECT, INSERT, REPLACE, UPDATE, DELETE, and those of transactions");
}

}  // namespace

tl::expected<Several, Refusal> TakeApart(const sql::TokenList& tokens) {
  Several several;
  std::vector<std::string_view>& statements = several.statements;
  std::uint32_t begin = 0;
  std::size_t first = 0;
  bool was_empty = false;
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    const sql::Token& token = tokens.tokens[i];
    const bool last = token.kind == TokenKind::kEnd;
    if (token.kind != TokenKind::kSemicolon && !last) continue;
    const Span statement{tokens, first, i};
    if (statement.size() > 0) {
      if (was_empty) return tl::unexpected(RefuseStatement(statements.size() + 1, "is empty"));
      if (!IsListed(statement)) {
        if (!several.unlisted) several.unlisted = RefuseUnlisted(statements.size() + 1);
        if (!IsPlain(statement)) return tl::unexpected(*several.unlisted);
      }
      const std::uint32_t end = last ? static_cast<std::uint32_t>(tokens.text.size()) : token.begin;
      statements.push_back(tokens.text.substr(begin, end - begin));
    } else {
      was_empty = true;
    }
    begin = token.end;
    first = i + 1;
    if (last) break;
  }
  return several;
}

}  // namespace sealgate::rewrite
