#include "proxy/rewrite/screen/common_tables.h"

#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::IsOperator;
using sql::IsWord;
using sql::MayBeName;
using sql::Operator;
using sql::TokenKind;

// Each may take a pass over the statement.
constexpr std::size_t kMostTables = 64;

}  // namespace

// Servers may find more names to be the same, and look for a table by the others.
void CommonTables::Write(std::size_t index, std::string& out) const {
  out.clear();
  sql::UnquoteIdentifier(tokens_->Text(index), out);
  if (!exact_case_) out = ascii::ToLower(out);
}

// The parenthesis that closes this one; the end when there is none.
std::size_t CommonTables::Closing(std::size_t open) const {
  const std::size_t end = tokens_->tokens.size() - 1;
  std::size_t depth = 0;
  for (std::size_t i = open; i < end; ++i) {
    if (IsOperator(*tokens_, i, Operator::kOpen)) ++depth;
    if (IsOperator(*tokens_, i, Operator::kClose) && --depth == 0) return i;
  }
  return end;
}

// Of the query that begins here. An INSERT goes on behind its query.
std::size_t CommonTables::EndOfLevel(std::size_t index) const {
  const std::size_t end = tokens_->tokens.size() - 1;
  std::size_t depth = 0;
  for (std::size_t i = index; i < end; ++i) {
    if (tokens_->tokens[i].kind == TokenKind::kSemicolon) return i;
    if (IsOperator(*tokens_, i, Operator::kOpen)) ++depth;
    if (IsOperator(*tokens_, i, Operator::kClose) && depth-- == 0) return i;
    if (depth == 0 && (IsWord(*tokens_, i, "DUPLICATE") || IsWord(*tokens_, i, "RETURNING"))) {
      return i;
    }
  }
  return end;
}

// WITH [RECURSIVE] name [(column, …)] AS (query), …
void CommonTables::ReadWith(std::size_t with) {
  const bool recursive = IsWord(*tokens_, with + 1, "RECURSIVE");
  std::size_t at = with + (recursive ? 2 : 1);
  const std::size_t until = EndOfLevel(with);
  while (MayBeName(*tokens_, at) && tables_.size() < kMostTables) {
    const std::size_t name = at++;
    if (IsOperator(*tokens_, at, Operator::kOpen)) at = Closing(at) + 1;
    if (!IsWord(*tokens_, at, "AS") || !IsOperator(*tokens_, at + 1, Operator::kOpen)) return;
    const std::size_t close = Closing(at + 1);
    tables_.push_back({with, name, recursive ? name : close, until, {}});
    Write(name, tables_.back().name);
    if (!IsOperator(*tokens_, close + 1, Operator::kComma)) return;
    at = close + 2;
  }
}

void CommonTables::Find(const sql::TokenList& tokens, bool exact_case) {
  tokens_ = &tokens;
  exact_case_ = exact_case;
  tables_.clear();
  for (std::size_t i = 0; i + 1 < tokens.tokens.size() && tables_.size() < kMostTables; ++i) {
    if (IsWord(tokens, i, "WITH") &&
        MayBeName(*tokens_, i + 1 + (IsWord(tokens, i + 1, "RECURSIVE") ? 1 : 0))) {
      ReadWith(i);
    }
  }
}

bool CommonTables::IsMadeAt(std::size_t index) const {
  return std::any_of(tables_.begin(), tables_.end(),
                     [index](const Table& table) { return table.at == index; });
}

bool CommonTables::IsMeantAt(std::size_t index) {
  if (tables_.empty()) return false;
  Write(index, name_);
  return std::any_of(tables_.begin(), tables_.end(), [&](const Table& table) {
    return table.from < index && index < table.until && table.name == name_ &&
           !IsHiddenAt(index, table);
  });
}

// Within the WITH of a query further in that is no common table itself: b AS (WITH …).
bool CommonTables::IsHiddenAt(std::size_t index, const Table& table) const {
  return std::any_of(tables_.begin(), tables_.end(), [&](const Table& other) {
    const bool inside = table.with < other.with && other.with < index && index < other.until;
    return inside && !(IsOperator(*tokens_, other.with - 1, Operator::kOpen) &&
                       IsWord(*tokens_, other.with - 2, "AS"));
  });
}

}  // namespace sealgate::rewrite
