#include "tests/proxy/net/running_proxy.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace sealgate::net {
namespace {

policy::Config ConfigFor(std::uint16_t backend_port,
                         const std::function<void(policy::Config&)>& change) {
  policy::Config config;
  config.listen.socket = {"127.0.0.1", 0};
  config.backend.socket = {"127.0.0.1", backend_port};
  config.limits.threads = 2;
  if (change) change(config);
  return config;
}

TlsPointer TlsFor(const policy::Config& config) {
  auto tls = LoadTls(config.listen, config.backend);
  if (!tls) throw std::runtime_error(tls.error());
  return std::move(*tls);
}

policy::Snapshot NothingProtected() {
  const crypto::KeyRing ring(crypto::SecretBytes(32));
  policy::Snapshot snapshot;
  snapshot.policy = std::make_shared<const policy::Policy>();
  snapshot.catalog = std::make_shared<const policy::Catalog>();
  snapshot.keys = std::make_shared<const crypto::Keychain>(*crypto::Keychain::Build(ring, {}));
  return snapshot;
}

}  // namespace

void KillNotes::Kill(const KillTarget& target) {
  const std::lock_guard lock(mutex_);
  targets_.push_back(target);
}

std::vector<KillTarget> KillNotes::targets() const {
  const std::lock_guard lock(mutex_);
  return targets_;
}

RunningProxy::RunningProxy(std::uint16_t backend_port,
                           const std::function<void(policy::Config&)>& change)
    : config_(ConfigFor(backend_port, change)),
      settings_(SettingsOf(config_)),
      gate_(config_.limits.hold),
      backends_(config_.backend),
      users_(config_.limits.max_connections_per_user),
      memory_(config_.limits.memory),
      tls_(TlsFor(config_)),
      rsa_(crypto::RsaKeyPair::Generate()) {
  // As in the proxy itself, the log is there before any thread: its making in
  // libspdlog, which is not instrumented, would look like a race.
  spdlog::set_level(spdlog::level::info);
  board_.Publish(NothingProtected());
  server_ =
      std::make_unique<Server>(Shared{config_, settings_, metrics_, gate_, board_, catalog_, tls_,
                                      rsa_, kills_, backends_, users_, killed_, memory_});
  if (auto started = server_->Start(); !started) throw std::runtime_error(started.error());
}

RunningProxy::~RunningProxy() {
  server_->Drain();
  server_->CloseAll();
  Eventually([this] { return server_->drained(); });
  server_->Join();
}

policy::Milliseconds RunningProxy::Now() {
  return std::chrono::duration_cast<policy::Milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace sealgate::net
