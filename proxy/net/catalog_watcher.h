// Keeps the snapshot current: a thread that owns the CatalogReader, reads the
// schema again when a session changed it, looks for changes made elsewhere, and
// loads the policy again when asked.
//
// When the schema cannot be read the old catalog stays, the log says so once,
// and the watcher goes on trying. Thread rule: every public method from any
// thread; callbacks come on the watcher's.
#ifndef SEALGATE_PROXY_NET_CATALOG_WATCHER_H_
#define SEALGATE_PROXY_NET_CATALOG_WATCHER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "metrics/metrics.h"
#include "policy/catalog_reader.h"
#include "policy/check.h"
#include "policy/snapshot.h"
#include "proxy/net/protection.h"

namespace sealgate::net {

using SnapshotPointer = std::shared_ptr<const policy::Snapshot>;

/// What has a current snapshot. Tests make one without a backend.
class SnapshotBoard {
 public:
  SnapshotPointer Current() const;
  /// Grows with each snapshot.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  /// Numbers the snapshot and shows it.
  void Publish(policy::Snapshot snapshot);

 private:
  mutable std::mutex mutex_;
  SnapshotPointer current_;
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

/// What sessions ask of the proxy's own connection to the server.
class CatalogSource {
 public:
  virtual ~CatalogSource() = default;
  /// `done` comes once the schema was read after this call (true), or cannot be.
  virtual void Reload(std::function<void(bool)> done) = 0;
};

class CatalogWatcher final : public CatalogSource {
 public:
  /// Policy and keys anew; the lines say what is wrong.
  using LoadProtectionFunction = std::function<tl::expected<Protection, Mistakes>()>;
  using ReloadResult = tl::expected<void, Mistakes>;

  CatalogWatcher(policy::ServerAccess access, policy::Milliseconds refresh,
                 metrics::Metrics& metrics, SnapshotBoard& board);
  ~CatalogWatcher() override;

  /// Before LoadFirst: where the schema is.
  void UseServer(const policy::SocketAddress& server) { reader_.UseServer(server); }
  /// Before Start: reads the schema, compares it with the policy and publishes.
  /// The findings are returned for printing; with errors nothing is published.
  tl::expected<policy::CheckResult, std::string> LoadFirst(Protection protection);
  void Start(LoadProtectionFunction load);
  /// Every callback that was promised comes before it returns.
  void Stop();

  void Reload(std::function<void(bool)> done) override;
  /// Reads the schema of another server, over and over until that works, and
  /// calls `done` when its snapshot is shown. A later call, or the end, makes
  /// this one forgotten.
  void Follow(const policy::SocketAddress& server, std::function<void()> done);
  /// The old policy stays when the new one is not good.
  void ReloadPolicy(std::function<void(ReloadResult)> done);

 private:
  using Lock = std::unique_lock<std::mutex>;
  void Run();
  void Serve(std::vector<std::function<void(bool)>> waiting);
  void ServeFollow(const policy::SocketAddress& server, std::function<void()> done);
  void ServePolicy(std::function<void(ReloadResult)> done);
  void Poll();
  bool ReadAgain();
  ReloadResult TakeProtection(Protection protection);
  void Publish(policy::CatalogReading reading);
  void OnFailure(const std::string& why);
  void OnSuccess();
  bool WaitUnlessStopped(policy::Milliseconds duration);

  policy::CatalogReader reader_;
  const policy::Milliseconds refresh_;
  metrics::Metrics& metrics_;
  SnapshotBoard& board_;
  LoadProtectionFunction load_;
  // The watcher thread's own, once it runs.
  Protection protection_;
  std::string fingerprint_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_.
  std::vector<std::function<void(bool)>> waiting_;
  std::vector<std::function<void(ReloadResult)>> policy_waiting_;
  std::optional<policy::SocketAddress> follow_;
  std::function<void()> followed_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_CATALOG_WATCHER_H_
