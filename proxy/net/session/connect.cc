// The way to the server: which one, and a connection to it.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <memory>
#include <string>

#include "proxy/net/session/session.h"

namespace sealgate::net {
namespace {

constexpr auto kPrimaryPause = std::chrono::milliseconds(50);
constexpr std::uint16_t kErUnknown = 1105;

}  // namespace

Awaitable<bool> Session::ConnectBackend() {
  ErrorCode error;
  SetDeadline(Deadline::kConnect, shared_.config.limits.connect_timeout);
  const bool found = co_await AwaitPrimary();
  if (!found) co_return false;
  co_await Connect(error);
  const bool timed_out = deadline_ == Deadline::kNone;
  SetDeadline(Deadline::kNone, {});
  if (closed_) co_return false;
  if (!error) {
    SetOptions(backend_);
    if (shared_.backends.primary() != server_) moving_ = true;
    co_return true;
  }
  const std::string name = policy::ToText(server());
  shared_.metrics.backend_connect_failures.Add();
  spdlog::warn("cannot connect to the database server at {}: {}", name,
               timed_out ? "timed out" : error.message());
  relay_.BackendUnreachable(name, out_);
  QueueOutputs();
  CloseAfterWrites();
  co_return false;
}

// A failover takes a moment, which clients need not notice.
Awaitable<bool> Session::AwaitPrimary() {
  while (!shared_.backends.primary() && deadline_ == Deadline::kConnect && !closed_) {
    Timer pause(host_.context());
    ErrorCode ignored;
    pause.expires_after(kPrimaryPause);
    co_await pause.async_wait(Into(ignored));
  }
  if (closed_) co_return false;
  const auto primary = shared_.backends.primary();
  if (!primary) {
    shared_.metrics.backend_connect_failures.Add();
    EndWithError(kErUnknown, "HY000",
                 "sealgate: none of the database servers is the primary now (backend.addresses)");
    co_return false;
  }
  server_ = *primary;
  co_return true;
}

Awaitable<void> Session::Connect(ErrorCode& error) {
  const policy::SocketAddress& target = server();
  if (target.is_unix()) {
    co_await backend_.socket().async_connect(UnixEndpoint(target.path), Into(error));
    co_return;
  }
  const auto address = asio::ip::make_address(target.address, error);
  if (!error) {
    co_await backend_.socket().async_connect(Tcp::endpoint(address, target.port), Into(error));
    co_return;
  }
  const std::vector<Endpoint> endpoints = co_await Resolve(error);
  // The time may have run out meanwhile; nothing would end the connecting then.
  if (!error && deadline_ != Deadline::kConnect) error = asio::error::timed_out;
  if (error) co_return;
  co_await asio::async_connect(backend_.socket(), endpoints, Into(error));
}

// Looking up a name cannot be ended, only left alone.
Awaitable<std::vector<Endpoint>> Session::Resolve(ErrorCode& error) {
  struct Lookup {
    explicit Lookup(asio::io_context& context) : resolver(context) {}
    asio::ip::basic_resolver<Tcp, Executor> resolver;
    std::vector<Endpoint> found;
    ErrorCode error = asio::error::timed_out;
    bool done = false;
  };
  const auto lookup = std::make_shared<Lookup>(host_.context());
  lookup->resolver.async_resolve(
      server().address, std::to_string(server().port),
      [lookup, self = shared_from_this()](ErrorCode failure, const auto& results) {
        lookup->error = failure;
        lookup->done = true;
        for (const auto& entry : results) lookup->found.emplace_back(entry.endpoint());
        self->resolved_.Notify();
      });
  while (!lookup->done && deadline_ == Deadline::kConnect && !closed_) {
    co_await resolved_.Wait();
  }
  if (!lookup->done) lookup->resolver.cancel();
  error = lookup->error;
  co_return std::move(lookup->found);
}

// The kernel counts a peer that has no room as one that does not acknowledge: it
// must not be quicker than the write timeout is.
void Session::SetOptions(Stream& stream) {
  const policy::Limits& limits = shared_.config.limits;
  const bool limited = limits.write_timeout.count() != 0 && limits.keepalive.count() != 0;
  stream.SetOptions(limits.keepalive, limited
                                          ? std::max(2 * limits.keepalive, 2 * limits.write_timeout)
                                          : policy::Milliseconds{});
}

}  // namespace sealgate::net
