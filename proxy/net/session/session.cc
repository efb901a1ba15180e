#include "proxy/net/session/session.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>

namespace sealgate::net {

Session::Session(Shared& shared, SessionHost& host, Socket client, const ClientPeer& peer)
    : shared_(shared),
      host_(host),
      peer_(peer),
      client_(std::move(client)),
      backend_(Socket(host.context())),
      relay_(shared.settings, host.services(), peer.address),
      room_(host.context().get_executor()),
      reloaded_(host.context().get_executor()),
      resolved_(host.context().get_executor()),
      deadline_timer_(host.context()),
      accounted_(kBesidesBuffers),
      pass_(shared.gate, host.slot()),
      clock_(shared.metrics) {
  shared_.memory.Change(accounted_);
  shared_.metrics.buffer_bytes.Add(accounted_);
  host_.OnSessionBegins(*this);
}

Session::~Session() {
  pass_.Abandon();
  shared_.memory.Change(-accounted_);
  shared_.metrics.buffer_bytes.Add(-accounted_);
  host_.OnSessionEnds(*this);
}

void Session::Start() {
  auto self = shared_from_this();
  asio::co_spawn(
      host_.context(), [this]() { return Run(); },
      [self](const std::exception_ptr& failure) {
        if (failure != nullptr) spdlog::error("a session ended by an exception");
        self->Close();
      });
}

Awaitable<void> Session::Run() {
  SetOptions(client_);
  // One await per statement: g++ 12 is wrong about two in one condition.
  bool ready = true;
  if (shared_.config.listen.proxy_protocol.required) {
    ready = co_await ReadProxyHeader();
  } else {
    relay_.SetClient(peer_.address, peer_.is_unix);
  }
  if (ready) ready = co_await ConnectBackend();
  if (ready) ready = co_await Login();
  if (ready) {
    asio::co_spawn(
        host_.context(), [this]() { return ServerPump(); },
        [self = shared_from_this()](const std::exception_ptr& failure) {
          if (failure != nullptr) self->Close();
        });
  }
  // Also what is left of a session that has failed: the client reads why.
  co_await ClientPump();
}

void Session::Apply(const relay::Step& step) {
  if (step.names_changed) shared_.catalog.Note(relay_.name_change());
  if (step.write_done) pass_.Leave(relay_.transaction_wrote());
  switch (step.action) {
    case relay::Action::kContinue:
    case relay::Action::kStartClientTls:  // Login() goes on with these two
    case relay::Action::kStartServerTls:
      QueueOutputs(step.passed);
      break;
    case relay::Action::kNeedsAdmission:
      QueueOutputs();
      EnterGate(step);
      break;
    case relay::Action::kReloadCatalog:
      reload_wanted_ = true;  // the outputs wait for it
      break;
    case relay::Action::kRefreshCatalog:
      QueueOutputs();
      Refresh();
      break;
    case relay::Action::kClose:
      QueueOutputs();
      CloseAfterWrites();
      return;
  }
  pass_.Track(relay_.transaction_wrote());
}

void Session::QueueOutputs(std::string_view passed) {
  if (!out_.to_server.empty()) backend_.Write(out_.to_server, shared_from_this());
  if (!out_.to_client.empty() || !passed.empty()) {
    client_.Write(out_.to_client, passed, shared_from_this());
  }
}

}  // namespace sealgate::net
