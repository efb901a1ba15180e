// The proxy's front: one worker per core, all on the same addresses.
//
// Thread rule: one thread starts and stops it; drained() from any.
#ifndef SEALGATE_PROXY_NET_SERVER_H_
#define SEALGATE_PROXY_NET_SERVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "proxy/net/unix_listener.h"
#include "proxy/net/worker.h"

namespace sealgate::net {

class Server {
 public:
  /// Everything in `shared` outlives the server, and its catalog source keeps
  /// its promises before the server goes.
  explicit Server(const Shared& shared);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds, then starts the threads. Fails when somebody listens there already.
  tl::expected<void, std::string> Start();
  /// 0 when the Unix socket is the only one.
  std::uint16_t port() const { return port_; }
  /// Addresses and sockets, for messages.
  std::string ListeningOn() const;
  std::size_t threads() const { return workers_.size(); }

  /// No more connections; idle sessions end now, others when they become idle.
  /// Held writes are refused.
  void Drain();
  bool drained() const;
  /// Sessions with another server than the primary end when nothing is lost by it.
  void FollowPrimary(std::size_t primary);
  /// Sessions that are left end at once.
  void CloseAll();
  void Join();

 private:
  Shared shared_;
  std::atomic<std::uint32_t> open_connections_{0};
  tl::expected<void, std::string> Listen(Worker& worker);

  std::optional<UnixListener> unix_listener_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint16_t port_ = 0;
};

/// What a relay is to know of the configuration.
relay::Settings SettingsOf(const policy::Config& config);

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SERVER_H_
