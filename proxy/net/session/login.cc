// The login: both sides take turns, so one coroutine drives it, until a plugin that
// is not known here lets both speak, and the pumps take over. What goes through here
// may hold a password and is overwritten after its use.

#include <spdlog/spdlog.h>

#include "proxy/net/session/session.h"
#include "proxy/wire/proxy_header.h"

namespace sealgate::net {

Awaitable<bool> Session::ReadProxyHeader() {
  SetDeadline(Deadline::kLogin, shared_.config.limits.login_timeout);
  while (!closing_) {
    const auto header = wire::DecodeProxyHeader(client_in_.bytes());
    if (!header) {
      OnBadProxyHeader("malformed");
      break;
    }
    if (*header) {
      client_in_.Consume((*header)->size);
      // What the balancer's leg is says nothing about the client's.
      relay_.SetClient((*header)->source.value_or(peer_.address), false);
      co_return true;
    }
    client_in_.Prepare();
    ErrorCode error;
    const std::size_t size =
        co_await client_.Read(client_in_.space(), client_in_.space_size(), error);
    if (error) {
      // A health check may open a connection and close it again.
      if (!client_in_.empty()) OnBadProxyHeader("cut off");
      Close();
      break;
    }
    client_in_.Commit(size);
  }
  co_return false;
}

void Session::OnBadProxyHeader(const char* what) {
  shared_.metrics.proxy_headers_malformed.Add();
  if (host_.MayWarn()) {
    spdlog::warn("the PROXY header of a connection from {} is {}: the connection is ended",
                 peer_.is_unix ? "the Unix socket" : AddressText(peer_.address), what);
  }
  Close();
}

Awaitable<bool> Session::Login() {
  SetDeadline(Deadline::kLogin, shared_.config.limits.login_timeout);
  WipeWrites(true);
  while (!closing_ && !relay_.logged_in() && !relay_.both_may_speak()) {
    const bool goes_on = co_await TakeTurn();
    if (!goes_on) Close();
  }
  if (!closing_ && relay_.logged_in()) EndLogin();
  if (closing_) co_return false;
  // What a client sent before it was told that it may.
  OfferClientBytes();
  co_return !closing_;
}

void Session::EndLogin() {
  logging_in_ = false;
  WipeWrites(false);
  SetDeadline(Deadline::kNone, {});
  clock_.Begin();  // idle from now on
  if (moving_) Move();
}

Awaitable<bool> Session::TakeTurn() {
  const bool from_client = relay_.turn() == relay::Side::kClient;
  ReadBuffer& in = from_client ? client_in_ : server_in_;
  Stream& stream = from_client ? client_ : backend_;
  if (in.empty()) {
    in.Prepare();
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
  const TlsPointer contexts = shared_.tls.Current();
  if (!contexts->clients) co_return false;
  // Clients send the handshake's first bytes right behind their request; they
  // may have come with it.
  const std::string received(client_in_.bytes());
  client_in_.ConsumeAndWipe(received.size());
  const bool started = co_await client_.AcceptTls(*contexts->clients, received);
  CountHandshake(metrics::Leg::kClient, client_, started);
  if (started) co_return true;
  spdlog::debug("a client's TLS handshake failed");
  shared_.metrics.logins_failed.Add();
  co_return false;
}

Awaitable<bool> Session::StartServerTls() {
  // In the clear, after the request for TLS: not from the server.
  const TlsPointer contexts = shared_.tls.Current();
  if (!contexts->backend || !server_in_.empty()) co_return false;
  const policy::BackendConfig& target = shared_.config.backend;
  std::string problem;
  const bool started = co_await backend_.ConnectTls(contexts, server(), target.verify,
                                                    host_.tls_sessions(), problem);
  if (closing_) co_return true;
  CountHandshake(metrics::Leg::kBackend, backend_, started);
  if (!started) {
    spdlog::warn("TLS with the database server failed: {}", problem);
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

void Session::CountHandshake(metrics::Leg leg, const Stream& stream, bool done) {
  metrics::TlsCounters& counters = shared_.metrics.tls[static_cast<std::size_t>(leg)];
  if (!done) return counters.failed.Add();
  (stream.tls_resumed() ? counters.resumed : counters.full).Add();
}

void Session::WipeWrites(bool wipe) {
  client_.WipeWrites(wipe);
  backend_.WipeWrites(wipe);
}

}  // namespace sealgate::net
