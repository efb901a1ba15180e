// INSERT, REPLACE, UPDATE, DELETE: which values are stored in which columns.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

std::string ColumnList(const std::vector<const policy::CatalogColumn*>& columns) {
  std::string text = " (";
  for (const policy::CatalogColumn* column : columns) {
    if (text.size() > 2) text += ",";
    sql::AppendQuotedIdentifier(column->name, text);
  }
  return text + ") ";
}

bool HasSubquery(const sql::Expr& expr) {
  return expr.query != nullptr || std::any_of(expr.args.begin(), expr.args.end(),
                                              [](const auto* arg) { return HasSubquery(*arg); });
}

}  // namespace

bool Planner::PlanInsert(const sql::InsertStatement& insert) {
  Scope scope;
  scope.sources.emplace_back();
  if (!FindWritten(insert.table->name, scope.sources[0])) return false;
  const Source target = scope.sources[0];
  if (!ComputesNothing(target, insert.table->name.table)) return false;
  std::vector<const policy::CatalogColumn*> columns;
  if (!PlanInsertColumns(insert, target, columns)) return false;
  const bool all_empty = !insert.rows.empty() && insert.rows[0].empty();
  if (!CheckOmitted(insert.set, target,
                    all_empty ? std::vector<const policy::CatalogColumn*>{} : columns)) {
    return false;
  }
  if (insert.row_alias != sql::kNoToken && !AddRowAlias(insert, target, columns, scope)) {
    return false;
  }
  Scope values = scope;  // VALUES may name the target's columns
  values.before_row = true;
  std::size_t number = 0;
  for (const auto& row : insert.rows) {
    if (!PlanInsertRow(row, target, columns, values, ++number)) return false;
  }
  if (!PlanAssignments(insert.set, scope, values)) return false;
  Scope changed = scope;  // its values may also name what the query reads
  if (insert.query != nullptr && !PlanInsertQuery(insert, target, columns, changed)) return false;
  written_ = &scope;
  if (!PlanChanges(insert.on_duplicate, scope, changed)) return false;
  written_ = nullptr;
  return PlanReturning(insert.returning, scope);
}

// Without a column list the values go to the columns in the catalog's order;
// the list is written out, so that a change of the table that the catalog has
// not seen cannot put a value into another column.
bool Planner::PlanInsertColumns(const sql::InsertStatement& insert, const Source& target,
                                std::vector<const policy::CatalogColumn*>& columns) {
  if (target.table == nullptr) return true;  // unprotected: nothing to know
  if (insert.has_columns) {
    for (const sql::Name& name : insert.columns) {
      const policy::CatalogColumn* column = target.table->Find(Folded(name.column));
      if (column == nullptr) {
        return Refuse(
            TypeRefusal(1054, "42S22", "unknown column in the column list" + At(name.column)));
      }
      columns.push_back(column);
    }
    return true;
  }
  if (!insert.set.empty()) return true;
  for (const policy::CatalogColumn& column : target.table->columns) {
    if (!column.invisible) columns.push_back(&column);
  }
  const bool all_empty = !insert.rows.empty() && insert.rows[0].empty();
  if (all_empty) return true;
  const std::uint32_t source =
      insert.query != nullptr ? insert.query->span.first : insert.values_token;
  edits_.InsertBefore(source, ColumnList(columns));
  return true;
}

bool Planner::PlanInsertRow(std::span<sql::Expr*> row, const Source& target,
                            const std::vector<const policy::CatalogColumn*>& columns, Scope& scope,
                            std::size_t number) {
  if (target.table == nullptr || row.empty()) {
    for (const sql::Expr* value : row) {
      if (!TypePlain(*value, scope, "use as a value of another table")) return false;
    }
    return true;
  }
  if (row.size() != columns.size()) {
    return Refuse(TypeRefusal(
        1136, "21S01", "column count does not match value count at row " + std::to_string(number)));
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!PlanStored(*row[i], target, *columns[i], scope)) return false;
  }
  return true;
}

// INSERT … AS new: the row's values under another name, also with its own names
// for the columns.
bool Planner::AddRowAlias(const sql::InsertStatement& insert, const Source& target,
                          const std::vector<const policy::CatalogColumn*>& columns, Scope& scope) {
  Source alias = target;
  alias.alias = Folded(insert.row_alias);
  alias.schema.clear();
  if (insert.row_alias_columns.empty() || target.table == nullptr) {
    return AddSource(std::move(alias), insert.row_alias, scope);
  }
  if (insert.row_alias_columns.size() != columns.size()) {
    return Refuse(TypeRefusal(1136, "21S01",
                              "the alias has another number of columns" + At(insert.row_alias)));
  }
  alias.table = nullptr;
  alias.derived = true;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::uint32_t token = insert.row_alias_columns[i];
    OutputColumn output;
    output.name = Folded(token);
    if (!TypeBaseColumn(target, *columns[i], token, output.type)) return false;
    alias.outputs.push_back(std::move(output));
  }
  return AddSource(std::move(alias), insert.row_alias, scope);
}

bool Planner::PlanAssignments(std::span<sql::Assignment> assignments, const Scope& targets,
                              Scope& scope) {
  for (const sql::Assignment& assignment : assignments) {
    const sql::Name& name = assignment.target;
    const Resolution found =
        Resolve(targets, Folded(name.schema), Folded(name.table), Folded(name.column));
    switch (found.kind) {
      case Resolution::Kind::kColumn:
        if (!PlanStored(*assignment.value, *found.source, *found.column, scope)) return false;
        break;
      case Resolution::Kind::kUnknown:
        if (!TypePlain(*assignment.value, scope, "storing it in another table")) return false;
        break;
      default:
        return Refuse(TypeRefusal(
            1054, "42S22", "unknown column in an assignment" + At(assignment.target_span.first)));
    }
  }
  return true;
}

// Of rows that are there. MySQL may store '' for DEFAULT where a column that may be NULL
// has lost its default, and the catalog cannot tell that from DEFAULT NULL (see alter.cc).
bool Planner::PlanChanges(std::span<sql::Assignment> assignments, const Scope& targets,
                          Scope& scope) {
  if (!PlanAssignments(assignments, targets, scope)) return false;
  for (const sql::Assignment& assignment : assignments) {
    const sql::Expr& value = *assignment.value;
    if (snapshot_.catalog->is_mariadb || value.kind != sql::ExprKind::kDefault ||
        value.name.column != sql::kNoToken || !sql::IsWord(tokens_, value.span.first, "DEFAULT")) {
      continue;
    }
    const sql::Name& name = assignment.target;
    const Resolution found =
        Resolve(targets, Folded(name.schema), Folded(name.table), Folded(name.column));
    if (found.kind != Resolution::Kind::kColumn) continue;
    const policy::CatalogColumn& column = *found.column;
    if (column.protection && column.nullable && !column.has_default &&
        column.state != policy::ColumnState::kPlaintext) {
      edits_.Replace(value.span, "NULL");
    }
  }
  return true;
}

// Every table of a join counts as written: which ones are is the server's affair.
bool Planner::MayWriteTables(const sql::TableRef& table) {
  if (table.kind == sql::TableKind::kJoin) {
    return MayWriteTables(*table.left) && MayWriteTables(*table.right);
  }
  if (table.kind != sql::TableKind::kTable) return true;
  const CommonTable* common = nullptr;
  if (!FindCommonTable(table.name, &common)) return false;
  Source ignored;
  return common != nullptr || FindWritten(table.name, ignored);
}

bool Planner::PlanUpdate(const sql::UpdateStatement& update) {
  CommonTables tables;
  common_tables_ = &tables;
  if (!PlanCommonTables(update.with, nullptr, nullptr, tables)) return false;
  Scope scope;
  for (const sql::TableRef* table : update.tables) {
    writes_ = true;
    if (!AddTable(*table, scope) || !MayWriteTables(*table)) return false;
    writes_ = false;
    makes_rows_ = makes_rows_ || HasOuterJoin(*table) || !update.with.empty();
    updates_join_ =
        updates_join_ || update.tables.size() > 1 || table->kind == sql::TableKind::kJoin;
  }
  // MySQL makes a join of it, and so an update of several tables.
  updates_join_ = updates_join_ || (update.where != nullptr && HasSubquery(*update.where));
  for (const Source& source : scope.sources) {
    updates_join_ = updates_join_ || source.base != nullptr;
    if (!ComputesNothing(source, update.tables.front()->span.first)) return false;
  }
  updates_strictly_ = facts_.strict && !updates_join_ && !update.ignore;
  if (!RefuseOrderOfChanges(update.set) || !PlanChanges(update.set, scope, scope)) return false;
  return PlanModifyTail(update.where, update.order_by, update.limit, update.returning, scope);
}

// Which value of a column that was set before one of several tables takes, the plan decides.
bool Planner::RefuseOrderOfChanges(std::span<const sql::Assignment> set) {
  if (!updates_join_) return true;
  std::set<std::pair<std::string, std::string>> changed;  // column, and how it is qualified
  for (const sql::Assignment& assignment : set) {
    const sql::Span span = assignment.value->span;
    for (std::uint32_t i = span.first; i <= span.last; ++i) {
      const sql::TokenKind kind = tokens_.tokens[i].kind;
      if (kind != sql::TokenKind::kWord && kind != sql::TokenKind::kQuotedIdentifier) continue;
      const std::string column = Folded(i);
      const auto first = changed.lower_bound({column, ""});
      if (first == changed.end() || first->first != column) continue;
      const bool qualified = i > 1 && sql::IsOperator(tokens_, i - 1, sql::Operator::kDot);
      const bool others =
          qualified && !first->second.empty() && !changed.contains({column, Folded(i - 2)});
      if (others) continue;
      return Refuse(
          Unsupported("an UPDATE of several tables, or with a subquery, whose assignment names a "
                      "column that it has set before is not supported" +
                      At(span.first)));
    }
    changed.emplace(Folded(assignment.target.column), Folded(assignment.target.table));
  }
  return true;
}

bool Planner::PlanDelete(const sql::DeleteStatement& del) {
  CommonTables tables;
  common_tables_ = &tables;
  if (!PlanCommonTables(del.with, nullptr, nullptr, tables)) return false;
  Scope scope;
  for (const sql::TableRef* table : del.tables) {
    writes_ = true;
    if (!AddTable(*table, scope) || !MayWriteTables(*table)) return false;
    writes_ = false;
  }
  return PlanModifyTail(del.where, del.order_by, del.limit, del.returning, scope);
}

bool Planner::PlanModifyTail(const sql::Expr* where, std::span<sql::OrderItem> order_by,
                             std::span<sql::Expr*> limits, std::span<sql::SelectItem> returning,
                             Scope& scope) {
  if (where != nullptr && !TypeCondition(*where, scope, "use as a condition")) return false;
  std::vector<OutputColumn> none;
  if (!PlanOrder(order_by, scope, none)) return false;
  for (const sql::Expr* limit : limits) {
    if (!TypePlain(*limit, scope, "LIMIT")) return false;
  }
  return PlanReturning(returning, scope);
}

bool Planner::PlanReturning(std::span<sql::SelectItem> items, Scope& scope) {
  if (items.empty()) return true;
  shows_result_ = true;
  std::vector<OutputColumn> outputs;
  for (const sql::SelectItem& item : items) {
    if (!PlanItem(item, scope, outputs)) return false;
  }
  FinishResult(outputs);
  return !plan_.refusal;
}

}  // namespace sealgate::rewrite
