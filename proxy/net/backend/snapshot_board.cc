#include "proxy/net/backend/snapshot_board.h"

#include <algorithm>
#include <utility>

namespace sealgate::net {
namespace {

// Statements that change names while the schema is being read.
constexpr std::size_t kMostNoted = 1'000;

bool HasHot(const policy::Catalog& catalog, const policy::HotName& name) {
  const std::vector<policy::HotName>* const same = catalog.FindHot(name.name);
  return same != nullptr && std::find(same->begin(), same->end(), name) != same->end();
}

bool HasMoreHot(const policy::Catalog& now, const policy::Catalog& before) {
  return std::any_of(now.hot().begin(), now.hot().end(), [&](const auto& names) {
    return !std::all_of(names.second.begin(), names.second.end(),
                        [&](const policy::HotName& name) { return HasHot(before, name); });
  });
}

}  // namespace

SnapshotPointer SnapshotBoard::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void SnapshotBoard::Publish(policy::Snapshot snapshot) {
  const std::lock_guard lock(mutex_);
  snapshot.version = ++newest_;
  const bool more = current_ == nullptr || HasMoreHot(*snapshot.catalog, *current_->catalog);
  snapshot.hot_version = more ? snapshot.version : current_->hot_version;
  snapshot.objects = WithNoted(std::move(snapshot.objects));
  Show(std::move(snapshot));
}

void SnapshotBoard::PublishObjects(std::shared_ptr<const policy::ObjectNames> objects) {
  const std::lock_guard lock(mutex_);
  ShowObjects(WithNoted(std::move(objects)));
}

void SnapshotBoard::Learn(const std::vector<policy::TableName>& tables) {
  const std::lock_guard lock(mutex_);
  if (current_->objects == nullptr || tables.empty()) return;
  auto objects = std::make_shared<policy::ObjectNames>(*current_->objects);
  for (const policy::TableName& table : tables) objects->Learn(table);
  ShowObjects(WithNoted(std::move(objects)));
}

void SnapshotBoard::Note(const policy::NameChange& change) {
  const std::lock_guard lock(mutex_);
  if (reading_ && noted_.size() <= kMostNoted) {
    noted_.push_back(change);
    // It may be gone again by then.
    noted_.back().made.reset();
  }
  if (current_->objects == nullptr) return;
  auto objects = std::make_shared<policy::ObjectNames>(*current_->objects);
  if (objects->Apply(change)) ShowObjects(std::move(objects));
}

void SnapshotBoard::ForgetNames() {
  const std::lock_guard lock(mutex_);
  if (current_->objects == nullptr) return;
  auto objects = std::make_shared<policy::ObjectNames>(*current_->objects);
  objects->ForgetAll();
  ShowObjects(std::move(objects));
}

void SnapshotBoard::BeginReading() {
  const std::lock_guard lock(mutex_);
  reading_ = true;
  noted_.clear();
}

void SnapshotBoard::EndReading() {
  const std::lock_guard lock(mutex_);
  reading_ = false;
  noted_.clear();
}

// A list that is older than what was noted.
SnapshotBoard::Objects SnapshotBoard::WithNoted(Objects objects) const {
  if (objects == nullptr || noted_.empty()) return objects;
  // More than is kept: nothing is known.
  if (noted_.size() > kMostNoted) {
    return std::make_shared<const policy::ObjectNames>(objects->exact_case());
  }
  auto changed = std::make_shared<policy::ObjectNames>(*objects);
  for (const policy::NameChange& change : noted_) changed->Apply(change);
  return changed;
}

void SnapshotBoard::ShowObjects(Objects objects) {
  policy::Snapshot snapshot = *current_;
  snapshot.objects = std::move(objects);
  Show(std::move(snapshot));
}

void SnapshotBoard::Show(policy::Snapshot snapshot) {
  current_ = std::make_shared<const policy::Snapshot>(std::move(snapshot));
  version_.fetch_add(1, std::memory_order_release);
}

// The number first: what is shown in between is fetched again the next time.
void SnapshotCache::Renew() {
  version_ = board_.version();
  current_ = board_.Current();
}

}  // namespace sealgate::net
