// DESCRIBE and SHOW of a table: they go to the server as they are, and the rows
// that come back are made logical (schema/rows.h).
// Source: MySQL manual, "SHOW COLUMNS Statement", "SHOW INDEX Statement", "SHOW
// CREATE TABLE Statement", "EXPLAIN Statement"; MariaDB manual, the same.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "proxy/rewrite/planner/planner.h"
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
  // WHERE over columns of the answer that sealing does not change.
  bool Condition(std::initializer_list<std::string_view> columns) {
    if (!AcceptAny({"WHERE"})) return true;
    for (; !AtEnd(); ++at_) {
      if (!MayStandInCondition(columns)) return false;
    }
    return true;
  }
  bool AtEnd() const {
    std::uint32_t at = at_;
    while (tokens_.tokens[at].kind == TokenKind::kSemicolon) ++at;
    return tokens_.tokens[at].kind == TokenKind::kEnd;
  }

 private:
  bool MayStandInCondition(std::initializer_list<std::string_view> columns) const {
    switch (kind()) {
      case TokenKind::kString:
      case TokenKind::kInteger:
        return true;
      case TokenKind::kOperator: {
        const sql::Operator op = tokens_.tokens[at_].op;
        return op == sql::Operator::kEqual || op == sql::Operator::kNotEqual ||
               op == sql::Operator::kOpen || op == sql::Operator::kClose ||
               op == sql::Operator::kComma;
      }
      case TokenKind::kWord:
      case TokenKind::kQuotedIdentifier:
        break;
      default:
        return false;
    }
    std::string name;
    sql::UnquoteIdentifier(tokens_.Text(at_), name);
    const auto is = [&](std::string_view word) { return sql::EqualsKeyword(name, word); };
    return std::any_of(columns.begin(), columns.end(), is) ||
           (kind() == TokenKind::kWord && std::any_of(kOperators.begin(), kOperators.end(), is));
  }
  static constexpr std::array<std::string_view, 7> kOperators{"AND",  "OR", "NOT", "IN",
                                                              "LIKE", "IS", "NULL"};
  TokenKind kind() const { return tokens_.tokens[at_].kind; }

  const sql::TokenList& tokens_;
  std::uint32_t at_ = 0;
};

struct Shown {
  SchemaRows rows = SchemaRows::kNone;
  std::uint32_t schema = sql::kNoToken;
  std::uint32_t table = sql::kNoToken;
  bool by_extra = false;
};

// On MySQL, where Extra tells that a default is an expression.
bool HasDefaultShownOtherwise(const policy::CatalogTable& table, const policy::Role& role) {
  const auto has = [&role](const policy::CatalogColumn& column) {
    return column.protection && column.has_default &&
           column.state == policy::ColumnState::kSealed &&
           role.columns[*column.protection].reveal != policy::Reveal::kCiphertext;
  };
  return std::any_of(table.columns.begin(), table.columns.end(), has);
}

bool HidesUnusableDefault(const policy::CatalogTable& table, const policy::Role& role) {
  return std::any_of(table.columns.begin(), table.columns.end(), [&role](const auto& column) {
    return column.has_default && policy::HidesUnusable(column, role);
  });
}

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
    return ReadFrom(words, shown) &&
           words.Condition({"TABLE", "NON_UNIQUE", "KEY_NAME", "SEQ_IN_INDEX", "COLUMN_NAME",
                            "INDEX_TYPE", "VISIBLE"}) &&
           words.AtEnd();
  }
  words.AcceptAny({"EXTENDED"});
  words.AcceptAny({"FULL"});
  if (!words.AcceptAny({"COLUMNS", "FIELDS"})) return false;
  shown.rows = SchemaRows::kColumns;
  if (!ReadFrom(words, shown)) return false;
  if (words.AcceptAny({"LIKE"}) && !words.AcceptString()) return false;
  shown.by_extra = !Words(words).Condition({"FIELD"});
  return words.Condition({"FIELD", "EXTRA"}) && words.AtEnd();
}

// SHOW [FULL] TABLES, SHOW TABLE STATUS: of tables as wholes, with the name in a
// condition. Nothing in their rows is a column's.
bool ReadShowTables(Words& words) {
  if (!words.AcceptAny({"SHOW"})) return false;
  std::uint32_t schema = sql::kNoToken;
  std::uint32_t name = sql::kNoToken;
  if (words.AcceptAny({"CREATE"})) {  // a text that the server keeps as it is
    return words.AcceptAny({"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"}) &&
           words.TableName(schema, name) && words.AtEnd();
  }
  words.AcceptAny({"FULL"});
  if (words.AcceptAny({"TABLE"})) {
    if (!words.AcceptAny({"STATUS"})) return false;
  } else if (!words.AcceptAny({"TABLES"})) {
    return false;
  }
  if (words.AcceptAny({"FROM", "IN"}) && !words.Name(schema)) return false;
  if (words.AcceptAny({"LIKE"})) return words.AcceptString() && words.AtEnd();
  return words.Condition({"NAME", "ENGINE", "TABLE_TYPE"}) && words.AtEnd();
}

}  // namespace

bool Planner::PlanShow() {
  Shown shown;
  Words words(tokens_);
  if (!ReadDescribe(words, shown)) {
    Words tables(tokens_);
    if (ReadShowTables(tables)) return true;
    shown = {};
    Words again(tokens_);
    if (!ReadShow(again, shown)) return false;
  }
  const sql::Name name{shown.schema, shown.table, sql::kNoToken};
  const auto [schema, spelled] = SpelledName(name);
  const policy::CatalogTable* table = snapshot_.catalog->FindSpelled(schema, spelled);
  if (table == nullptr) {  // the server says what it is, or that it is not there
    const policy::CatalogView* view = FindView(name);
    if (view == nullptr || shown.rows != SchemaRows::kColumns) return true;
    if (shown.by_extra && !snapshot_.catalog->is_mariadb) return false;
    DescribeView(*view, shown.table);
    return true;
  }
  if (HidesUnusableDefault(*table, *facts_.role)) return false;
  if (shown.by_extra && !snapshot_.catalog->is_mariadb &&
      HasDefaultShownOtherwise(*table, *facts_.role)) {
    return false;
  }
  plan_.schema_rows = shown.rows;
  for (const policy::CatalogColumn& column : table->columns) {
    const bool sealed = column.protection && column.state == policy::ColumnState::kSealed;
    if (sealed || policy::HidesPlaintext(column, *facts_.role)) TargetOf(*table, column);
  }
  return true;
}

}  // namespace sealgate::rewrite
