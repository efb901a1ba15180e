// WITH, and UNION, INTERSECT and EXCEPT: what their queries yield together.
//
// UNION ALL passes stored values on. The others compare them, which is right as
// they are stored for deterministic columns only.
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

// Whether the first thing that planning the query does is a set operation.
bool BeginsWithSetOperation(const sql::Query& query) {
  if (!query.with.empty()) return false;
  if (query.kind == sql::QueryKind::kNested) return BeginsWithSetOperation(*query.left);
  return query.kind == sql::QueryKind::kSetOperation;
}

}  // namespace

bool Planner::IsUnfinished(const std::vector<OutputColumn>& outputs) {
  return outputs.size() == 1 && outputs[0].gap && outputs[0].deduplicated;
}

bool Planner::PlanCommonTables(std::span<sql::CommonTable> with, Scope* outer,
                               CommonTables& tables) {
  for (const sql::CommonTable& table : with) {
    const std::string name = Folded(table.name);
    Recursive own{&table, {}, false};
    if (table.recursive) {
      tables[name] = {Unfinished()};
      if (BeginsWithSetOperation(*table.query)) recursive_ = &own;
    }
    std::vector<OutputColumn> outputs;
    if (!PlanQuery(*table.query, outer, tables, outputs)) return false;
    recursive_ = nullptr;
    if (!table.columns.empty() && !NameOutputs(table.columns, table.name, outputs)) return false;
    if (own.known && !KnowRecursive(own, outputs, tables)) return false;
    for (OutputColumn& output : outputs) output.leaves.clear();
    tables[name] = std::move(outputs);
  }
  return true;
}

bool Planner::NameOutputs(std::span<std::uint32_t> columns, std::uint32_t token,
                          std::vector<OutputColumn>& outputs) {
  if (HasGap(outputs)) return AllPlain(outputs, token, "a column list over *");
  if (columns.size() != outputs.size()) {
    return Refuse(Unsupported("a table's column list does not fit its query" + At(token)));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i].name = Folded(columns[i]);
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
  tables[Folded(own.table->name)] = own.outputs;
  return true;
}

bool Planner::PlanSetOperation(const sql::Query& query, Scope* outer, const CommonTables& visible,
                               std::vector<OutputColumn>& outputs, QueryUse use) {
  Recursive* own = std::exchange(recursive_, nullptr);
  if (BeginsWithSetOperation(*query.left)) recursive_ = own;
  if (!PlanQuery(*query.left, outer, visible, outputs, use)) return false;
  recursive_ = nullptr;
  CommonTables tables = visible;
  if (own != nullptr && !KnowRecursive(*own, outputs, tables)) return false;
  std::vector<OutputColumn> right;
  if (!PlanQuery(*query.right, outer, tables, right, use)) return false;
  if (!MergeOutputs(query, use, right, outputs)) return false;
  if (own != nullptr && query.set_distinct) {
    for (const OutputColumn& output : outputs) {
      if (!IsSearchable(output.type)) continue;
      return RefuseAt(query.set_token,
                      plan_.targets[output.type.target].protection->QualifiedName(),
                      "UNION DISTINCT in a recursive common table");
    }
  }
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
  const bool compares =
      query.set_distinct || !sql::EqualsKeyword(tokens_.Text(query.set_token), "UNION");
  return !compares || DeduplicateUnion(query, use, outputs);
}

bool Planner::MergeColumn(const sql::Query& query, QueryUse use, const OutputColumn& right,
                          OutputColumn& output) {
  const bool any = output.type.kind == Kind::kProtected || right.type.kind == Kind::kProtected;
  output.leaves.insert(output.leaves.end(), right.leaves.begin(), right.leaves.end());
  output.fixed = output.fixed || right.fixed;
  output.deduplicated = output.deduplicated || right.deduplicated;
  if (!any) {
    if (right.type.kind == Kind::kPlain) output.type = {};
    return true;
  }
  if (use == QueryUse::kEquality) {
    if (output.type.kind != Kind::kProtected) output.type = right.type;
    return true;
  }
  const std::string construct(tokens_.Text(query.set_token));
  const std::uint32_t target =
      output.type.kind == Kind::kProtected ? output.type.target : right.type.target;
  bool seals = false;
  bool literals = false;
  for (const Leaf& leaf : output.leaves) {
    seals = seals || leaf.type.kind == Kind::kValue;
    const bool value = leaf.type.kind == Kind::kValue && leaf.expr != nullptr;
    literals = literals || (value && !IsNullLiteral(Inner(*leaf.expr)));
  }
  if (literals && !TakesLiteralOfQuery(target)) {
    return RefuseAt(query.set_token, plan_.targets[target].protection->QualifiedName(),
                    construct + " with a literal under this character set or type");
  }
  const bool deterministic =
      plan_.targets[target].cipher != nullptr &&
      crypto::ModeOf(*plan_.targets[target].cipher) == crypto::Mode::kDeterministic;
  if (seals && (output.fixed || (output.deduplicated && !deterministic))) {
    return RefuseAt(query.set_token, plan_.targets[target].protection->QualifiedName(),
                    construct + " with a literal of a query with DISTINCT, HAVING or ORDER BY");
  }
  return Unify(output.leaves, query.set_token, construct, output.type);
}

// Equal rows become one.
bool Planner::DeduplicateUnion(const sql::Query& query, QueryUse use,
                               std::vector<OutputColumn>& outputs) {
  const std::string construct(tokens_.Text(query.set_token));
  for (OutputColumn& output : outputs) {
    output.deduplicated = true;
    if (output.type.kind != Kind::kProtected || use == QueryUse::kEquality) continue;
    if (!MayCompare(output.type.target, query.set_token, construct)) return false;
    if (!IsSearchable(output.type)) continue;
    return RefuseAt(query.set_token, plan_.targets[output.type.target].protection->QualifiedName(),
                    construct + " without ALL in mode 'searchable'");
  }
  return true;
}

}  // namespace sealgate::rewrite
