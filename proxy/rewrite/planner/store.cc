// What may be stored in a protected column: literals and parameters, which are
// sealed; stored values of the same domain, which move as they are, because an
// envelope names its domain and not its column; and a choice between these.
#include <utility>

#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
using sql::ExprKind;

constexpr std::string_view kOtherValue =
    "storing anything but a literal, a parameter, NULL or DEFAULT";
constexpr std::string_view kMayBeNull = "storing what may be NULL in a column that is NOT NULL";
constexpr std::string_view kOtherColumn = "storing another column's value in it";

// Whether every value of the one type is a value of the other, in the same
// canonical bytes.
bool Fits(const policy::LogicalType& from, const policy::LogicalType& to) {
  policy::LogicalType widened = from;
  widened.length = to.length;
  const bool text =
      to.kind == policy::TypeKind::kVarchar || to.kind == policy::TypeKind::kVarbinary;
  return from == to || (text && widened == to && from.length <= to.length);
}

bool IsDefault(const sql::Expr& expr) {
  return expr.kind == ExprKind::kDefault && expr.name.column == sql::kNoToken;
}

// A literal other than NULL. (A parameter is looked at when it is bound.)
bool IsNeverNull(const sql::Expr& value) {
  const sql::Expr* core = nullptr;
  return IsValue(value, &core) && !IsNullLiteral(*core);
}

// Whether a literal keeps its value when CASE and its like choose it: a number
// beside a string becomes a string, and 2 beside 1.5 becomes 2.0.
bool SurvivesChoice(const sql::Expr& value, const policy::LogicalType& type) {
  if (value.kind == ExprKind::kParameter) return policy::IsText(type.kind);
  if (value.kind == ExprKind::kAdjacentStrings) return SurvivesChoice(*value.args[0], type);
  if (value.kind != ExprKind::kLiteral) return false;
  if (value.literal == sql::Literal::kInteger) return policy::IsInteger(type.kind);
  return value.literal == sql::Literal::kString || value.literal == sql::Literal::kNull;
}

}  // namespace

// One block over tables, without outer joins, groups of groups and a group of no row: a
// NOT NULL column of theirs is none in it either. A view may have any of these in it.
bool Planner::ShowsTablesAsTheyAre(const sql::Query& query, const Scope& read) const {
  if (query.kind != sql::QueryKind::kSelect || !query.with.empty() || has_views_) return false;
  if (HasRollup(*query.select)) return false;
  if (read.aggregated && query.select->group_by.empty()) return false;
  for (const sql::TableRef* table : query.select->from) {
    if (HasOuterJoin(*table)) return false;
  }
  return !query.select->from.empty();
}

// One value for one column: the heart of every write.
bool Planner::PlanStored(const sql::Expr& value, const Source& source,
                         const policy::CatalogColumn& column, Scope& scope) {
  const std::uint32_t at = value.span.first;
  if (!column.protection) {
    return TypePlain(value, scope, "storing it in a column that is not protected");
  }
  bool plain = false;
  if (!CheckState(*source.table, column, at, true, &plain)) return false;
  if (plain) return TypePlain(value, scope, "storing it in a column that holds plaintext");
  const std::uint32_t target = TargetOf(*source.table, column);
  return MayWrite(target, at) && PlanStoredValue(value, target, scope, false);
}

// Whether the string's character set has the collation that COLLATE names.
bool Planner::HasCollation(const sql::Expr& collate, const sql::Expr& value) {
  const policy::Catalog& catalog = *snapshot_.catalog;
  const policy::CollationInfo* info =
      catalog.FindCollation(catalog.CollationId(Folded(collate.span.last)));
  if (info == nullptr) return false;
  const auto charset = policy::CharsetFromName(info->charset);
  if (value.kind != ExprKind::kIntroducer) return charset && charset == facts_.connection;
  return charset && charset == policy::CharsetFromName(Folded(value.span.first).substr(1));
}

// To MySQL a parameter is one of bytes where a NULL is what else may be chosen: a text of the
// connection's character set is stored as it is.
bool Planner::TakesParametersAsBytes(const std::vector<sql::Span>& values) const {
  if (snapshot_.catalog->is_mariadb) return false;
  bool parameter = false;
  bool null = false;
  for (const sql::Span span : values) {
    for (std::uint32_t i = span.first; i <= span.last; ++i) {
      parameter = parameter || tokens_.tokens[i].kind == sql::TokenKind::kParameter;
      null = null || sql::IsWord(tokens_, i, "NULL");
    }
  }
  return parameter && null;
}

bool Planner::PlanStoredValue(const sql::Expr& value, std::uint32_t target, Scope& scope,
                              bool choice) {
  const std::string name = plan_.targets[target].protection->QualifiedName();
  const sql::Expr* core = nullptr;
  if (IsValue(value, &core)) {
    if (choice && !SurvivesChoice(*core, plan_.targets[target].column->type)) {
      return RefuseAt(core->span.first, name,
                      "storing a literal that CASE, IF or COALESCE may convert");
    }
    if (!CheckNotNull(*core, target)) return false;
    if (!IsNullLiteral(*core)) edits_.Seal(*core, target, SealAs::kEnvelope);
    return true;
  }
  if (!choice && IsCollated(value, &core) && HasCollation(Inner(value), *core)) {
    // Which collation it has is no matter where it is stored.
    edits_.Replace(Inner(value).span,
                   {{"", SealAs::kEnvelope, core->span.first, core->span.last, target}});
    return true;
  }
  core = &Inner(value);
  if (IsDefault(*core) && !choice) return CheckNotNull(*core, target);
  std::vector<const sql::Expr*> results;
  if (ChoiceResults(*core, results)) {
    if (core->kind == ExprKind::kCase && !core->has_else && !MayBeGivenNull(target)) {
      return RefuseAt(core->span.first, name, kMayBeNull);
    }
    if (!TypeChoiceConditions(*core, scope)) return false;
    const std::uint32_t chosen =
        TakesParametersAsBytes({core->span}) ? Taking(Literals::kUnconverted, target) : target;
    for (const sql::Expr* result : results) {
      if (!PlanStoredValue(*result, chosen, scope, true)) return false;
    }
    return true;
  }
  ExprType type;
  const bool of_row = core->kind == ExprKind::kValues && core->name.column != sql::kNoToken;
  if (of_row && written_ == nullptr) {
    return RefuseAt(core->span.first, name, "VALUES () outside of ON DUPLICATE KEY UPDATE");
  }
  if (of_row ? !TypeColumn(core->name, RowOf(*core, scope), type) : !Type(*core, scope, type)) {
    return false;
  }
  const bool column = of_row || core->kind == ExprKind::kColumn;
  if (type.kind == Kind::kProtected) {
    if (!MayStore(type.target, target, value.span.first)) return false;
    if (column) {
      return CheckNeverNull(type.target, target, value.span.first, makes_rows_ && !of_row);
    }
    return MayBeGivenNull(target) || RefuseAt(value.span.first, name, kMayBeNull);
  }
  return RefuseAt(value.span.first, name, column ? kOtherColumn : kOtherValue);
}

// VALUES(column) means the table's that is written, whatever else is in sight.
Scope& Planner::RowOf(const sql::Expr& values, Scope& scope) {
  return values.kind == ExprKind::kValues && written_ != nullptr ? *written_ : scope;
}

bool Planner::MayStore(std::uint32_t from, std::uint32_t to, std::uint32_t token) {
  const bool same = plan_.targets[from].domain == plan_.targets[to].domain &&
                    Fits(plan_.targets[from].column->type, plan_.targets[to].column->type);
  if (!same) return RefuseAt(token, plan_.targets[to].protection->QualifiedName(), kOtherColumn);
  return MayMove(from, to, token);
}

// INSERT … SELECT: each column of the query for its column of the table.
bool Planner::PlanInsertQuery(const sql::InsertStatement& insert, const Source& target,
                              const std::vector<const policy::CatalogColumn*>& columns,
                              Scope& changed) {
  const std::uint32_t at = insert.query->span.first;
  std::vector<OutputColumn> outputs;
  Scope read;
  keep_scope_ = &read;
  if (!PlanQuery(*insert.query, nullptr, {}, outputs)) return false;
  if (!RefuseGroupsInUpdate(insert, outputs)) return false;
  makes_rows_ = !ShowsTablesAsTheyAre(*insert.query, read);
  for (const Source& source : read.sources) {
    if (!RefuseTwin(source, changed.sources.front(), at)) return false;
    changed.sources.push_back(source);
  }
  bool gap = target.table == nullptr;
  bool stores = false;
  for (const OutputColumn& output : outputs) gap = gap || output.gap;
  for (const policy::CatalogColumn* column : columns) stores = stores || column->protection;
  if (gap && stores) {
    return Refuse(
        Unsupported("INSERT … SELECT of * of another table into a protected column is not "
                    "supported; name the columns" +
                    At(at)));
  }
  constexpr std::string_view kIntoPlain =
      "INSERT … SELECT of it into a column that is not protected";
  if (gap) return AllPlain(outputs, at, kIntoPlain);
  if (outputs.size() != columns.size()) {
    return Refuse(TypeRefusal(1136, "21S01", "column count does not match value count" + At(at)));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!PlanStoredOutput(*insert.query, outputs[i], target, *columns[i])) return false;
  }
  return true;
}

// Of what is grouped, ON DUPLICATE KEY UPDATE may name nothing; of what is DISTINCT, all.
bool Planner::RefuseGroupsInUpdate(const sql::InsertStatement& insert,
                                   const std::vector<OutputColumn>& outputs) {
  const sql::Query* query = insert.query;
  while (query->kind == sql::QueryKind::kNested) query = query->left;
  const bool set = query->kind == sql::QueryKind::kSetOperation;
  const bool grouped = set || (query->select != nullptr && query->select->distinct);
  if (insert.on_duplicate.empty() || !grouped) return true;
  for (const OutputColumn& output : outputs) {
    if (!IsSearchable(output.type)) continue;
    const std::string what = set ? "a set operation" : "SELECT DISTINCT";
    return RefuseAt(set ? query->set_token : query->select->distinct_token,
                    plan_.targets[output.type.target].protection->QualifiedName(),
                    what + " with ON DUPLICATE KEY UPDATE");
  }
  return true;
}

bool Planner::PlanStoredOutput(const sql::Query& query, const OutputColumn& output,
                               const Source& source, const policy::CatalogColumn& column) {
  const std::uint32_t token = query.span.first;
  bool plain = !column.protection;
  if (!plain && !CheckState(*source.table, column, token, true, &plain)) return false;
  if (plain) {
    return AllPlain({output}, token, "INSERT … SELECT of it into a column that is not protected");
  }
  std::uint32_t target = TargetOf(*source.table, column);
  if (!MayWrite(target, token)) return false;
  std::vector<sql::Span> values;
  for (const Leaf& leaf : output.leaves) {
    if (leaf.expr != nullptr) values.push_back(leaf.expr->span);
  }
  if (TakesParametersAsBytes(values)) target = Taking(Literals::kUnconverted, target);
  const std::string name = plan_.targets[target].protection->QualifiedName();
  const bool equal_is_equal =
      crypto::ModeOf(*plan_.targets[target].cipher) == crypto::Mode::kDeterministic;
  if (output.type.kind == Kind::kProtected) {
    if (!MayStore(output.type.target, target, token)) return false;
    if (MayBeGivenNull(target)) return true;
    const sql::Expr* leaf = output.leaves.size() == 1 ? output.leaves[0].expr : nullptr;
    const bool column_itself = leaf != nullptr && Inner(*leaf).kind == ExprKind::kColumn;
    if (column_itself && !makes_rows_) {
      return CheckNeverNull(output.type.target, target, token, false);
    }
    return RefuseAt(token, name, kMayBeNull);
  }
  for (const Leaf& leaf : output.leaves) {
    const std::uint32_t at = leaf.expr != nullptr ? leaf.expr->span.first : token;
    if (leaf.expr != nullptr && IsDefault(*leaf.expr)) {
      if (!CheckNotNull(*leaf.expr, target)) return false;
      continue;
    }
    if (leaf.type.kind != Kind::kValue) return RefuseAt(at, name, kOtherValue);
    const bool compared = output.deduplicated && (!equal_is_equal || output.leaves.size() > 1);
    if (output.fixed || compared) {
      return RefuseAt(at, name, "storing a literal of a query that compares or orders it");
    }
    const bool alone = output.leaves.size() == 1;
    if (!IsNeverNull(*leaf.expr) && !MayBeGivenNull(target)) return RefuseAt(at, name, kMayBeNull);
    if (!SealStored(*leaf.expr, target, alone)) return false;
  }
  return !output.leaves.empty() || RefuseAt(token, name, kOtherValue);
}

// `alone`: nothing that would give it another type stands beside it.
bool Planner::SealStored(const sql::Expr& value, std::uint32_t target, bool alone) {
  const sql::Expr* core = nullptr;
  const Target& to = plan_.targets[target];
  if (!IsValue(value, &core)) {
    std::vector<const sql::Expr*> results;
    if (!ChoiceResults(*core, results)) {
      return RefuseAt(core->span.first, to.protection->QualifiedName(), kOtherValue);
    }
    for (const sql::Expr* result : results) {
      if (!SealStored(*result, target, false)) return false;
    }
    return true;
  }
  if (!alone && !SurvivesChoice(*core, to.column->type)) {
    return RefuseAt(core->span.first, to.protection->QualifiedName(),
                    "storing a literal that is converted on its way");
  }
  if (!IsNullLiteral(*core)) edits_.Seal(*core, target, SealAs::kEnvelope);
  return true;
}

}  // namespace sealgate::rewrite
