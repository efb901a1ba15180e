// GROUP BY and DISTINCT.
//
// A searchable column is grouped by its stored prefix, which is the same for
// values that its collation calls equal. The group's value is MIN() of the
// stored values: one of the group's members, like the one that the server would
// have taken. Deterministic columns are grouped as they are stored.
#include <algorithm>
#include <utility>

#include "crypto/envelope.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
using sql::ExprKind;

}  // namespace

bool Planner::IsSearchable(const ExprType& type) const {
  return type.kind == Kind::kProtected && plan_.targets[type.target].cipher != nullptr &&
         crypto::ModeOf(*plan_.targets[type.target].cipher) == crypto::Mode::kSearchable;
}

// The column that an item of GROUP BY means: a column of FROM before an alias
// of the select list, which itself has to be a column; nullptr for neither.
const sql::Expr* Planner::GroupColumn(const sql::SelectBlock& block, const sql::Expr& expr,
                                      const Scope& scope) {
  const sql::Expr* prefixed = PrefixOf(expr);
  const sql::Expr& inner = Inner(prefixed != nullptr ? *prefixed : expr);
  if (inner.kind != ExprKind::kColumn) return nullptr;
  const std::string name = Folded(inner.name.column);
  const Resolution found =
      Resolve(scope, Folded(inner.name.schema), Folded(inner.name.table), name);
  const bool known =
      found.kind == Resolution::Kind::kColumn || found.kind == Resolution::Kind::kOutput;
  if ((known && found.scope == &scope) || inner.name.table != sql::kNoToken) return &inner;
  for (const sql::SelectItem& item : block.items) {
    if (item.alias == sql::kNoToken || Folded(item.alias) != name) continue;
    const sql::Expr& meant = Inner(*item.expr);
    return meant.kind == ExprKind::kColumn ? &meant : nullptr;
  }
  return &inner;
}

// Some rows then have NULL in place of what the block groups by, be that a literal. MySQL
// also writes GROUP BY ROLLUP(…).
bool Planner::HasRollup(const sql::SelectBlock& block) const {
  return block.rollup != sql::kNoToken ||
         std::any_of(block.group_by.begin(), block.group_by.end(), [this](const auto& key) {
           return sql::IsWord(tokens_, key.span.first, "ROLLUP") ||
                  sql::IsWord(tokens_, key.span.first, "CUBE");
         });
}

bool Planner::FindKeys(const sql::SelectBlock& block, Scope& scope) {
  bool star = false;
  for (const sql::SelectItem& item : block.items) star = star || item.expr->kind == ExprKind::kStar;
  for (const sql::OrderItem& item : block.group_by) {
    const sql::Expr* column = GroupColumn(block, *item.expr, scope);
    const sql::Expr* core = nullptr;
    if (column == nullptr && IsValue(*item.expr, &core) &&
        core->literal == sql::Literal::kInteger) {
      const std::string_view text = tokens_.Text(core->span.first);
      std::size_t position = 0;
      for (const char c : text) position = position * 10 + static_cast<std::size_t>(c - '0');
      if (!star && position >= 1 && position <= block.items.size()) {
        const sql::Expr& meant = Inner(*block.items[position - 1].expr);
        if (meant.kind == ExprKind::kColumn) column = &meant;
      }
    }
    if (column == nullptr) continue;
    const Resolution found = Resolve(scope, Folded(column->name.schema), Folded(column->name.table),
                                     Folded(column->name.column));
    if (found.scope != &scope) continue;
    ExprType type;
    const bool known =
        found.kind == Resolution::Kind::kColumn || found.kind == Resolution::Kind::kOutput;
    if (!known) continue;
    if (!TypeFound(found, column->name, scope, type)) return false;
    if (!IsSearchable(type)) continue;
    const auto source = static_cast<std::size_t>(found.source - scope.sources.data());
    scope.keys.push_back({source, Folded(column->name.column)});
  }
  return true;
}

bool Planner::PlanGroupBy(const sql::SelectBlock& block, Scope& scope,
                          std::vector<OutputColumn>& outputs) {
  const bool grouped = scope.grouped;
  scope.grouped = false;
  for (const sql::OrderItem& item : block.group_by) {
    if (!PlanGroupItem(block, item, scope, outputs)) return false;
  }
  scope.grouped = grouped;
  return true;
}

// By an expression of the select list that has a group's value, MIN(…), in it now.
bool Planner::GroupsByChanged(const sql::OrderItem& item, const OutputColumn* numbered,
                              const std::vector<OutputColumn>& outputs) {
  const auto changed = [](const OutputColumn& output) {
    return !output.as_written && output.type.kind != Kind::kProtected;
  };
  if (numbered != nullptr) return changed(*numbered);
  const sql::Expr& expr = Inner(*item.expr);
  if (expr.kind == ExprKind::kColumn && expr.name.table != sql::kNoToken) return false;
  return std::any_of(outputs.begin(), outputs.end(), [&](const OutputColumn& output) {
    return changed(output) && !output.name.empty() && HasName(expr.span, output.name);
  });
}

bool Planner::PlanGroupItem(const sql::SelectBlock& block, const sql::OrderItem& item, Scope& scope,
                            std::vector<OutputColumn>& outputs) {
  OutputColumn* numbered = nullptr;
  if (!PlanPosition(*item.expr, outputs, "GROUP BY", &numbered)) return false;
  ExprType type;
  if (numbered != nullptr) {
    type = numbered->type;
  } else {
    NoteWholeItem(*item.expr, scope);
    if (!TypeCompared(*item.expr, scope, type)) return false;
  }
  if (!scope.keys.empty() && GroupsByChanged(item, numbered, outputs)) {
    return Refuse(Unsupported(
        "GROUP BY of an expression over a protected column that is grouped by, too, is not "
        "supported" +
        At(item.span.first)));
  }
  if (type.kind == Kind::kValue) {
    // GROUP BY 'x' shows what 'x' is sealed to.
    for (OutputColumn& output : outputs) {
      output.fixed = output.fixed || output.type.kind == Kind::kValue;
    }
  }
  if (type.kind != Kind::kProtected) return true;
  const std::string name = plan_.targets[type.target].protection->QualifiedName();
  if (item.direction != sql::kNoToken) {
    return RefuseAt(item.direction, name, "GROUP BY … ASC or DESC");
  }
  if (!MayCompare(type.target, item.span.first, "GROUP BY")) return false;
  if (!IsSearchable(type)) return true;
  if (stored_ && !ComparesPrefix(type, item.span.first, "GROUP BY")) return false;
  if (block.rollup != sql::kNoToken) return RefuseAt(block.rollup, name, "WITH ROLLUP");
  if (stored_) return true;
  if (type.varies) {
    return RefuseAt(item.span.first, name,
                    "GROUP BY of a name for what may be another value each time");
  }
  const sql::Expr* column = GroupColumn(block, *item.expr, scope);
  if (numbered != nullptr) {
    const sql::Expr* leaf = numbered->leaves.size() == 1 ? numbered->leaves[0].expr : nullptr;
    const bool names_column = leaf != nullptr && Inner(*leaf).kind == ExprKind::kColumn;
    column = names_column && outputs.size() == block.items.size() ? &Inner(*leaf) : nullptr;
  }
  if (column == nullptr) {
    return RefuseAt(item.span.first, name, "GROUP BY of anything but the column itself");
  }
  if (column == &Inner(*item.expr)) {
    edits_.WrapEquality(*column);
    return true;
  }
  if (numbered == nullptr) {
    const Resolution found = Resolve(scope, "", "", Folded(Inner(*item.expr).name.column));
    if (found.kind == Resolution::Kind::kUnknown && found.scope == &scope) {
      return RefuseAt(item.span.first, name,
                      "GROUP BY of an alias that may be a column of another table");
    }
  }
  std::string text;
  for (std::uint32_t i = column->span.first; i <= column->span.last; ++i) text += tokens_.Text(i);
  edits_.Replace(item.expr->span,
                 edits_.Spaced(item.span.first, "LEFT(" + text + Edits::EqualityEnd()));
  return true;
}

// Deterministic columns: native. Searchable ones: groups instead, unless only
// the equality of what comes out matters.
bool Planner::PlanDistinct(const sql::Query& query, Scope& scope,
                           std::vector<OutputColumn>& outputs, QueryUse use) {
  const std::uint32_t at = query.select->distinct_token;
  const OutputColumn* searchable = nullptr;
  for (OutputColumn& output : outputs) {
    output.deduplicated = true;
    if (output.type.kind != Kind::kProtected) continue;
    if (!MayCompare(output.type.target, at, "DISTINCT")) return false;
    if (IsSearchable(output.type)) searchable = &output;
  }
  if (searchable == nullptr || use == QueryUse::kEquality) return true;
  return DistinctAsGroups(query, scope, outputs, searchable->type.target);
}

// Written with the same table, or with none.
bool Planner::IsSameName(const sql::Name& left, const sql::Name& right) {
  return Folded(left.schema) == Folded(right.schema) && Folded(left.table) == Folded(right.table) &&
         Folded(left.column) == Folded(right.column);
}

// `items`: the select list, whose columns may be named with their tables; empty where they
// may not.
bool Planner::OrdersBySelected(std::span<sql::OrderItem> order_by, std::span<sql::SelectItem> items,
                               const std::vector<OutputColumn>& outputs, std::uint32_t target) {
  for (const sql::OrderItem& item : order_by) {
    const sql::Expr& expr = Inner(*item.expr);
    bool selected = expr.kind == ExprKind::kLiteral;
    for (const sql::SelectItem& each : items) {
      const bool columns = expr.kind == ExprKind::kColumn && each.expr != nullptr &&
                           Inner(*each.expr).kind == ExprKind::kColumn;
      selected = selected || (columns && IsSameName(expr.name, Inner(*each.expr).name));
    }
    for (const OutputColumn& output : outputs) {
      const bool same = expr.kind == ExprKind::kColumn && expr.name.table == sql::kNoToken &&
                        output.name == Folded(expr.name.column);
      selected = selected || same;
    }
    if (selected) continue;
    return RefuseAt(item.span.first, plan_.targets[target].protection->QualifiedName(),
                    "DISTINCT with ORDER BY of what is not selected");
  }
  return true;
}

// SELECT DISTINCT a, email FROM t: SELECT a, MIN(email) FROM t GROUP BY a, LEFT(email, 22).
bool Planner::DistinctAsGroups(const sql::Query& query, Scope& scope,
                               std::vector<OutputColumn>& outputs, std::uint32_t target) {
  const sql::SelectBlock& block = *query.select;
  const std::string name = plan_.targets[target].protection->QualifiedName();
  const std::uint32_t at = block.distinct_token;
  const bool plain_block = block.group_by.empty() && block.having == nullptr &&
                           block.window_exprs.empty() && block.window_partitions.empty() &&
                           !block.from.empty() && outputs.size() == block.items.size();
  if (!plain_block) {
    return RefuseAt(at, name, "DISTINCT with *, GROUP BY, HAVING or windows");
  }
  if (recursing_) return RefuseAt(at, name, "DISTINCT in a recursive common table");
  // MariaDB groups a derived table anew for each row of a query around it, and finds those of
  // the statement's own table changed by then. Of DISTINCT it makes one once.
  if (modifies_ && snapshot_.catalog->is_mariadb) {
    return RefuseAt(at, name, "DISTINCT in an UPDATE or DELETE");
  }
  std::string keys;
  std::string prefixes;  // behind them: what follows may be a word, and touch
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const sql::Expr& expr = Inner(*block.items[i].expr);
    const sql::Expr* core = nullptr;
    if (IsValue(expr, &core)) continue;
    if (expr.kind != ExprKind::kColumn) {
      return RefuseAt(at, name, "DISTINCT with anything but columns and literals");
    }
    const std::string column = Folded(expr.name.column);
    for (std::size_t other = 0; other < outputs.size(); ++other) {
      const bool shadows =
          other != i && outputs[other].name == column && block.items[other].alias != sql::kNoToken;
      if (shadows) return RefuseAt(at, name, "DISTINCT with an alias that is a column's name");
    }
    const Resolution found =
        Resolve(scope, Folded(expr.name.schema), Folded(expr.name.table), column);
    // MIN() of it would make one group of the rows there.
    if (found.scope != nullptr && found.scope != &scope) {
      return RefuseAt(at, name, "DISTINCT of an outer query's column");
    }
    if (outputs[i].type.varies) {
      return RefuseAt(at, name, "DISTINCT of a name for what may be another value each time");
    }
    std::string text;
    for (std::uint32_t t = expr.span.first; t <= expr.span.last; ++t) text += tokens_.Text(t);
    if (!IsSearchable(outputs[i].type)) {
      keys += text + ", ";
      continue;
    }
    prefixes += (prefixes.empty() ? "LEFT(" : ", LEFT(") + text + Edits::EqualityEnd();
    edits_.Wrap(expr.span, "MIN(", ")");
    if (block.items[i].alias == sql::kNoToken) NameItem(*block.items[i].expr);
  }
  if (!OrdersBySelected(query.order_by, block.items, outputs, target)) return false;
  edits_.Replace({at, at}, "");
  const std::uint32_t end =
      block.where != nullptr ? block.where->span.last : block.from.back()->span.last;
  edits_.Append(end, Edits::Around::kBlock, " GROUP BY " + keys + prefixes);
  return true;
}

}  // namespace sealgate::rewrite
