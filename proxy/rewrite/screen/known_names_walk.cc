// The walk over a statement's tokens: where names of tables and of routines stand.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "proxy/rewrite/screen/bare_call.h"
#include "proxy/rewrite/screen/known_names.h"
#include "proxy/rewrite/screen/read_from.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::IsOperator;
using sql::MayBeName;
using sql::Operator;
using sql::TokenKind;

// Reserved by both servers: no view has such a name without quotes.
constexpr std::string_view kModifiers[] = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE"};
constexpr std::string_view kEndsTables[] = {"WHERE", "SET", "HAVING", "LIMIT", "UNION", "SELECT"};
// Their FROM and USING are their own.
constexpr std::string_view kFromInside[] = {"EXTRACT", "TRIM", "SUBSTRING", "SUBSTR",
                                            "MID",     "CHAR", "CONVERT"};

template <std::size_t N>
bool IsAny(const std::string_view (&words)[N], std::string_view text) {
  return std::any_of(std::begin(words), std::end(words),
                     [text](std::string_view word) { return EqualsKeyword(text, word); });
}

}  // namespace

bool KnownNames::Push() {
  if (depth_ + 1 == levels_.size()) return false;
  const bool function = at_ > 0 && tokens_->tokens[at_ - 1].kind == TokenKind::kWord &&
                        IsAny(kFromInside, tokens_->Text(at_ - 1));
  levels_[++depth_] = {expects_table_, false, function};
  return true;
}

void KnownNames::Walk() {
  const std::size_t end = tokens_->tokens.size() - 1;
  depth_ = 0;
  levels_[0] = {};
  expects_table_ = target_ = set_statement_ = false;
  while (at_ < end && !unknown_->whole) {
    const sql::Token& token = tokens_->tokens[at_];
    if (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier) {
      OnName();
    } else {
      OnOther(token);
      ++at_;
    }
  }
}

void KnownNames::OnOther(const sql::Token& token) {
  if (token.kind == TokenKind::kSemicolon) {
    expects_table_ = false;
    levels_[depth_] = {};
    return;
  }
  switch (token.op) {
    case Operator::kOpen:
      unknown_->whole = !Push();
      return;
    case Operator::kClose:
      if (depth_ > 0) --depth_;
      expects_table_ = false;
      return;
    case Operator::kComma:
      expects_table_ = levels_[depth_].list;
      target_ = false;
      return;
    case Operator::kOpenBrace:
      // {OJ a LEFT JOIN b …}, with any word for the OJ.
      if (expects_table_ && MayBeName(*tokens_, at_ + 1)) ++at_;
      return;
    case Operator::kDot:
      // MariaDB takes .t for t.
      return;
    default:
      expects_table_ = false;
  }
}

// Consumes at least one token.
void KnownNames::OnName() {
  if (expects_table_) {
    if (IsModifier()) {
      ++at_;
      return;
    }
    expects_table_ = false;
    if (MayBeName(*tokens_, at_) || (at_ > 0 && IsOperator(*tokens_, at_ - 1, Operator::kDot)))
      return ReadTable();
  }
  if (IsKeyword("CALL", at_) && MayBeName(*tokens_, at_ + 1)) {
    ++at_;
    return ReadRoutine();
  }
  if (!OnKeyword()) OnWord();
}

// Between a verb and its table.
bool KnownNames::IsModifier() const {
  if (IsOperator(*tokens_, at_ + 1, Operator::kDot)) return false;
  if (IsKeyword("LATERAL", at_)) return IsDerived(at_);
  return tokens_->tokens[at_].kind == TokenKind::kWord && IsAny(kModifiers, tokens_->Text(at_));
}

// Word and parenthesis where no table has a parenthesis behind it, as INSERT's has.
bool KnownNames::IsDerived(std::size_t index) const {
  if (index == 0 || !IsOperator(*tokens_, index + 1, Operator::kOpen)) return false;
  const std::size_t before = index - 1;
  return IsKeyword("FROM", before) || IsKeyword("JOIN", before) ||
         IsKeyword("STRAIGHT_JOIN", before) || IsKeyword("LATERAL", before) ||
         IsOperator(*tokens_, before, Operator::kComma) ||
         IsOperator(*tokens_, before, Operator::kOpen);
}

void KnownNames::TakeTable(bool list, bool target) {
  expects_table_ = true;
  target_ = target;
  if (list) levels_[depth_].list = true;
}

// False when it is none that says what comes next.
bool KnownNames::OnKeyword() {
  if (tokens_->tokens[at_].kind != TokenKind::kWord) return false;
  if (at_ > 0 && IsOperator(*tokens_, at_ - 1, Operator::kDot)) return false;
  set_statement_ = set_statement_ || (IsKeyword("SET", at_) && IsKeyword("STATEMENT", at_ + 1));
  if (EndsTables()) {
    levels_[depth_] = {};
  } else if (!BeginsTables()) {
    return false;
  }
  ++at_;
  return true;
}

bool KnownNames::EndsTables() const {
  const std::string_view text = tokens_->Text(at_);
  if (IsAny(kEndsTables, text)) return true;
  // USE INDEX FOR ORDER BY (i)
  if (EqualsKeyword(text, "GROUP") || EqualsKeyword(text, "ORDER")) {
    return at_ == 0 || !IsKeyword("FOR", at_ - 1);
  }
  if (EqualsKeyword(text, "FOR")) return IsLockingClause();
  return EqualsKeyword(text, "DUPLICATE") && at_ > 0 && IsKeyword("ON", at_ - 1) &&
         IsKeyword("KEY", at_ + 1);
}

bool KnownNames::IsLockingClause() const {
  return IsKeyword("SHARE", at_ + 1) || (IsKeyword("UPDATE", at_ + 1) && !set_statement_);
}

bool KnownNames::BeginsTables() {
  const std::string_view text = tokens_->Text(at_);
  const std::size_t before = at_ == 0 ? tokens_->tokens.size() : at_ - 1;
  Level& level = levels_[depth_];
  if (EqualsKeyword(text, "FROM")) {
    const bool period =
        IsKeyword("SYSTEM_TIME", before) && before > 0 && IsKeyword("FOR", before - 1);
    if (level.function || period) return false;
    level.joined = false;
    TakeTable(true, Deletes(before));
    return true;
  }
  if (EqualsKeyword(text, "JOIN")) {
    if (IsKeyword("FOR", before)) return false;
    level.joined = true;
    TakeTable(false, false);
    return true;
  }
  if (EqualsKeyword(text, "STRAIGHT_JOIN")) {
    if (IsKeyword("SELECT", before)) return false;
    level.joined = true;
    TakeTable(false, false);
    return true;
  }
  return BeginsTarget(before) || UsesTables() || CopiesTable();
}

bool KnownNames::CopiesTable() {
  if (!IsCopiedFrom(*tokens_, at_)) return false;
  TakeTable(false, false);
  return true;
}

// DELETE and its options end here.
bool KnownNames::Deletes(std::size_t last) const {
  constexpr std::string_view kOptions[] = {"LOW_PRIORITY", "QUICK", "IGNORE", "HISTORY"};
  while (last > 0 && last < tokens_->tokens.size() &&
         tokens_->tokens[last].kind == TokenKind::kWord && IsAny(kOptions, tokens_->Text(last))) {
    --last;
  }
  return IsKeyword("DELETE", last);
}

// INSERT or REPLACE and their options end here.
bool KnownNames::IsOfInsert(std::size_t last) const {
  while (last > 0 && last < tokens_->tokens.size() &&
         tokens_->tokens[last].kind == TokenKind::kWord && IsAny(kModifiers, tokens_->Text(last))) {
    --last;
  }
  return IsKeyword("INSERT", last) || IsKeyword("REPLACE", last);
}

bool KnownNames::BeginsTarget(std::size_t before) {
  const std::string_view text = tokens_->Text(at_);
  if (EqualsKeyword(text, "INTO")) {
    // SELECT … INTO of a program is into a variable.
    if (in_program_ && !IsOfInsert(before)) return false;
    const bool file = IsKeyword("DUMPFILE", at_ + 1) && at_ + 2 < tokens_->tokens.size() &&
                      tokens_->tokens[at_ + 2].kind == TokenKind::kString;
    if (!file) TakeTable(false, true);
    return !file;
  }
  if (EqualsKeyword(text, "UPDATE")) {
    const bool locks = IsKeyword("FOR", before) && !set_statement_;
    if (locks || IsKeyword("KEY", before) || IsKeyword("ON", before)) return false;
    levels_[depth_].joined = false;
    TakeTable(true, true);
    return true;
  }
  if (EqualsKeyword(text, "INSERT") || EqualsKeyword(text, "REPLACE")) {
    if (IsOperator(*tokens_, at_ + 1, Operator::kOpen)) return false;
    TakeTable(false, true);
    return true;
  }
  if (EqualsKeyword(text, "TABLE") || EqualsKeyword(text, "HANDLER")) {
    TakeTable(false, IsKeyword("INTO", before));
    return true;
  }
  return false;
}

// DELETE FROM a USING a, b; but not JOIN b USING (x).
bool KnownNames::UsesTables() {
  const Level& level = levels_[depth_];
  if (!IsKeyword("USING", at_) || level.function) return false;
  if (level.joined && IsOperator(*tokens_, at_ + 1, Operator::kOpen)) return false;
  TakeTable(true, false);
  return true;
}

// A name anywhere else: only what is called matters.
void KnownNames::OnWord() {
  const std::size_t at = at_++;
  // Behind a dot any word is a name.
  const bool behind_dot = at > 1 && IsOperator(*tokens_, at - 1, Operator::kDot);
  if (!behind_dot && !MayBeName(*tokens_, at)) return;
  std::size_t first = at;
  while (first > 1 && IsOperator(*tokens_, first - 1, Operator::kDot)) first -= 2;
  const bool called = snapshot_->catalog->is_mariadb && !in_view_ &&
                      (IsBareCall(*tokens_, first, at) || IsCallWithArguments(*tokens_, first, at));
  if (called) {
    Fold(at, name_);
    UseRoutine(first, at);
  } else if (IsOperator(*tokens_, at + 1, Operator::kOpen) && !IsStatementWord(*tokens_, at)) {
    ReadCall(first, at);
  }
}

}  // namespace sealgate::rewrite
