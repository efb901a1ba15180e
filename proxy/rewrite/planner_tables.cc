// FROM clauses, the names in them, and what the role may do with what they name.
#include <utility>

#include "proxy/rewrite/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

std::string FoldText(std::string_view text) {
  std::string folded;
  sql::FoldIdentifier(text, folded);
  return folded;
}

Refusal UnknownColumn(std::string message) {
  return TypeRefusal(1054, "42S22", std::move(message));
}

}  // namespace

bool Planner::AddTable(const sql::TableRef& table, Scope& scope) {
  switch (table.kind) {
    case sql::TableKind::kTable:
      return AddBaseTable(table, scope);
    case sql::TableKind::kDerived:
      return AddDerived(table, scope);
    case sql::TableKind::kJoin:
      return AddJoin(table, scope);
    case sql::TableKind::kTableFunction:
      break;
  }
  return Refuse(Unsupported("a table function beside a protected table is not supported" +
                            At(table.span.first)));
}

bool Planner::AddBaseTable(const sql::TableRef& table, Scope& scope) {
  Source source;
  const std::string name = Folded(table.name.table);
  if (table.name.schema == sql::kNoToken && common_tables_ != nullptr) {
    if (const auto found = common_tables_->find(name); found != common_tables_->end()) {
      source.derived = true;
      source.outputs = found->second;
      source.alias = table.alias == sql::kNoToken ? name : Folded(table.alias);
      scope.sources.push_back(std::move(source));
      return true;
    }
  }
  if (!FindTable(table.name, source, false)) return false;
  if (table.alias != sql::kNoToken) source.alias = Folded(table.alias);
  scope.sources.push_back(std::move(source));
  return true;
}

// Fills `source` for a base table; refuses views and triggers that lead to a
// protected table, and protected tables that the catalog has not seen.
bool Planner::FindTable(const sql::Name& name, Source& source, bool for_write) {
  source.alias = Folded(name.table);
  source.schema = name.schema == sql::kNoToken ? FoldText(facts_.schema) : Folded(name.schema);
  if (source.schema.empty()) {
    return Refuse(TypeRefusal(1046, "3D000", "no database is selected" + At(name.table)));
  }
  source.table = snapshot_.catalog->Find(source.schema, source.alias);
  const auto* entries = snapshot_.catalog->FindHot(source.alias);
  if (entries != nullptr) {
    for (const policy::HotName& hot : *entries) {
      if (FoldText(hot.schema) != source.schema) continue;
      if (hot.kind == policy::NameKind::kView) {
        return Refuse(
            Unsupported("a view over a protected table is not supported; name the "
                        "table" +
                        At(name.table)));
      }
      if (hot.kind == policy::NameKind::kTriggered && for_write) {
        return Refuse(
            Unsupported("a write to a table whose trigger touches a protected table is "
                        "not supported" +
                        At(name.table)));
      }
      if (hot.kind == policy::NameKind::kTable && source.table == nullptr) {
        return Refuse(TypeRefusal(1146, "42S02",
                                  "the protected table " + hot.schema + "." + hot.name +
                                      " does not exist, or Sealgate has not read it yet" +
                                      At(name.table)));
      }
    }
  }
  if (source.table != nullptr && source.table->orphan) {
    return Refuse(PlaintextColumn("table " + source.table->schema + "." + source.table->name +
                                  " holds sealed columns that the policy does not name; add them "
                                  "to policy.yaml" +
                                  At(name.table)));
  }
  return true;
}

bool Planner::AddDerived(const sql::TableRef& table, Scope& scope) {
  Source source;
  source.derived = true;
  source.alias = Folded(table.alias);
  static const CommonTables kNone;
  Scope* outer = table.lateral ? &scope : scope.outer;
  if (!PlanQuery(*table.query, outer, common_tables_ ? *common_tables_ : kNone, source.outputs)) {
    return false;
  }
  if (!table.columns.empty()) {
    bool gap = false;
    for (const OutputColumn& output : source.outputs) gap = gap || output.gap;
    if (gap || table.columns.size() != source.outputs.size()) {
      return Refuse(Unsupported("a derived table's column list over * is not supported" +
                                At(table.span.first)));
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      source.outputs[i].name = Folded(table.columns[i]);
    }
  }
  scope.sources.push_back(std::move(source));
  return true;
}

bool Planner::AddJoin(const sql::TableRef& join, Scope& scope) {
  const std::size_t before = scope.sources.size();
  if (!AddTable(*join.left, scope) || !AddTable(*join.right, scope)) return false;
  const bool natural = join.join == sql::JoinKind::kNaturalInner ||
                       join.join == sql::JoinKind::kNaturalLeft ||
                       join.join == sql::JoinKind::kNaturalRight;
  if (natural || !join.using_columns.empty()) scope.has_using = true;
  for (std::size_t i = before; i < scope.sources.size(); ++i) {
    const Source& source = scope.sources[i];
    if (natural && (source.table != nullptr || source.derived)) {
      return Refuse(
          Unsupported("NATURAL JOIN with a protected table is not supported; name the "
                      "columns in ON" +
                      At(join.span.first)));
    }
  }
  for (const std::uint32_t token : join.using_columns) {
    Resolution found = Resolve(scope, "", "", Folded(token));
    const bool hits = (found.kind == Resolution::Kind::kColumn && found.column->protection) ||
                      (found.kind == Resolution::Kind::kOutput &&
                       found.output->type.kind == ExprType::Kind::kProtected);
    if (hits) {
      return Refuse(
          Unsupported("USING with a protected column is not supported; compare the "
                      "columns in ON" +
                      At(token)));
    }
  }
  return join.on == nullptr || TypePlain(*join.on, scope, "use as a join condition");
}

bool Planner::TypeColumn(const sql::Name& name, const Scope& scope, ExprType& type) {
  type = {};
  const std::string column = Folded(name.column);
  const Resolution found = Resolve(scope, Folded(name.schema), Folded(name.table), column);
  // An alias of a select list, also of one further out, may mean a protected
  // column under another name.
  bool may_be_alias = false;
  for (const Scope* at = &scope; at != nullptr && name.table == sql::kNoToken; at = at->outer) {
    if (at->aliases == nullptr) continue;
    for (const OutputColumn& output : *at->aliases) {
      may_be_alias = may_be_alias || output.gap || output.name == column;
      if (output.gap || output.name != column) continue;
      if (output.type.kind != ExprType::Kind::kProtected) continue;
      type = output.type;
      return true;
    }
  }
  switch (found.kind) {
    case Resolution::Kind::kUnknown:
      return true;
    case Resolution::Kind::kOutput:
      type = found.output->type;
      return true;
    case Resolution::Kind::kColumn:
      return TypeBaseColumn(*found.source, *found.column, name.column, type);
    case Resolution::Kind::kAmbiguous:
      return Refuse(
          Unsupported("a column could be a protected one of an outer query or one of a "
                      "table outside the policy; qualify it with its table" +
                      At(name.column)));
    case Resolution::Kind::kNotFound:
      break;
  }
  if (may_be_alias) return true;
  return Refuse(UnknownColumn("unknown column" + At(name.column)));
}

bool Planner::CheckState(const policy::CatalogTable& table, const policy::CatalogColumn& column,
                         std::uint32_t token, bool for_write, bool* plain) {
  const policy::ProtectedColumn& protection = snapshot_.policy->columns[*column.protection];
  *plain = false;
  if (column.state == policy::ColumnState::kSealed) return true;
  const std::string name = table.schema + "." + table.name + "." + column.name;
  if (column.state == policy::ColumnState::kPlaintext) {
    const bool clear = facts_.role->columns[*column.protection].reveal == policy::Reveal::kClear;
    if (protection.plaintext_allowed || (!for_write && clear)) {
      *plain = true;
      return true;
    }
    return Refuse(PlaintextColumn("column " + name +
                                  " is to be protected but still holds plaintext; it has to be "
                                  "migrated, or the policy has to say plaintext: allow" +
                                  At(token)));
  }
  return Refuse(PlaintextColumn(
      "column " + name + " cannot hold sealed values as it is; run sealgate check" + At(token)));
}

bool Planner::TypeBaseColumn(const Source& source, const policy::CatalogColumn& column,
                             std::uint32_t token, ExprType& type) {
  if (!column.protection) return true;
  const std::uint32_t target = TargetOf(*source.table, column);
  const Target& to = plan_.targets[target];
  if (to.rule->reveal == policy::Reveal::kDeny) {
    return Refuse(ColumnDenied("this role may not read column " + to.protection->QualifiedName() +
                               At(token)));
  }
  bool plain = false;
  if (!CheckState(*source.table, column, token, false, &plain)) return false;
  if (plain) return true;
  if (to.cipher == nullptr) {
    return Refuse(CannotOpen("no key is loaded for column " + to.protection->QualifiedName()));
  }
  type.kind = ExprType::Kind::kProtected;
  type.target = target;
  return true;
}

std::uint32_t Planner::TargetOf(const policy::CatalogTable& table,
                                const policy::CatalogColumn& column) {
  for (std::uint32_t i = 0; i < plan_.targets.size(); ++i) {
    if (plan_.targets[i].column == &column) return i;
  }
  const std::uint32_t index = *column.protection;
  Target target;
  target.table = &table;
  target.column = &column;
  target.protection = &snapshot_.policy->columns[index];
  target.rule = &facts_.role->columns[index];
  target.domain = target.protection->domain;
  target.cipher = snapshot_.keys->Find(snapshot_.policy->domains[target.domain].name);
  plan_.targets.push_back(target);
  return static_cast<std::uint32_t>(plan_.targets.size() - 1);
}

bool Planner::MayWrite(std::uint32_t target, std::uint32_t token) {
  const Target& to = plan_.targets[target];
  if (!to.rule->write) {
    return Refuse(ColumnDenied("this role may not write column " + to.protection->QualifiedName() +
                               At(token)));
  }
  if (to.cipher == nullptr) {
    return Refuse(CannotOpen("no key is loaded for column " + to.protection->QualifiedName()));
  }
  const bool text = policy::IsText(to.column->type.kind);
  if (crypto::ModeOf(*to.cipher) == crypto::Mode::kSearchable && text &&
      to.column->weights == nullptr) {
    return Refuse(Unsupported("column " + to.protection->QualifiedName() +
                              " cannot be written: the collation's weights are not known" +
                              At(token)));
  }
  return true;
}

}  // namespace sealgate::rewrite
