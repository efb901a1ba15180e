#include "proxy/rewrite/context/plan_context.h"

#include <algorithm>
#include <utility>

#include "policy/name_folding.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

using sql::TokenKind;

bool PlanContext::Begin() {
  plan_.touches_protected = true;
  if (!facts_.client || !facts_.connection || facts_.results_unread()) {
    return Refuse(SessionRefusal(
        "protected tables cannot be used while the session's character set is one that Sealgate "
        "cannot read; use SET NAMES utf8mb4"));
  }
  if (facts_.unsupported_mode) {
    return Refuse(
        SessionRefusal("protected tables cannot be used while sql_mode has EMPTY_STRING_IS_NULL, "
                       "HIGH_NOT_PRECEDENCE, MAXDB, MSSQL, ORACLE or PAD_CHAR_TO_FULL_LENGTH"));
  }
  return true;
}

bool PlanContext::Refuse(Refusal refusal) {
  if (!plan_.refusal) plan_.refusal = std::move(refusal);
  return false;
}

bool PlanContext::RefuseAt(std::uint32_t token, std::string_view column,
                           std::string_view construct) {
  std::string message = "column ";
  message.append(column).append(" is protected, and ").append(construct);
  message += " is not supported on it" + At(token);
  return Refuse(Unsupported(std::move(message)));
}

std::string PlanContext::At(std::uint32_t token) const {
  if (token >= tokens_.tokens.size()) return "";
  return " (at character " + std::to_string(tokens_.tokens[token].begin + 1) + ")";
}

std::string PlanContext::Folded(std::uint32_t token) {
  std::string folded;
  if (token == sql::kNoToken) return folded;
  const std::string_view text = tokens_.Text(token);
  const TokenKind kind = tokens_.tokens[token].kind;
  if (kind == TokenKind::kQuotedIdentifier) {
    std::string name;
    sql::UnquoteIdentifier(text, name);
    policy::FoldName(name, folded);
  } else if (kind == TokenKind::kString || kind == TokenKind::kNationalString) {
    // SELECT email AS 'a' … HAVING a = …: the name is a literal.
    plan_.cacheable = false;
    std::string name;
    sql::UnescapeString(text, facts_.lex, name);
    policy::FoldName(name, folded);
  } else {
    policy::FoldName(text, folded);
  }
  return folded;
}

std::string PlanContext::Unquoted(std::uint32_t token) const {
  if (token == sql::kNoToken) return "";
  const std::string_view text = tokens_.Text(token);
  if (tokens_.tokens[token].kind != sql::TokenKind::kQuotedIdentifier) return std::string(text);
  std::string name;
  sql::UnquoteIdentifier(text, name);
  return name;
}

const policy::CatalogView* PlanContext::FindView(const sql::Name& name) {
  const std::string schema =
      name.schema == sql::kNoToken ? policy::FoldName(facts_.schema) : Folded(name.schema);
  const std::string view = Folded(name.table);
  // What the policy protects under this name has to be a table.
  if (snapshot_.catalog->Find(schema, view) != nullptr || IsProtectedName({schema, view})) {
    return nullptr;
  }
  const policy::CatalogView* found = snapshot_.catalog->FindView(schema, view);
  // Another case may be another table.
  const auto [own_schema, own_name] = SpelledName(name);
  if (found != nullptr &&
      !snapshot_.catalog->IsSpelled(own_schema, own_name, found->schema, found->name)) {
    return nullptr;
  }
  // Which temporary tables there are is the session's own affair.
  if (found != nullptr && facts_.may_have_temporary()) plan_.cacheable = false;
  return found;
}

bool PlanContext::TableNameOf(const sql::Name& name, TableName& folded) {
  folded.first =
      name.schema == sql::kNoToken ? policy::FoldName(facts_.schema) : Folded(name.schema);
  folded.second = Folded(name.table);
  if (!folded.first.empty()) return true;
  return Refuse(TypeRefusal(1046, "3D000", "no database is selected" + At(name.table)));
}

bool PlanContext::IsProtectedName(const TableName& name) const {
  const auto& columns = snapshot_.policy->columns;
  return std::any_of(columns.begin(), columns.end(), [&](const policy::ProtectedColumn& column) {
    return policy::FoldName(column.schema) == name.first &&
           policy::FoldName(column.table) == name.second;
  });
}

PlanContext::TableName PlanContext::SpelledName(const sql::Name& name) const {
  return {name.schema == sql::kNoToken ? facts_.schema : Unquoted(name.schema),
          Unquoted(name.table)};
}

bool PlanContext::CheckNewName(const sql::Name& name) {
  const policy::Catalog& catalog = *snapshot_.catalog;
  const auto [schema, table] = SpelledName(name);
  const policy::CatalogTable* known = catalog.Find(schema, table);
  const policy::CatalogView* view = catalog.FindView(schema, table);
  const auto is_same = [&catalog, &schema = schema,
                        &table = table](const policy::ProtectedColumn& column) {
    return catalog.IsSpelled(schema, table, column.schema, column.table);
  };
  bool twin = view != nullptr && !catalog.IsSpelled(schema, table, view->schema, view->name);
  if (known != nullptr) {
    twin = twin || !catalog.IsSpelled(schema, table, known->schema, known->name);
  } else if (IsProtectedName({policy::FoldName(schema), policy::FoldName(table)})) {
    const auto& columns = snapshot_.policy->columns;
    twin = twin || std::none_of(columns.begin(), columns.end(), is_same);
  }
  if (!twin) return true;
  return Refuse(
      Unsupported("a name that differs by case only from that of a protected table, or of a view "
                  "over one, is not given to another" +
                  At(name.table)));
}

bool PlanContext::NoEventUses(const sql::Name& name) {
  std::vector<std::string> names{Folded(name.table)};
  if (snapshot_.objects != nullptr) names = snapshot_.objects->NamesOver(names.front());
  for (const std::string& each : names) {
    const bool events = !snapshot_.catalog->events.empty();
    if (snapshot_.objects == nullptr || !snapshot_.objects->EventMayUse(each, events)) continue;
    return RefuseEvent("an event, or a program that an event may use, made or changed lately,",
                       name.table);
  }
  for (const policy::ServerEvent& event : snapshot_.catalog->events) {
    const auto uses = [&](const std::string& each) { return policy::MayUse(event.text, each); };
    if (std::none_of(names.begin(), names.end(), uses)) continue;
    return RefuseEvent(policy::ToText(event), name.table);
  }
  return true;
}

bool PlanContext::RefuseEvent(const std::string& event, std::uint32_t token) {
  return Refuse(Unsupported("a name that leads to a protected table is not given while " + event +
                            " may use it, because the server runs that past Sealgate" + At(token)));
}

bool PlanContext::FindTable(const sql::Name& name, Source& source, bool for_write) {
  source.alias = Folded(name.table);
  source.schema =
      name.schema == sql::kNoToken ? policy::FoldName(facts_.schema) : Folded(name.schema);
  if (source.schema.empty()) {
    return Refuse(TypeRefusal(1046, "3D000", "no database is selected" + At(name.table)));
  }
  source.table = snapshot_.catalog->Find(source.schema, source.alias);
  if (source.table != nullptr) {
    const auto [schema, table] = SpelledName(name);
    if (snapshot_.catalog->FindSpelled(schema, table) == nullptr) {
      return Refuse(TypeRefusal(1146, "42S02",
                                "the table is not " + source.table->schema + "." +
                                    source.table->name +
                                    ", which is protected, but called so in another case; it "
                                    "cannot be used, if it exists" +
                                    At(name.table)));
    }
  }
  const auto* entries = snapshot_.catalog->FindHot(source.alias);
  if (entries != nullptr) {
    for (const policy::HotName& hot : *entries) {
      if (policy::FoldName(hot.schema) != source.schema) continue;
      // Beside the table, a view is called so in another case.
      if (hot.kind == policy::NameKind::kView && source.table == nullptr) {
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
  if (for_write && source.table != nullptr && source.table->lets_doubles_in) {
    return Refuse(PlaintextColumn("table " + source.table->schema + "." + source.table->name +
                                  " is of MySQL's engine MEMORY, which does not enforce unique "
                                  "keys over sealed values; give it ENGINE=InnoDB" +
                                  At(name.table)));
  }
  if (source.table != nullptr) tables_.push_back(source.table);
  return true;
}

bool PlanContext::MayTrigger(const std::string& schema, const std::string& table,
                             std::uint32_t token) {
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

// What a rule hides is hidden in values that Sealgate opens. Of these the server shows more
// than the rows: by what it says of a value that does not fit, by order and equality.
bool PlanContext::MayUsePlaintext(const policy::ProtectedColumn& column,
                                  const policy::ColumnRule& rule, std::uint32_t token,
                                  bool for_write) {
  const std::string name = column.QualifiedName();
  if (!for_write && rule.reveal != policy::Reveal::kClear) {
    return Refuse(ColumnDenied("this role may not read column " + name +
                               ", which still holds plaintext, because it is not to see the "
                               "clear value" +
                               At(token)));
  }
  if (for_write && !rule.write) {
    return Refuse(ColumnDenied("this role may not write column " + name + At(token)));
  }
  if (!for_write || column.plaintext_allowed) return true;
  return Refuse(PlaintextColumn("column " + name +
                                " is to be protected but still holds plaintext; it has to be "
                                "migrated, or the policy has to say plaintext: allow" +
                                At(token)));
}

bool PlanContext::CheckState(const policy::CatalogTable& table, const policy::CatalogColumn& column,
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
  if (column.state == policy::ColumnState::kPlaintext) {
    *plain = true;
    return MayUsePlaintext(protection, facts_.role->columns[*column.protection], token, for_write);
  }
  const std::string name = table.schema + "." + table.name + "." + column.name;
  return Refuse(PlaintextColumn(
      "column " + name + " cannot hold sealed values as it is; run sealgate check" + At(token)));
}

std::uint32_t PlanContext::TargetOf(const policy::CatalogTable& table,
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

std::uint32_t PlanContext::Taking(Literals literals, std::uint32_t target) {
  for (std::uint32_t i = 0; i < plan_.targets.size(); ++i) {
    const Target& same = plan_.targets[i];
    if (same.column == plan_.targets[target].column && same.literals == literals) return i;
  }
  Target other = plan_.targets[target];
  other.literals = literals;
  plan_.targets.push_back(other);
  return static_cast<std::uint32_t>(plan_.targets.size() - 1);
}

bool PlanContext::MayWrite(std::uint32_t target, std::uint32_t token) {
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

Refusal NullRefusal(const Target& target) {
  return TypeRefusal(1048, "23000",
                     "column " + target.protection->QualifiedName() + " cannot be null");
}

}  // namespace sealgate::rewrite
