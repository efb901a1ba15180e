// Which server new sessions go to, of those in the configuration.
//
// Thread rule: any thread; reading the choice takes no lock.
#ifndef SEALGATE_PROXY_NET_BACKEND_BACKENDS_H_
#define SEALGATE_PROXY_NET_BACKEND_BACKENDS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/config.h"

namespace sealgate::net {

class Backends {
 public:
  /// A server that is the only one is the primary.
  explicit Backends(const policy::BackendConfig& config)
      : servers_(policy::ServersOf(config)), primary_(servers_.size() == 1 ? 0 : kNone) {}

  const std::vector<policy::SocketAddress>& servers() const { return servers_; }
  const policy::SocketAddress& server(std::size_t index) const { return servers_[index]; }

  std::optional<std::size_t> primary() const {
    const std::int64_t index = primary_.load(std::memory_order_acquire);
    if (index == kNone) return std::nullopt;
    return static_cast<std::size_t>(index);
  }
  void SetPrimary(std::optional<std::size_t> index) {
    primary_.store(index ? static_cast<std::int64_t>(*index) : kNone, std::memory_order_release);
  }

 private:
  static constexpr std::int64_t kNone = -1;
  const std::vector<policy::SocketAddress> servers_;
  std::atomic<std::int64_t> primary_;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_BACKEND_BACKENDS_H_
