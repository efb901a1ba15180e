#include "policy/catalog_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <random>
#include <set>
#include <string_view>
#include <utility>

#include "policy/catalog_builder.h"
#include "policy/catalog_queries.h"
#include "policy/hot_names.h"
#include "policy/logical_type.h"
#include "policy/name_folding.h"
#include "policy/socket_accounts.h"
#include "policy/table_spelling.h"
#include "policy/weight_reader.h"

namespace sealgate::policy {
namespace {

using std::chrono::steady_clock;

// How long one question may take: so much longer than the last whole reading, and at least
// this.
constexpr int kSlower = 10;
constexpr steady_clock::duration kLeastLimit = std::chrono::seconds(2);

std::string MissingPrivileges(const Rows& rows) {
  std::string missing;
  for (const char* needed : {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT"}) {
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

const TableName* Asked(const std::vector<TableName>& names, const Row& row) {
  const std::string digits = row[0].value_or("");
  std::size_t number = names.size();
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number < names.size() ? &names[number] : nullptr;
}

bool IsMariadb(const SchemaRows& rows) {
  return !rows.server.empty() &&
         rows.server.front()[0].value_or("").find("MariaDB") != std::string::npos;
}

// A view, whatever else may stand for other tables, a trigger, a comment of ours,
// a name in another case: all that takes a closer look.
bool IsPlainTable(const TableName& asked, const Row& row, bool exact_case) {
  if (!row[1] || !row[2] || !row[3]) return false;
  const bool same = exact_case
                        ? *row[1] == asked.schema && *row[2] == asked.table
                        : EqualsFolded(*row[1], asked.schema) && EqualsFolded(*row[2], asked.table);
  static constexpr std::string_view kPlain[] = {"BASE TABLE", "SYSTEM VERSIONED", "SEQUENCE"};
  return same && std::find(std::begin(kPlain), std::end(kPlain), *row[3]) != std::end(kPlain);
}

// What stands behind CREATE … VIEW `schema`.`name` AS; "" for another form.
std::string QueryOfView(const TableName& view, const std::string& made) {
  const std::string before =
      fmt::format(" VIEW `{}`.`{}` AS ", InQuotes(view.schema, '`'), InQuotes(view.table, '`'));
  const std::size_t at = made.find(before);
  return at == std::string::npos ? "" : made.substr(at + before.size());
}

}  // namespace

void CatalogReader::UseServer(const SocketAddress& server) {
  if (access_.backend.socket == server) return;
  access_.backend.socket = server;
  connection_.reset();
  collations_.clear();
  is_mariadb_ = false;
}

tl::expected<void, std::string> CatalogReader::Connect() {
  if (connection_) {
    return {};
  }
  tl::expected<ServerConnection, std::string> opened = ServerConnection::Open(access_);
  if (!opened) {
    return tl::make_unexpected(std::move(opened.error()));
  }
  tl::expected<Rows, std::string> privileges = opened->Query(std::string(queries::kPrivileges));
  if (!privileges) {
    return tl::make_unexpected(std::move(privileges.error()));
  }
  if (const std::string missing = MissingPrivileges(*privileges); !missing.empty()) {
    return tl::make_unexpected(
        fmt::format("the catalog account {} lacks {} on *.*, so that it cannot see every view, "
                    "routine, trigger and event; run: GRANT {} ON *.* TO its account",
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

// MariaDB's information_schema waits for a table that is being made (CREATE TABLE … SELECT),
// for as long as that takes. Who waits for the schema is then better told so.
std::string CatalogReader::Limited(const std::string& sql) const {
  if (!is_mariadb_ || !reading_took_) return sql;
  const auto limit = std::max(kLeastLimit, *reading_took_ * kSlower);
  return fmt::format("SET STATEMENT max_statement_time = {:.3f} FOR {}",
                     std::chrono::duration<double>(limit).count(), sql);
}

tl::expected<Rows, std::string> CatalogReader::Ask(const std::string& sql) {
  auto rows = connection_->Query(Limited(sql));
  if (!rows) connection_.reset();  // whatever was wrong, begin anew
  return rows;
}

tl::expected<SchemaRows, std::string> CatalogReader::ReadRows(const Policy& policy) {
  if (auto connected = Connect(); !connected) {
    return tl::make_unexpected(std::move(connected.error()));
  }
  SchemaRows rows;
  const auto read = [&](Rows& into, const std::string& sql) -> tl::expected<void, std::string> {
    auto result = Ask(sql);
    if (!result) return tl::make_unexpected(std::move(result.error()));
    into = std::move(*result);
    return {};
  };
  // The names come first: what is made in between is then in no list, and a view
  // without its definition is in none either.
  auto done = read(rows.server, std::string(queries::kServer))
                  .and_then([&] { return read(rows.tables, queries::Tables()); })
                  .and_then([&] { return ReadColumns(policy, rows); })
                  .and_then([&] { return ReadUnique(rows); })
                  .and_then([&] { return ReadViews(rows); })
                  .and_then([&] { return ReadLinked(policy, rows); })
                  .and_then([&] { return read(rows.routines, queries::Routines()); })
                  .and_then([&] { return read(rows.triggers, queries::Triggers()); })
                  .and_then([&] { return read(rows.schemata, std::string(queries::kSchemata)); });
  if (!done) {
    return tl::make_unexpected(std::move(done.error()));
  }
  // Some hosted servers keep schema mysql from everybody. Then such functions
  // stay unknown, which costs time and nothing else.
  if (auto functions = connection_->Query(std::string(queries::kFunctions))) {
    rows.functions = std::move(*functions);
  }
  ReadEvents(rows);
  TakeOutServersOwn(HotTables(policy, rows), rows);
  if (auto columns = ReadViewColumns(policy, rows); !columns) {
    return tl::make_unexpected(std::move(columns.error()));
  }
  return rows;
}

// MariaDB compares the names without regard to case where they are two names.
tl::expected<Rows, std::string> CatalogReader::ColumnsOf(const std::vector<TableName>& tables,
                                                         const SchemaRows& rows) {
  auto columns = Ask(queries::Columns(tables));
  if (columns && HasExactCase(rows)) {
    std::erase_if(*columns, [&](const Row& row) {
      const TableName name{row[0].value_or(""), row[1].value_or("")};
      return std::find(tables.begin(), tables.end(), name) == tables.end();
    });
  }
  return columns;
}

// Of protected tables, and of any table with a comment of ours.
tl::expected<void, std::string> CatalogReader::ReadColumns(const Policy& policy, SchemaRows& rows) {
  auto commented = Ask(queries::Commented());
  if (!commented) return tl::make_unexpected(std::move(commented.error()));
  const std::vector<TableName> tables = TablesToRead(policy, rows, *commented);
  if (tables.empty()) return {};
  auto columns = ColumnsOf(tables, rows);
  if (!columns) return tl::make_unexpected(std::move(columns.error()));
  rows.columns = std::move(*columns);
  auto options = Ask(queries::TableOptions(tables));
  if (!options) return tl::make_unexpected(std::move(options.error()));
  rows.table_options = std::move(*options);
  return ReadExpressions(tables, rows);
}

tl::expected<void, std::string> CatalogReader::ReadExpressions(const std::vector<TableName>& tables,
                                                               SchemaRows& rows) {
  const bool is_mariadb = IsMariadb(rows);
  auto checks = Ask(queries::Checks(tables, is_mariadb));
  if (!checks) return tl::make_unexpected(std::move(checks.error()));
  rows.checks = std::move(*checks);
  if (is_mariadb) return {};
  auto keys = Ask(queries::FunctionalKeys(tables));
  if (!keys) return tl::make_unexpected(std::move(keys.error()));
  rows.functional_keys = std::move(*keys);
  return {};
}

// MySQL keeps the names that a view gives its columns apart from its definition.
tl::expected<void, std::string> CatalogReader::ReadViewColumns(const Policy& policy,
                                                               SchemaRows& rows) {
  std::set<std::pair<std::string, std::string>> names;
  for (const HotName& name : FindHotNames(HotTables(policy, rows), rows)) {
    if (name.kind == NameKind::kView) names.emplace(FoldName(name.schema), name.name);
  }
  std::vector<TableName> views;
  for (const Row& row : rows.views) {
    TableName name{row[0].value_or(""), row[1].value_or("")};
    if (names.contains({FoldName(name.schema), FoldName(name.table)})) {
      views.push_back(std::move(name));
    }
  }
  if (views.empty()) return {};
  auto columns = ColumnsOf(views, rows);
  if (!columns) return tl::make_unexpected(std::move(columns.error()));
  rows.view_columns = std::move(*columns);
  return {};
}

// Of a view that MySQL 5.0 has made, information_schema has no text.
tl::expected<void, std::string> CatalogReader::ReadViews(SchemaRows& rows) {
  auto views = Ask(queries::Views());
  if (!views) return tl::make_unexpected(std::move(views.error()));
  rows.views = std::move(*views);
  for (Row& row : rows.views) {
    if (!row[2] || !row[2]->empty()) continue;
    const TableName name{row[0].value_or(""), row[1].value_or("")};
    const auto made = connection_->Query(queries::ViewDefinition(name));
    const bool shown = made && !made->empty() && made->front().size() > 1;
    if (shown) row[2] = QueryOfView(name, made->front()[1].value_or(""));
  }
  return {};
}

// Where the server's own table of them is broken, everything else goes on; likewise on MariaDB
// while somebody has locked it, perhaps who waits for this.
void CatalogReader::ReadEvents(SchemaRows& rows) {
  auto events = connection_->Query(queries::Events(IsMariadb(rows)));
  rows.events = events ? std::move(*events) : Rows{{std::nullopt, std::nullopt, std::nullopt}};
}

Cell CatalogReader::DefinitionOf(const TableName& table) {
  const auto definition = connection_->Query(queries::Definition(table));
  const bool shown = definition && !definition->empty() && definition->front().size() > 1;
  return shown ? definition->front()[1] : Cell();
}

// A definition that cannot be shown stays unknown: of a MERGE of tables that differ, or that
// has gone. To look at one opens the tables behind it, so that is not done without need.
tl::expected<void, std::string> CatalogReader::ReadLinked(const Policy& policy, SchemaRows& rows) {
  auto linked = Ask(queries::Linked());
  if (!linked) return tl::make_unexpected(std::move(linked.error()));
  const bool may_be_merged = MayBeMerged(HotTables(policy, rows), rows);
  for (Row& row : *linked) {
    const bool matters = may_be_merged || !IsMerge(row);
    row.push_back(matters ? DefinitionOf({row[0].value_or(""), row[1].value_or("")}) : Cell());
    rows.linked.push_back(std::move(row));
  }
  return {};
}

tl::expected<void, std::string> CatalogReader::ReadUnique(SchemaRows& rows) {
  std::set<std::pair<std::string, std::string>> tables;
  for (const Row& row : rows.columns) {
    if (IsOurComment(row[4].value_or(""))) tables.emplace(row[0].value_or(""), row[1].value_or(""));
  }
  for (const auto& [schema, table] : tables) {
    auto found = Ask(queries::UniquePrefixes({schema, table}));
    if (!found) return tl::make_unexpected(std::move(found.error()));
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
  auto weights = LearnWeights(collation);
  if (weights) {
    weights_.emplace(collation.name, *weights);
  }
  return weights;
}

tl::expected<std::shared_ptr<const CollationWeights>, std::string> CatalogReader::LearnWeights(
    const CollationInfo& collation) {
  if (cache_.is_off() || !IsLargeCollation(collation)) return ReadWeights(*connection_, collation);
  const WeightSourceName name{server_version_, collation.name, collation.pad_space};
  if (auto kept = KeptWeights(collation, name)) return kept;
  auto weights = ReadWeights(*connection_, collation);
  if (!weights) return weights;
  if (auto stored = cache_.Store(name, **weights); !stored) {
    notes_.push_back("weights of a collation cannot be kept: " + stored.error());
  }
  return weights;
}

// Null when they are to be asked for.
std::shared_ptr<const CollationWeights> CatalogReader::KeptWeights(const CollationInfo& collation,
                                                                   const WeightSourceName& name) {
  auto kept = cache_.Load(name);
  if (!kept) {
    notes_.push_back("no kept weights of a collation: " + kept.error());
    return nullptr;
  }
  const auto agrees = AgreesWithServer(*connection_, collation, **kept, std::random_device()());
  if (!agrees || !*agrees) {
    notes_.push_back(cache_.FileOf(name) +
                     " is not used: " + (agrees ? "the server says otherwise" : agrees.error()));
    return nullptr;
  }
  notes_.push_back("weights of a collation were taken from " + cache_.FileOf(name));
  return *kept;
}

tl::expected<void, std::string> CatalogReader::ReadCollations(const std::string& version) {
  if (version != server_version_) {
    weights_.clear();
    collations_.clear();
    server_version_ = version;
  }
  if (!collations_.empty()) return {};
  auto collations =
      Ask(std::string(is_mariadb_ ? queries::kMariadbCollations : queries::kMysqlCollations));
  if (!collations) return tl::make_unexpected(std::move(collations.error()));
  collations_ = std::move(*collations);
  return {};
}

tl::expected<CatalogReading, std::string> CatalogReader::Read(const Policy& policy) {
  auto reading = ReadIfChanged(policy, "");
  if (!reading) return tl::make_unexpected(std::move(reading.error()));
  return std::move(**reading);
}

tl::expected<std::optional<CatalogReading>, std::string> CatalogReader::ReadIfChanged(
    const Policy& policy, const std::string& fingerprint) {
  const auto began = steady_clock::now();
  tl::expected<SchemaRows, std::string> rows = ReadRows(policy);
  if (!rows) {
    return tl::make_unexpected(std::move(rows.error()));
  }
  rows->wanted_collations.assign(wanted_.begin(), wanted_.end());
  reading_took_ = steady_clock::now() - began;
  CatalogReading reading;
  reading.fingerprint = FingerprintOf(*rows);
  if (reading.fingerprint == fingerprint) return std::nullopt;
  const std::string version = rows->server.empty() ? "" : rows->server[0][0].value_or("");
  is_mariadb_ = IsMariadb(*rows);
  if (auto done = ReadCollations(version); !done) {
    return tl::make_unexpected(std::move(done.error()));
  }
  rows->collations = collations_;
  tl::expected<Catalog, std::string> catalog = BuildCatalog(
      policy, *rows, [this](const CollationInfo& collation) { return WeightsOf(collation); });
  if (!catalog) {
    connection_.reset();
    return tl::make_unexpected(std::move(catalog.error()));
  }
  auto objects = std::make_shared<const ObjectNames>(ListObjects(*rows));
  exact_case_ = objects->exact_case();
  reading.catalog = std::make_shared<const Catalog>(std::move(*catalog));
  reading.objects = std::move(objects);
  return reading;
}

tl::expected<NamesFound, std::string> CatalogReader::LookUp(const UnknownNames& names) {
  if (auto connected = Connect(); !connected) {
    return tl::make_unexpected(std::move(connected.error()));
  }
  NamesFound found;
  if (!names.routines.empty()) {
    auto rows = Ask(queries::RoutinesNamed(names.routines));
    if (!rows) return tl::make_unexpected(std::move(rows.error()));
    found.needs_reading = !rows->empty();
  }
  if (names.tables.empty() || found.needs_reading) return found;
  auto rows = Ask(queries::TablesNamed(names.tables));
  if (!rows) return tl::make_unexpected(std::move(rows.error()));
  for (const Row& row : *rows) {
    const TableName* asked = Asked(names.tables, row);
    if (asked != nullptr && IsPlainTable(*asked, row, exact_case_)) {
      found.plain.push_back(*asked);
    } else {
      found.needs_reading = true;
    }
  }
  return found;
}

}  // namespace sealgate::policy
