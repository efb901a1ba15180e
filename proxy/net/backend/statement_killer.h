// Ends statements whose clients have gone: a server notices a closed connection
// only when it next writes to it. Each KILL goes to the very machine that the
// session was connected to, over connections of the catalog account that are
// this object's own; threads of servers are named by number, and the number of
// one server's thread may be another's on the next.
//
// Bounded: so many wait at most, and none for longer than some seconds, after
// which a server that was restarted could have given the number to another.
// Thread rule: Kill from any thread, at once; Start and Stop from one.
#ifndef SEALGATE_PROXY_NET_BACKEND_STATEMENT_KILLER_H_
#define SEALGATE_PROXY_NET_BACKEND_STATEMENT_KILLER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "metrics/metrics.h"
#include "policy/server_connection.h"

namespace sealgate::net {

struct KillTarget {
  policy::SocketAddress server;  // as configured
  std::string ip;                // that it was reached at; "" for a Unix socket
  std::uint32_t thread = 0;      // the server's number for the connection

  bool SameServer(const KillTarget& other) const {
    return server == other.server && ip == other.ip;
  }
};

/// What sessions ask for. Tests put something else in its place.
class KillSink {
 public:
  virtual ~KillSink() = default;
  /// Ends the server's thread, soon or not at all. Needs the privilege
  /// CONNECTION ADMIN (MySQL: CONNECTION_ADMIN); without it, the log says so.
  virtual void Kill(const KillTarget& target) = 0;
};

class StatementKiller final : public KillSink {
 public:
  StatementKiller(policy::ServerAccess access, metrics::Metrics& metrics);
  ~StatementKiller() override;

  void Start();
  /// Waits for the one under way; forgets the others.
  void Stop();
  void Kill(const KillTarget& target) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    KillTarget target;
    Clock::time_point since;
  };
  struct Connected {
    KillTarget to;
    policy::ServerConnection connection;
  };

  void Run();
  std::optional<Waiting> Next(bool connected, bool& idle);
  tl::expected<void, std::string> KillOne(const KillTarget& target,
                                          std::optional<Connected>& connected);
  tl::expected<policy::ServerConnection, std::string> Connect(const KillTarget& target) const;
  void OnFailure(const KillTarget& target, const std::string& why);

  const policy::ServerAccess access_;
  metrics::Metrics& metrics_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_.
  std::deque<Waiting> waiting_;
  bool stopping_ = false;
  bool failing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_BACKEND_STATEMENT_KILLER_H_
