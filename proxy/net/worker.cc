#include "proxy/net/worker.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "proxy/wire/frame.h"
#include "proxy/wire/generic_response.h"

namespace sealgate::net {
namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kTrimInterval = std::chrono::seconds(5);
constexpr std::uint16_t kErTooManyConnections = 1040;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

relay::PeerAddress BytesOf(const asio::ip::address& address) {
  const auto v6 = address.is_v6() ? address.to_v6()
                                  : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4());
  return v6.to_bytes();
}

// Before the greeting an error has no SQLSTATE.
std::string TooManyConnections() {
  std::string payload;
  wire::Writer writer(payload);
  wire::Encode(
      wire::ErrPacket{.code = kErTooManyConnections,
                      .message = "sealgate: too many connections (limits.max_connections)"},
      writer);
  std::string message;
  std::uint8_t seq = 0;
  wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, message);
  return message;
}

}  // namespace

Worker::Worker(Shared& shared, std::uint32_t index, std::atomic<std::uint32_t>& open_connections)
    : shared_(shared),
      index_(index),
      open_connections_(open_connections),
      rewriter_(random_, shared.metrics,
                {.plan_cache_entries = shared.config.limits.plan_cache_entries}),
      services_{rewriter_, shared.metrics, shared.rsa},
      snapshots_(shared.board),
      work_(context_.get_executor()),
      acceptor_(context_),
      trim_timer_(context_) {}

Worker::~Worker() { Join(); }

tl::expected<std::uint16_t, std::string> Worker::Listen(const std::string& address,
                                                        std::uint16_t port) {
  ErrorCode error;
  const Tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.set_option(ReusePort(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return tl::unexpected(
        fmt::format("cannot listen on {}:{}: {}", address, port, error.message()));
  }
  return acceptor_.local_endpoint().port();
}

void Worker::Start() {
  asio::co_spawn(
      context_, [this]() { return AcceptLoop(); }, asio::detached);
  asio::co_spawn(
      context_, [this]() { return TrimLoop(); }, asio::detached);
  thread_ = std::thread([this] {
    metrics::UseSlot(index_);
    context_.run();
  });
}

void Worker::Drain() {
  asio::post(context_, [this] {
    ErrorCode ignored;
    acceptor_.close(ignored);
    draining_ = true;
    // A session may end, and leave the set, while it is told.
    std::vector<std::weak_ptr<Session>> sessions;
    for (Session* session : sessions_) sessions.push_back(session->weak_from_this());
    for (const auto& weak : sessions) {
      if (const auto session = weak.lock()) session->Drain();
    }
    FinishIfDrained();
  });
}

void Worker::CloseAll() {
  asio::post(context_, [this] {
    std::vector<std::weak_ptr<Session>> sessions;
    for (Session* session : sessions_) sessions.push_back(session->weak_from_this());
    for (const auto& weak : sessions) {
      if (const auto session = weak.lock()) session->Close();
    }
  });
}

void Worker::Join() {
  work_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::OnSessionBegins(Session& session) {
  sessions_.insert(&session);
  shared_.metrics.connections.Add(1);
}

void Worker::OnSessionEnds(Session& session) {
  sessions_.erase(&session);
  shared_.metrics.connections.Add(-1);
  open_connections_.fetch_sub(1, std::memory_order_relaxed);
  FinishIfDrained();
}

void Worker::FinishIfDrained() {
  if (draining_ && sessions_.empty()) finished_.store(true);
}

Awaitable<void> Worker::AcceptLoop() {
  while (acceptor_.is_open()) {
    Socket socket(context_);
    Tcp::endpoint peer;
    ErrorCode error;
    co_await acceptor_.async_accept(socket, peer, Into(error));
    if (error == asio::error::operation_aborted) co_return;
    if (!error) {
      OnConnection(std::move(socket), peer);
    } else if (error != asio::error::connection_aborted) {
      // No file descriptors or no memory: the connection waits in the kernel.
      spdlog::error("cannot accept a connection: {}", error.message());
      Timer pause(context_);
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(Into(error));
    }
  }
}

void Worker::OnConnection(Socket socket, const Tcp::endpoint& peer) {
  shared_.metrics.connections_accepted.Add();
  const std::uint32_t before = open_connections_.fetch_add(1, std::memory_order_relaxed);
  if (draining_ || before >= shared_.config.limits.max_connections) {
    open_connections_.fetch_sub(1, std::memory_order_relaxed);
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(TooManyConnections()), ignored);
    return;
  }
  std::make_shared<Session>(shared_, *this, std::move(socket), BytesOf(peer.address()))->Start();
}

Awaitable<void> Worker::TrimLoop() {
  while (true) {
    ErrorCode ignored;
    trim_timer_.expires_after(kTrimInterval);
    co_await trim_timer_.async_wait(Into(ignored));
    for (Session* session : sessions_) session->TrimIfIdle();
  }
}

}  // namespace sealgate::net
