// A small world to rewrite statements in: a policy, a catalog, keys and
// counters, as a proxy before the shop of the examples would have them.
#ifndef SEALGATE_TESTS_PROXY_REWRITE_WORLD_H_
#define SEALGATE_TESTS_PROXY_REWRITE_WORLD_H_

#include <memory>
#include <string>
#include <string_view>

#include "metrics/metrics.h"
#include "policy/snapshot.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/rewriter.h"

namespace sealgate::rewrite {

/// Tables of schema shop: customers and orders are protected (see world.cc),
/// archive would be like customers and does not exist, items is not protected; v_customers and
/// others (see world.cc) are views, add_customer a routine, and log a table with a trigger, each
/// over customers.
class World {
 public:
  World();

  const policy::Snapshot& snapshot() const { return snapshot_; }
  /// Its server is MariaDB from now on; before, it is MySQL.
  void BecomeMariadb();
  metrics::Metrics& metrics() { return *metrics_; }
  crypto::RandomSource& random() { return random_; }
  /// Facts of a utf8mb4 session in schema shop with the named role.
  SessionFacts Facts(std::string_view role) const;
  /// A statement with every sealed literal replaced by a mark: <sealed column
  /// value>, <low column>, <high column>. A literal that looks sealed and does
  /// not open stays as it is.
  std::string WithMarks(std::string_view sql) const;

 private:
  crypto::SystemRandom random_;
  policy::Snapshot snapshot_;
  std::unique_ptr<metrics::Metrics> metrics_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_TESTS_PROXY_REWRITE_WORLD_H_
