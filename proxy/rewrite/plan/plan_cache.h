// Plans by shape. Thread rule: one per thread; no lock.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_PLAN_CACHE_H_
#define SEALGATE_PROXY_REWRITE_PLAN_PLAN_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/rewrite/plan/aftermath.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/sql/shape.h"

namespace sealgate::rewrite {

/// Bounded in number and in memory; least recently used goes first. The key is
/// everything that a plan depends on: snapshot version, schema, role, modes,
/// character sets, and the shape.
class PlanCache {
 public:
  PlanCache(std::size_t entries, std::size_t bytes) : most_entries_(entries), most_bytes_(bytes) {}

  struct Kept {
    std::shared_ptr<const Plan> plan;
    /// Which list of known names had all of the statement's (see Rewriter); 0: none yet.
    std::uint64_t names_known = 0;
    /// Every statement of this key goes by the plan, without another look (see Rewriter).
    bool decides = false;
    Aftermath after = {};  // of those statements
  };

  /// nullptr on a miss. Valid until the next Insert() or Clear().
  Kept* Find(std::string_view key);
  /// In place of what the key had. A plan that is too big for the cache by itself
  /// is not kept.
  void Insert(std::string_view key, Kept kept);
  void Clear();
  std::size_t size() const { return index_.size(); }
  /// Memory that keys and plans hold, as MemoryOf counts it.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    Kept kept;
    std::size_t bytes = 0;
  };
  using Position = std::list<Entry>::iterator;
  struct Hash {
    // Not noexcept: then the index keeps the hashes of its keys.
    std::size_t operator()(std::string_view key) const { return sql::HashShape(key); }
  };
  void Remove(Position position);

  std::size_t most_entries_;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::list<Entry> order_;  // most recent first
  std::unordered_map<std::string_view, Position, Hash> index_;
};

/// Bytes of a plan and what it owns; not of the snapshot, which plans share.
std::size_t MemoryOf(const Plan& plan);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_PLAN_CACHE_H_
