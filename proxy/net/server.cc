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
tl::expected<void, std::string> CheckFree(const std::string& address, std::uint16_t port,
                                          bool v6_only) {
  asio::io_context context;
  ErrorCode error;
  const Tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  asio::basic_socket_acceptor<Tcp, Executor> probe(context);
  if (!error) probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.protocol() == Tcp::v6()) {
    probe.set_option(asio::ip::v6_only(v6_only), error);
  }
  if (!error) probe.bind(endpoint, error);
  if (!error) return {};
  return tl::unexpected(fmt::format("cannot listen on {}: {}",
                                    policy::ToText(policy::SocketAddress{address, port}),
                                    error.message()));
}

std::vector<std::string> AddressesOf(const policy::ListenConfig& listen) {
  std::vector<std::string> addresses;
  if (!listen.tcp) return addresses;
  addresses.push_back(listen.socket.address);
  addresses.insert(addresses.end(), listen.more_addresses.begin(), listen.more_addresses.end());
  return addresses;
}

}  // namespace

Server::Server(const Shared& shared) : shared_(shared) {}

Server::~Server() { Join(); }

tl::expected<void, std::string> Server::Start() {
  const policy::ListenConfig& listen = shared_.config.listen;
  // :: may stand beside 0.0.0.0.
  const bool v6_only = !listen.more_addresses.empty();
  for (const std::string& address : AddressesOf(listen)) {
    if (auto free = CheckFree(address, listen.socket.port, v6_only); !free) return free;
  }
  if (!listen.local.path.empty()) {
    auto opened = UnixListener::Open(listen.local);
    if (!opened) return tl::unexpected(opened.error());
    unix_listener_.emplace(std::move(*opened));
  }
  port_ = listen.tcp ? listen.socket.port : 0;
  const std::uint32_t threads = ThreadsOf(shared_.config.limits);
  for (std::uint32_t i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(shared_, i, open_connections_));
    if (auto listening = Listen(*workers_.back()); !listening) return listening;
  }
  for (auto& worker : workers_) worker->Start();
  return {};
}

tl::expected<void, std::string> Server::Listen(Worker& worker) {
  const bool v6_only = !shared_.config.listen.more_addresses.empty();
  for (const std::string& address : AddressesOf(shared_.config.listen)) {
    const auto port = worker.Listen(address, port_, v6_only);
    if (!port) return tl::unexpected(port.error());
    port_ = *port;
  }
  if (!unix_listener_) return {};
  const int socket = unix_listener_->Duplicate();
  if (socket < 0) return tl::unexpected(std::string("no file descriptors are left"));
  worker.AcceptFrom(socket);
  return {};
}

std::string Server::ListeningOn() const {
  std::string text;
  for (const std::string& address : AddressesOf(shared_.config.listen)) {
    if (!text.empty()) text += ", ";
    text += policy::ToText(policy::SocketAddress{address, port_});
  }
  const std::string& path = shared_.config.listen.local.path;
  if (!path.empty()) text += (text.empty() ? "" : ", ") + path;
  return text;
}

void Server::Drain() {
  unix_listener_.reset();
  shared_.gate.Shutdown();
  for (auto& worker : workers_) worker->Drain();
}

bool Server::drained() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->finished(); });
}

void Server::FollowPrimary(std::size_t primary) {
  for (auto& worker : workers_) worker->FollowPrimary(primary);
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
  settings.backend_is_unix = config.backend.socket.is_unix();
  settings.client_compression = (config.listen.zlib ? wire::kClientCompress : 0) |
                                (config.listen.zstd ? wire::kClientZstdCompression : 0);
  if (config.backend.compression == policy::Compression::kZlib) {
    settings.backend_compression = wire::kClientCompress;
  } else if (config.backend.compression == policy::Compression::kZstd) {
    settings.backend_compression = wire::kClientZstdCompression;
  }
  settings.other_plugins = config.backend.other_plugins;
  settings.max_packet = config.limits.max_packet;
  return settings;
}

}  // namespace sealgate::net
