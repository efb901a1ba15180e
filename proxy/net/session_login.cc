// The login: both sides take turns, so one coroutine drives it. What goes
// through here may hold a password and is overwritten after its use.

#include <spdlog/spdlog.h>

#include "proxy/net/session.h"

namespace sealgate::net {

Awaitable<bool> Session::Login() {
  SetDeadline(Deadline::kLogin, shared_.config.limits.login_timeout);
  WipeWrites(true);
  while (!closing_ && !relay_.logged_in()) {
    const bool goes_on = co_await TakeTurn();
    if (!goes_on) Close();
  }
  if (closing_) co_return false;
  WipeWrites(false);
  SetDeadline(Deadline::kNone, {});
  // What a client sent before it was told that it may.
  OfferClientBytes();
  co_return !closing_;
}

Awaitable<bool> Session::TakeTurn() {
  const bool from_client = relay_.turn() == relay::Side::kClient;
  ReadBuffer& in = from_client ? client_in_ : server_in_;
  Stream& stream = from_client ? client_ : backend_;
  if (in.empty()) {
    in.Prepare(true);
    ErrorCode error;
    const std::size_t size = co_await stream.Read(in.space(), in.space_size(), error);
    in.Commit(size);
    if (closing_) co_return true;
    if (error && !from_client) {
      OnBackendLost();
      co_return true;
    }
    if (error) co_return false;
  }
  const relay::Step step = from_client
                               ? relay_.FromClient(in.bytes(), host_.snapshots().Get(), out_)
                               : relay_.FromServer(in.bytes(), out_);
  in.ConsumeAndWipe(step.consumed);
  Apply(step);
  if (reload_wanted_) co_await Reload();
  if (closing_) co_return true;
  co_await DrainWrites();
  if (step.action == relay::Action::kStartClientTls) co_return co_await StartClientTls();
  if (step.action == relay::Action::kStartServerTls) co_return co_await StartServerTls();
  // Bytes that the relay does not want on its own turn will never go.
  co_return step.consumed > 0 ||
      relay_.turn() != (from_client ? relay::Side::kClient : relay::Side::kServer);
}

Awaitable<bool> Session::StartClientTls() {
  if (!shared_.tls.clients) co_return false;
  // Clients send the handshake's first bytes right behind their request; they
  // may have come with it.
  const std::string received(client_in_.bytes());
  client_in_.ConsumeAndWipe(received.size());
  const bool started = co_await client_.AcceptTls(*shared_.tls.clients, received);
  if (started) co_return true;
  spdlog::debug("a client's TLS handshake failed");
  shared_.metrics.logins_failed.Add();
  co_return false;
}

Awaitable<bool> Session::StartServerTls() {
  // In the clear, after the request for TLS: not from the server.
  if (!shared_.tls.backend || !server_in_.empty()) co_return false;
  const policy::BackendConfig& target = shared_.config.backend;
  ErrorCode error;
  const bool started = co_await backend_.ConnectTls(*shared_.tls.backend, target.socket.address,
                                                    !target.ca.empty(), error);
  if (closing_) co_return true;
  if (!started) {
    spdlog::warn("TLS with the database server failed: {}", error.message());
    shared_.metrics.backend_connect_failures.Add();
    relay_.BackendTlsFailed(out_);
    QueueOutputs();
    CloseAfterWrites();
    co_return true;
  }
  Apply(relay_.ServerTlsStarted(out_));
  if (!closing_) co_await DrainWrites();
  co_return true;
}

void Session::WipeWrites(bool wipe) {
  client_.WipeWrites(wipe);
  backend_.WipeWrites(wipe);
}

}  // namespace sealgate::net
