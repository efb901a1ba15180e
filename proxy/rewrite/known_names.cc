#include "proxy/rewrite/known_names.h"

#include <algorithm>

#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::Operator;
using sql::TokenKind;

// Statements that can carry a value to where a name leads.
constexpr std::string_view kVerbs[] = {
    "SELECT", "INSERT", "REPLACE", "UPDATE",  "DELETE",   "WITH", "VALUES",  "TABLE", "CALL",  "DO",
    "SET",    "LOAD",   "HANDLER", "EXPLAIN", "DESCRIBE", "DESC", "ANALYZE", "BEGIN", "CREATE"};
// Between a verb and its table.
constexpr std::string_view kModifiers[] = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE",
                                           "QUICK",        "INTO",    "TABLE",         "LATERAL",
                                           "ONLY",         "FROM"};
constexpr std::string_view kEndsTables[] = {
    "WHERE",     "SET",    "GROUP", "ORDER",  "HAVING", "LIMIT", "UNION",     "EXCEPT",
    "INTERSECT", "VALUES", "VALUE", "SELECT", "WINDOW", "FOR",   "RETURNING", "DUPLICATE"};
constexpr std::string_view kFromInside[] = {"EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "MID"};
constexpr std::string_view kServerSchemas[] = {
    "information_schema", "performance_schema", "mysql",       "sys",
    "oracle_schema",      "mariadb_schema",     "maxdb_schema"};

template <std::size_t N>
bool IsAny(const std::string_view (&words)[N], std::string_view text) {
  return std::any_of(std::begin(words), std::end(words),
                     [text](std::string_view word) { return EqualsKeyword(text, word); });
}

bool IsServerSchema(std::string_view folded) {
  return std::find(std::begin(kServerSchemas), std::end(kServerSchemas), folded) !=
         std::end(kServerSchemas);
}

}  // namespace

bool KnownNames::IsKeyword(std::string_view upper, std::size_t index) const {
  return index < tokens_->tokens.size() && tokens_->tokens[index].kind == TokenKind::kWord &&
         EqualsKeyword(tokens_->Text(index), upper);
}

bool KnownNames::IsOperator(Operator op, std::size_t index) const {
  return index < tokens_->tokens.size() && tokens_->tokens[index].op == op;
}

// A word that one of the servers reserves may be a name of the other's.
bool KnownNames::IsName(std::size_t index) const {
  if (index >= tokens_->tokens.size()) return false;
  const TokenKind kind = tokens_->tokens[index].kind;
  if (kind == TokenKind::kQuotedIdentifier) return true;
  return kind == TokenKind::kWord &&
         sql::ReservedBy(tokens_->Text(index)) != sql::Reserved::kByBoth;
}

void KnownNames::Fold(std::size_t index, std::string& out) {
  out.clear();
  if (tokens_->tokens[index].kind != TokenKind::kQuotedIdentifier) {
    sql::FoldIdentifier(tokens_->Text(index), out);
    return;
  }
  key_.clear();
  sql::UnquoteIdentifier(tokens_->Text(index), key_);
  sql::FoldIdentifier(key_, out);
}

bool KnownNames::HasAll(const policy::Catalog& catalog, const SessionFacts& facts,
                        const sql::TokenList& tokens) {
  if (!catalog.has_hot_names() || !catalog.objects.listed) return true;
  catalog_ = &catalog;
  facts_ = &facts;
  tokens_ = &tokens;
  std::size_t first = 0;
  while (IsOperator(Operator::kOpen, first)) ++first;
  if (tokens.has_executable_comment || tokens.has_illegal) return false;
  if (IsKeyword("PREPARE", first) || IsKeyword("EXECUTE", first)) return HasAllPrepared();
  if (!tokens.has_inner_semicolon && tokens.tokens[first].kind == TokenKind::kWord &&
      !IsAny(kVerbs, tokens.Text(first))) {
    return true;
  }
  common_tables_.clear();
  FindCommonTables();
  // What CREATE makes is not there yet; what it reads may be.
  at_ = 0;
  if (IsKeyword("CREATE", first)) {
    while (at_ + 1 < tokens.tokens.size() && !IsKeyword("SELECT", at_)) ++at_;
  }
  depth_ = 0;
  levels_[0] = {};
  expects_table_ = false;
  return Walk();
}

// PREPARE s FROM '…': the screen lets nothing but literals through, and of those
// not many in each other.
bool KnownNames::HasAllPrepared() {
  std::string text;
  sql::TokenList inside;
  for (std::size_t i = 0; i + 1 < tokens_->tokens.size(); ++i) {
    if (tokens_->tokens[i].kind != TokenKind::kString) continue;
    text.clear();
    sql::UnescapeString(tokens_->Text(i), facts_->lex, text);
    sql::Lex(text, LexModeOf(*facts_), inside);
    if (!KnownNames().HasAll(*catalog_, *facts_, inside)) return false;
  }
  return true;
}

// WITH x AS (…), y (a, b) AS (…): names that stand before "AS (".
void KnownNames::FindCommonTables() {
  const auto& tokens = tokens_->tokens;
  bool with = false;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    with = with || IsKeyword("WITH", i);
    if (!with || i == 0 || !IsKeyword("AS", i) || !IsOperator(Operator::kOpen, i + 1)) continue;
    std::size_t name = i - 1;
    if (IsOperator(Operator::kClose, name)) {
      while (name > 0 && !IsOperator(Operator::kOpen, name)) --name;
      if (name == 0) continue;
      --name;
    }
    if (!IsName(name)) continue;
    std::string folded;
    Fold(name, folded);
    common_tables_.push_back(std::move(folded));
  }
}

bool KnownNames::Push() {
  if (depth_ + 1 == levels_.size()) return false;
  const bool from_inside = at_ > 0 && tokens_->tokens[at_ - 1].kind == TokenKind::kWord &&
                           IsAny(kFromInside, tokens_->Text(at_ - 1));
  levels_[++depth_] = {expects_table_, from_inside};
  return true;
}

bool KnownNames::Walk() {
  const std::size_t end = tokens_->tokens.size() - 1;
  while (at_ < end) {
    const sql::Token& token = tokens_->tokens[at_];
    if (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier) {
      if (!OnName()) return false;
      continue;
    }
    if (token.op == Operator::kOpen) {
      if (!Push()) return false;
    } else if (token.op == Operator::kClose) {
      if (depth_ > 0) --depth_;
      expects_table_ = false;
    } else if (token.op == Operator::kComma) {
      expects_table_ = levels_[depth_].list;
    } else if (token.op != Operator::kOpenBrace) {
      expects_table_ = false;
    }
    ++at_;
  }
  return true;
}

// Consumes at least one token.
bool KnownNames::OnName() {
  const bool word = tokens_->tokens[at_].kind == TokenKind::kWord;
  if (expects_table_) {
    if (word && IsAny(kModifiers, tokens_->Text(at_)) && !IsOperator(Operator::kDot, at_ + 1)) {
      // INSERT … SELECT … FROM: the list begins with FROM.
      if (IsKeyword("FROM", at_)) levels_[depth_].list = true;
      ++at_;
      return true;
    }
    expects_table_ = false;
    if (IsName(at_)) return ReadTable();
  }
  if (IsKeyword("CALL", at_) && IsName(at_ + 1)) {
    ++at_;
    return ReadRoutine();
  }
  return (word && OnKeyword()) || OnWord();
}

// False when it is none that says what comes next.
bool KnownNames::OnKeyword() {
  const std::string_view text = tokens_->Text(at_);
  const bool call = IsOperator(Operator::kOpen, at_ + 1);
  const std::size_t before = at_ == 0 ? tokens_->tokens.size() : at_ - 1;
  const auto takes_table = [&](bool list) {
    expects_table_ = true;
    if (list) levels_[depth_].list = true;
    ++at_;
    return true;
  };
  if (IsOperator(Operator::kDot, before)) return false;
  if (IsAny(kEndsTables, text)) {
    levels_[depth_].list = false;
    ++at_;
    return true;
  }
  if (EqualsKeyword(text, "FROM")) {
    if (levels_[depth_].no_from || IsKeyword("SYSTEM_TIME", before)) return false;
    return takes_table(true);
  }
  if (EqualsKeyword(text, "JOIN")) return takes_table(false);
  if (EqualsKeyword(text, "STRAIGHT_JOIN")) {
    return !IsKeyword("SELECT", before) && takes_table(false);
  }
  if (EqualsKeyword(text, "INTO")) {
    if (IsKeyword("DUMPFILE", at_ + 1)) return false;
    return takes_table(false);
  }
  if (EqualsKeyword(text, "UPDATE")) {
    const bool other =
        IsKeyword("FOR", before) || IsKeyword("KEY", before) || IsKeyword("ON", before);
    return !other && takes_table(true);
  }
  if (EqualsKeyword(text, "INSERT") || EqualsKeyword(text, "REPLACE")) {
    return !call && takes_table(false);
  }
  if (EqualsKeyword(text, "TABLE") || EqualsKeyword(text, "HANDLER")) return takes_table(false);
  if (EqualsKeyword(text, "USING") && !call && depth_ == 0 &&
      (IsKeyword("DELETE", 0) || IsKeyword("WITH", 0))) {
    return takes_table(true);
  }
  return false;
}

// A name anywhere else: only what is called matters.
bool KnownNames::OnWord() {
  const bool call = IsOperator(Operator::kOpen, at_ + 1);
  const bool alias = at_ > 0 && IsKeyword("AS", at_ - 1);
  if (!IsName(at_) || !call || alias) {
    ++at_;
    return true;
  }
  const bool qualified = at_ > 1 && IsOperator(Operator::kDot, at_ - 1);
  if (qualified) {
    Fold(at_ - 2, name_);
    if (IsServerSchema(name_)) {
      ++at_;
      return true;
    }
  }
  Fold(at_, name_);
  const bool known =
      (!qualified && IsNativeFunction(name_)) || catalog_->objects.HasRoutine(name_) ||
      std::find(common_tables_.begin(), common_tables_.end(), name_) != common_tables_.end();
  ++at_;
  return known;
}

bool KnownNames::ReadTable() {
  Fold(at_, name_);
  bool qualified = false;
  if (IsOperator(Operator::kDot, at_ + 1) && at_ + 2 < tokens_->tokens.size() - 1) {
    qualified = true;
    schema_.swap(name_);
    at_ += 2;
    Fold(at_, name_);
  } else {
    schema_.clear();
    sql::FoldIdentifier(facts_->schema, schema_);
  }
  ++at_;
  if (IsServerSchema(schema_)) return true;
  if (!qualified &&
      (name_ == "dual" || (name_ == "json_table" && IsOperator(Operator::kOpen, at_)))) {
    return true;
  }
  if (!qualified &&
      std::find(common_tables_.begin(), common_tables_.end(), name_) != common_tables_.end()) {
    return true;
  }
  policy::ObjectNames::KeyOf(schema_, name_, key_);
  return catalog_->objects.HasTable(key_) ||
         std::find(facts_->temporary_tables.begin(), facts_->temporary_tables.end(), key_) !=
             facts_->temporary_tables.end();
}

bool KnownNames::ReadRoutine() {
  while (IsOperator(Operator::kDot, at_ + 1) && at_ + 2 < tokens_->tokens.size() - 1) {
    Fold(at_, schema_);
    at_ += 2;
    if (IsServerSchema(schema_)) {
      ++at_;
      return true;
    }
  }
  Fold(at_, name_);
  ++at_;
  return catalog_->objects.HasRoutine(name_);
}

std::string TemporaryTableOf(const SessionFacts& facts, const sql::TokenList& tokens) {
  const auto is = [&](std::size_t index, std::string_view upper) {
    return index + 1 < tokens.tokens.size() && tokens.tokens[index].kind == TokenKind::kWord &&
           EqualsKeyword(tokens.Text(index), upper);
  };
  if (!is(0, "CREATE") || tokens.has_inner_semicolon || tokens.has_executable_comment) return "";
  std::size_t at = is(1, "OR") ? 3 : 1;
  if (!is(at, "TEMPORARY") || !is(at + 1, "TABLE")) return "";
  at += 2;
  if (is(at, "IF")) at += 3;
  std::string schema = facts.schema;
  std::string name;
  const auto read = [&](std::size_t index) {
    const TokenKind kind = tokens.tokens[index].kind;
    name.clear();
    if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier) return false;
    if (kind == TokenKind::kWord) name = tokens.Text(index);
    if (kind == TokenKind::kQuotedIdentifier) sql::UnquoteIdentifier(tokens.Text(index), name);
    return true;
  };
  if (at + 1 >= tokens.tokens.size() || !read(at)) return "";
  if (tokens.tokens[at + 1].op == Operator::kDot) {
    schema = name;
    if (at + 3 >= tokens.tokens.size() || !read(at + 2)) return "";
  }
  std::string folded_schema;
  std::string folded;
  sql::FoldIdentifier(schema, folded_schema);
  sql::FoldIdentifier(name, folded);
  std::string key;
  policy::ObjectNames::KeyOf(folded_schema, folded, key);
  return key;
}

}  // namespace sealgate::rewrite
