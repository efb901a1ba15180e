// What the server is asked about its schema, as SQL. information_schema opens
// every table for some of its columns and conditions, so each question is put in
// such a way that both servers open as few as they can: names alone, or the
// tables that are named. Internal to the catalog reader.
#ifndef SEALGATE_POLICY_CATALOG_QUERIES_H_
#define SEALGATE_POLICY_CATALOG_QUERIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/object_names.h"

namespace sealgate::policy::queries {

inline constexpr std::string_view kServer =
    "SELECT VERSION(), @@lower_case_table_names, @@hostname, @@port, @@GLOBAL.init_connect, "
    "(SELECT GROUP_CONCAT(ENGINE) FROM information_schema.ENGINES "
    "WHERE SUPPORT IN ('YES', 'DEFAULT'))";
inline constexpr std::string_view kPrivileges =
    "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES "
    "WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER()";
inline constexpr std::string_view kMysqlCollations =
    "SELECT ID, COLLATION_NAME, CHARACTER_SET_NAME, IS_DEFAULT, PAD_ATTRIBUTE "
    "FROM information_schema.COLLATIONS";
// COLLATIONS leaves the character set out for collations of several (uca1400).
inline constexpr std::string_view kMariadbCollations =
    "SELECT ID, FULL_COLLATION_NAME, CHARACTER_SET_NAME, IS_DEFAULT, NULL "
    "FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY";
inline constexpr std::string_view kFunctions = "SELECT name FROM mysql.func ORDER BY name";
inline constexpr std::string_view kSchemata =
    "SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
    "ORDER BY SCHEMA_NAME";

// All of them, the server's own in `mysql` and `sys`, too. The two other system schemas
// hold nothing that anybody makes.
std::string Tables();
std::string Views();
std::string Routines();
std::string Triggers();
/// Waits for no lock.
std::string Events(bool is_mariadb);
/// Tables with a comment of ours.
std::string Commented();
/// Tables of engines that do not keep their rows themselves, with the engine.
std::string Linked();

std::string ViewDefinition(const TableName& view);

// Of these tables, at least one.
std::string Columns(const std::vector<TableName>& tables);
std::string TableOptions(const std::vector<TableName>& tables);
/// Those that are enforced.
std::string Checks(const std::vector<TableName>& tables, bool is_mariadb);
/// MySQL's.
std::string FunctionalKeys(const std::vector<TableName>& tables);
/// Of one table.
std::string UniquePrefixes(const TableName& table);
std::string Definition(const TableName& table);

/// One row for each thing that is called so: number of the name in the list,
/// then for a table its schema, name and TABLE_TYPE, which is NULL if its engine does not
/// keep its rows itself; NULLs for a comment of ours or a trigger on it. A list of at least one.
std::string TablesNamed(const std::vector<TableName>& tables);
/// One row for each routine that is called so; at least one name.
std::string RoutinesNamed(const std::vector<std::string>& names);

}  // namespace sealgate::policy::queries

#endif  // SEALGATE_POLICY_CATALOG_QUERIES_H_
