// Watches several servers and tells when another one becomes the primary. One
// thread per server, so that one that does not answer delays nobody.
//
// Thread rule: FindFirst, Start and Stop from one thread; Describe from any.
#ifndef SEALGATE_PROXY_NET_BACKEND_BACKEND_MONITOR_H_
#define SEALGATE_PROXY_NET_BACKEND_BACKEND_MONITOR_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "metrics/metrics.h"
#include "policy/primary.h"
#include "policy/server_connection.h"
#include "policy/server_probe.h"

namespace sealgate::net {

class BackendMonitor {
 public:
  /// Comes on a thread of the monitor, one at a time; does not wait.
  using OnChange = std::function<void(std::optional<std::size_t> primary)>;

  /// `access` says as whom; `servers` where; `interval` how often. `metrics` has
  /// a state for each server.
  BackendMonitor(const policy::ServerAccess& access,
                 const std::vector<policy::SocketAddress>& servers, policy::Milliseconds interval,
                 metrics::Metrics& metrics);
  ~BackendMonitor();

  /// Asks every server once. The error says what each one is.
  tl::expected<std::size_t, std::string> FindFirst();
  void Start(OnChange on_change);
  void Stop();

  struct Line {
    std::string server;
    policy::Standing standing = policy::Standing::kUnknown;
    bool in_use = false;
    std::string why;  // it is unreachable
  };
  std::vector<Line> Describe() const;

 private:
  struct Watched {
    std::unique_ptr<policy::ServerProbe> probe;  // its own thread's
    std::string name;
    policy::ServerFacts facts;
    bool known = false;
    std::string why;
  };

  void Run(std::size_t index);
  void Ask(std::size_t index);
  void Note(std::size_t index, const policy::ServerFacts& facts, const std::string& why);
  void Decide();
  void LogStanding(const Watched& watched, policy::Standing before) const;

  const policy::Milliseconds interval_;
  metrics::Metrics& metrics_;
  OnChange on_change_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_, but for the probes.
  std::vector<Watched> watched_;
  std::optional<std::size_t> current_;
  bool ambiguous_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// One line per server, for people.
std::string ToText(const std::vector<BackendMonitor::Line>& lines);

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_BACKEND_BACKEND_MONITOR_H_
