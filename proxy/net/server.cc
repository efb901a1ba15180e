#include "proxy/net/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace sealgate::net {
namespace {

// The gate and the metrics have a slot for each.
constexpr std::uint32_t kMostThreads = 62;

std::uint32_t ThreadsOf(const policy::Limits& limits) {
  const std::uint32_t wanted =
      limits.threads != 0 ? limits.threads : std::thread::hardware_concurrency();
  return std::clamp(wanted, 1u, kMostThreads);
}

// Sockets that share a port do not notice each other, so a second proxy would
// silently take half of the first one's connections. One that does not share
// notices.
tl::expected<void, std::string> CheckFree(const policy::SocketAddress& where) {
  asio::io_context context;
  ErrorCode error;
  const Tcp::endpoint endpoint(asio::ip::make_address(where.address, error), where.port);
  Acceptor probe(context);
  if (!error) probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (!error) return {};
  return tl::unexpected(
      fmt::format("cannot listen on {}:{}: {}", where.address, where.port, error.message()));
}

}  // namespace

Server::Server(const Shared& shared) : shared_(shared) {}

Server::~Server() { Join(); }

tl::expected<void, std::string> Server::Start() {
  const policy::SocketAddress& where = shared_.config.listen.socket;
  if (auto free = CheckFree(where); !free) return free;
  port_ = where.port;
  const std::uint32_t threads = ThreadsOf(shared_.config.limits);
  for (std::uint32_t i = 0; i < threads; ++i) {
    auto worker = std::make_unique<Worker>(shared_, i, open_connections_);
    const auto port = worker->Listen(where.address, port_);
    if (!port) return tl::unexpected(port.error());
    port_ = *port;
    workers_.push_back(std::move(worker));
  }
  for (auto& worker : workers_) worker->Start();
  return {};
}

void Server::Drain() {
  shared_.gate.Shutdown();
  for (auto& worker : workers_) worker->Drain();
}

bool Server::drained() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->finished(); });
}

void Server::CloseAll() {
  for (auto& worker : workers_) worker->CloseAll();
}

void Server::Join() {
  for (auto& worker : workers_) worker->Join();
}

relay::Settings SettingsOf(const policy::Config& config) {
  relay::Settings settings;
  settings.client_tls = config.listen.tls;
  settings.backend_tls = config.backend.tls;
  settings.max_packet = config.limits.max_packet;
  return settings;
}

}  // namespace sealgate::net
