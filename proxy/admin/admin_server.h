// The admin API and the metrics page over HTTP, on threads of their own, and
// the clock of the write gate: ticks it and copies its state into the metrics.
//
// Two threads, so that a hook that takes its time (a reload) stops neither the
// gate's deadlines nor health checks. The server speaks plain HTTP: bind the
// admin address to loopback.
// Thread rule: Start and Stop from one thread.
#ifndef SEALGATE_PROXY_ADMIN_ADMIN_SERVER_H_
#define SEALGATE_PROXY_ADMIN_ADMIN_SERVER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "metrics/metrics.h"
#include "policy/write_gate.h"
#include "proxy/admin/admin_api.h"
#include "proxy/admin/http_connection.h"

namespace sealgate::admin {

struct ListenAddress {
  std::string address = "127.0.0.1";  // an IP address, no brackets
  std::uint16_t port = 0;             // 0: any free one
};

struct AdminOptions {
  ListenAddress admin;
  ListenAddress metrics;
  std::string token;  // must not be empty
  HttpLimits limits;
  std::chrono::milliseconds tick{100};
};

/// Why the server did not start.
enum class StartError : std::uint8_t { kNoToken, kAdminAddress, kMetricsAddress };
struct StartFailure {
  StartError error;
  std::string text;  // for the log: address and the system's words
};

class AdminServer {
 public:
  /// `gate` and `metrics` outlive the server. Nothing happens before Start.
  AdminServer(AdminOptions options, policy::WriteGate& gate, metrics::Metrics& metrics,
              AdminHooks hooks);
  /// Stops.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Binds both addresses and starts the threads.
  tl::expected<void, StartFailure> Start();
  /// Ends the threads and so the ticking; waits for a hook that is running.
  /// Sockets are closed by the destructor.
  void Stop();

  /// The bound ports; 0 before Start.
  std::uint16_t admin_port() const;
  std::uint16_t metrics_port() const;

 private:
  class Listener;
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace sealgate::admin

#endif  // SEALGATE_PROXY_ADMIN_ADMIN_SERVER_H_
