// Limits of time and memory: what is too slow, too silent or too much.
#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "proxy/net/session/session.h"

namespace sealgate::net {
namespace {

constexpr std::size_t kKeptOutput = 4 * 1024;
constexpr std::int64_t kAccountingStep = 32 * 1024;
// Sessions that hold less are never ended for it.
constexpr std::size_t kNeverTooMuch = 1024 * 1024;
constexpr std::uint64_t kPacketsInSession = 8;
constexpr std::uint16_t kErOutOfResources = 1041;
constexpr std::uint16_t kErUnknown = 1105;
constexpr std::uint16_t kErClientInteractionTimeout = 4031;

std::uint64_t SessionMemory(const policy::Limits& limits) {
  return limits.session_memory != 0 ? limits.session_memory : kPacketsInSession * limits.max_packet;
}

void TrimString(std::string& text) {
  if (text.empty() && text.capacity() > kKeptOutput) text.shrink_to_fit();
}

}  // namespace

void Session::SetDeadline(Deadline deadline, policy::Milliseconds after) {
  deadline_ = deadline;
  if (deadline == Deadline::kNone) {
    deadline_timer_.cancel();
    return;
  }
  deadline_timer_.expires_after(after);
  deadline_timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
    if (error) return;
    if (const auto self = weak.lock()) self->OnDeadline();
  });
}

void Session::OnDeadline() {
  // It was moved after this call was queued.
  if (deadline_timer_.expiry() > Clock::now()) return;
  const Deadline passed = std::exchange(deadline_, Deadline::kNone);
  if (passed == Deadline::kConnect) {
    resolved_.Notify();
    return backend_.Close();
  }
  if (passed == Deadline::kMove) return EndMoved();
  if (passed == Deadline::kLogin) return OnLoginTimeout();
  if (passed != Deadline::kNone) Close();
}

void Session::OnLoginTimeout() {
  spdlog::debug("a login was not finished in time");
  // Whose turn it is has kept the other one waiting.
  if (!closing_ && relay_.turn() == relay::Side::kServer && backend_.socket().is_open()) {
    shared_.metrics.backend_connect_failures.Add();
    if (host_.MayWarn()) {
      spdlog::warn("the database server at {} did not answer a login in time",
                   policy::ToText(server()));
    }
    return EndWithError(kErUnknown, "HY000",
                        "sealgate: the database server did not answer the login in time (2013)");
  }
  shared_.metrics.logins_failed.Add();
  Close();
}

void Session::CheckTimeouts(Clock::time_point now) {
  if (closing_) return;
  const policy::Limits& limits = shared_.config.limits;
  if (limits.write_timeout.count() > 0) {
    if (client_.Stalled(now, limits.write_timeout)) {
      shared_.metrics.write_timeouts.Add();
      KillStatement();
      return Close();
    }
    if (backend_.Stalled(now, limits.write_timeout)) {
      shared_.metrics.write_timeouts.Add();
      return OnBackendLost();
    }
  }
  const bool waits = relay_.logged_in() && relay_.accepts_client() && !clock_.in_statement();
  if (limits.idle_timeout.count() > 0 && waits && now - clock_.last() >= limits.idle_timeout) {
    shared_.metrics.idle_timeouts.Add();
    EndWithError(kErClientInteractionTimeout, "HY000",
                 "sealgate: the connection was idle for too long (limits.idle_timeout)");
  }
}

std::size_t Session::memory() const {
  return kBesidesBuffers + client_.memory() + backend_.memory() + client_in_.capacity() +
         server_in_.capacity() + out_.to_client.capacity() + out_.to_server.capacity() +
         relay_.memory();
}

// Buffers that are empty by now.
void Session::ReleaseUnused() {
  if (relay_.idle()) relay_.Trim();
  client_.Trim();
  backend_.Trim();
  TrimString(out_.to_client);
  TrimString(out_.to_server);
}

void Session::AccountMemory() {
  const std::size_t limit = SessionMemory(shared_.config.limits);
  std::size_t size = memory();
  if (size > limit) {
    ReleaseUnused();
    size = memory();
  }
  const std::int64_t change = static_cast<std::int64_t>(size) - accounted_;
  if (change > kAccountingStep || change < -kAccountingStep) {
    shared_.memory.Change(change);
    shared_.metrics.buffer_bytes.Add(change);
    accounted_ += change;
  }
  if (closing_ || size < kNeverTooMuch) return;
  if (size > limit) {
    shared_.metrics.memory_exceeded.Add();
    return EndWithError(kErOutOfResources, "HY000",
                        "sealgate: the session holds more memory than limits.session_memory");
  }
  if (shared_.memory.exceeded()) {
    shared_.metrics.memory_exceeded.Add();
    EndWithError(kErOutOfResources, "HY000",
                 "sealgate: all sessions together hold more memory than limits.memory, and this "
                 "one asked for more");
  }
}

void Session::TrimIfIdle() {
  if (!active_ && relay_.idle()) {
    ReleaseUnused();
    if (!closing_ && client_in_.grown()) client_.CancelRead();
    if (!closing_ && server_in_.grown()) backend_.CancelRead();
    AccountMemory();
  }
  active_ = false;
}

}  // namespace sealgate::net
