// Where the current snapshot is shown: what the watcher has read, and what sessions have
// done to names since. Thread rule: SnapshotBoard from any thread, a SnapshotCache from one.
#ifndef SEALGATE_PROXY_NET_BACKEND_SNAPSHOT_BOARD_H_
#define SEALGATE_PROXY_NET_BACKEND_SNAPSHOT_BOARD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "policy/snapshot.h"

namespace sealgate::net {

using SnapshotPointer = std::shared_ptr<const policy::Snapshot>;

/// What has a current snapshot. Tests make one without a backend.
class SnapshotBoard {
 public:
  SnapshotPointer Current() const;
  /// Grows with each snapshot.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  /// Numbers the snapshot and shows it. What was noted since the reading began
  /// that it was made from is noted in it, too.
  void Publish(policy::Snapshot snapshot);
  /// The same policy, catalog and keys with another list of names: plans stay good.
  void PublishObjects(std::shared_ptr<const policy::ObjectNames> objects);

  /// Before the server is asked anything that Publish…() or Learn() will show.
  void BeginReading();
  void EndReading();
  /// These are plain tables, unless a change of their names was noted meanwhile.
  void Learn(const std::vector<policy::TableName>& tables);
  /// What a session's statement did. Seen by every statement from now on.
  void Note(const policy::NameChange& change);
  /// Nothing that is known of names may be relied on.
  void ForgetNames();

 private:
  using Objects = std::shared_ptr<const policy::ObjectNames>;
  Objects WithNoted(Objects objects) const;
  void ShowObjects(Objects objects);
  void Show(policy::Snapshot snapshot);

  mutable std::mutex mutex_;
  SnapshotPointer current_;
  std::uint64_t newest_ = 0;  // snapshot's version
  bool reading_ = false;
  std::vector<policy::NameChange> noted_;  // while it is
  std::atomic<std::uint64_t> version_{0};
};

/// One thread's copy, so that nothing shared is written on the query path.
class SnapshotCache {
 public:
  explicit SnapshotCache(const SnapshotBoard& board) : board_(board) {}
  const SnapshotPointer& Get() {
    if (board_.version() != version_) Renew();
    return current_;
  }

 private:
  void Renew();
  const SnapshotBoard& board_;
  SnapshotPointer current_;
  std::uint64_t version_ = 0;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_BACKEND_SNAPSHOT_BOARD_H_
