// Reads the backend's schema into a Catalog, with an account of the proxy's own
// that needs SELECT, SHOW VIEW and TRIGGER on *.*: with less, the server hides
// views, routines or triggers over protected tables.
//
// Thread rule: one thread at a time. Blocks: up to two seconds when a collation
// is seen for the first time, else some milliseconds on small schemas.
#ifndef SEALGATE_POLICY_CATALOG_READER_H_
#define SEALGATE_POLICY_CATALOG_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "policy/catalog.h"
#include "policy/policy.h"
#include "policy/schema_rows.h"
#include "policy/server_connection.h"

namespace sealgate::policy {

struct CatalogReading {
  std::shared_ptr<const Catalog> catalog;
  std::string fingerprint;  // of the rows that the catalog was made of
};

class CatalogReader {
 public:
  explicit CatalogReader(ServerAccess access) : access_(std::move(access)) {}

  /// Another server from now on, which has the same account.
  void UseServer(const SocketAddress& server);

  /// Connects when there is no connection. Weights that were learned once are
  /// kept for as long as the server says the same version. Each catalog has a
  /// version of its own. Errors name what to do and never hold a password.
  tl::expected<CatalogReading, std::string> Read(const Policy& policy);
  /// Changes when Read would give another catalog; costs a few queries.
  tl::expected<std::string, std::string> Fingerprint(const Policy& policy);

 private:
  tl::expected<void, std::string> Connect();
  tl::expected<SchemaRows, std::string> ReadRows(const Policy& policy);
  tl::expected<void, std::string> ReadUnique(SchemaRows& rows);
  tl::expected<std::shared_ptr<const CollationWeights>, std::string> WeightsOf(
      const CollationInfo& collation);

  ServerAccess access_;
  std::optional<ServerConnection> connection_;
  std::map<std::string, std::shared_ptr<const CollationWeights>> weights_;  // by collation
  std::string server_version_;  // whose weights they are
  std::uint64_t version_ = 0;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CATALOG_READER_H_
