// The proxy's front: one worker per core, all on one address.
//
// Thread rule: one thread starts and stops it; drained() from any.
#ifndef SEALGATE_PROXY_NET_SERVER_H_
#define SEALGATE_PROXY_NET_SERVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

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
  std::uint16_t port() const { return port_; }
  std::size_t threads() const { return workers_.size(); }

  /// No more connections; idle sessions end now, others when they become idle.
  /// Held writes are refused.
  void Drain();
  bool drained() const;
  /// Sessions that are left end at once.
  void CloseAll();
  void Join();

 private:
  Shared shared_;
  std::atomic<std::uint32_t> open_connections_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint16_t port_ = 0;
};

/// What a relay is to know of the configuration.
relay::Settings SettingsOf(const policy::Config& config);

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SERVER_H_
