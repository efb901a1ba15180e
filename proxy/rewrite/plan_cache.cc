#include "proxy/rewrite/plan_cache.h"

#include <utility>

namespace sealgate::rewrite {

std::shared_ptr<const Plan> PlanCache::Find(std::string_view key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->plan;
}

void PlanCache::Insert(std::string_view key, std::shared_ptr<const Plan> plan) {
  if (entries_ == 0) return;
  if (const auto found = index_.find(key); found != index_.end()) {
    found->second->plan = std::move(plan);
    return;
  }
  if (index_.size() >= entries_) {
    index_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front(Entry{std::string(key), std::move(plan)});
  index_.emplace(order_.front().key, order_.begin());
}

void PlanCache::Clear() {
  index_.clear();
  order_.clear();
}

}  // namespace sealgate::rewrite
