// DESCRIBE and SHOW of a table: they go to the server as they are, and the rows
// that come back are made logical (schema_rows.h).
// Source: MySQL manual, "SHOW COLUMNS Statement", "SHOW INDEX Statement", "SHOW
// CREATE TABLE Statement", "EXPLAIN Statement"; MariaDB manual, the same.
#include <array>

#include "proxy/rewrite/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::TokenKind;

// A reader of one statement's tokens that knows only names, words and a string
// at the end: whatever it accepts can carry no value of a column.
class Words {
 public:
  explicit Words(const sql::TokenList& tokens) : tokens_(tokens) {}

  bool AcceptAny(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      if (kind() == TokenKind::kWord && sql::EqualsKeyword(tokens_.Text(at_), word)) {
        ++at_;
        return true;
      }
    }
    return false;
  }
  bool Name(std::uint32_t& name) {
    if (kind() != TokenKind::kWord && kind() != TokenKind::kQuotedIdentifier) return false;
    name = at_++;
    return true;
  }
  bool TableName(std::uint32_t& schema, std::uint32_t& table) {
    if (!Name(table)) return false;
    if (kind() != TokenKind::kOperator || tokens_.tokens[at_].op != sql::Operator::kDot) {
      return true;
    }
    ++at_;
    schema = table;
    return Name(table);
  }
  bool AcceptString() {
    if (kind() != TokenKind::kString) return false;
    ++at_;
    return true;
  }
  bool AtEnd() const {
    std::uint32_t at = at_;
    while (tokens_.tokens[at].kind == TokenKind::kSemicolon) ++at;
    return tokens_.tokens[at].kind == TokenKind::kEnd;
  }

 private:
  TokenKind kind() const { return tokens_.tokens[at_].kind; }

  const sql::TokenList& tokens_;
  std::uint32_t at_ = 0;
};

struct Shown {
  SchemaRows rows = SchemaRows::kNone;
  std::uint32_t schema = sql::kNoToken;
  std::uint32_t table = sql::kNoToken;
};

// DESCRIBE t [column | 'pattern']
bool ReadDescribe(Words& words, Shown& shown) {
  if (!words.AcceptAny({"DESCRIBE", "DESC", "EXPLAIN"})) return false;
  shown.rows = SchemaRows::kColumns;
  std::uint32_t column = sql::kNoToken;
  if (!words.TableName(shown.schema, shown.table)) return false;
  if (!words.AcceptString()) words.Name(column);
  return words.AtEnd();
}

// FROM t [FROM schema]
bool ReadFrom(Words& words, Shown& shown) {
  if (!words.AcceptAny({"FROM", "IN"})) return false;
  if (!words.TableName(shown.schema, shown.table)) return false;
  return !words.AcceptAny({"FROM", "IN"}) || words.Name(shown.schema);
}

bool ReadShow(Words& words, Shown& shown) {
  if (!words.AcceptAny({"SHOW"})) return false;
  if (words.AcceptAny({"CREATE"})) {
    shown.rows = SchemaRows::kCreateTable;
    return words.AcceptAny({"TABLE"}) && words.TableName(shown.schema, shown.table) &&
           words.AtEnd();
  }
  if (words.AcceptAny({"INDEX", "INDEXES", "KEYS"})) {
    shown.rows = SchemaRows::kIndex;
    return ReadFrom(words, shown) && words.AtEnd();
  }
  words.AcceptAny({"EXTENDED"});
  words.AcceptAny({"FULL"});
  if (!words.AcceptAny({"COLUMNS", "FIELDS"})) return false;
  shown.rows = SchemaRows::kColumns;
  if (!ReadFrom(words, shown)) return false;
  if (words.AcceptAny({"LIKE"}) && !words.AcceptString()) return false;
  return words.AtEnd();
}

}  // namespace

bool Planner::PlanShow() {
  Shown shown;
  Words words(tokens_);
  if (!ReadDescribe(words, shown)) {
    shown = {};
    Words again(tokens_);
    if (!ReadShow(again, shown)) return false;
  }
  const std::string schema = shown.schema == sql::kNoToken ? facts_.schema : Folded(shown.schema);
  const policy::CatalogTable* table = snapshot_.catalog->Find(schema, Folded(shown.table));
  if (table == nullptr) return true;  // the server says what it is, or that it is not there
  plan_.schema_rows = shown.rows;
  for (const policy::CatalogColumn& column : table->columns) {
    const bool sealed = column.protection && column.state == policy::ColumnState::kSealed;
    if (sealed) TargetOf(*table, column);
  }
  return true;
}

}  // namespace sealgate::rewrite
