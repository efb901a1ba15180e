// The rows of information_schema that the catalog is made of, as text. They
// are read by the catalog reader and understood by the catalog builder.
#ifndef SEALGATE_POLICY_SCHEMA_ROWS_H_
#define SEALGATE_POLICY_SCHEMA_ROWS_H_

#include <optional>
#include <string>
#include <vector>

namespace sealgate::policy {

using Cell = std::optional<std::string>;  // nullopt: NULL
using Row = std::vector<Cell>;
using Rows = std::vector<Row>;

/// Fields in the order in which each comment names them.
struct SchemaRows {
  Rows server;           // VERSION(), lower_case_table_names, hostname, port, init_connect,
                         // storage engines with commas between them
  Rows columns;          // schema, table, column, COLUMN_TYPE, comment, EXTRA,
                         // IS_NULLABLE, default, GENERATION_EXPRESSION
  Rows checks;           // schema, table, name, CHECK_CLAUSE: of the tables in `columns`
  Rows functional_keys;  // schema, table, name, EXPRESSION: likewise, by key part
  Rows unique;           // schema, table, column: unique keys of one stored prefix
  Rows tables;           // schema, name; all, also views
  Rows table_options;    // schema, name, collation, engine: of the tables in `columns`
  Rows views;            // schema, name, definition, definer
  Rows linked;           // schema, name, engine, what SHOW CREATE TABLE says: of tables whose
                         // engine does not keep their rows itself
  Rows view_columns;     // as `columns`, of the views that may reach a protected table
  Rows routines;         // schema, name, definition, ROUTINE_BODY, ROUTINE_TYPE, definer
  Rows functions;        // loadable functions; and the server's own routines: name, schema
  Rows triggers;         // schema of the table, table, statement, definer
  Rows events;           // schema, name, definition; one of NULLs: they cannot be read
  Rows collations;       // id, name, charset, is default ("Yes"), PAD_ATTRIBUTE or NULL
  Rows schemata;         // schema, default collation
  // Names of collations that no column has yet, whose weights are wanted all the same.
  std::vector<std::string> wanted_collations;
};

/// lower_case_table_names is 0.
bool HasExactCase(const SchemaRows& rows);

/// All rows but `collations` as one opaque text, equal exactly when the rows are.
std::string FingerprintOf(const SchemaRows& rows);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SCHEMA_ROWS_H_
