// Typing of expressions. A protected column may stand where it is compared,
// tested for NULL, counted, chosen or returned; anywhere else the statement is
// refused. Every other node types its children as plain, so a column that hides
// at any depth is found.
#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/rewrite/screen/known_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

using Kind = ExprType::Kind;
using sql::ExprKind;

namespace {

bool IsNot(const sql::Expr& expr) {
  return expr.kind == ExprKind::kUnary && expr.op == sql::Op::kNot;
}

constexpr std::string_view kAggregates[] = {
    "count",      "sum",      "avg",      "min",          "max",           "bit_and",
    "bit_or",     "bit_xor",  "std",      "stddev",       "stddev_pop",    "stddev_samp",
    "var_pop",    "var_samp", "variance", "group_concat", "json_arrayagg", "json_objectagg",
    "st_collect",
};

// IS UNKNOWN is the same to both servers, and seldom asked of a column.
bool AsksForNull(const sql::Expr& expr) {
  const sql::Expr* value = nullptr;
  return expr.literal == sql::Literal::kNull ||
         (expr.literal == sql::Literal::kUnknown && IsValue(*expr.args[0], &value));
}

// Window functions that yield one of the values that they are given.
constexpr std::string_view kPicks[] = {"first_value", "last_value", "nth_value", "lag", "lead"};

constexpr std::string_view kOfSequence[] = {"nextval", "lastval", "setval"};

// Functions of the servers' own that may give another value, or change something, each time.
constexpr std::string_view kVarying[] = {
    "rand",           "random_bytes", "uuid",
    "uuid_short",     "sys_guid",     "sleep",
    "benchmark",      "sysdate",      "encrypt",
    "last_insert_id", "next",         "nextval",
    "lastval",        "setval",       "previous",
    "get_lock",       "release_lock", "release_all_locks",
    "is_free_lock",   "is_used_lock", "rownum",
};

template <std::size_t N>
bool IsOneOf(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

bool Planner::Type(const sql::Expr& expr, Scope& scope, ExprType& type) {
  type = {};
  if (!TypeAny(expr, scope, type)) return false;
  const bool itself = expr.kind == ExprKind::kColumn || expr.kind == ExprKind::kParenthesis;
  if (type.kind == Kind::kProtected && !itself) {
    type.computed = true;
    type.varies = varies_;
  }
  return true;
}

// MySQL has no a IN (b) LIKE c: changed texts of a part could make it one that it has.
bool Planner::IsChain(const sql::Expr& expr) const {
  const bool chain = expr.kind == ExprKind::kIn || expr.kind == ExprKind::kBetween ||
                     expr.kind == ExprKind::kLike || expr.kind == ExprKind::kBinary;
  if (!chain || snapshot_.catalog->is_mariadb) return false;
  const ExprKind left = expr.args[0]->kind;
  return left == ExprKind::kIn || left == ExprKind::kBetween || left == ExprKind::kLike;
}

bool Planner::TypeAny(const sql::Expr& expr, Scope& scope, ExprType& type) {
  if (IsChain(expr)) {
    return Refuse(SyntaxRefusal("IN, BETWEEN or LIKE of another one without parentheses" +
                                At(expr.span.first)));
  }
  switch (expr.kind) {
    case ExprKind::kLiteral:
    case ExprKind::kParameter:
    case ExprKind::kAdjacentStrings:
    case ExprKind::kIntroducer:
      type.kind = Kind::kValue;
      return true;
    case ExprKind::kColumn:
      return TypeColumn(expr.name, scope, type);
    case ExprKind::kParenthesis:
      return Type(*expr.args[0], scope, type);
    case ExprKind::kComparison:
      return TypeComparison(expr, scope);
    case ExprKind::kIn:
      return TypeIn(expr, scope);
    case ExprKind::kQuantified:
      return TypeQuantified(expr, scope);
    case ExprKind::kBetween:
      return stored_ ? TypeStoredRange(expr, scope) : TypeChildren(expr, scope);
    case ExprKind::kIs:
      return AsksForNull(expr) ? TypeNullTest(expr, scope) : TypeChildren(expr, scope);
    case ExprKind::kUnary:
      return IsNot(expr) ? TypeNot(expr, scope) : TypeChildren(expr, scope);
    case ExprKind::kSubquery:
    case ExprKind::kExists:
      return TypeSubquery(expr, scope, type);
    case ExprKind::kCase:
      return TypeChoice(expr, scope, type);
    case ExprKind::kFunction:
      return TypeFunction(expr, scope, type);
    case ExprKind::kUserVariable:
    case ExprKind::kAssign:
      varies_ = true;
      return TypeChildren(expr, scope);
    case ExprKind::kWindowFunction:
      return TypeWindowFunction(expr, scope, type);
    case ExprKind::kValues:
    case ExprKind::kDefault:
      if (expr.name.column == sql::kNoToken) return TypeChildren(expr, scope);
      types_default_ = expr.kind == ExprKind::kDefault;
      if (!TypeColumn(expr.name, RowOf(expr, scope), type)) return false;
      types_default_ = false;
      if (type.kind != Kind::kProtected) return true;
      return RefuseAt(expr.span.first, plan_.targets[type.target].protection->QualifiedName(),
                      ConstructOf(expr));
    default:
      return TypeChildren(expr, scope);
  }
}

bool Planner::TypePlain(const sql::Expr& expr, Scope& scope, std::string_view construct) {
  ExprType type;
  if (!Type(expr, scope, type)) return false;
  if (type.kind != Kind::kProtected) return true;
  return RefuseAt(expr.span.first, plan_.targets[type.target].protection->QualifiedName(),
                  construct);
}

bool Planner::IsXor(const sql::Expr& expr) const {
  return expr.op_token != sql::kNoToken && sql::EqualsKeyword(tokens_.Text(expr.op_token), "XOR");
}

// 'x' || '' = email: an OR, where a concatenation was meant. The string would
// go to the server as it is.
bool Planner::RefuseStringAsTruth(const sql::Expr& arg) {
  const sql::Expr& inner = Inner(arg);
  const bool string =
      inner.kind == ExprKind::kAdjacentStrings || inner.kind == ExprKind::kIntroducer ||
      (inner.kind == ExprKind::kLiteral &&
       (inner.literal == sql::Literal::kString || inner.literal == sql::Literal::kNational));
  if (!string) return true;
  return Refuse(
      Unsupported("a string as a truth value is not supported in a statement on a "
                  "protected table" +
                  At(inner.span.first)));
}

bool Planner::TypeChildren(const sql::Expr& expr, Scope& scope) {
  const bool truth = expr.kind == ExprKind::kAnd || expr.kind == ExprKind::kOr || IsNot(expr) ||
                     (expr.kind == ExprKind::kBinary && IsXor(expr));
  for (const sql::Expr* arg : expr.args) {
    if (arg->kind == ExprKind::kStar) continue;
    if (truth && !RefuseStringAsTruth(*arg)) return false;
    if (!TypePlain(*arg, scope, ConstructOf(expr))) return false;
  }
  if (expr.query == nullptr) return true;
  ExprType type;
  if (!TypeSubquery(expr, scope, type)) return false;
  if (type.kind != Kind::kProtected) return true;
  return RefuseAt(expr.span.first, plan_.targets[type.target].protection->QualifiedName(),
                  ConstructOf(expr));
}

bool Planner::TypeSubquery(const sql::Expr& expr, Scope& scope, ExprType& type) {
  NoteSubquery(*expr.query);
  std::vector<OutputColumn> outputs;
  static const CommonTables kNone;
  if (expr.kind == ExprKind::kExists && expr.query->kind == sql::QueryKind::kSetOperation &&
      expr.query->set_distinct) {
    // Nobody sees its values.
    std::vector<std::vector<Position>> operand(1);
    const std::uint32_t at = expr.query->set_token;
    return TypeQueryOperand(*expr.query, at, scope, operand[0]) &&
           CompareOperands(operand, at, "EXISTS of a set operation");
  }
  const Semijoins before = BeginSubquery();
  if (!PlanQuery(*expr.query, &scope, common_tables_ ? *common_tables_ : kNone, outputs)) {
    return false;
  }
  if (expr.kind == ExprKind::kExists && !RefuseSemijoinWithin(expr.span.first)) return false;
  EndSubquery(before);
  if (expr.kind == ExprKind::kExists) return true;
  const bool scalar = outputs.size() == 1 && !outputs[0].gap;
  if (!scalar) return AllPlain(outputs, expr.span.first, ConstructOf(expr));
  if (outputs[0].type.kind == Kind::kProtected) type = outputs[0].type;
  return true;
}

// Behind a blank, `count (x)` is a stored function, unless sql_mode has IGNORE_SPACE.
bool Planner::IsBuiltIn(const sql::Expr& expr) const {
  const std::uint32_t name = expr.name.table;
  if (expr.name.schema != sql::kNoToken || name == sql::kNoToken) return false;
  if (tokens_.tokens[name].kind != sql::TokenKind::kWord) return false;
  const sql::Token& next = tokens_.tokens[name + 1];
  if (next.op != sql::Operator::kOpen || next.adjacent) return true;
  return !IsNativeOnlyAdjacent(policy::FoldName(tokens_.Text(name)));
}

bool Planner::CheckRoutine(const sql::Expr& expr, const std::string& name) {
  // The servers find routines by a collation that knows no accents.
  if (!ascii::IsAscii(name) && snapshot_.catalog->has_hot_routines()) {
    return Refuse(
        Unsupported("a function whose name has a character beyond ASCII is not "
                    "supported beside routines over protected tables" +
                    At(expr.span.first)));
  }
  if (const auto* entries = snapshot_.catalog->FindHot(name)) {
    for (const policy::HotName& hot : *entries) {
      if (hot.kind != policy::NameKind::kRoutine) continue;
      return Refuse(
          Unsupported("a stored function that reads or writes a protected table, or "
                      "runs dynamic SQL, is not supported" +
                      At(expr.span.first)));
    }
  }
  return true;
}

bool Planner::TypeFunction(const sql::Expr& expr, Scope& scope, ExprType& type) {
  const std::string name = Folded(expr.name.table);
  if (!CheckRoutine(expr, name)) return false;
  const bool native = IsBuiltIn(expr) && IsNativeFunction(name, *snapshot_.catalog);
  if (!native) MayAggregate(scope);
  varies_ = varies_ || !native || IsOneOf(name, kVarying);
  if (!IsBuiltIn(expr)) return TypeChildren(expr, scope);
  if (IsOneOf(name, kAggregates)) return TypeAggregate(expr, name, scope, type);
  if (snapshot_.catalog->is_mariadb && IsOneOf(name, kOfSequence)) {
    return TypeSequenceFunction(expr, scope);
  }
  if (name == "any_value" && native && expr.args.size() == 1) {
    return TypeAnyValue(expr, scope, type);
  }
  if (name == "isnull" && expr.args.size() == 1) return TypeNullTest(expr, scope);
  if (name == "nullif" && expr.args.size() == 2) return TypeNullIf(expr, scope, type);
  std::vector<const sql::Expr*> results;
  if (ChoiceResults(expr, results)) return TypeChoice(expr, scope, type);
  return TypeChildren(expr, scope);
}

// MySQL's ANY_VALUE(c), which is c wherever it stands.
bool Planner::TypeAnyValue(const sql::Expr& expr, Scope& scope, ExprType& type) {
  ++scope.aggregates;
  if (!Type(*expr.args[0], scope, type)) return false;
  --scope.aggregates;
  if (type.kind == Kind::kProtected) {
    type.computed = true;
    return true;
  }
  type = {};
  return true;
}

// MariaDB's NEXTVAL(s), LASTVAL(s), SETVAL(s, …): the first one is a table.
bool Planner::TypeSequenceFunction(const sql::Expr& expr, Scope& scope) {
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const bool sequence = i == 0 && expr.args[i]->kind == ExprKind::kColumn;
    if (!sequence && !TypePlain(*expr.args[i], scope, "a function")) return false;
  }
  return true;
}

// A function of somebody's own may be an aggregate one, of this block or one around it.
void Planner::MayAggregate(Scope& scope) {
  for (Scope* at = &scope; at != nullptr; at = at->outer) at->aggregated = true;
}

// COUNT counts what is not NULL, which sealing keeps; with DISTINCT, a
// searchable column counts by its stored prefix.
bool Planner::TypeAggregate(const sql::Expr& expr, std::string_view name, Scope& scope,
                            ExprType& type) {
  ++scope.aggregates;
  scope.aggregated = true;
  for (const sql::Expr* arg : expr.args) {
    if (arg->kind == ExprKind::kStar) continue;
    ExprType counted;
    if (!TypeCompared(*arg, scope, counted)) return false;
    if (counted.kind != Kind::kProtected) continue;
    if (name == "min" && IsOfGroup(*arg, scope)) {
      type = counted;
      continue;
    }
    if (name != "count") {
      return RefuseAt(arg->span.first, plan_.targets[counted.target].protection->QualifiedName(),
                      "a function");
    }
    if (!expr.distinct) continue;
    if (!MayCompare(counted.target, arg->span.first, "COUNT(DISTINCT)")) return false;
    if (stored_) {
      if (!ComparesPrefix(counted, arg->span.first, "COUNT(DISTINCT)")) return false;
    } else if (IsSearchable(counted)) {
      edits_.WrapEquality(*arg);
    }
  }
  --scope.aggregates;
  return true;
}

bool Planner::TypeWindowFunction(const sql::Expr& expr, Scope& scope, ExprType& type) {
  ++scope.windows;
  const bool typed = TypeWindowParts(expr, scope, type);
  --scope.windows;
  return typed;
}

bool Planner::TypeWindowParts(const sql::Expr& expr, Scope& scope, ExprType& type) {
  const std::string name = Folded(expr.name.table);
  if (!CheckRoutine(expr, name)) return false;
  const bool counts = IsBuiltIn(expr) && name == "count" && !expr.distinct;
  const bool picks = IsBuiltIn(expr) && IsOneOf(name, kPicks);
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const sql::Expr& arg = *expr.args[i];
    if (arg.kind == ExprKind::kStar) continue;
    if (i >= expr.arguments && i < expr.arguments + expr.partitions) {
      if (!TypePartition(arg, scope)) return false;
      continue;
    }
    const bool passes = i < expr.arguments && (counts || (picks && i == 0));
    if (!passes) {
      // LAG(email, 1, 'none'): the default would have to be sealed.
      if (type.kind == Kind::kProtected && i == 2 && i < expr.arguments && !IsNullLiteral(arg)) {
        return RefuseAt(arg.span.first, plan_.targets[type.target].protection->QualifiedName(),
                        "a default of LAG or LEAD");
      }
      if (!TypePlain(arg, scope, ConstructOf(expr))) return false;
      continue;
    }
    ExprType passed;
    if (!Type(arg, scope, passed)) return false;
    if (picks && passed.kind == Kind::kProtected) type = passed;
  }
  return true;
}

bool Planner::TypePartition(const sql::Expr& expr, Scope& scope) {
  ExprType type;
  if (!TypeCompared(expr, scope, type)) return false;
  if (type.kind != Kind::kProtected) return true;
  if (!MayCompare(type.target, expr.span.first, "PARTITION BY")) return false;
  if (stored_) return ComparesPrefix(type, expr.span.first, "PARTITION BY");
  if (IsSearchable(type)) edits_.WrapEquality(expr);
  return true;
}

}  // namespace sealgate::rewrite
