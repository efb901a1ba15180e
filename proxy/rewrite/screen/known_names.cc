#include "proxy/rewrite/screen/known_names.h"

#include <algorithm>

#include "policy/ascii.h"
#include "policy/name_folding.h"
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
  return sql::IsWord(*tokens_, index, upper);
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

void KnownNames::Write(std::size_t index, std::string& out) const {
  out.clear();
  if (tokens_->tokens[index].kind == TokenKind::kQuotedIdentifier) {
    sql::UnquoteIdentifier(tokens_->Text(index), out);
  } else {
    out = tokens_->Text(index);
  }
}

void KnownNames::Fold(std::size_t index, std::string& out) {
  Write(index, key_);
  out.clear();
  policy::FoldName(key_, out);
}

// Of tables, schemas and common tables.
void KnownNames::AsListed(std::size_t index, std::string& out) {
  if (objects_->exact_case()) return Write(index, out);
  Fold(index, out);
}

bool KnownNames::HasAll(const policy::Snapshot& snapshot, const SessionFacts& facts,
                        const sql::TokenList& tokens, policy::UnknownNames& unknown) {
  if (!snapshot.catalog->has_hot_names() || snapshot.objects == nullptr) return true;
  snapshot_ = &snapshot;
  objects_ = snapshot.objects.get();
  facts_ = &facts;
  tokens_ = &tokens;
  unknown_ = &unknown;
  std::size_t first = 0;
  while (IsOperator(Operator::kOpen, first)) ++first;
  if (tokens.has_executable_comment || tokens.has_illegal) {
    unknown.whole = true;
    return false;
  }
  if (IsKeyword("PREPARE", first) || IsKeyword("EXECUTE", first)) {
    ReadPrepared();
    return unknown.empty();
  }
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
  Walk();
  return unknown.empty();
}

// PREPARE s FROM '…': the screen lets nothing but literals through, and of those
// not many in each other.
void KnownNames::ReadPrepared() {
  std::string text;
  sql::TokenList inside;
  for (std::size_t i = 0; i + 1 < tokens_->tokens.size(); ++i) {
    if (tokens_->tokens[i].kind != TokenKind::kString) continue;
    text.clear();
    sql::UnescapeString(tokens_->Text(i), facts_->lex, text);
    sql::Lex(text, LexModeOf(*facts_), inside);
    KnownNames().HasAll(*snapshot_, *facts_, inside, *unknown_);
  }
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
    std::string listed;
    AsListed(name, listed);
    common_tables_.push_back(std::move(listed));
  }
}

bool KnownNames::Push() {
  if (depth_ + 1 == levels_.size()) return false;
  const bool from_inside = at_ > 0 && tokens_->tokens[at_ - 1].kind == TokenKind::kWord &&
                           IsAny(kFromInside, tokens_->Text(at_ - 1));
  levels_[++depth_] = {expects_table_, from_inside};
  return true;
}

void KnownNames::Walk() {
  const std::size_t end = tokens_->tokens.size() - 1;
  while (at_ < end && !unknown_->whole) {
    const sql::Token& token = tokens_->tokens[at_];
    if (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier) {
      OnName();
      continue;
    }
    if (token.op == Operator::kOpen) {
      unknown_->whole = !Push();
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
}

// Consumes at least one token.
void KnownNames::OnName() {
  const bool word = tokens_->tokens[at_].kind == TokenKind::kWord;
  if (expects_table_) {
    if (word && IsAny(kModifiers, tokens_->Text(at_)) && !IsOperator(Operator::kDot, at_ + 1)) {
      // INSERT … SELECT … FROM: the list begins with FROM.
      if (IsKeyword("FROM", at_)) levels_[depth_].list = true;
      ++at_;
      return;
    }
    expects_table_ = false;
    if (IsName(at_)) return ReadTable();
  }
  if (IsKeyword("CALL", at_) && IsName(at_ + 1)) {
    ++at_;
    return ReadRoutine();
  }
  if (!word || !OnKeyword()) OnWord();
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

bool KnownNames::IsCommonTable(const std::string& name) const {
  return std::find(common_tables_.begin(), common_tables_.end(), name) != common_tables_.end();
}

// A name anywhere else: only what is called matters.
void KnownNames::OnWord() {
  const std::size_t at = at_++;
  const bool call = IsOperator(Operator::kOpen, at + 1);
  const bool alias = at > 0 && IsKeyword("AS", at - 1);
  if (!IsName(at) || !call || alias) return;
  std::size_t first = at;
  while (first > 1 && IsOperator(Operator::kDot, first - 1)) first -= 2;
  if (first < at) {
    Fold(first, name_);
    if (IsServerSchema(name_)) return;
  }
  AsListed(at, name_);
  if (IsCommonTable(name_)) return;
  Fold(at, name_);
  if ((first == at && IsNativeFunction(name_)) || objects_->HasRoutine(name_)) return;
  AddUnknownRoutine(first, at);
}

void KnownNames::ReadTable() {
  std::size_t schema = at_;
  const std::size_t end = tokens_->tokens.size() - 1;
  const bool qualified = IsOperator(Operator::kDot, at_ + 1) && at_ + 2 < end;
  if (qualified) at_ += 2;
  const std::size_t table = at_++;
  if (qualified) {
    Fold(schema, schema_);
  } else {
    schema_.clear();
    policy::FoldName(facts_->schema, schema_);
    const bool word = tokens_->tokens[table].kind == TokenKind::kWord;
    if (word &&
        (EqualsKeyword(tokens_->Text(table), "DUAL") ||
         (EqualsKeyword(tokens_->Text(table), "JSON_TABLE") && IsOperator(Operator::kOpen, at_)))) {
      return;
    }
  }
  if (IsServerSchema(schema_)) return;
  if (objects_->exact_case()) {
    if (qualified) {
      Write(schema, schema_);
    } else {
      schema_ = facts_->schema;
    }
  }
  AsListed(table, name_);
  if (!qualified && IsCommonTable(name_)) return;
  policy::ObjectNames::KeyOf(schema_, name_, key_);
  const auto& own = facts_->temporary_tables;
  if (objects_->HasTable(key_) || std::find(own.begin(), own.end(), key_) != own.end()) return;
  AddUnknownTable(qualified ? schema : end, table);
}

void KnownNames::ReadRoutine() {
  const std::size_t first = at_;
  while (IsOperator(Operator::kDot, at_ + 1) && at_ + 2 < tokens_->tokens.size() - 1) {
    Fold(at_, schema_);
    at_ += 2;
    if (IsServerSchema(schema_)) {
      ++at_;
      return;
    }
  }
  Fold(at_, name_);
  const std::size_t last = at_++;
  if (!objects_->HasRoutine(name_)) AddUnknownRoutine(first, last);
}

// `schema` is the end when there is none. Beyond ASCII the session's character
// set would have to be known.
void KnownNames::AddUnknownTable(std::size_t schema, std::size_t table) {
  policy::TableName name;
  if (schema + 1 < tokens_->tokens.size()) {
    Write(schema, name.schema);
  } else {
    name.schema = facts_->schema;
  }
  Write(table, name.table);
  if (!ascii::IsAscii(name.schema) || !ascii::IsAscii(name.table)) unknown_->whole = true;
  unknown_->AddTable(std::move(name));
}

// What stands before a dot may be a package, whose text is listed under its name.
void KnownNames::AddUnknownRoutine(std::size_t first, std::size_t last) {
  for (std::size_t part = first; part <= last; part += 2) {
    std::string name;
    Fold(part, name);
    if (!ascii::IsAscii(tokens_->Text(part))) unknown_->whole = true;
    unknown_->AddRoutine(std::move(name));
  }
}

}  // namespace sealgate::rewrite
