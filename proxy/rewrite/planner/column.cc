// What a column's name means where it stands.
#include <algorithm>

#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;

constexpr std::string_view kQuotes = "'\"";
// Of an expression. A table's own column of such a name can be qualified.
constexpr std::string_view kSignsOfText = "'\"=<>!+*/%(),|&^~?";

// Whether the block itself has the alias, and not only one further out.
bool IsAliasOf(const Scope& scope, const std::string& column) {
  if (scope.aliases == nullptr || scope.in_select_list) return false;
  for (const OutputColumn& output : *scope.aliases) {
    if (output.name == column) return true;
  }
  return false;
}

bool MayBeProtected(const Resolution& found) {
  if (found.kind == Resolution::Kind::kAmbiguous) return true;
  if (found.kind == Resolution::Kind::kColumn) return found.column->protection.has_value();
  return found.kind == Resolution::Kind::kOutput && found.output->type.kind == Kind::kProtected;
}

// An aggregate function of what an outer query's columns are makes groups of that one.
void NoteAggregated(const Resolution& found, Scope& scope) {
  bool inside = false;
  for (Scope* at = &scope; at != nullptr; at = at->outer) {
    at->aggregated = at->aggregated || inside;
    inside = inside || at->aggregates > 0;
    if (at == found.scope) return;
  }
}

// Where a name's own columns and the aliases of its block disagree, which of
// them the server takes depends on the clause.
bool Agree(const ExprType& a, const ExprType& b) {
  const bool protect = a.kind == Kind::kProtected;
  if (protect != (b.kind == Kind::kProtected)) return false;
  return !protect || a.target == b.target;
}

}  // namespace

// The output that an unqualified name means as an alias of a select list, also
// of one further out. False: two of one name that differ in protection. A literal of
// that name is looked at by the query itself.
bool Planner::FindAlias(const std::string& column, const Scope& scope, const OutputColumn** alias,
                        bool* may_be_alias, bool* may_be_hidden) const {
  *alias = nullptr;
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    if (at->aliases == nullptr || (at == &scope && at->in_select_list)) continue;
    for (OutputColumn& output : *at->aliases) {
      const bool unnamed = output.MayBeCalled(column);
      const bool named = !output.gap && !output.unnamed() && output.name == column;
      *may_be_alias = *may_be_alias || output.gap || unnamed || named;
      if (!unnamed && !named) continue;
      output.fixed = output.fixed || output.type.kind == Kind::kValue;
      *may_be_hidden = *may_be_hidden || (unnamed && output.hidden_name);
      if (unnamed && output.type.kind == Kind::kProtected) return false;
      if (unnamed) continue;
      if (*alias == nullptr) *alias = &output;
      const bool same =
          Agree((*alias)->type, output.type) && (*alias)->type.computed == output.type.computed;
      if (!same) return false;
    }
    if (*alias != nullptr) return true;
  }
  return true;
}

// Whether an item of the select list names anything protected, or has a query that may.
bool Planner::ListsProtected(const sql::SelectItem& item, const Scope& scope) {
  for (std::uint32_t i = item.expr->span.first; i <= item.expr->span.last; ++i) {
    const sql::TokenKind kind = tokens_.tokens[i].kind;
    const bool name = kind == sql::TokenKind::kWord || kind == sql::TokenKind::kQuotedIdentifier;
    if (sql::IsWord(tokens_, i, "SELECT") || sql::IsWord(tokens_, i, "TABLE")) return true;
    if (name && MayBeProtected(Resolve(scope, "", "", Folded(i)))) return true;
  }
  return false;
}

// Of literals alone, which may be sealed for where they go.
bool Planner::ListsLiterals(const sql::SelectItem& item) const {
  const sql::Expr* core = nullptr;
  std::vector<const sql::Expr*> results;
  return IsValue(*item.expr, &core) || ChoiceResults(Inner(*item.expr), results);
}

// An alias of a select list that is not typed to its end, of something protected: the servers
// take it in window functions of the list, and refuse one that stands behind a subquery only
// after they have read the values.
bool Planner::IsListedAlias(std::uint32_t token, const std::string& column, const Scope& scope) {
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    if (at->listing == nullptr || (at == &scope && at->windows == 0)) continue;
    for (const sql::SelectItem& item : at->listing->items) {
      const bool own = item.expr->span.first <= token && token <= item.expr->span.last;
      const bool seen = at == &scope || item.expr->span.first > token;
      if (own || !seen || item.alias == sql::kNoToken || Folded(item.alias) != column) continue;
      if (ListsProtected(item, *at) || ListsLiterals(item)) return true;
    }
  }
  return false;
}

// Whether the servers take the block's own alias before a column of its tables: where it is
// an item as a whole, and in HAVING unless the block groups by a column of that name.
bool Planner::TakesAlias(std::uint32_t token, const std::string& column, const Scope& scope) {
  if (scope.whole_item == token) return true;
  if (scope.having == nullptr || scope.aggregates > 0) return false;
  if (scope.having->group_by.empty()) return true;
  // By a number or another alias, too.
  const auto names = [&](const auto& item) { return HasName(item.expr->span, column); };
  const auto& items = scope.having->items;
  const auto& keys = scope.having->group_by;
  return std::none_of(items.begin(), items.end(), names) &&
         std::none_of(keys.begin(), keys.end(), names);
}

bool Planner::HasName(sql::Span span, const std::string& folded) {
  for (std::uint32_t i = span.first; i <= span.last; ++i) {
    const sql::TokenKind kind = tokens_.tokens[i].kind;
    const bool name = kind == sql::TokenKind::kWord || kind == sql::TokenKind::kQuotedIdentifier;
    if (name && Folded(i) == folded) return true;
  }
  return false;
}

bool Planner::TypeColumn(const sql::Name& name, Scope& scope, ExprType& type) {
  type = {};
  const std::string column = Folded(name.column);
  const Resolution found = Resolve(scope, Folded(name.schema), Folded(name.table), column);
  NoteAggregated(found, scope);
  const OutputColumn* alias = nullptr;
  bool may_be_alias = false;
  bool may_be_hidden = false;
  const bool agree = name.table != sql::kNoToken ||
                     FindAlias(column, scope, &alias, &may_be_alias, &may_be_hidden);
  const bool known =
      found.kind == Resolution::Kind::kColumn || found.kind == Resolution::Kind::kOutput;
  if (known && !TypeFound(found, name, scope, type)) return false;
  // Without an alias, the text of an expression is its name, and may have a value in it.
  const bool unseen = !known && alias == nullptr;
  // Of a query whose list is written, or is typed later, nobody knows here.
  const bool of_list = written_ != nullptr || scope.windows > 0;
  const std::string_view signs = name.table == sql::kNoToken && of_list ? kSignsOfText : kQuotes;
  const bool of_text =
      unseen && (may_be_hidden || column.find_first_of(signs) != std::string::npos);
  if (of_text || (found.kind == Resolution::Kind::kAmbiguous && found.output != nullptr)) {
    return Refuse(
        Unsupported("a name could mean a protected expression that has none; give it an alias" +
                    At(name.column)));
  }
  // Of columns in several tables, some clauses take the one that the select list has.
  // (One of USING is a single one, and cannot be searchable.)
  const bool searchable = IsSearchable(type);
  const bool by_clause = known && found.twice && name.table == sql::kNoToken &&
                         type.kind == Kind::kProtected && (searchable || !found.scope->has_using) &&
                         (alias != nullptr || (searchable && scope.windows > 0));
  if (by_clause || !agree || (known && alias != nullptr && !Agree(type, alias->type))) {
    return Refuse(
        Unsupported("a name could mean a protected column or another one, as a column or as an "
                    "alias; qualify it with its table, or choose another alias" +
                    At(name.column)));
  }
  if (known) {
    // As an alias it means what is selected.
    type.computed = type.computed || (alias != nullptr && alias->type.computed);
    type.varies = type.varies || (alias != nullptr && alias->type.varies);
    return CheckHaving(found, name, scope, type) && TypeGrouped(found, name, scope, type);
  }
  if (name.table == sql::kNoToken && IsListedAlias(name.column, column, scope)) {
    return Refuse(
        Unsupported("a name in a window, or in a subquery of the select list, could mean an alias "
                    "of the list or a column of a table outside the policy; qualify it with its "
                    "table, or choose another alias" +
                    At(name.column)));
  }
  const bool protected_alias = alias != nullptr && alias->type.kind == Kind::kProtected;
  const bool unknown = found.kind == Resolution::Kind::kUnknown;
  const bool own_alias = IsAliasOf(scope, column);
  if (protected_alias && own_alias && unknown && found.scope == &scope &&
      !TakesAlias(name.column, column, scope)) {
    return Refuse(
        Unsupported("the alias of a protected column could mean a column of a table outside the "
                    "policy; qualify it with its table, or choose another alias" +
                    At(name.column)));
  }
  // In a subquery a column of its own tables comes before an outer alias.
  const bool own_table = unknown && !own_alias;
  if (protected_alias && !own_table) {
    // It has become MIN(), which MariaDB does not take by its alias.
    if (scope.grouped && IsSearchable(alias->type) && snapshot_.catalog->is_mariadb) {
      return RefuseAt(name.column, plan_.targets[alias->type.target].protection->QualifiedName(),
                      "the alias of what is grouped in an expression");
    }
    type = alias->type;
    return true;
  }
  if (protected_alias || found.kind == Resolution::Kind::kAmbiguous) {
    return Refuse(
        Unsupported("a column could be a protected one of an outer query or one of a "
                    "table outside the policy; qualify it with its table" +
                    At(name.column)));
  }
  if (found.kind == Resolution::Kind::kUnknown || may_be_alias) return true;
  return Refuse(TypeRefusal(1054, "42S22", "unknown column" + At(name.column)));
}

// A name in HAVING, or in a subquery of it, means what the block selects or groups by,
// then a column of a query around it, and only then one of the block's own tables.
bool Planner::CheckHaving(const Resolution& found, const sql::Name& name, const Scope& scope,
                          const ExprType& type) {
  const Scope& own = *found.scope;
  if (own.having == nullptr || (&own == &scope && own.aggregates > 0)) return true;
  if (IsSelectedOrGrouped(found, name)) return true;
  for (const Scope* at = own.outer; at != nullptr; at = at->outer) {
    const Resolution outer =
        Resolve(*at, Folded(name.schema), Folded(name.table), Folded(name.column));
    if (outer.kind == Resolution::Kind::kNotFound) return true;
    if (type.kind != Kind::kProtected && !MayBeProtected(outer)) continue;
    return Refuse(
        Unsupported("a name in HAVING could mean a column of the query around it, and one of the "
                    "two is protected; select it, group by it or choose other names" +
                    At(name.column)));
  }
  return true;
}

bool Planner::IsSelectedOrGrouped(const Resolution& found, const sql::Name& name) {
  const std::string column = Folded(name.column);
  const auto is_column = [&](const sql::Expr& expr) {
    const sql::Expr& inner = Inner(expr);
    if (inner.kind != sql::ExprKind::kColumn || Folded(inner.name.column) != column) return false;
    const Resolution same =
        Resolve(*found.scope, Folded(inner.name.schema), Folded(inner.name.table), column);
    return same.scope == found.scope && same.source == found.source;
  };
  for (const sql::SelectItem& item : found.scope->having->items) {
    const bool selected = item.alias == sql::kNoToken
                              ? is_column(*item.expr)
                              : name.table == sql::kNoToken && Folded(item.alias) == column;
    if (selected) return true;
  }
  const auto& keys = found.scope->having->group_by;
  return std::any_of(keys.begin(), keys.end(),
                     [&](const sql::OrderItem& key) { return is_column(*key.expr); });
}

bool Planner::TypeFound(const Resolution& found, const sql::Name& name, Scope&, ExprType& type) {
  if (found.kind == Resolution::Kind::kColumn) {
    if (found.scope != nullptr && found.scope->before_row && !KnowsDefault(*found.column)) {
      return RefuseAt(name.column,
                      snapshot_.policy->columns[*found.column->protection].QualifiedName(),
                      "a mention in a row that is inserted");
    }
    return TypeBaseColumn(*found.source, *found.column, name.column, type);
  }
  if (found.output->type.kind == Kind::kProtected) type = found.output->type;
  return true;
}

// Whether the values of a new row find the column's default in it. A sealed one is an
// expression, which MySQL evaluates after them; and that of NOT NULL alone is no sealed
// value.
bool Planner::KnowsDefault(const policy::CatalogColumn& column) const {
  if (!column.protection) return true;
  return column.has_default ? snapshot_.catalog->is_mariadb : column.nullable;
}

// A searchable column by which its block groups: the server groups by the
// stored prefix, and of the values with that prefix MIN() takes one.
bool Planner::TypeGrouped(const Resolution& found, const sql::Name& name, const Scope& scope,
                          const ExprType& type) {
  if (type.kind != Kind::kProtected || !found.scope->grouped) return true;
  const auto source = static_cast<std::size_t>(found.source - found.scope->sources.data());
  const std::string column = Folded(name.column);
  bool key = false;
  for (const Scope::GroupKey& known : found.scope->keys) {
    key = key || (known.source == source && known.column == column);
  }
  if (!key || found.scope->aggregates > 0) return true;
  if (found.scope != &scope) {
    return RefuseAt(name.column, plan_.targets[type.target].protection->QualifiedName(),
                    "a mention in a subquery of a query that groups by the column");
  }
  if (recursing_) {
    return RefuseAt(name.column, plan_.targets[type.target].protection->QualifiedName(),
                    "GROUP BY in a recursive common table");
  }
  // Its prefix is what the block groups by: with an aggregate, MariaDB takes no row of a
  // subquery on the left for equal. (Without, MySQL does not take a HAVING.)
  if (scope.compared_item == name.column) return true;
  if (beside_query_ && found.scope == &scope) {
    return RefuseAt(name.column, plan_.targets[type.target].protection->QualifiedName(),
                    "an expression of a grouped subquery beside another subquery");
  }
  sql::Span span{name.column, name.column};
  if (name.table != sql::kNoToken) span.first = name.table;
  if (name.schema != sql::kNoToken) span.first = name.schema;
  edits_.Wrap(span, "MIN(", ")");
  return true;
}

}  // namespace sealgate::rewrite
