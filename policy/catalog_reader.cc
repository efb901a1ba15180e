#include "policy/catalog_reader.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

#include "crypto/envelope.h"
#include "policy/catalog_builder.h"
#include "policy/logical_type.h"
#include "policy/name_folding.h"
#include "policy/socket_accounts.h"
#include "policy/weight_reader.h"

namespace sealgate::policy {
namespace {

constexpr std::string_view kSystemSchemas =
    "('information_schema', 'mysql', 'performance_schema', 'sys')";

constexpr std::string_view kServerSql =
    "SELECT VERSION(), @@lower_case_table_names, @@hostname, @@port";
constexpr std::string_view kPrivilegesSql =
    "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES "
    "WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER()";
constexpr std::string_view kMysqlCollationsSql =
    "SELECT ID, COLLATION_NAME, CHARACTER_SET_NAME, IS_DEFAULT, PAD_ATTRIBUTE "
    "FROM information_schema.COLLATIONS";
// COLLATIONS leaves the character set out for collations of several (uca1400).
constexpr std::string_view kMariadbCollationsSql =
    "SELECT ID, FULL_COLLATION_NAME, CHARACTER_SET_NAME, IS_DEFAULT, NULL "
    "FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY";
constexpr std::string_view kFunctionsSql = "SELECT name FROM mysql.func ORDER BY name";
constexpr std::string_view kSchemataSql =
    "SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
    "ORDER BY SCHEMA_NAME";

/// Of one table, so that the server need not open the others.
std::string UniqueSql(const std::string& schema, const std::string& table) {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, MIN(COLUMN_NAME) FROM information_schema.STATISTICS "
      "WHERE TABLE_SCHEMA = '{}' AND TABLE_NAME = '{}' AND NON_UNIQUE = 0 "
      "GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME HAVING COUNT(*) = 1 AND MAX(SUB_PART) = {} "
      "ORDER BY 3",
      schema, table, crypto::kEqualityPrefixBytes);
}

std::string TablesSql() {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_COLLATION FROM information_schema.TABLES "
      "WHERE TABLE_SCHEMA NOT IN {} ORDER BY TABLE_SCHEMA, TABLE_NAME",
      kSystemSchemas);
}

std::string ViewsSql() {
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS "
      "WHERE TABLE_SCHEMA NOT IN {} ORDER BY TABLE_SCHEMA, TABLE_NAME",
      kSystemSchemas);
}

std::string RoutinesSql() {
  return fmt::format(
      "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION, ROUTINE_BODY "
      "FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN {} "
      "ORDER BY ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE",
      kSystemSchemas);
}

std::string TriggersSql() {
  return fmt::format(
      "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, ACTION_STATEMENT "
      "FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA NOT IN {} "
      "ORDER BY TRIGGER_SCHEMA, TRIGGER_NAME",
      kSystemSchemas);
}

/// Protected tables, and any table with a comment of ours. Names in a policy
/// have no quote and no backslash (see ParsePolicy).
std::string ColumnsSql(const Policy& policy) {
  std::set<std::pair<std::string, std::string>> names;
  for (const ProtectedColumn& column : policy.columns) {
    names.emplace(FoldName(column.schema), FoldName(column.table));
  }
  std::string tables;
  for (const auto& [schema, table] : names) {
    tables +=
        fmt::format(" OR (LOWER(TABLE_SCHEMA) = '{}' AND LOWER(TABLE_NAME) = '{}')", schema, table);
  }
  return fmt::format(
      "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLUMN_COMMENT, EXTRA, "
      "IS_NULLABLE, COLUMN_DEFAULT FROM information_schema.COLUMNS "
      "WHERE TABLE_SCHEMA NOT IN {} AND ((TABLE_SCHEMA, TABLE_NAME) IN "
      "(SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMNS "
      "WHERE COLUMN_COMMENT LIKE 'sealgate:%'){}) "
      "ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION",
      kSystemSchemas, tables);
}

std::string MissingPrivileges(const Rows& rows) {
  std::string missing;
  for (const char* needed : {"SELECT", "SHOW VIEW", "TRIGGER"}) {
    bool has = false;
    for (const Row& row : rows) {
      has = has || row[0] == needed;
    }
    if (!has) {
      missing += (missing.empty() ? "" : ", ") + std::string(needed);
    }
  }
  return missing;
}

}  // namespace

void CatalogReader::UseServer(const SocketAddress& server) {
  if (access_.backend.socket == server) return;
  access_.backend.socket = server;
  connection_.reset();
}

tl::expected<void, std::string> CatalogReader::Connect() {
  if (connection_) {
    return {};
  }
  tl::expected<ServerConnection, std::string> opened = ServerConnection::Open(access_);
  if (!opened) {
    return tl::make_unexpected(std::move(opened.error()));
  }
  tl::expected<Rows, std::string> privileges = opened->Query(std::string(kPrivilegesSql));
  if (!privileges) {
    return tl::make_unexpected(std::move(privileges.error()));
  }
  if (const std::string missing = MissingPrivileges(*privileges); !missing.empty()) {
    return tl::make_unexpected(
        fmt::format("the catalog account {} lacks {} on *.*, so that it cannot see every view, "
                    "routine and trigger; run: GRANT {} ON *.* TO its account",
                    access_.user, missing, missing));
  }
  if (access_.backend.socket.is_unix()) {
    if (auto safe = CheckSocketAccounts(*opened); !safe) {
      return safe;
    }
  }
  connection_ = std::move(*opened);
  return {};
}

tl::expected<SchemaRows, std::string> CatalogReader::ReadRows(const Policy& policy) {
  if (auto connected = Connect(); !connected) {
    return tl::make_unexpected(std::move(connected.error()));
  }
  SchemaRows rows;
  const auto read = [&](Rows& into, std::string_view sql) -> tl::expected<void, std::string> {
    auto result = connection_->Query(std::string(sql));
    if (!result) {
      connection_.reset();  // whatever was wrong, begin anew
      return tl::make_unexpected(std::move(result.error()));
    }
    into = std::move(*result);
    return {};
  };
  auto done = read(rows.server, kServerSql)
                  .and_then([&] { return read(rows.columns, ColumnsSql(policy)); })
                  .and_then([&] { return ReadUnique(rows); })
                  .and_then([&] { return read(rows.tables, TablesSql()); })
                  .and_then([&] { return read(rows.views, ViewsSql()); })
                  .and_then([&] { return read(rows.routines, RoutinesSql()); })
                  .and_then([&] { return read(rows.triggers, TriggersSql()); })
                  .and_then([&] { return read(rows.schemata, kSchemataSql); });
  if (!done) {
    return tl::make_unexpected(std::move(done.error()));
  }
  // Some hosted servers keep schema mysql from everybody. Then such functions
  // stay unknown, which costs time and nothing else.
  if (auto functions = connection_->Query(std::string(kFunctionsSql))) {
    rows.functions = std::move(*functions);
  }
  return rows;
}

tl::expected<void, std::string> CatalogReader::ReadUnique(SchemaRows& rows) {
  std::set<std::pair<std::string, std::string>> tables;
  for (const Row& row : rows.columns) {
    if (IsOurComment(row[4].value_or(""))) tables.emplace(row[0].value_or(""), row[1].value_or(""));
  }
  for (const auto& [schema, table] : tables) {
    // Names that would need quoting are in no policy.
    if ((schema + table).find_first_of("'\\") != std::string::npos) continue;
    auto found = connection_->Query(UniqueSql(schema, table));
    if (!found) {
      connection_.reset();
      return tl::make_unexpected(std::move(found.error()));
    }
    rows.unique.insert(rows.unique.end(), found->begin(), found->end());
  }
  return {};
}

tl::expected<std::shared_ptr<const CollationWeights>, std::string> CatalogReader::WeightsOf(
    const CollationInfo& collation) {
  const auto known = weights_.find(collation.name);
  if (known != weights_.end()) {
    return known->second;
  }
  auto weights = ReadWeights(*connection_, collation);
  if (weights) {
    weights_.emplace(collation.name, *weights);
  }
  return weights;
}

tl::expected<CatalogReading, std::string> CatalogReader::Read(const Policy& policy) {
  tl::expected<SchemaRows, std::string> rows = ReadRows(policy);
  if (!rows) {
    return tl::make_unexpected(std::move(rows.error()));
  }
  const std::string version = rows->server.empty() ? "" : rows->server[0][0].value_or("");
  if (version != server_version_) {
    weights_.clear();
    server_version_ = version;
  }
  const bool is_mariadb = version.find("MariaDB") != std::string::npos;
  auto collations =
      connection_->Query(std::string(is_mariadb ? kMariadbCollationsSql : kMysqlCollationsSql));
  if (!collations) {
    connection_.reset();
    return tl::make_unexpected(std::move(collations.error()));
  }
  rows->collations = std::move(*collations);
  tl::expected<Catalog, std::string> catalog = BuildCatalog(
      policy, *rows, [this](const CollationInfo& collation) { return WeightsOf(collation); });
  if (!catalog) {
    connection_.reset();
    return tl::make_unexpected(std::move(catalog.error()));
  }
  catalog->version = ++version_;
  return CatalogReading{std::make_shared<const Catalog>(std::move(*catalog)), FingerprintOf(*rows)};
}

tl::expected<std::string, std::string> CatalogReader::Fingerprint(const Policy& policy) {
  return ReadRows(policy).map([](const SchemaRows& rows) { return FingerprintOf(rows); });
}

}  // namespace sealgate::policy
