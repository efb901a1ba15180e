#include "proxy/net/backend/backend_monitor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sealgate::net {
namespace {

// A server that takes longer is as good as gone.
constexpr policy::Milliseconds kLongestReply{3'000};

}  // namespace

BackendMonitor::BackendMonitor(const policy::ServerAccess& access,
                               const std::vector<policy::SocketAddress>& servers,
                               policy::Milliseconds interval, metrics::Metrics& metrics)
    : interval_(interval), metrics_(metrics) {
  for (const policy::SocketAddress& server : servers) {
    policy::ServerAccess own = access;
    own.backend.socket = server;
    own.connect_timeout = std::min(own.connect_timeout, kLongestReply);
    own.reply_timeout = kLongestReply;
    watched_.push_back({std::make_unique<policy::ServerProbe>(std::move(own)),
                        policy::ToText(server),
                        {},
                        false,
                        {}});
  }
}

BackendMonitor::~BackendMonitor() { Stop(); }

tl::expected<std::size_t, std::string> BackendMonitor::FindFirst() {
  std::vector<std::thread> asking;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    asking.emplace_back([this, i] { Ask(i); });
  }
  for (std::thread& thread : asking) thread.join();
  const std::unique_lock lock(mutex_);
  Decide();
  if (current_) return *current_;
  const bool ambiguous = ambiguous_;
  std::string text = ambiguous ? "several of backend.addresses take writes and do not know of each "
                                 "other; make all but the primary read-only"
                               : "none of backend.addresses is the primary";
  for (const Watched& watched : watched_) {
    text += fmt::format("\n  {}: {}", watched.name,
                        policy::StandingName(policy::StandingOf(watched.facts)));
    if (!watched.why.empty()) text += fmt::format(" ({})", watched.why);
  }
  return tl::unexpected(text);
}

void BackendMonitor::Start(OnChange on_change) {
  on_change_ = std::move(on_change);
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    threads_.emplace_back([this, i] { Run(i); });
  }
}

void BackendMonitor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void BackendMonitor::Run(std::size_t index) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    Ask(index);
    lock.lock();
    const auto before = current_;
    const bool was_ambiguous = ambiguous_;
    Decide();
    if (ambiguous_ && !was_ambiguous) {
      spdlog::error(
          "several of backend.addresses take writes and do not know of each other; "
          "make all but the primary read-only");
    }
    // Under the lock, so that changes are told in order.
    if (current_ != before) on_change_(current_);
  }
}

void BackendMonitor::Ask(std::size_t index) {
  policy::ServerProbe& probe = *watched_[index].probe;
  const policy::ServerFacts facts = probe.Ask();
  const std::lock_guard lock(mutex_);
  Note(index, facts, probe.why());
}

void BackendMonitor::Note(std::size_t index, const policy::ServerFacts& facts,
                          const std::string& why) {
  Watched& watched = watched_[index];
  const policy::Standing before =
      watched.known ? policy::StandingOf(watched.facts) : policy::Standing::kUnknown;
  watched.facts = facts;
  watched.why = why;
  watched.known = true;
  metrics_.backends[index].standing.store(static_cast<int>(policy::StandingOf(facts)),
                                          std::memory_order_relaxed);
  LogStanding(watched, before);
}

void BackendMonitor::LogStanding(const Watched& watched, policy::Standing before) const {
  const policy::Standing now = policy::StandingOf(watched.facts);
  if (now == before || !on_change_) return;  // who asks for the first says it all
  if (watched.why.empty()) {
    spdlog::info("database server {} is {}", watched.name, policy::StandingName(now));
  } else {
    spdlog::warn("database server {} is {}: {}", watched.name, policy::StandingName(now),
                 watched.why);
  }
}

void BackendMonitor::Decide() {
  std::vector<policy::ServerFacts> facts;
  for (const Watched& watched : watched_) facts.push_back(watched.facts);
  const policy::PrimaryChoice choice = policy::ChoosePrimary(facts, current_);
  ambiguous_ = choice.ambiguous;
  current_ = choice.index;
}

std::vector<BackendMonitor::Line> BackendMonitor::Describe() const {
  const std::lock_guard lock(mutex_);
  std::vector<Line> lines;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const Watched& watched = watched_[i];
    lines.push_back({watched.name,
                     watched.known ? policy::StandingOf(watched.facts) : policy::Standing::kUnknown,
                     current_ == i, watched.why});
  }
  return lines;
}

std::string ToText(const std::vector<BackendMonitor::Line>& lines) {
  std::string text;
  for (const BackendMonitor::Line& line : lines) {
    text +=
        fmt::format("{}: {}{}{}\n", line.server, policy::StandingName(line.standing),
                    line.in_use ? ", in use" : "", line.why.empty() ? "" : " (" + line.why + ")");
  }
  return text;
}

}  // namespace sealgate::net
