#include "policy/catalog.h"

#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "policy/name_folding.h"

namespace sealgate::policy {

const CatalogColumn* CatalogTable::Find(std::string_view column) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(),
                   [column](const CatalogColumn& each) { return EqualsFolded(each.name, column); });
  return found == columns.end() ? nullptr : &*found;
}

void Catalog::Add(CatalogTable table) {
  std::pair key(FoldName(table.schema), FoldName(table.name));
  for (const CatalogColumn& column : table.columns) {
    const bool plaintext = column.protection && column.state == ColumnState::kPlaintext;
    if (plaintext) plaintext_.push_back(*column.protection);
    if (column.weights != nullptr) AddWeights(column.weights);
  }
  tables_.insert_or_assign(std::move(key), std::move(table));
}

void Catalog::AddHot(HotName name) {
  name.name = FoldName(name.name);
  const bool high = !ascii::IsAscii(name.name);
  has_high_names_ = has_high_names_ || high || !ascii::IsAscii(name.schema);
  const bool routine = name.kind == NameKind::kRoutine;
  if (routine && high) high_routines_.push_back(name.name);
  has_hot_routines_ = has_hot_routines_ || routine;
  has_protected_routines_ = has_protected_routines_ || (routine && !name.by_definitions);
  hot_[name.name].push_back(std::move(name));
}

// Two names that differ by case only are two views, and which of them a statement
// means is not followed.
void Catalog::AddView(CatalogView view) {
  std::pair key(FoldName(view.schema), FoldName(view.name));
  const auto [at, added] = views_.try_emplace(std::move(key), view);
  if (!added) at->second.problem = "another view's name differs from its name by case only";
}

void Catalog::AddCollation(std::uint16_t id, CollationInfo info) {
  collations_.insert_or_assign(id, std::move(info));
}

void Catalog::AddWeights(std::shared_ptr<const CollationWeights> weights) {
  std::string name = weights->name();
  weights_.insert_or_assign(std::move(name), std::move(weights));
}

std::string Catalog::SchemaKey(std::string_view schema) const {
  return lower_case_table_names == 0 ? std::string(schema) : FoldName(schema);
}

void Catalog::AddSchemaDefault(std::string_view schema, std::string collation) {
  schema_defaults_.insert_or_assign(SchemaKey(schema), std::move(collation));
}

const CatalogTable* Catalog::Find(std::string_view schema, std::string_view table) const {
  const auto found = tables_.find({FoldName(schema), FoldName(table)});
  return found == tables_.end() ? nullptr : &found->second;
}

bool Catalog::IsSpelled(std::string_view schema, std::string_view table,
                        std::string_view known_schema, std::string_view known_table) const {
  return lower_case_table_names != 0 || (schema == known_schema && table == known_table);
}

bool HidesPlaintext(const CatalogColumn& column, const Role& role) {
  return column.protection && column.state == ColumnState::kPlaintext &&
         role.columns[*column.protection].reveal != Reveal::kClear;
}

bool HidesUnusable(const CatalogColumn& column, const Role& role) {
  if (!column.protection || column.state == ColumnState::kSealed ||
      column.state == ColumnState::kPlaintext) {
    return false;
  }
  const Reveal reveal = role.columns[*column.protection].reveal;
  return reveal != Reveal::kClear && reveal != Reveal::kCiphertext;
}

const CatalogTable* Catalog::FindSpelled(std::string_view schema, std::string_view table) const {
  const CatalogTable* found = Find(schema, table);
  if (found == nullptr || !IsSpelled(schema, table, found->schema, found->name)) return nullptr;
  return found;
}

const CatalogView* Catalog::FindView(std::string_view schema, std::string_view view) const {
  const auto found = views_.find({FoldName(schema), FoldName(view)});
  return found == views_.end() ? nullptr : &found->second;
}

bool Catalog::HasSemijoin(std::string_view schema, std::string_view view) const {
  return !semijoin_views.empty() && semijoin_views.contains({FoldName(schema), FoldName(view)});
}

const std::vector<HotName>* Catalog::FindHot(std::string_view folded) const {
  // Every word of every statement is looked up: the key's memory is kept.
  thread_local std::string key;
  key = folded;
  const auto found = hot_.find(key);
  if (found != hot_.end()) return &found->second;
  return has_hot_routines_ ? FindHotRoutine(folded) : nullptr;
}

const std::vector<HotName>* Catalog::FindHotRoutine(std::string_view folded) const {
  for (const std::string& name : high_routines_) {
    if (MayBeWithoutAccents(name, folded)) return &hot_.at(name);
  }
  if (ascii::IsAscii(folded)) return nullptr;
  for (const auto& [name, entries] : hot_) {
    const bool routine = std::any_of(entries.begin(), entries.end(), [](const HotName& entry) {
      return entry.kind == NameKind::kRoutine;
    });
    if (routine && MayBeWithoutAccents(name, folded)) return &entries;
  }
  return nullptr;
}

std::shared_ptr<const CollationWeights> Catalog::FindWeights(std::string_view collation) const {
  const auto found = weights_.find(collation);
  return found == weights_.end() ? nullptr : found->second;
}

const CollationInfo* Catalog::FindCollation(std::uint16_t id) const {
  const auto found = collations_.find(id);
  return found == collations_.end() ? nullptr : &found->second;
}

std::uint16_t Catalog::DefaultCollationId(std::string_view charset) const {
  const std::string_view wanted = charset == "utf8" ? "utf8mb3" : charset;
  for (const auto& [id, info] : collations_) {
    if (info.is_default && EqualsFolded(info.charset, wanted)) {
      return id;
    }
  }
  return 0;
}

std::uint16_t Catalog::CollationId(std::string_view collation) const {
  for (const auto& [id, info] : collations_) {
    if (EqualsFolded(info.name, collation)) {
      return id;
    }
  }
  // "utf8_general_ci" is how both servers still take utf8mb3_general_ci.
  constexpr std::string_view kOldPrefix = "utf8_";
  if (EqualsFolded(collation.substr(0, kOldPrefix.size()), kOldPrefix)) {
    return CollationId("utf8mb3_" + std::string(collation.substr(kOldPrefix.size())));
  }
  return 0;
}

std::string_view Catalog::SchemaDefault(std::string_view schema) const {
  const auto found = schema_defaults_.find(SchemaKey(schema));
  return found == schema_defaults_.end() ? std::string_view{} : found->second;
}

}  // namespace sealgate::policy
