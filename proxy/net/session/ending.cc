// Ends: when nothing is lost by it, with an error that the client still reads, or at
// once.
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "proxy/net/session/session.h"

namespace sealgate::net {
namespace {

constexpr policy::Milliseconds kCloseTimeout{5'000};
constexpr policy::Milliseconds kLingerTimeout{1'000};
// A transaction with a server that is no primary any more may end for so long.
constexpr policy::Milliseconds kMoveTimeout{10'000};
constexpr std::uint16_t kErServerShutdown = 1053;

}  // namespace

void Session::Drain() {
  draining_ = true;
  if (!relay_.logged_in()) return Close();
  EndIfDraining();
}

void Session::EndIfDraining() {
  if (!(draining_ || moving_) || closing_ || !relay_.logged_in() || !relay_.idle()) return;
  if (moving_ && !draining_) return EndMoved();
  CloseAfterWrites();
}

void Session::FollowPrimary(std::size_t primary) {
  const bool connected = backend_.socket().is_open() && deadline_ != Deadline::kConnect;
  if (closing_ || !connected || server_ == primary || moving_) return;
  moving_ = true;
  if (relay_.logged_in()) Move();  // else after its login
}

void Session::Move() {
  SetDeadline(Deadline::kMove, kMoveTimeout);
  EndIfDraining();
}

void Session::EndMoved() {
  shared_.metrics.moved.Add();
  KillStatement();
  EndWithError(kErServerShutdown, "08S01",
               "sealgate: another database server is the primary now; connect again");
}

void Session::EndWithError(std::uint16_t code, const char* sqlstate, std::string_view message) {
  if (closing_) return;
  relay_.EndSession(code, sqlstate, message, out_);
  QueueOutputs();
  CloseAfterWrites();
}

void Session::OnBackendLost() {
  shared_.metrics.backend_lost.Add();
  spdlog::debug("a session's connection to the database server ended");
  relay_.BackendLost(out_);
  QueueOutputs();
  CloseAfterWrites();
}

void Session::KillStatement() {
  if (!relay_.reading()) return;
  ErrorCode error;
  const Endpoint endpoint = backend_.socket().remote_endpoint(error);
  if (error) return;
  KillTarget target{server(), {}, relay_.server_thread()};
  if (IsTcp(endpoint)) target.ip = AddressText(PeerOf(endpoint).address);
  shared_.killer.Kill(target);
}

void Session::CloseAfterWrites() {
  if (closing_) return;
  closing_ = true;
  const auto self = shared_from_this();
  AbandonGate();
  room_.Notify();
  SetDeadline(Deadline::kClose, kCloseTimeout);
  asio::co_spawn(
      host_.context(), [this]() { return FinishClosing(); }, [self](const std::exception_ptr&) {});
}

// A socket that is closed while there are bytes to read resets the connection,
// and the client may never see the error that was sent to it. So the client is
// told that nothing comes any more, and is given a moment to close first.
Awaitable<void> Session::FinishClosing() {
  co_await backend_.Drained();
  backend_.Close();
  co_await client_.Drained();
  if (closed_) co_return;
  client_.ShutdownSend();
  SetDeadline(Deadline::kClose, kLingerTimeout);
}

void Session::Close() {
  if (closed_) return;
  const auto self = shared_from_this();
  closing_ = true;
  closed_ = true;
  resolved_.Notify();
  AbandonGate();
  SetDeadline(Deadline::kNone, {});
  client_.Close();
  backend_.Close();
  room_.Notify();
}

}  // namespace sealgate::net
