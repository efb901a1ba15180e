// WITH, and UNION, INTERSECT and EXCEPT: what their queries yield together.
//
// UNION ALL passes stored values on. The others compare them, which is right as
// they are stored for deterministic columns; of searchable ones they become groups
// (union.cc).
#include <optional>
#include <utility>

#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;

bool HasGap(const std::vector<OutputColumn>& outputs) {
  for (const OutputColumn& output : outputs) {
    if (output.gap) return true;
  }
  return false;
}

// The table's own name in its first query, which MySQL refuses.
OutputColumn Unfinished() {
  OutputColumn column;
  column.gap = column.deduplicated = true;
  return column;
}

bool IsValueNotNull(const Leaf& leaf) {
  return leaf.type.kind == Kind::kValue && leaf.expr != nullptr &&
         !IsNullLiteral(Inner(*leaf.expr));
}

// Whether the first thing that planning the query does is a set operation.
bool BeginsWithSetOperation(const sql::Query& query) {
  if (!query.with.empty()) return false;
  if (query.kind == sql::QueryKind::kNested) return BeginsWithSetOperation(*query.left);
  return query.kind == sql::QueryKind::kSetOperation;
}

}  // namespace

bool Planner::IsUnion(const sql::Query& query) const {
  return sql::EqualsKeyword(tokens_.Text(query.set_token), "UNION");
}

bool Planner::IsUnfinished(const std::vector<OutputColumn>& outputs) {
  return outputs.size() == 1 && outputs[0].gap && outputs[0].deduplicated;
}

// Literals that their query compared, in one row or with each other: they cannot
// be sealed any more.
bool Planner::WereCompared(const OutputColumn& output) {
  if (output.type.kind != Kind::kValue) return false;
  if (output.fixed) return true;
  bool literals = false;
  for (const Leaf& leaf : output.leaves) literals = literals || IsValueNotNull(leaf);
  return literals && output.deduplicated && output.leaves.size() > 1;
}

bool Planner::PlanCommonTables(std::span<sql::CommonTable> with, const sql::Query* query,
                               Scope* outer, CommonTables& tables) {
  // Which joins they will stand in is not known yet.
  const InOuterJoin inside(*this, true);
  for (const sql::CommonTable& table : with) {
    if (table.cycle != sql::kNoToken) {
      return Refuse(Unsupported("CYCLE is not supported in a statement on a protected table" +
                                At(table.cycle)));
    }
    const std::string name = Folded(table.name);
    made_tables_.push_back({&table, query});
    Recursive own{&table, {}, false};
    if (table.recursive) {
      tables[name] = {Unquoted(table.name), {Unfinished()}, &table};
      if (BeginsWithSetOperation(*table.query)) recursive_ = &own;
    }
    std::vector<OutputColumn> outputs;
    const Scope* around = std::exchange(table_scope_, outer);
    const Semijoins semijoins = std::exchange(semijoins_, {});
    if (!PlanQuery(*table.query, outer, tables, outputs)) return false;
    const Semijoin semijoin = std::exchange(semijoins_, semijoins).any();
    table_scope_ = around;
    recursive_ = nullptr;
    if (!table.columns.empty() && !NameOutputs(table.columns, table.name, outputs)) return false;
    if (own.known && !KnowRecursive(own, outputs, tables)) return false;
    for (OutputColumn& output : outputs) output.leaves.clear();
    tables[name] = {Unquoted(table.name), std::move(outputs), &table, semijoin};
  }
  return true;
}

bool Planner::NameOutputs(std::span<std::uint32_t> columns, std::uint32_t token,
                          std::vector<OutputColumn>& outputs) {
  if (HasGap(outputs)) return AllPlain(outputs, token, "a column list over *");
  if (columns.size() != outputs.size()) {
    return Refuse(Unsupported("a table's column list does not fit its query" + At(token)));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].name = Folded(columns[i]);
    outputs[i].name_token = columns[i];
  }
  return true;
}

// What the first query yields is what the table's name means in the others; and
// it has to stay so when those are known.
bool Planner::KnowRecursive(Recursive& own, const std::vector<OutputColumn>& outputs,
                            CommonTables& tables) {
  if (!own.known) {
    own.known = true;
    own.outputs = outputs;
    if (!own.table->columns.empty() &&
        !NameOutputs(own.table->columns, own.table->name, own.outputs)) {
      return false;
    }
    for (OutputColumn& output : own.outputs) {
      if (output.type.kind == Kind::kValue) output.type = {};
      output.leaves.clear();
    }
  }
  bool same = own.outputs.size() == outputs.size();
  for (std::size_t i = 0; same && i < outputs.size(); ++i) {
    const ExprType& first = own.outputs[i].type;
    const ExprType& now = outputs[i].type;
    same = (first.kind == Kind::kProtected) == (now.kind == Kind::kProtected) &&
           (first.kind != Kind::kProtected || first.target == now.target);
  }
  if (!same) {
    return Refuse(
        Unsupported("a recursive common table of which a column is protected in some of "
                    "its queries only is not supported" +
                    At(own.table->name)));
  }
  tables[Folded(own.table->name)] = {Unquoted(own.table->name), own.outputs, own.table};
  return true;
}

bool Planner::PlanSetOperation(const sql::Query& query, Scope* outer, const CommonTables& visible,
                               std::vector<OutputColumn>& outputs, QueryUse use) {
  Recursive* own = std::exchange(recursive_, nullptr);
  const bool grouped_above = std::exchange(grouped_above_, false);
  if (BeginsWithSetOperation(*query.left)) recursive_ = own;
  grouped_above_ = query.left->kind == sql::QueryKind::kSetOperation &&
                   (query.set_distinct || (grouped_above && IsUnion(query)));
  if (!PlanQuery(*query.left, outer, visible, outputs, use)) return false;
  recursive_ = nullptr;
  grouped_above_ = false;
  std::optional<CommonTables> known;
  if (own != nullptr &&
      (!CopyTables(visible, query.span.first, known) || !KnowRecursive(*own, outputs, *known))) {
    return false;
  }
  const CommonTables& tables = known ? *known : visible;
  std::vector<OutputColumn> right;
  const bool recursing = std::exchange(recursing_, recursing_ || own != nullptr);
  if (!PlanQuery(*query.right, outer, tables, right, use)) return false;
  if (!MergeOutputs(query, use, right, outputs)) return false;
  const bool compares = query.set_distinct || !IsUnion(query);
  if (compares && !Deduplicate({query, outputs, right, "", false}, outer, tables, use,
                               grouped_above, outputs)) {
    return false;
  }
  recursing_ = recursing;
  return true;
}

bool Planner::MergeOutputs(const sql::Query& query, QueryUse use,
                           const std::vector<OutputColumn>& right,
                           std::vector<OutputColumn>& outputs) {
  const bool aligned = !HasGap(outputs) && !HasGap(right) && outputs.size() == right.size();
  if (!aligned) {
    constexpr std::string_view kConstruct = "UNION, INTERSECT or EXCEPT with * of another table";
    if (!AllPlain(outputs, query.set_token, kConstruct)) return false;
    if (!AllPlain(right, query.set_token, kConstruct)) return false;
    for (OutputColumn& output : outputs) {
      output.type = {};
      output.leaves.clear();
    }
    return true;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!MergeColumn(query, use, right[i], outputs[i])) return false;
  }
  return true;
}

bool Planner::MergeColumn(const sql::Query& query, QueryUse use, const OutputColumn& right,
                          OutputColumn& output) {
  const bool any = output.type.kind == Kind::kProtected || right.type.kind == Kind::kProtected;
  const bool compared = WereCompared(output) || WereCompared(right);
  output.leaves.insert(output.leaves.end(), right.leaves.begin(), right.leaves.end());
  output.fixed = output.fixed || right.fixed;
  output.deduplicated = output.deduplicated || right.deduplicated;
  if (!any) {
    if (right.type.kind == Kind::kPlain) output.type = {};
    return true;
  }
  if (use == QueryUse::kEquality) {
    output.fixed = output.fixed || compared;
    if (output.type.kind != Kind::kProtected) output.type = right.type;
    return true;
  }
  const std::string construct(tokens_.Text(query.set_token));
  const std::uint32_t target =
      output.type.kind == Kind::kProtected ? output.type.target : right.type.target;
  bool literals = false;
  for (const Leaf& leaf : output.leaves) literals = literals || IsValueNotNull(leaf);
  const bool with_literals = literals || output.type.with_literals || right.type.with_literals;
  if (literals && !TakesLiteralOfQuery(target)) {
    return RefuseAt(query.set_token, plan_.targets[target].protection->QualifiedName(),
                    construct + " with a literal under this character set or type");
  }
  if (compared) {
    return RefuseAt(query.set_token, plan_.targets[target].protection->QualifiedName(),
                    construct +
                        " with a literal that its query compares or names (DISTINCT, HAVING, ORDER "
                        "BY, a subquery)");
  }
  if (!NameSealed(query, output, target) ||
      !Unify(output.leaves, query.set_token, construct, output.type)) {
    return false;
  }
  output.type.with_literals = with_literals;
  return true;
}

// A literal of the first query that is to be sealed, and the name of the column with it.
bool Planner::NameSealed(const sql::Query& query, OutputColumn& output, std::uint32_t target) {
  const Leaf& first = output.leaves.front();
  if (!IsValueNotNull(first)) return true;
  if (output.of_row && snapshot_.catalog->is_mariadb) {
    return RefuseAt(query.set_token, plan_.targets[target].protection->QualifiedName(),
                    "VALUES before the column in a set operation");
  }
  if (!output.as_written || output.name_token != sql::kNoToken || output.of_row) return true;
  const sql::Expr& value = Inner(*first.expr);
  if (value.kind != sql::ExprKind::kLiteral && value.kind != sql::ExprKind::kParameter) {
    return RefuseAt(value.span.first, plan_.targets[target].protection->QualifiedName(),
                    "a set operation with a literal of several words and without an alias");
  }
  output.as_written = false;
  NameItem(*first.expr);
  return true;
}

// Equal rows become one. `grouped_above`: by the set operation of which this one
// is the first query, too.
bool Planner::Deduplicate(Grouping grouping, const Scope* outer, const CommonTables& visible,
                          QueryUse use, bool grouped_above, std::vector<OutputColumn>& outputs) {
  const sql::Query& query = grouping.query;
  const std::string construct(tokens_.Text(query.set_token));
  for (OutputColumn& output : outputs) {
    output.deduplicated = true;
    if (output.type.kind != Kind::kProtected || use == QueryUse::kEquality) continue;
    if (!MayCompare(output.type.target, query.set_token, construct)) return false;
    if (!IsSearchable(output.type)) continue;
    grouping.name = plan_.targets[output.type.target].protection->QualifiedName();
  }
  if (grouping.name.empty()) return true;
  if (!query.set_distinct) {
    return RefuseAt(query.set_token, grouping.name, construct + " ALL in mode 'searchable'");
  }
  if (recursing_) {
    return RefuseAt(query.set_token, grouping.name, construct + " in a recursive common table");
  }
  if (grouped_above && IsUnion(query)) {
    KeepAllRows(query);
    return true;
  }
  return GroupSetOperation(std::move(grouping), outer, visible);
}

}  // namespace sealgate::rewrite
