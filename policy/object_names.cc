#include "policy/object_names.h"

#include "policy/name_folding.h"

namespace sealgate::policy {

void ObjectNames::KeyOf(std::string_view schema, std::string_view table, std::string& key) {
  key.assign(schema).append(1, '\0').append(table);
}

void ObjectNames::AddTable(std::string_view schema, std::string_view table) {
  std::string key;
  KeyOf(FoldName(schema), FoldName(table), key);
  tables_.insert(std::move(key));
}

void ObjectNames::AddRoutine(std::string_view name) { routines_.insert(FoldName(name)); }

}  // namespace sealgate::policy
