#include "proxy/rewrite/screen/common_tables.h"

#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// Each may take a pass over the statement.
constexpr std::size_t kMostTables = 64;

}  // namespace

bool CommonTables::IsOperator(Operator op, std::size_t index) const {
  return index < tokens_->tokens.size() && tokens_->tokens[index].op == op;
}

bool CommonTables::IsName(std::size_t index) const {
  if (index >= tokens_->tokens.size()) return false;
  const TokenKind kind = tokens_->tokens[index].kind;
  if (kind == TokenKind::kQuotedIdentifier) return true;
  return kind == TokenKind::kWord &&
         sql::ReservedBy(tokens_->Text(index)) != sql::Reserved::kByBoth;
}

// Servers may find more names to be the same, and look for a table by the others.
void CommonTables::Write(std::size_t index, std::string& out) const {
  out.clear();
  if (tokens_->tokens[index].kind == TokenKind::kQuotedIdentifier) {
    sql::UnquoteIdentifier(tokens_->Text(index), out);
  } else {
    out = tokens_->Text(index);
  }
  if (!exact_case_) out = ascii::ToLower(out);
}

// The parenthesis that closes this one; the end when there is none.
std::size_t CommonTables::Closing(std::size_t open) const {
  const std::size_t end = tokens_->tokens.size() - 1;
  std::size_t depth = 0;
  for (std::size_t i = open; i < end; ++i) {
    if (IsOperator(Operator::kOpen, i)) ++depth;
    if (IsOperator(Operator::kClose, i) && --depth == 0) return i;
  }
  return end;
}

// Of the query that begins here. An INSERT goes on behind its query.
std::size_t CommonTables::EndOfLevel(std::size_t index) const {
  const std::size_t end = tokens_->tokens.size() - 1;
  std::size_t depth = 0;
  for (std::size_t i = index; i < end; ++i) {
    if (tokens_->tokens[i].kind == TokenKind::kSemicolon) return i;
    if (IsOperator(Operator::kOpen, i)) ++depth;
    if (IsOperator(Operator::kClose, i) && depth-- == 0) return i;
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
  while (IsName(at) && tables_.size() < kMostTables) {
    const std::size_t name = at++;
    if (IsOperator(Operator::kOpen, at)) at = Closing(at) + 1;
    if (!IsWord(*tokens_, at, "AS") || !IsOperator(Operator::kOpen, at + 1)) return;
    const std::size_t close = Closing(at + 1);
    tables_.push_back({with, name, recursive ? name : close, until, {}});
    Write(name, tables_.back().name);
    if (!IsOperator(Operator::kComma, close + 1)) return;
    at = close + 2;
  }
}

void CommonTables::Find(const sql::TokenList& tokens, bool exact_case) {
  tokens_ = &tokens;
  exact_case_ = exact_case;
  tables_.clear();
  for (std::size_t i = 0; i + 1 < tokens.tokens.size() && tables_.size() < kMostTables; ++i) {
    if (IsWord(tokens, i, "WITH") && IsName(i + 1 + (IsWord(tokens, i + 1, "RECURSIVE") ? 1 : 0))) {
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
    return inside &&
           !(IsOperator(Operator::kOpen, other.with - 1) && IsWord(*tokens_, other.with - 2, "AS"));
  });
}

}  // namespace sealgate::rewrite
