// FROM clauses, the names in them, and what the role may do with what they name.
#include <utility>

#include "policy/name_folding.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

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
      if (IsUnfinished(found->second)) {
        return Refuse(
            Unsupported("a recursive common table in its own first query is not "
                        "supported" +
                        At(table.name.table)));
      }
      source.derived = true;
      source.outputs = found->second;
      source.alias = table.alias == sql::kNoToken ? name : Folded(table.alias);
      scope.sources.push_back(std::move(source));
      return true;
    }
  }
  if (!FindSource(table.name, source)) return false;
  if (table.alias != sql::kNoToken) source.alias = Folded(table.alias);
  scope.sources.push_back(std::move(source));
  return true;
}

// A table or a view, to be read.
bool Planner::FindSource(const sql::Name& name, Source& source) {
  const policy::CatalogView* view = FindView(name);
  if (view == nullptr || writes_) return FindTable(name, source, writes_);
  return AddView(*view, name.table, source);
}

// Fills `source` for a base table; refuses views and triggers that lead to a
// protected table, and protected tables that the catalog has not seen.
bool Planner::FindTable(const sql::Name& name, Source& source, bool for_write) {
  if (for_write) {
    const policy::CatalogView* view = FindView(name);
    if (view != nullptr) return AddWrittenView(*view, name.table, source);
  }
  source.alias = Folded(name.table);
  source.schema =
      name.schema == sql::kNoToken ? policy::FoldName(facts_.schema) : Folded(name.schema);
  if (source.schema.empty()) {
    return Refuse(TypeRefusal(1046, "3D000", "no database is selected" + At(name.table)));
  }
  source.table = snapshot_.catalog->Find(source.schema, source.alias);
  const auto* entries = snapshot_.catalog->FindHot(source.alias);
  if (entries != nullptr) {
    for (const policy::HotName& hot : *entries) {
      if (policy::FoldName(hot.schema) != source.schema) continue;
      if (hot.kind == policy::NameKind::kView) {
        return Refuse(
            Unsupported("a view over a protected table is not supported here; name the "
                        "table" +
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
  if (for_write && !MayTrigger(source.schema, source.alias, name.table)) return false;
  if (source.table != nullptr && source.table->orphan) {
    return Refuse(PlaintextColumn("table " + source.table->schema + "." + source.table->name +
                                  " holds sealed columns that the policy does not name; add them "
                                  "to policy.yaml" +
                                  At(name.table)));
  }
  return true;
}

bool Planner::MayTrigger(const std::string& schema, const std::string& table, std::uint32_t token) {
  const auto* entries = snapshot_.catalog->FindHot(table);
  if (entries == nullptr) return true;
  for (const policy::HotName& hot : *entries) {
    if (hot.kind != policy::NameKind::kTriggered || policy::FoldName(hot.schema) != schema)
      continue;
    return Refuse(Unsupported(
        "a write to a table whose trigger touches a protected table is not supported" + At(token)));
  }
  return true;
}

bool Planner::AddDerived(const sql::TableRef& table, Scope& scope) {
  Source source;
  source.derived = true;
  source.alias = Folded(table.alias);
  static const CommonTables kNone;
  Scope* outer = table.lateral ? &scope : scope.outer;
  const Scope* around = table_scope_;
  if (!table.lateral) table_scope_ = outer;
  if (!PlanQuery(*table.query, outer, common_tables_ ? *common_tables_ : kNone, source.outputs)) {
    return false;
  }
  table_scope_ = around;
  if (!table.columns.empty() && !NameOutputs(table.columns, table.span.first, source.outputs)) {
    return false;
  }
  for (OutputColumn& output : source.outputs) output.leaves.clear();
  scope.sources.push_back(std::move(source));
  return true;
}

bool Planner::CheckState(const policy::CatalogTable& table, const policy::CatalogColumn& column,
                         std::uint32_t token, bool for_write, bool* plain) {
  const policy::ProtectedColumn& protection = snapshot_.policy->columns[*column.protection];
  *plain = false;
  if (column.state == policy::ColumnState::kSealed) {
    if (column.type.kind != policy::TypeKind::kTimestamp || facts_.utc_offset) return true;
    return Refuse(SessionRefusal(
        "column " + protection.QualifiedName() +
        " is a TIMESTAMP, which cannot be used while the session's time_zone is a name or a "
        "SYSTEM other than UTC; set it to an offset such as '+00:00'" +
        At(token)));
  }
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
    if (plan_.targets[i].column == &column && plan_.targets[i].literals == Literals::kAll) return i;
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

std::uint32_t Planner::Taking(Literals literals, std::uint32_t target) {
  for (std::uint32_t i = 0; i < plan_.targets.size(); ++i) {
    const Target& same = plan_.targets[i];
    if (same.column == plan_.targets[target].column && same.literals == literals) return i;
  }
  Target other = plan_.targets[target];
  other.literals = literals;
  plan_.targets.push_back(other);
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
