#include "proxy/rewrite/plan/plan_cache.h"

#include <iterator>
#include <utility>
#include <vector>

namespace sealgate::rewrite {
namespace {

// An entry's nodes in the list and in the index, about.
constexpr std::size_t kEntryBytes = 200;

template <typename Element>
std::size_t Held(const std::vector<Element>& elements) {
  return elements.capacity() * sizeof(Element);
}

}  // namespace

std::size_t MemoryOf(const Plan& plan) {
  std::size_t bytes = sizeof plan + Held(plan.edits) + Held(plan.targets) + Held(plan.parameters) +
                      Held(plan.result) + Held(plan.runs);
  for (const PlannedEdit& edit : plan.edits) {
    bytes += Held(edit.pieces);
    for (const Piece& piece : edit.pieces) bytes += piece.text.capacity();
  }
  if (plan.created != nullptr) bytes += Held(plan.created->columns);
  return bytes;
}

PlanCache::Kept* PlanCache::Find(std::string_view key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &found->second->kept;
}

void PlanCache::Insert(std::string_view key, Kept kept) {
  if (const auto found = index_.find(key); found != index_.end()) Remove(found->second);
  const std::size_t bytes = kEntryBytes + key.size() + MemoryOf(*kept.plan);
  if (most_entries_ == 0 || bytes > most_bytes_) return;
  while (index_.size() >= most_entries_ || bytes_ + bytes > most_bytes_) {
    Remove(std::prev(order_.end()));
  }
  order_.push_front(Entry{std::string(key), std::move(kept), bytes});
  index_.emplace(order_.front().key, order_.begin());
  bytes_ += bytes;
}

void PlanCache::Remove(Position position) {
  bytes_ -= position->bytes;
  index_.erase(position->key);
  order_.erase(position);
}

void PlanCache::Clear() {
  index_.clear();
  order_.clear();
  bytes_ = 0;
}

}  // namespace sealgate::rewrite
