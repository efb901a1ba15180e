#include "proxy/rewrite/schema/stored_names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "policy/stored_definition.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsOperator;
using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// A column's name is no longer. That of an expression is its text, cut.
constexpr std::size_t kLongestName = 64;

bool IsIdentifier(const sql::TokenList& tokens, std::size_t token) {
  const TokenKind kind = tokens.tokens[token].kind;
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier;
}

// Whether the comparison ends there: not "= 'PRI' COLLATE x", "= 'PRI' 'x'", "= 'PRI' || x".
bool EndsComparison(const sql::TokenList& tokens, std::size_t token) {
  if (sql::EndsStatement(tokens, token) || IsOperator(tokens, token, Operator::kClose) ||
      IsOperator(tokens, token, Operator::kComma)) {
    return true;
  }
  return tokens.tokens[token].kind == TokenKind::kWord && !IsWord(tokens, token, "COLLATE") &&
         !IsWord(tokens, token, "ESCAPE");
}

// Whether every literal that the column is compared with fits: "= 'PRI'", "LIKE 'PRI%'",
// "NOT IN ('PRI', '')".
bool AllLiterals(const sql::TokenList& tokens, std::size_t column, bool (*fits)(std::string)) {
  std::size_t at = column + 1;
  if (IsWord(tokens, at, "NOT")) ++at;
  const bool list = IsWord(tokens, at, "IN") && IsOperator(tokens, at + 1, Operator::kOpen);
  const bool one = IsOperator(tokens, at, Operator::kEqual) ||
                   IsOperator(tokens, at, Operator::kNotEqual) || IsWord(tokens, at, "LIKE");
  if (!list && !one) return false;
  at += list ? 2 : 1;
  for (; at + 1 < tokens.tokens.size(); at += 2) {
    if (tokens.tokens[at].kind != TokenKind::kString || !fits(FoldedName(tokens, at))) return false;
    if (!list) return EndsComparison(tokens, at + 1);
    if (IsOperator(tokens, at + 1, Operator::kClose)) return true;
    if (!IsOperator(tokens, at + 1, Operator::kComma)) return false;
  }
  return false;
}

// Neither of MUL and UNI.
bool IsOtherKey(std::string text) {
  while (text.ends_with('%') || text.ends_with(' ')) text.pop_back();
  return text.empty() || text == "pri";
}

// Neither of DEFAULT_GENERATED and nothing, nor of what may stand behind the one: INVISIBLE.
bool IsOtherExtra(std::string text) {
  for (const std::string_view word :
       {"auto_increment", "on update", "virtual", "stored", "persistent"}) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

bool TestsNull(const sql::TokenList& tokens, std::size_t column) {
  return IsWord(tokens, column + 1, "IS") &&
         (IsWord(tokens, column + 2, "NULL") ||
          (IsWord(tokens, column + 2, "NOT") && IsWord(tokens, column + 3, "NULL")));
}

// TABLE information_schema.columns
bool IsTableStatement(const sql::TokenList& tokens, std::size_t token) {
  if (!IsWord(tokens, token, "TABLE")) return false;
  const std::size_t name = IsOperator(tokens, token + 2, Operator::kDot) ? token + 3 : token + 1;
  return name + 1 < tokens.tokens.size() && NamesSchemaTable(tokens, name);
}

// EXISTS (SELECT * …
bool IsOfExists(const sql::TokenList& tokens, std::size_t token) {
  return token > 2 && IsWord(tokens, token - 1, "SELECT") &&
         IsOperator(tokens, token - 2, Operator::kOpen) && IsWord(tokens, token - 3, "EXISTS");
}

// FROM (SELECT …) d, and no table of the schema beside it: what it has, the query says.
bool IsOverQueries(const sql::TokenList& tokens, std::size_t from) {
  if (!IsOperator(tokens, from, Operator::kOpen) || !IsWord(tokens, from + 1, "SELECT"))
    return false;
  int depth = 0;
  for (std::size_t i = from; !sql::EndsStatement(tokens, i); ++i) {
    if (IsOperator(tokens, i, Operator::kOpen)) {
      const bool query = IsWord(tokens, i + 1, "SELECT");
      if (depth == 0 && !query) return false;
      ++depth;
    }
    if (IsOperator(tokens, i, Operator::kClose) && --depth < 0) return true;
    if (depth == 0 && NamesSchemaTable(tokens, i)) return false;
  }
  return true;
}

bool IsAnyOf(const auto& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool HoldsAnyOf(const auto& list, std::string_view text) {
  return std::any_of(std::begin(list), std::end(list), [text](std::string_view name) {
    return text.find(name) != std::string_view::npos;
  });
}

}  // namespace

std::string FoldedName(const sql::TokenList& tokens, std::size_t token) {
  const TokenKind kind = tokens.tokens[token].kind;
  std::string name;
  if (kind == TokenKind::kWord) {
    name = tokens.Text(token);
  } else if (kind == TokenKind::kQuotedIdentifier) {
    sql::UnquoteIdentifier(tokens.Text(token), name);
  } else if (kind == TokenKind::kString) {
    sql::UnescapeString(tokens.Text(token), {}, name);
  }
  return policy::FoldName(name);
}

bool IsNamed(const sql::TokenList& tokens, std::size_t token, std::string_view upper) {
  if (!IsIdentifier(tokens, token)) return false;
  std::string_view text = tokens.Text(token);
  if (!ascii::IsAscii(text)) return sql::EqualsKeyword(FoldedName(tokens, token), upper);
  if (tokens.tokens[token].kind == TokenKind::kQuotedIdentifier && text.size() > 2) {
    text = text.substr(1, text.size() - 2);
  }
  return sql::EqualsKeyword(text, upper);
}

bool NamesSchemaTable(const sql::TokenList& tokens, std::size_t token) {
  return IsNamed(tokens, token, "COLUMNS") || IsNamed(tokens, token, "STATISTICS");
}

// Not of COUNT(*), nor a product.
bool ShowsAllColumns(const sql::TokenList& tokens, std::size_t token) {
  if (IsTableStatement(tokens, token)) return true;
  if (!IsOperator(tokens, token, Operator::kStar) || token == 0 ||
      IsOperator(tokens, token - 1, Operator::kOpen) || IsOfExists(tokens, token)) {
    return false;
  }
  if (IsWord(tokens, token + 1, "FROM")) return !IsOverQueries(tokens, token + 2);
  return sql::EndsStatement(tokens, token + 1) || IsWord(tokens, token + 1, "INTO") ||
         IsOperator(tokens, token + 1, Operator::kComma) ||
         IsOperator(tokens, token + 1, Operator::kClose);
}

StoredNames::StoredNames(const sql::TokenList& tokens, const StoredOtherwise& stored)
    : tokens_(tokens), stored_(stored) {
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    groups_ = groups_ || IsWord(tokens, i, "GROUP");
  }
}

bool StoredNames::IsStored(std::string_view name) const {
  if (IsAnyOf(policy::kStoredDefaultNames, name)) return stored_.has_default;
  if (name == policy::kStoredKeyName) return stored_.key;
  return stored_.type && IsAnyOf(policy::kStoredTypeNames, name);
}

// An expression without an alias is called as its text.
bool StoredNames::HoldsStored(std::string_view name) const {
  return (stored_.type &&
          (name.size() > kLongestName || HoldsAnyOf(policy::kStoredTypeNames, name))) ||
         (stored_.key && name.find(policy::kStoredKeyName) != std::string_view::npos) ||
         (stored_.has_default && HoldsAnyOf(policy::kStoredDefaultNames, name));
}

// Whether what stands there comes out the same for what is stored.
bool StoredNames::IsHarmless(std::string_view name, std::size_t token) const {
  if (name == "column_default") return TestsNull(tokens_, token);
  if (name == policy::kStoredKeyName) return AllLiterals(tokens_, token, IsOtherKey);
  return name == "extra" && AllLiterals(tokens_, token, IsOtherExtra);
}

bool StoredNames::Tells(std::size_t token) const {
  const sql::Token& at = tokens_.tokens[token];
  if (at.op == Operator::kStar) {
    return stored_.type &&
           (ShowsAllColumns(tokens_, token) || (groups_ && IsOfExists(tokens_, token)));
  }
  if (!IsIdentifier(tokens_, token)) return false;
  const std::string name = FoldedName(tokens_, token);
  if (IsStored(name)) return !IsHarmless(name, token);
  if (at.kind == TokenKind::kQuotedIdentifier) return HoldsStored(name);
  return stored_.type && (IsWord(tokens_, token, "NATURAL") || IsTableStatement(tokens_, token));
}

std::optional<std::uint32_t> StoredNames::Find(std::uint32_t first, std::uint32_t last) const {
  for (std::uint32_t i = first; i <= last && i + 1 < tokens_.tokens.size(); ++i) {
    if (Tells(i)) return i;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> StoredNames::Find() const {
  return Find(0, static_cast<std::uint32_t>(tokens_.tokens.size()));
}

}  // namespace sealgate::rewrite
