#include "proxy/net/backend/statement_killer.h"

#include <fmt/format.h>
#include <netdb.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "policy/address.h"

namespace sealgate::net {
namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kMostWaiting = 10'000;
constexpr auto kLongestWait = std::chrono::seconds(10);
constexpr auto kKeepConnection = std::chrono::seconds(5);
constexpr policy::Milliseconds kReplyTimeout{5'000};

/// The name means this address and no other.
bool MeansOnly(const std::string& name, const std::string& ip) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof(text), nullptr, 0,
                      NI_NUMERICHOST) != 0 ||
        policy::ParseAddress(text) != policy::ParseAddress(ip)) {
      return false;
    }
  }
  return true;
}

}  // namespace

StatementKiller::StatementKiller(policy::ServerAccess access, metrics::Metrics& metrics)
    : access_(std::move(access)), metrics_(metrics) {}

StatementKiller::~StatementKiller() { Stop(); }

void StatementKiller::Start() {
  for (std::size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
}

void StatementKiller::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void StatementKiller::Kill(const KillTarget& target) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (waiting_.size() >= kMostWaiting) {
      metrics_.kills_failed.Add();
      return;
    }
    waiting_.push_back({target, Clock::now()});
  }
  changed_.notify_one();
}

void StatementKiller::Run() {
  std::optional<Connected> connected;
  while (true) {
    bool idle = false;
    const auto next = Next(connected.has_value(), idle);
    if (idle) connected.reset();
    if (!next && !idle) return;
    if (!next) continue;
    if (Clock::now() - next->since > kLongestWait) {
      metrics_.kills_failed.Add();
      continue;
    }
    if (const auto killed = KillOne(next->target, connected)) {
      metrics_.kills.Add();
      const std::lock_guard lock(mutex_);
      failing_ = false;
    } else {
      connected.reset();
      OnFailure(next->target, killed.error());
    }
  }
}

/// Nothing and not idle: the end.
std::optional<StatementKiller::Waiting> StatementKiller::Next(bool connected, bool& idle) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !waiting_.empty(); };
  if (!connected) {
    changed_.wait(lock, ready);
  } else if (!changed_.wait_for(lock, kKeepConnection, ready)) {
    idle = true;
    return std::nullopt;
  }
  if (stopping_) return std::nullopt;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

tl::expected<void, std::string> StatementKiller::KillOne(const KillTarget& target,
                                                         std::optional<Connected>& connected) {
  const bool reused = connected && connected->to.SameServer(target);
  if (!reused) {
    connected.reset();
    auto connection = Connect(target);
    if (!connection) return tl::unexpected(std::move(connection.error()));
    connected.emplace(Connected{target, std::move(*connection)});
  }
  auto done = connected->connection.Execute(fmt::format("KILL {}", target.thread));
  // It has ended by itself.
  if (!done && done.error().find("Unknown thread id") != std::string::npos) return {};
  return done;
}

tl::expected<policy::ServerConnection, std::string> StatementKiller::Connect(
    const KillTarget& target) const {
  policy::ServerAccess access = access_;
  access.reply_timeout = kReplyTimeout;
  access.backend.socket = target.server;
  if (target.server.is_unix()) return policy::ServerConnection::Open(access);
  // A certificate is for the name, so that the name must be what is connected to.
  const bool verifies = access.backend.tls != policy::TlsMode::kDisabled &&
                        access.backend.verify == policy::TlsVerify::kIdentity &&
                        !policy::ParseAddress(target.server.address);
  if (!verifies) {
    access.backend.socket.address = target.ip;
  } else if (!MeansOnly(target.server.address, target.ip)) {
    return tl::unexpected(
        fmt::format("several machines answer to '{}', and the certificate is for that name; list "
                    "them in backend.addresses, each by its own name",
                    target.server.address));
  }
  return policy::ServerConnection::Open(access);
}

// So would the others of that server fail, perhaps after a long wait.
void StatementKiller::OnFailure(const KillTarget& target, const std::string& why) {
  bool failed_before = false;
  std::size_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    failed_before = std::exchange(failing_, true);
    dropped = std::erase_if(waiting_,
                            [&](const Waiting& each) { return each.target.SameServer(target); });
  }
  metrics_.kills_failed.Add(1 + dropped);
  if (failed_before) return;
  spdlog::warn("a client went while its statement ran, and that could not be ended: {}", why);
}

}  // namespace sealgate::net
