// Keeps the snapshot current: a thread that owns the CatalogReader, reads the
// schema again when a session changed what is protected, looks up names that a
// session asks for, looks for changes made elsewhere, and loads the policy again
// when asked. Sessions that wait at the same time are served by one question.
//
// When the schema cannot be read the old catalog stays, the log says so once, and
// the watcher goes on trying. Once a session has changed the schema meanwhile, or
// several looks in a row have failed, no name is taken for known any more: each is
// looked up, and where that cannot be done either the statement is refused. Thread rule: every
// public method from any thread; callbacks come on the watcher's.
#ifndef SEALGATE_PROXY_NET_BACKEND_CATALOG_WATCHER_H_
#define SEALGATE_PROXY_NET_BACKEND_CATALOG_WATCHER_H_

#include <chrono>
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
#include "proxy/net/backend/protection.h"
#include "proxy/net/backend/snapshot_board.h"

namespace sealgate::net {

/// What sessions ask of the proxy's own connection to the server.
class CatalogSource {
 public:
  virtual ~CatalogSource() = default;
  /// `done` comes once the schema was read after this call (true), or cannot be.
  virtual void Reload(std::function<void(bool)> done) = 0;
  /// `done` comes once the server was asked after this call for what has these
  /// names, or cannot be; whatever it says is in the snapshot then.
  virtual void LookUp(policy::UnknownNames names, std::function<void(bool)> done) = 0;
  /// At once, for every session.
  virtual void Note(const policy::NameChange& change) = 0;
};

class CatalogWatcher final : public CatalogSource {
 public:
  /// Policy and keys anew; the lines say what is wrong.
  using LoadProtectionFunction = std::function<tl::expected<Protection, Mistakes>()>;
  using ReloadResult = tl::expected<void, Mistakes>;

  CatalogWatcher(policy::ServerAccess access, const policy::CatalogConfig& config,
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
  void LookUp(policy::UnknownNames names, std::function<void(bool)> done) override;
  void Note(const policy::NameChange& change) override { board_.Note(change); }
  /// Reads the schema of another server, over and over until that works, and
  /// calls `done` when its snapshot is shown. A later call, or the end, makes
  /// this one forgotten.
  void Follow(const policy::SocketAddress& server, std::function<void()> done);
  /// The schema is read in any case; the old policy stays when the new one is not good.
  void ReloadPolicy(std::function<void(ReloadResult)> done);

 private:
  using Lock = std::unique_lock<std::mutex>;
  // What sessions wait for.
  struct Wanted {
    std::vector<std::function<void(bool)>> waiting;
    policy::UnknownNames names;
    bool changed = false;  // the schema, by one of them
  };
  void Run();
  void Serve(Wanted wanted);
  void Want(const policy::UnknownNames& names, bool changed, std::function<void(bool)> done);
  void ServeFollow(const policy::SocketAddress& server, std::function<void()> done);
  void ServePolicy(std::function<void(ReloadResult)> done);
  void Poll();
  bool IsTimeToLook() const;
  bool IsOutOfDate() const;
  bool ReadAgain();
  std::optional<bool> ReadIfChanged();
  void Take(policy::CatalogReading reading);
  bool LookUpNow(const policy::UnknownNames& names);
  tl::expected<policy::CatalogReading, std::string> ReadPatiently(const policy::Policy& policy);
  ReloadResult TakeProtection(Protection protection);
  void Publish(policy::CatalogReading reading);
  void OnFailure(const std::string& why);
  void OnSuccess();
  void LogNotes();
  bool HasWork() const;
  bool WaitForWork(Lock& lock);
  void DisconnectAfterUse();
  bool WaitUnlessStopped(policy::Milliseconds duration);

  policy::CatalogReader reader_;
  const policy::Milliseconds refresh_;
  const policy::Milliseconds idle_timeout_;
  metrics::Metrics& metrics_;
  SnapshotBoard& board_;
  LoadProtectionFunction load_;
  // The watcher thread's own, once it runs.
  Protection protection_;
  std::string fingerprint_;
  bool failing_ = false;
  std::chrono::steady_clock::time_point used_;  // when the server was last asked
  // When the schema was last asked for, and last read.
  std::chrono::steady_clock::time_point looked_;
  std::chrono::steady_clock::time_point read_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_.
  Wanted wanted_;
  std::vector<std::function<void(ReloadResult)>> policy_waiting_;
  std::optional<policy::SocketAddress> follow_;
  std::function<void()> followed_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_BACKEND_CATALOG_WATCHER_H_
