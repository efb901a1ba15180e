#include "proxy/net/catalog_watcher.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace sealgate::net {
namespace {

using std::chrono::steady_clock;

// How long a session that changed the schema waits for it to be read.
constexpr policy::Milliseconds kGiveUpAfter{5'000};
constexpr policy::Milliseconds kRetryAfter{250};

// A change of domains changes the names of exported figures, which are fixed
// for as long as the process runs.
bool SameDomains(const policy::Policy& a, const policy::Policy& b) {
  if (a.domains.size() != b.domains.size()) return false;
  for (std::size_t i = 0; i < a.domains.size(); ++i) {
    if (a.domains[i].name != b.domains[i].name) return false;
  }
  return true;
}

Mistakes ErrorsOf(const policy::CheckResult& result) {
  Mistakes errors;
  for (const policy::Finding& finding : result.findings) {
    if (finding.severity == policy::Severity::kError) {
      errors.push_back(policy::ToText(finding.diagnostic));
    }
  }
  return errors;
}

}  // namespace

SnapshotPointer SnapshotBoard::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void SnapshotBoard::Publish(policy::Snapshot snapshot) {
  const std::lock_guard lock(mutex_);
  snapshot.version = version_.load(std::memory_order_relaxed) + 1;
  current_ = std::make_shared<const policy::Snapshot>(std::move(snapshot));
  version_.store(current_->version, std::memory_order_release);
}

void SnapshotCache::Renew() {
  current_ = board_.Current();
  version_ = current_ == nullptr ? 0 : current_->version;
}

CatalogWatcher::CatalogWatcher(policy::ServerAccess access, policy::Milliseconds refresh,
                               metrics::Metrics& metrics, SnapshotBoard& board)
    : reader_(std::move(access)), refresh_(refresh), metrics_(metrics), board_(board) {}

CatalogWatcher::~CatalogWatcher() { Stop(); }

tl::expected<policy::CheckResult, std::string> CatalogWatcher::LoadFirst(Protection protection) {
  auto reading = reader_.Read(*protection.policy);
  if (!reading) return tl::unexpected(reading.error());
  policy::CheckResult result =
      policy::Check(*protection.policy, protection.source, *reading->catalog, *protection.ring);
  if (result.has_errors()) return result;
  protection_ = std::move(protection);
  metrics_.catalog_reloads.Add();
  Publish(std::move(*reading));
  return result;
}

void CatalogWatcher::Start(LoadProtectionFunction load) {
  load_ = std::move(load);
  thread_ = std::thread([this] { Run(); });
}

void CatalogWatcher::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CatalogWatcher::Reload(std::function<void(bool)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      waiting_.push_back(std::move(done));
      done = nullptr;
    }
  }
  if (done) return done(false);
  changed_.notify_all();
}

void CatalogWatcher::Follow(const policy::SocketAddress& server, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    follow_ = server;
    followed_ = std::move(done);
  }
  changed_.notify_all();
}

void CatalogWatcher::ServeFollow(const policy::SocketAddress& server, std::function<void()> done) {
  reader_.UseServer(server);
  const bool read = ReadAgain();
  if (!read) WaitUnlessStopped(kRetryAfter);
  const std::lock_guard lock(mutex_);
  if (follow_) return;  // yet another server was named meanwhile
  if (read) return done();
  follow_ = server;
  followed_ = std::move(done);
}

void CatalogWatcher::ReloadPolicy(std::function<void(ReloadResult)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      policy_waiting_.push_back(std::move(done));
      done = nullptr;
    }
  }
  if (done) return done(tl::unexpected(Mistakes{"the proxy is shutting down"}));
  changed_.notify_all();
}

void CatalogWatcher::Run() {
  while (true) {
    std::vector<std::function<void(bool)>> waiting;
    std::vector<std::function<void(ReloadResult)>> policy_waiting;
    std::optional<policy::SocketAddress> follow;
    std::function<void()> followed;
    bool stopping = false;
    {
      Lock lock(mutex_);
      changed_.wait_for(lock, refresh_, [this] {
        return stopping_ || !waiting_.empty() || !policy_waiting_.empty() || follow_;
      });
      waiting.swap(waiting_);
      follow.swap(follow_);
      followed.swap(followed_);
      policy_waiting.swap(policy_waiting_);
      stopping = stopping_;
    }
    if (stopping) {
      for (auto& done : waiting) done(false);
      for (auto& done : policy_waiting) {
        done(tl::unexpected(Mistakes{"the proxy is shutting down"}));
      }
      return;
    }
    if (follow) ServeFollow(*follow, std::move(followed));
    for (auto& done : policy_waiting) ServePolicy(std::move(done));
    if (!waiting.empty()) {
      Serve(std::move(waiting));
    } else if (policy_waiting.empty() && !follow) {
      Poll();
    }
  }
}

void CatalogWatcher::Serve(std::vector<std::function<void(bool)>> waiting) {
  const auto deadline = steady_clock::now() + kGiveUpAfter;
  bool read = ReadAgain();
  while (!read) {
    if (steady_clock::now() + kRetryAfter > deadline || !WaitUnlessStopped(kRetryAfter)) break;
    read = ReadAgain();
  }
  for (auto& done : waiting) done(read);
}

void CatalogWatcher::Poll() {
  const auto fingerprint = reader_.Fingerprint(*protection_.policy);
  if (!fingerprint) return OnFailure(fingerprint.error());
  if (*fingerprint == fingerprint_) return OnSuccess();
  ReadAgain();
}

bool CatalogWatcher::ReadAgain() {
  auto reading = reader_.Read(*protection_.policy);
  if (!reading) {
    OnFailure(reading.error());
    return false;
  }
  OnSuccess();
  metrics_.catalog_reloads.Add();
  // Plans made for the old catalog stay good as long as nothing has changed.
  if (reading->fingerprint != fingerprint_) {
    spdlog::info("the schema around the protected tables has changed and was read again");
    Publish(std::move(*reading));
  }
  return true;
}

void CatalogWatcher::ServePolicy(std::function<void(ReloadResult)> done) {
  auto protection = load_();
  ReloadResult result = protection ? TakeProtection(std::move(*protection))
                                   : ReloadResult(tl::unexpected(std::move(protection.error())));
  if (result) {
    spdlog::info("policy and keys were loaded again");
  } else {
    spdlog::error("the new policy is not good, the old one stays");
    for (const std::string& line : result.error()) spdlog::error("{}", line);
  }
  done(std::move(result));
}

CatalogWatcher::ReloadResult CatalogWatcher::TakeProtection(Protection protection) {
  if (!SameDomains(*protection.policy, *protection_.policy)) {
    return tl::unexpected(Mistakes{
        protection.source.file +
        ": domains were added, removed or put in another order. Restart the proxy for that: "
        "what it exports by domain is fixed while it runs."});
  }
  auto reading = reader_.Read(*protection.policy);
  if (!reading) {
    OnFailure(reading.error());
    return tl::unexpected(Mistakes{reading.error()});
  }
  const policy::CheckResult result =
      policy::Check(*protection.policy, protection.source, *reading->catalog, *protection.ring);
  if (result.has_errors()) return tl::unexpected(ErrorsOf(result));
  protection_ = std::move(protection);
  metrics_.catalog_reloads.Add();
  Publish(std::move(*reading));
  return {};
}

void CatalogWatcher::Publish(policy::CatalogReading reading) {
  fingerprint_ = std::move(reading.fingerprint);
  policy::Snapshot snapshot;
  snapshot.policy = protection_.policy;
  snapshot.catalog = std::move(reading.catalog);
  snapshot.keys = protection_.keys;
  board_.Publish(std::move(snapshot));
}

void CatalogWatcher::OnFailure(const std::string& why) {
  metrics_.catalog_failures.Add();
  if (!failing_) spdlog::error("cannot read the schema, the old one stays: {}", why);
  failing_ = true;
}

void CatalogWatcher::OnSuccess() {
  if (failing_) spdlog::info("the schema can be read again");
  failing_ = false;
}

bool CatalogWatcher::WaitUnlessStopped(policy::Milliseconds duration) {
  Lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [this] { return stopping_; });
}

}  // namespace sealgate::net
