// FROM clauses, the names in them, and what the role may do with what they name.
#include <tuple>
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
  if (!FindSource(table.name, source)) return false;
  const std::uint32_t name = table.alias == sql::kNoToken ? table.name.table : table.alias;
  source.alias = Folded(name);
  return AddSource(std::move(source), name, scope);
}

// Where names of tables are told apart by case, so are aliases and schemas. They are not here.
bool Planner::RefuseTwin(const Source& source, const Source& other, std::uint32_t name) {
  if (snapshot_.catalog->lower_case_table_names != 0) return true;
  const bool alias = other.alias == source.alias && other.spelled != source.spelled;
  const bool schema = !source.schema.empty() && other.schema == source.schema &&
                      other.spelled_schema != source.spelled_schema;
  if (!alias && !schema) return true;
  return Refuse(
      Unsupported("two tables whose names, aliases or schemas differ in nothing but case are not "
                  "supported in a statement on a protected table" +
                  At(name)));
}

bool Planner::AddSource(Source source, std::uint32_t name, Scope& scope) {
  if (source.derived && !CopiesColumns(source.outputs.size(), name)) return false;
  source.spelled = Unquoted(name);
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    for (const Source& other : at->sources) {
      if (!RefuseTwin(source, other, name)) return false;
    }
  }
  scope.sources.push_back(std::move(source));
  return true;
}

// `table`: the common table that a name means; null if it means none.
bool Planner::FindCommonTable(const sql::Name& name, const CommonTable** table) {
  *table = nullptr;
  if (name.schema != sql::kNoToken || common_tables_ == nullptr) return true;
  const auto found = common_tables_->find(Folded(name.table));
  if (found == common_tables_->end()) return true;
  // MySQL tells them apart by case as it does tables.
  const bool by_case =
      !snapshot_.catalog->is_mariadb && snapshot_.catalog->lower_case_table_names == 0;
  if (by_case && found->second.spelled != Unquoted(name.table)) {
    return Refuse(
        Unsupported("a table whose name differs from a common table's in nothing but case is not "
                    "supported in a statement on a protected table" +
                    At(name.table)));
  }
  *table = &found->second;
  return true;
}

// A common table, a table or a view, to be read.
bool Planner::FindSource(const sql::Name& name, Source& source) {
  const CommonTable* common = nullptr;
  if (!FindCommonTable(name, &common)) return false;
  if (name.schema == sql::kNoToken) {
    named_tables_.push_back({name.table, common != nullptr ? common->made : nullptr});
  }
  if (common != nullptr) {
    if (IsUnfinished(common->outputs)) {
      return Refuse(Unsupported("a recursive common table in its own first query is not supported" +
                                At(name.table)));
    }
    source.derived = true;
    semijoins_.Read(common->semijoin);
    source.outputs = common->outputs;
    source.alias = Folded(name.table);
    return true;
  }
  source.spelled_schema = SpelledName(name).first;
  const policy::CatalogView* view = FindView(name);
  if (view == nullptr) {
    if (!FindTable(name, source, writes_)) return false;
    // One outside the policy, whose definition is not planned.
    if (snapshot_.catalog->HasSemijoin(source.schema, source.alias)) {
      semijoins_.Read(Semijoin::kAny);
    }
    return true;
  }
  return writes_ ? AddWrittenView(*view, name.table, source) : AddView(*view, name.table, source);
}

// A table, or a view that is written through.
bool Planner::FindWritten(const sql::Name& name, Source& source) {
  std::tie(source.spelled_schema, source.spelled) = SpelledName(name);
  const policy::CatalogView* view = FindView(name);
  if (view != nullptr) return AddWrittenView(*view, name.table, source);
  return FindTable(name, source, true);
}

bool Planner::RefuseComputed(const policy::CatalogTable& table, const policy::CatalogColumn& column,
                             std::uint32_t token) {
  return Refuse(Unsupported("column " + table.schema + "." + table.name + "." + column.name +
                            " is computed by the server from a protected column, of which it has "
                            "ciphertext only, and cannot be used" +
                            At(token)));
}

// Whether the server computes nothing of its own from what is stored there.
bool Planner::ComputesNothing(const Source& source, std::uint32_t token) {
  const policy::CatalogTable* table = source.base != nullptr ? source.base : source.table;
  if (table == nullptr || table->computed.empty()) return true;
  return Refuse(Unsupported("a write to table " + table->schema + "." + table->name +
                            " is not supported, because its " + table->computed.front() +
                            " is computed by the server from a protected column" + At(token)));
}

bool Planner::AddDerived(const sql::TableRef& table, Scope& scope) {
  if (table.alias == sql::kNoToken) {
    return Refuse(TypeRefusal(
        1248, "42000", "every derived table must have an alias of its own" + At(table.span.first)));
  }
  Source source;
  source.derived = true;
  source.alias = Folded(table.alias);
  static const CommonTables kNone;
  Scope* outer = table.lateral ? &scope : scope.outer;
  const Scope* around = table_scope_;
  if (!table.lateral) table_scope_ = outer;
  const Semijoins semijoins = std::exchange(semijoins_, {});
  if (!PlanQuery(*table.query, outer, common_tables_ ? *common_tables_ : kNone, source.outputs)) {
    return false;
  }
  const Semijoin within = std::exchange(semijoins_, semijoins).any();
  semijoins_.Read(within);
  table_scope_ = around;
  if (!table.columns.empty() && !NameOutputs(table.columns, table.span.first, source.outputs)) {
    return false;
  }
  for (OutputColumn& output : source.outputs) output.leaves.clear();
  return AddSource(std::move(source), table.alias, scope);
}

// What is computed from plaintext shows it.
bool Planner::ReadsPlaintext(const policy::CatalogTable& table, std::uint32_t token) {
  for (const policy::CatalogColumn& column : table.columns) {
    if (!column.protection || column.state != policy::ColumnState::kPlaintext) continue;
    bool plain = false;
    if (!CheckState(table, column, token, false, &plain)) return false;
  }
  return true;
}

bool Planner::TypeBaseColumn(const Source& source, const policy::CatalogColumn& column,
                             std::uint32_t token, ExprType& type) {
  if (column.computed || (types_default_ && column.computed_default)) {
    return RefuseComputed(*source.table, column, token);
  }
  if (column.of_plaintext && !ReadsPlaintext(*source.table, token)) return false;
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

}  // namespace sealgate::rewrite
