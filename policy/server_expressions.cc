#include "policy/server_expressions.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

using TableName = std::pair<std::string, std::string>;

enum class Kind : std::uint8_t { kGenerated, kDefault, kOther };

struct Expression {
  Kind kind{};
  std::string what;  // for messages
  std::string text;  // folded
  std::string column;
  bool literal = false;
  bool marked = false;
};

std::string Text(const Cell& cell) { return cell.value_or(""); }

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Both servers print names in backticks, whatever the modes, unless they were told not to
// (sql_quote_show_create; MySQL keeps what it printed when the column was made) or are older.
// Any word of a text without one may be a name.
bool Names(const Expression& expression, const std::string& folded) {
  const std::string& text = expression.text;
  if (!expression.literal) {
    if (text.empty()) return true;
    if (!Has(text, "`")) return WordScan(text).Mentions(folded);
  }
  return Has(text, "`" + InQuotes(folded, '`') + "`");
}

std::optional<Expression> OfColumn(const Row& row) {
  const std::string name = Text(row[2]);
  if (Has(Text(row[5]), " GENERATED")) {
    return Expression{Kind::kGenerated, "generated column " + name,
                      FoldName(row.size() > 8 ? Text(row[8]) : ""), name};
  }
  if (!row[7]) return std::nullopt;
  // MariaDB does not say which one is an expression.
  const bool literal = !Has(Text(row[5]), "DEFAULT_GENERATED");
  return Expression{Kind::kDefault, "default of column " + name, FoldName(*row[7]), name, literal};
}

std::map<TableName, std::vector<Expression>> ExpressionsOf(const SchemaRows& rows) {
  std::map<TableName, std::vector<Expression>> found;
  for (const Row& row : rows.columns) {
    if (auto expression = OfColumn(row)) {
      found[{Text(row[0]), Text(row[1])}].push_back(std::move(*expression));
    }
  }
  const auto add = [&](const Rows& named, const std::string& what) {
    for (const Row& row : named) {
      found[{Text(row[0]), Text(row[1])}].push_back(
          {Kind::kOther, what + Text(row[2]), FoldName(Text(row[3])), ""});
    }
  };
  add(rows.checks, "check ");
  add(rows.functional_keys, "functional key ");
  return found;
}

void Mark(const Expression& expression, CatalogTable& table) {
  for (CatalogColumn& column : table.columns) {
    if (column.name != expression.column) continue;
    column.computed = column.computed || expression.kind == Kind::kGenerated;
    column.computed_default = column.computed_default || expression.kind == Kind::kDefault;
  }
  // A functional key has a row for each of its parts.
  if (std::find(table.computed.begin(), table.computed.end(), expression.what) ==
      table.computed.end()) {
    table.computed.push_back(expression.what);
  }
}

void MarkOfPlaintext(const Expression& expression, CatalogTable& table) {
  for (CatalogColumn& column : table.columns) {
    if (column.name == expression.column) column.of_plaintext = true;
  }
}

// The protected columns that hold plaintext, or the others.
std::vector<std::string> ProtectedNames(const CatalogTable& table, bool plaintext) {
  std::vector<std::string> names;
  for (const CatalogColumn& column : table.columns) {
    const bool asked = (column.state == ColumnState::kPlaintext) == plaintext;
    if (column.protection && asked) names.push_back(FoldName(column.name));
  }
  return names;
}

// `mark` for each expression that uses one of the columns, also by way of another's.
void ForEachOver(std::vector<std::string> names, std::vector<Expression> expressions,
                 CatalogTable& table, void (*mark)(const Expression&, CatalogTable&)) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = names[i];  // the list grows
    for (Expression& expression : expressions) {
      if (expression.marked || !Names(expression, name)) continue;
      expression.marked = true;
      mark(expression, table);
      // A default may have become the column's value.
      if (!expression.column.empty()) names.push_back(FoldName(expression.column));
    }
  }
}

}  // namespace

void MarkServerExpressions(const SchemaRows& rows, std::map<TableName, CatalogTable>& tables) {
  for (auto& [name, expressions] : ExpressionsOf(rows)) {
    const auto found = tables.find(name);
    if (found == tables.end()) continue;
    CatalogTable& table = found->second;
    ForEachOver(ProtectedNames(table, false), expressions, table, Mark);
    ForEachOver(ProtectedNames(table, true), std::move(expressions), table, MarkOfPlaintext);
  }
}

}  // namespace sealgate::policy
