#include "policy/schema_rows.h"

#include <fmt/format.h>

namespace sealgate::policy {

bool HasExactCase(const SchemaRows& rows) {
  return !rows.server.empty() && rows.server.front()[1] == "0";
}

std::string FingerprintOf(const SchemaRows& rows) {
  std::string text;
  for (const Rows* part :
       {&rows.server, &rows.columns, &rows.checks, &rows.functional_keys, &rows.unique,
        &rows.table_options, &rows.tables, &rows.views, &rows.linked, &rows.view_columns,
        &rows.routines, &rows.functions, &rows.triggers, &rows.events, &rows.schemata}) {
    text += fmt::format("[{}]", part->size());
    for (const Row& row : *part) {
      for (const Cell& cell : row) {
        text += cell ? fmt::format("{}:{}", cell->size(), *cell) : "-";
      }
    }
  }
  for (const std::string& name : rows.wanted_collations) text += name + ',';
  return text;
}

}  // namespace sealgate::policy
