#include "proxy/net/worker.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "proxy/wire/frame.h"
#include "proxy/wire/generic_response.h"

namespace sealgate::net {
namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kTrimInterval = std::chrono::seconds(5);
constexpr auto kShortestSweep = std::chrono::milliseconds(20);
constexpr auto kWarnInterval = std::chrono::seconds(1);
constexpr std::uint16_t kErTooManyConnections = 1040;
constexpr std::uint16_t kErOutOfResources = 1041;
constexpr std::uint16_t kErHostNotPrivileged = 1130;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

// Timeouts are kept to a quarter.
Clock::duration SweepInterval(const policy::Limits& limits) {
  Clock::duration interval = kTrimInterval;
  for (const policy::Milliseconds timeout : {limits.idle_timeout, limits.write_timeout}) {
    if (timeout.count() > 0) interval = std::min<Clock::duration>(interval, timeout / 4);
  }
  return std::max<Clock::duration>(interval, kShortestSweep);
}

// Before the greeting an error has no SQLSTATE.
std::string ErrorMessage(std::uint16_t code, std::string_view text) {
  std::string payload;
  wire::Writer writer(payload);
  wire::Encode(wire::ErrPacket{.code = code, .message = text}, writer);
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
      services_{rewriter_, shared.metrics, compressor_, shared.rsa, &shared.users, &shared.killed},
      snapshots_(shared.board),
      work_(context_.get_executor()),
      sweep_timer_(context_) {}

Worker::~Worker() { Join(); }

tl::expected<std::uint16_t, std::string> Worker::Listen(const std::string& address,
                                                        std::uint16_t port, bool v6_only) {
  ErrorCode error;
  const Tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  asio::basic_socket_acceptor<Tcp, Executor> acceptor(context_);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.set_option(ReusePort(true), error);
  if (!error && endpoint.protocol() == Tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(v6_only), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return tl::unexpected(fmt::format("cannot listen on {}: {}",
                                      policy::ToText(policy::SocketAddress{address, port}),
                                      error.message()));
  }
  const std::uint16_t bound = acceptor.local_endpoint().port();
  acceptors_.push_back(std::make_unique<Acceptor>(std::move(acceptor)));
  return bound;
}

void Worker::AcceptFrom(int unix_socket) {
  acceptors_.push_back(std::make_unique<Acceptor>(context_, Transport(AF_UNIX, 0), unix_socket));
}

void Worker::Start() {
  for (const auto& acceptor : acceptors_) {
    asio::co_spawn(
        context_, [this, &acceptor]() { return AcceptLoop(*acceptor); }, asio::detached);
  }
  asio::co_spawn(
      context_, [this]() { return SweepLoop(); }, asio::detached);
  thread_ = std::thread([this] {
    metrics::UseSlot(index_);
    context_.run();
  });
}

void Worker::Drain() {
  asio::post(context_, [this] {
    ErrorCode ignored;
    for (const auto& acceptor : acceptors_) acceptor->close(ignored);
    draining_ = true;
    ForEachSession([](Session& session) { session.Drain(); });
    FinishIfDrained();
  });
}

void Worker::CloseAll() {
  asio::post(context_, [this] { ForEachSession([](Session& session) { session.Close(); }); });
}

void Worker::FollowPrimary(std::size_t primary) {
  asio::post(context_, [this, primary] {
    ForEachSession([primary](Session& session) { session.FollowPrimary(primary); });
  });
}

// A session may end, and leave the set, while it is told.
template <typename Body>
void Worker::ForEachSession(Body body) {
  std::vector<std::weak_ptr<Session>> sessions;
  for (Session* session : sessions_) sessions.push_back(session->weak_from_this());
  for (const auto& weak : sessions) {
    if (const auto session = weak.lock()) body(*session);
  }
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

Awaitable<void> Worker::AcceptLoop(Acceptor& acceptor) {
  while (acceptor.is_open()) {
    Socket socket(context_);
    Endpoint peer;
    ErrorCode error;
    co_await acceptor.async_accept(socket, peer, Into(error));
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

void Worker::OnConnection(Socket socket, const Endpoint& endpoint) {
  shared_.metrics.connections_accepted.Add();
  const ClientPeer peer = PeerOf(endpoint);
  const policy::ProxyProtocolConfig& proxy = shared_.config.listen.proxy_protocol;
  if (proxy.required && !Trusts(proxy, peer)) {
    shared_.metrics.proxy_headers_untrusted.Add();
    if (MayWarn()) {
      spdlog::warn("a connection from {} was refused: it is not in listen.proxy_protocol",
                   peer.is_unix ? "the Unix socket" : AddressText(peer.address));
    }
    return Refuse(socket, ErrorMessage(kErHostNotPrivileged,
                                       "sealgate: only load balancers may connect here "
                                       "(listen.proxy_protocol)"));
  }
  const std::uint32_t before = open_connections_.fetch_add(1, std::memory_order_relaxed);
  const bool no_memory = shared_.memory.exceeded();
  if (draining_ || no_memory || before >= shared_.config.limits.max_connections) {
    open_connections_.fetch_sub(1, std::memory_order_relaxed);
    shared_.metrics.connections_refused.Add();
    if (no_memory) {
      return Refuse(socket, ErrorMessage(kErOutOfResources,
                                         "sealgate: all sessions together hold more memory than "
                                         "limits.memory"));
    }
    return Refuse(socket, ErrorMessage(kErTooManyConnections,
                                       "sealgate: too many connections (limits.max_connections)"));
  }
  std::make_shared<Session>(shared_, *this, std::move(socket), peer)->Start();
}

void Worker::Refuse(Socket& socket, const std::string& message) {
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(message), ignored);
}

bool Worker::MayWarn() {
  const Clock::time_point now = Clock::now();
  if (now - warned_at_ < kWarnInterval) return false;
  warned_at_ = now;
  return true;
}

Awaitable<void> Worker::SweepLoop() {
  const Clock::duration interval = SweepInterval(shared_.config.limits);
  Clock::time_point trimmed_at = Clock::now();
  while (true) {
    ErrorCode ignored;
    sweep_timer_.expires_after(interval);
    co_await sweep_timer_.async_wait(Into(ignored));
    const Clock::time_point now = Clock::now();
    ForEachSession([now](Session& session) { session.CheckTimeouts(now); });
    if (now - trimmed_at < kTrimInterval) continue;
    trimmed_at = now;
    ForEachSession([](Session& session) { session.TrimIfIdle(); });
  }
}

}  // namespace sealgate::net
