// SELECT: blocks, common tables, set operations, and what they yield.
#include <utility>

#include "proxy/rewrite/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

bool Planner::PlanQuery(const sql::Query& query, Scope* outer, const CommonTables& around,
                        std::vector<OutputColumn>& outputs) {
  CommonTables visible = around;
  const CommonTables* enclosing = common_tables_;
  common_tables_ = &visible;
  Scope scope;
  scope.outer = outer;
  bool ok = PlanCommonTables(query.with, outer, visible);
  if (ok && query.into != sql::kNoToken) {
    ok =
        Refuse(Unsupported("SELECT … INTO on a protected table is not supported" + At(query.into)));
  }
  if (ok) {
    switch (query.kind) {
      case sql::QueryKind::kSelect:
        ok = PlanBlock(*query.select, scope, outputs);
        break;
      case sql::QueryKind::kNested:
        ok = PlanQuery(*query.left, outer, visible, outputs);
        break;
      case sql::QueryKind::kSetOperation: {
        std::vector<OutputColumn> right;
        ok = PlanQuery(*query.left, outer, visible, outputs) &&
             PlanQuery(*query.right, outer, visible, right) &&
             AllPlain(outputs, query.set_token, "UNION, INTERSECT or EXCEPT") &&
             AllPlain(right, query.set_token, "UNION, INTERSECT or EXCEPT");
        break;
      }
      case sql::QueryKind::kValues:
        for (const auto& row : query.rows) {
          for (const sql::Expr* expr : row) ok = ok && TypePlain(*expr, scope, "VALUES");
        }
        outputs.push_back({"", {}, true});
        break;
      case sql::QueryKind::kTable: {
        Source source;
        ok = FindTable(query.table, source, false);
        scope.sources.push_back(std::move(source));
        ok = ok && AddSourceOutputs(scope.sources.back(), query.span.first, outputs);
        break;
      }
    }
  }
  // The block's own names are still in scope for its ORDER BY.
  const auto* aliases = scope.aliases;
  scope.aliases = &outputs;
  ok = ok && PlanOrder(query.order_by, scope, outputs, "ORDER BY");
  for (const sql::Expr* limit : query.limit) ok = ok && TypePlain(*limit, scope, "LIMIT");
  scope.aliases = aliases;
  common_tables_ = enclosing;
  return ok;
}

bool Planner::PlanCommonTables(std::span<sql::CommonTable> with, Scope* outer,
                               CommonTables& tables) {
  for (const sql::CommonTable& table : with) {
    if (table.recursive) {
      // Its own name stands for rows that are only known once it has run.
      tables[Folded(table.name)] = {{"", {}, true}};
    }
    std::vector<OutputColumn> outputs;
    if (!PlanQuery(*table.query, outer, tables, outputs)) return false;
    if (table.recursive && !AllPlain(outputs, table.name, "WITH RECURSIVE")) return false;
    bool gap = false;
    for (const OutputColumn& output : outputs) gap = gap || output.gap;
    if (!table.columns.empty()) {
      if (gap && !AllPlain(outputs, table.name, "a column list over *")) return false;
      if (!gap && table.columns.size() != outputs.size()) {
        return Refuse(
            Unsupported("a common table's column list does not fit its query" + At(table.name)));
      }
      for (std::size_t i = 0; !gap && i < outputs.size(); ++i) {
        outputs[i].name = Folded(table.columns[i]);
      }
    }
    tables[Folded(table.name)] = std::move(outputs);
  }
  return true;
}

bool Planner::PlanBlock(const sql::SelectBlock& block, Scope& scope,
                        std::vector<OutputColumn>& outputs) {
  if (block.into != sql::kNoToken) {
    return Refuse(
        Unsupported("SELECT … INTO on a protected table is not supported" + At(block.into)));
  }
  if (block.procedure != sql::kNoToken) {
    return Refuse(Unsupported("PROCEDURE ANALYSE on a protected table is not supported" +
                              At(block.procedure)));
  }
  for (const sql::TableRef* table : block.from) {
    if (!AddTable(*table, scope)) return false;
  }
  for (const sql::SelectItem& item : block.items) {
    if (!PlanItem(item, scope, outputs)) return false;
  }
  if (block.distinct && !AllPlain(outputs, block.span.first, "DISTINCT")) return false;
  if (block.where != nullptr && !TypePlain(*block.where, scope, "use as a condition")) {
    return false;
  }
  const auto* aliases = scope.aliases;
  scope.aliases = &outputs;
  bool ok = PlanOrder(block.group_by, scope, outputs, "GROUP BY");
  if (ok && block.having != nullptr) ok = TypePlain(*block.having, scope, "HAVING");
  for (const sql::Expr* expr : block.window_exprs) {
    ok = ok && TypePlain(*expr, scope, "a window");
  }
  scope.aliases = aliases;
  return ok;
}

bool Planner::PlanItem(const sql::SelectItem& item, Scope& scope,
                       std::vector<OutputColumn>& outputs) {
  if (item.expr->kind == sql::ExprKind::kStar) return ExpandStar(*item.expr, scope, outputs);
  OutputColumn output;
  if (!Type(*item.expr, scope, output.type)) return false;
  if (output.type.kind == ExprType::Kind::kValue) output.type = {};
  if (item.alias != sql::kNoToken) {
    output.name = Folded(item.alias);
  } else if (item.expr->kind == sql::ExprKind::kColumn) {
    output.name = Folded(item.expr->name.column);
  }
  outputs.push_back(std::move(output));
  return true;
}

bool Planner::ExpandStar(const sql::Expr& star, const Scope& scope,
                         std::vector<OutputColumn>& outputs) {
  const std::string table = Folded(star.name.table);
  const std::string schema = Folded(star.name.schema);
  bool any = false;
  for (const Source& source : scope.sources) {
    if (!table.empty() && source.alias != table) continue;
    if (!schema.empty() && source.schema != schema) continue;
    any = true;
    if (table.empty() && scope.has_using && source.table != nullptr) {
      return Refuse(
          Unsupported("SELECT * over JOIN … USING with a protected table is not "
                      "supported; name the columns" +
                      At(star.span.first)));
    }
    if (!AddSourceOutputs(source, star.span.first, outputs)) return false;
  }
  if (!any) return Refuse(TypeRefusal(1051, "42S02", "unknown table" + At(star.span.first)));
  return true;
}

bool Planner::AddSourceOutputs(const Source& source, std::uint32_t token,
                               std::vector<OutputColumn>& outputs) {
  if (source.unknown()) {
    outputs.push_back({"", {}, true});
    return true;
  }
  if (source.derived) {
    outputs.insert(outputs.end(), source.outputs.begin(), source.outputs.end());
    return true;
  }
  for (const policy::CatalogColumn& column : source.table->columns) {
    if (column.invisible) continue;
    OutputColumn output;
    sql::FoldIdentifier(column.name, output.name);
    if (!TypeBaseColumn(source, column, token, output.type)) return false;
    outputs.push_back(std::move(output));
  }
  return true;
}

// GROUP BY and ORDER BY also take the number of a result column.
bool Planner::PlanOrder(std::span<sql::OrderItem> items, Scope& scope,
                        const std::vector<OutputColumn>& outputs, std::string_view construct) {
  for (const sql::OrderItem& item : items) {
    const bool number =
        item.expr->kind == sql::ExprKind::kLiteral && item.expr->literal == sql::Literal::kInteger;
    // Literals are not part of a statement's shape, so which column it is
    // cannot be planned: none of them may be protected.
    if (number && !AllPlain(outputs, item.span.first, construct)) return false;
    if (!number && !TypePlain(*item.expr, scope, construct)) return false;
  }
  return true;
}

bool Planner::AllPlain(const std::vector<OutputColumn>& outputs, std::uint32_t token,
                       std::string_view construct) {
  for (const OutputColumn& output : outputs) {
    if (output.type.kind != ExprType::Kind::kProtected) continue;
    return RefuseAt(token, plan_.targets[output.type.target].protection->QualifiedName(),
                    construct);
  }
  return true;
}

}  // namespace sealgate::rewrite
