#include "policy/catalog_queries.h"

#include <fmt/format.h>

#include "crypto/envelope.h"
#include "policy/name_folding.h"
#include "policy/storage_engines.h"

namespace sealgate::policy::queries {
namespace {

// MariaDB compares names of schemas here without regard to case and accents.
std::string NotIn(std::string_view column, std::string_view schemas) {
  return fmt::format("CAST({} AS BINARY) NOT IN ({})", column, schemas);
}

std::string IsRead(std::string_view column) {
  return NotIn(column, "'information_schema', 'performance_schema'");
}

std::string StoringEngines() {
  std::string list;
  for (const std::string_view each : kStoringEngines) {
    list += fmt::format("{}'{}'", list.empty() ? "" : ", ", each);
  }
  return "(" + list + ")";
}

// Whatever the name is made of, it cannot end the literal. Identifiers have no
// character outside of utf8mb3.
std::string Literal(std::string_view name) {
  std::string literal = "_utf8mb3 X'";
  for (const unsigned char byte : name) literal += fmt::format("{:02X}", byte);
  return literal + "'";
}

// A pair in a list is what makes both servers open the named tables alone.
std::string Pairs(const std::vector<TableName>& tables) {
  std::string pairs;
  for (const TableName& name : tables) {
    pairs += fmt::format("{}({}, {})", pairs.empty() ? "" : ", ", Literal(name.schema),
                         Literal(name.table));
  }
  return "(" + pairs + ")";
}

}  // namespace

std::string Tables() {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
      "WHERE {} ORDER BY TABLE_SCHEMA, TABLE_NAME",
      IsRead("TABLE_SCHEMA"));
}

std::string Views() {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION, DEFINER FROM information_schema.VIEWS "
      "WHERE {} ORDER BY TABLE_SCHEMA, TABLE_NAME",
      IsRead("TABLE_SCHEMA"));
}

std::string Routines() {
  return fmt::format(
      "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION, ROUTINE_BODY, "
      "ROUTINE_TYPE, DEFINER "
      "FROM information_schema.ROUTINES WHERE {} "
      "ORDER BY ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE",
      IsRead("ROUTINE_SCHEMA"));
}

std::string Triggers() {
  return fmt::format(
      "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, ACTION_STATEMENT, DEFINER "
      "FROM information_schema.TRIGGERS WHERE {} "
      "ORDER BY TRIGGER_SCHEMA, TRIGGER_NAME",
      IsRead("EVENT_OBJECT_SCHEMA"));
}

std::string Events(bool is_mariadb) {
  return std::string(is_mariadb ? "SET STATEMENT lock_wait_timeout = 0 FOR " : "") +
         "SELECT EVENT_SCHEMA, EVENT_NAME, EVENT_DEFINITION FROM information_schema.EVENTS "
         "ORDER BY EVENT_SCHEMA, EVENT_NAME";
}

// Not in `sys`, whose hundred views MariaDB would open for it.
std::string Commented() {
  return fmt::format(
      "SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMNS "
      "WHERE {} AND COLUMN_COMMENT LIKE 'sealgate:%'",
      NotIn("TABLE_SCHEMA", "'information_schema', 'performance_schema', 'sys'"));
}

std::string Linked() {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE FROM information_schema.TABLES "
      "WHERE {} AND ENGINE NOT IN {} ORDER BY TABLE_SCHEMA, TABLE_NAME",
      IsRead("TABLE_SCHEMA"), StoringEngines());
}

std::string Definition(const TableName& table) {
  return fmt::format("SHOW CREATE TABLE `{}`.`{}`", InQuotes(table.schema, '`'),
                     InQuotes(table.table, '`'));
}

std::string ViewDefinition(const TableName& view) {
  return fmt::format("SHOW CREATE VIEW `{}`.`{}`", InQuotes(view.schema, '`'),
                     InQuotes(view.table, '`'));
}

std::string Columns(const std::vector<TableName>& tables) {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLUMN_COMMENT, EXTRA, "
      "IS_NULLABLE, COLUMN_DEFAULT, GENERATION_EXPRESSION FROM information_schema.COLUMNS "
      "WHERE (TABLE_SCHEMA, TABLE_NAME) IN {} "
      "ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION",
      Pairs(tables));
}

std::string TableOptions(const std::vector<TableName>& tables) {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_COLLATION, ENGINE FROM information_schema.TABLES "
      "WHERE (TABLE_SCHEMA, TABLE_NAME) IN {} ORDER BY TABLE_SCHEMA, TABLE_NAME",
      Pairs(tables));
}

std::string Checks(const std::vector<TableName>& tables, bool is_mariadb) {
  if (is_mariadb) {
    return fmt::format(
        "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE "
        "FROM information_schema.CHECK_CONSTRAINTS WHERE (CONSTRAINT_SCHEMA, TABLE_NAME) IN {} "
        "ORDER BY CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME",
        Pairs(tables));
  }
  return fmt::format(
      "SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.CONSTRAINT_NAME, c.CHECK_CLAUSE "
      "FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c "
      "ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME "
      "WHERE t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'YES' "
      "AND (t.TABLE_SCHEMA, t.TABLE_NAME) IN {} "
      "ORDER BY t.TABLE_SCHEMA, t.TABLE_NAME, t.CONSTRAINT_NAME",
      Pairs(tables));
}

std::string FunctionalKeys(const std::vector<TableName>& tables) {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, EXPRESSION FROM information_schema.STATISTICS "
      "WHERE EXPRESSION IS NOT NULL AND (TABLE_SCHEMA, TABLE_NAME) IN {} "
      "ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
      Pairs(tables));
}

std::string UniquePrefixes(const TableName& table) {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, MIN(COLUMN_NAME) FROM information_schema.STATISTICS "
      "WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND NON_UNIQUE = 0 "
      "GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME HAVING COUNT(*) = 1 AND MAX(SUB_PART) = {} "
      "ORDER BY 3",
      Literal(table.schema), Literal(table.table), crypto::kEqualityPrefixBytes);
}

std::string TablesNamed(const std::vector<TableName>& tables) {
  std::string sql;
  const std::string engines = StoringEngines();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::string schema = Literal(tables[i].schema);
    const std::string table = Literal(tables[i].table);
    // As bytes, because the columns' collations differ.
    sql += fmt::format(
        "{0}SELECT {1} AS number, CAST(TABLE_SCHEMA AS BINARY), CAST(TABLE_NAME AS BINARY), "
        "IF(ENGINE IN {4}, CAST(TABLE_TYPE AS BINARY), NULL) FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA = {2} AND TABLE_NAME = {3} "
        "UNION ALL SELECT {1}, NULL, NULL, NULL FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = {2} AND TABLE_NAME = {3} AND COLUMN_COMMENT LIKE 'sealgate:%' "
        "UNION ALL SELECT {1}, NULL, NULL, NULL FROM information_schema.TRIGGERS "
        "WHERE EVENT_OBJECT_SCHEMA = {2} AND EVENT_OBJECT_TABLE = {3}",
        i == 0 ? "" : " UNION ALL ", i, schema, table, engines);
  }
  return sql;
}

std::string RoutinesNamed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + Literal(name);
  return fmt::format(
      "SELECT ROUTINE_SCHEMA FROM information_schema.ROUTINES WHERE ROUTINE_NAME IN ({})", list);
}

}  // namespace sealgate::policy::queries
