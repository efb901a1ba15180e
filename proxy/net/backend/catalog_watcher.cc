#include "proxy/net/backend/catalog_watcher.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sealgate::net {
namespace {

using std::chrono::steady_clock;

// How long a session that changed the schema waits for it to be read.
constexpr policy::Milliseconds kGiveUpAfter{5'000};
constexpr policy::Milliseconds kRetryAfter{250};
// Looks that fail until nothing is relied on that was seen before.
constexpr int kMostFailedLooks = 10;

/// What sessions do meanwhile is noted.
class Reading {
 public:
  explicit Reading(SnapshotBoard& board) : board_(board) { board_.BeginReading(); }
  ~Reading() { board_.EndReading(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  SnapshotBoard& board_;
};

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

CatalogWatcher::CatalogWatcher(policy::ServerAccess access, const policy::CatalogConfig& config,
                               metrics::Metrics& metrics, SnapshotBoard& board)
    : reader_(std::move(access), config.cache),
      refresh_(config.refresh),
      idle_timeout_(config.idle_timeout),
      metrics_(metrics),
      board_(board) {}

CatalogWatcher::~CatalogWatcher() { Stop(); }

tl::expected<policy::CheckResult, std::string> CatalogWatcher::LoadFirst(Protection protection) {
  auto reading = reader_.Read(*protection.policy);
  DisconnectAfterUse();
  LogNotes();
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
  policy::UnknownNames everything;
  everything.whole = true;
  Want(everything, true, std::move(done));
}

void CatalogWatcher::LookUp(policy::UnknownNames names, std::function<void(bool)> done) {
  Want(names, false, std::move(done));
}

void CatalogWatcher::Want(const policy::UnknownNames& names, bool changed,
                          std::function<void(bool)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      wanted_.names.Add(names);
      wanted_.changed = wanted_.changed || changed;
      wanted_.waiting.push_back(std::move(done));
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
    Wanted wanted;
    std::vector<std::function<void(ReloadResult)>> policy_waiting;
    std::optional<policy::SocketAddress> follow;
    std::function<void()> followed;
    bool stopping = false;
    {
      Lock lock(mutex_);
      while (!WaitForWork(lock)) {
      }
      std::swap(wanted, wanted_);
      follow.swap(follow_);
      followed.swap(followed_);
      policy_waiting.swap(policy_waiting_);
      stopping = stopping_;
    }
    if (stopping) {
      for (auto& done : wanted.waiting) done(false);
      for (auto& done : policy_waiting) {
        done(tl::unexpected(Mistakes{"the proxy is shutting down"}));
      }
      return;
    }
    if (follow) ServeFollow(*follow, std::move(followed));
    for (auto& done : policy_waiting) ServePolicy(std::move(done));
    if (!wanted.waiting.empty()) Serve(std::move(wanted));
    // However often names are looked up.
    if (IsTimeToLook()) Poll();
    DisconnectAfterUse();
  }
}

// Under mutex_.
bool CatalogWatcher::HasWork() const {
  return stopping_ || !wanted_.waiting.empty() || !policy_waiting_.empty() || follow_;
}

// Or for the time to look by itself. False: an idle connection was closed meanwhile.
bool CatalogWatcher::WaitForWork(Lock& lock) {
  const auto look = looked_ + refresh_;
  const auto idle = used_ + idle_timeout_;
  const bool closes = reader_.connected() && idle < look;
  if (changed_.wait_until(lock, closes ? idle : look, [this] { return HasWork(); })) return true;
  if (!closes) return true;
  lock.unlock();
  reader_.Disconnect();
  lock.lock();
  return HasWork();
}

// Before anybody is told what was read: a client may look who is connected.
void CatalogWatcher::DisconnectAfterUse() {
  used_ = steady_clock::now();
  if (idle_timeout_ == policy::Milliseconds{0}) reader_.Disconnect();
}

void CatalogWatcher::Serve(Wanted wanted) {
  const auto deadline = steady_clock::now() + kGiveUpAfter;
  bool read = LookUpNow(wanted.names);
  // Other sessions go on meanwhile.
  if (!read && wanted.changed) board_.ForgetNames();
  while (!read) {
    if (steady_clock::now() + kRetryAfter > deadline || !WaitUnlessStopped(kRetryAfter)) break;
    read = LookUpNow(wanted.names);
  }
  DisconnectAfterUse();
  for (auto& done : wanted.waiting) done(read);
}

bool CatalogWatcher::LookUpNow(const policy::UnknownNames& names) {
  for (const std::string& collation : names.collations) reader_.Want(collation);
  if (names.whole || !names.collations.empty()) return ReadAgain();
  bool needs_reading = false;
  {
    const Reading reading(board_);
    auto found = reader_.LookUp(names);
    if (!found) {
      OnFailure(found.error());
      return false;
    }
    OnSuccess();
    metrics_.catalog_lookups.Add();
    needs_reading = found->needs_reading;
    if (!needs_reading) board_.Learn(found->plain);
  }
  return !needs_reading || ReadAgain();
}

void CatalogWatcher::Poll() {
  const auto changed = ReadIfChanged();
  if (changed && *changed) metrics_.catalog_reloads.Add();
  if (!changed && IsOutOfDate()) board_.ForgetNames();
}

bool CatalogWatcher::IsTimeToLook() const { return steady_clock::now() >= looked_ + refresh_; }

bool CatalogWatcher::IsOutOfDate() const {
  return steady_clock::now() - read_ > kMostFailedLooks * refresh_;
}

bool CatalogWatcher::ReadAgain() {
  const auto changed = ReadIfChanged();
  if (changed) metrics_.catalog_reloads.Add();
  return changed.has_value();
}

// Whether it has changed; nullopt: it cannot be read. The names that were learned since
// the last reading may be gone again.
std::optional<bool> CatalogWatcher::ReadIfChanged() {
  const Reading reading(board_);
  looked_ = steady_clock::now();
  const bool list_is_as_read = !board_.Current()->objects->changed();
  auto changed =
      reader_.ReadIfChanged(*protection_.policy, list_is_as_read ? fingerprint_ : std::string());
  if (!changed) {
    OnFailure(changed.error());
    return std::nullopt;
  }
  OnSuccess();
  read_ = steady_clock::now();
  if (!*changed) return false;
  Take(std::move(**changed));
  return true;
}

// Plans made for the old catalog stay good as long as nothing has changed that
// they were made from.
void CatalogWatcher::Take(policy::CatalogReading reading) {
  if (*reading.catalog == *board_.Current()->catalog) {
    fingerprint_ = std::move(reading.fingerprint);
    return board_.PublishObjects(std::move(reading.objects));
  }
  spdlog::info("the schema around the protected tables has changed and was read again");
  Publish(std::move(reading));
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
    // Whoever asked may have changed the schema.
    if (!ReadAgain()) board_.ForgetNames();
  }
  done(std::move(result));
}

// A connection that was lost, or a server that was slow for a moment, is no reason to keep the
// old policy.
tl::expected<policy::CatalogReading, std::string> CatalogWatcher::ReadPatiently(
    const policy::Policy& policy) {
  const auto deadline = steady_clock::now() + kGiveUpAfter;
  auto reading = reader_.Read(policy);
  while (!reading && steady_clock::now() + kRetryAfter < deadline &&
         WaitUnlessStopped(kRetryAfter)) {
    reading = reader_.Read(policy);
  }
  return reading;
}

CatalogWatcher::ReloadResult CatalogWatcher::TakeProtection(Protection protection) {
  if (!SameDomains(*protection.policy, *protection_.policy)) {
    return tl::unexpected(Mistakes{
        protection.source.file +
        ": domains were added, removed or put in another order. Restart the proxy for that: "
        "what it exports by domain is fixed while it runs."});
  }
  const Reading noting(board_);
  auto reading = ReadPatiently(*protection.policy);
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
  looked_ = read_ = steady_clock::now();
  policy::Snapshot snapshot;
  snapshot.policy = protection_.policy;
  snapshot.catalog = std::move(reading.catalog);
  snapshot.objects = std::move(reading.objects);
  snapshot.keys = protection_.keys;
  board_.Publish(std::move(snapshot));
}

void CatalogWatcher::OnFailure(const std::string& why) {
  metrics_.catalog_failures.Add();
  if (!failing_) spdlog::error("cannot read the schema, what is known of it is old: {}", why);
  failing_ = true;
}

void CatalogWatcher::LogNotes() {
  for (const std::string& note : reader_.TakeNotes()) spdlog::info("{}", note);
}

void CatalogWatcher::OnSuccess() {
  LogNotes();
  if (failing_) spdlog::info("the schema can be read again");
  failing_ = false;
}

bool CatalogWatcher::WaitUnlessStopped(policy::Milliseconds duration) {
  Lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [this] { return stopping_; });
}

}  // namespace sealgate::net
