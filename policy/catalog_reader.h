// Reads the backend's schema into a Catalog, with an account of the proxy's own
// that needs SELECT, SHOW VIEW and TRIGGER on *.*: with less, the server hides
// views, routines or triggers over protected tables.
//
// Thread rule: one thread at a time. Blocks: up to two seconds when a collation
// is seen for the first time and its weights are not in the cache, else some
// milliseconds on small schemas.
#ifndef SEALGATE_POLICY_CATALOG_READER_H_
#define SEALGATE_POLICY_CATALOG_READER_H_

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "policy/catalog.h"
#include "policy/object_names.h"
#include "policy/policy.h"
#include "policy/schema_rows.h"
#include "policy/server_connection.h"
#include "policy/weight_cache.h"

namespace sealgate::policy {

struct CatalogReading {
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<const ObjectNames> objects;
  std::string fingerprint;  // of the rows that the catalog was made of
};

/// What the server has under the names that were asked for.
struct NamesFound {
  std::vector<TableName> plain;  // tables without a trigger and a comment of ours
  bool needs_reading = false;    // there is something else: a view, a routine, …
};

class CatalogReader {
 public:
  /// `cache`: directory of a WeightCache; "" for none.
  explicit CatalogReader(ServerAccess access, std::string cache = "")
      : access_(std::move(access)), cache_(std::move(cache)) {}

  bool connected() const { return connection_.has_value(); }
  void Disconnect() { connection_.reset(); }
  /// Another server from now on, which has the same account.
  void UseServer(const SocketAddress& server);

  /// Connects when there is no connection. Weights that were learned once are
  /// kept for as long as the server says the same version. Errors name what to do
  /// and never hold a password.
  tl::expected<CatalogReading, std::string> Read(const Policy& policy);
  /// Nothing when Read would give what it gave with this fingerprint.
  tl::expected<std::optional<CatalogReading>, std::string> ReadIfChanged(
      const Policy& policy, const std::string& fingerprint);
  /// From now on readings have the weights of this collation, too.
  void Want(const std::string& collation) { wanted_.insert(collation); }
  /// One or two short questions, whatever the size of the schema. `names` has
  /// names (not whole); those that are not found are not there.
  tl::expected<NamesFound, std::string> LookUp(const UnknownNames& names);

  /// For the log: what became of weights on disk since the last call.
  std::vector<std::string> TakeNotes() { return std::exchange(notes_, {}); }

 private:
  tl::expected<void, std::string> Connect();
  tl::expected<SchemaRows, std::string> ReadRows(const Policy& policy);
  std::string Limited(const std::string& sql) const;
  tl::expected<Rows, std::string> Ask(const std::string& sql);
  tl::expected<Rows, std::string> ColumnsOf(const std::vector<TableName>& tables,
                                            const SchemaRows& rows);
  tl::expected<void, std::string> ReadColumns(const Policy& policy, SchemaRows& rows);
  tl::expected<void, std::string> ReadExpressions(const std::vector<TableName>& tables,
                                                  SchemaRows& rows);
  tl::expected<void, std::string> ReadUnique(SchemaRows& rows);
  tl::expected<void, std::string> ReadViews(SchemaRows& rows);
  void ReadEvents(SchemaRows& rows);
  Cell DefinitionOf(const TableName& table);
  tl::expected<void, std::string> ReadLinked(const Policy& policy, SchemaRows& rows);
  tl::expected<void, std::string> ReadViewColumns(const Policy& policy, SchemaRows& rows);
  tl::expected<void, std::string> ReadCollations(const std::string& version);
  tl::expected<std::shared_ptr<const CollationWeights>, std::string> WeightsOf(
      const CollationInfo& collation);
  tl::expected<std::shared_ptr<const CollationWeights>, std::string> LearnWeights(
      const CollationInfo& collation);
  std::shared_ptr<const CollationWeights> KeptWeights(const CollationInfo& collation,
                                                      const WeightSourceName& name);

  ServerAccess access_;
  WeightCache cache_;
  std::vector<std::string> notes_;
  std::optional<ServerConnection> connection_;
  std::map<std::string, std::shared_ptr<const CollationWeights>> weights_;  // by collation
  std::set<std::string> wanted_;                                            // collations
  Rows collations_;
  std::string server_version_;  // whose weights and collations they are
  bool exact_case_ = false;
  bool is_mariadb_ = false;
  std::optional<std::chrono::steady_clock::duration> reading_took_;  // the last one
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CATALOG_READER_H_
