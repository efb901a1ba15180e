// A Server before a FakeBackend, with nothing protected.
#ifndef SEALGATE_TESTS_PROXY_NET_RUNNING_PROXY_H_
#define SEALGATE_TESTS_PROXY_NET_RUNNING_PROXY_H_

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "proxy/net/server.h"

namespace sealgate::net {

/// Reads nothing, at once.
class NoCatalog final : public CatalogSource {
 public:
  void Reload(std::function<void(bool)> done) override { done(true); }
  void LookUp(policy::UnknownNames, std::function<void(bool)> done) override { done(true); }
  void Note(const policy::NameChange&) override {}
};

/// Notes what was to be killed.
class KillNotes final : public KillSink {
 public:
  void Kill(const KillTarget& target) override;
  std::vector<KillTarget> targets() const;

 private:
  mutable std::mutex mutex_;
  std::vector<KillTarget> targets_;
};

class RunningProxy {
 public:
  /// `change` is applied to the configuration before the start.
  explicit RunningProxy(std::uint16_t backend_port,
                        const std::function<void(policy::Config&)>& change = {});
  ~RunningProxy();

  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  metrics::Metrics& metrics() { return metrics_; }
  policy::WriteGate& gate() { return gate_; }
  const KillNotes& kills() const { return kills_; }
  /// What SIGHUP does for certificates.
  tl::expected<bool, std::string> ReloadTls() {
    return tls_.Reload(config_.listen, config_.backend);
  }
  Backends& backends() { return backends_; }
  static policy::Milliseconds Now();

 private:
  policy::Config config_;
  relay::Settings settings_;
  metrics::Metrics metrics_{std::vector<std::string>{}};
  policy::WriteGate gate_;
  SnapshotBoard board_;
  NoCatalog catalog_;
  KillNotes kills_;
  Backends backends_;
  relay::UserLimit users_;
  relay::KilledThreads killed_;
  MemoryBudget memory_;
  TlsBoard tls_;
  crypto::RsaKeyPair rsa_;
  std::unique_ptr<Server> server_;
};

/// Polls for up to five seconds.
bool Eventually(const std::function<bool()>& condition);

}  // namespace sealgate::net

#endif  // SEALGATE_TESTS_PROXY_NET_RUNNING_PROXY_H_
