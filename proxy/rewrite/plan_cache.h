// Plans by shape. Thread rule: one per thread; no lock.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_CACHE_H_
#define SEALGATE_PROXY_REWRITE_PLAN_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/rewrite/plan.h"

namespace sealgate::rewrite {

/// Least recently used goes first. The key is everything that a plan depends
/// on: snapshot version, schema, role, modes, character sets, and the shape.
class PlanCache {
 public:
  explicit PlanCache(std::size_t entries) : entries_(entries) {}

  /// nullptr on a miss.
  std::shared_ptr<const Plan> Find(std::string_view key);
  void Insert(std::string_view key, std::shared_ptr<const Plan> plan);
  void Clear();
  std::size_t size() const { return index_.size(); }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Plan> plan;
  };
  std::size_t entries_;
  std::list<Entry> order_;  // most recent first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_CACHE_H_
