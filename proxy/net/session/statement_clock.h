// How long each statement took, in the proxy and at the server, by what the relay
// took for one. Thread rule: the session's thread.
#ifndef SEALGATE_PROXY_NET_SESSION_STATEMENT_CLOCK_H_
#define SEALGATE_PROXY_NET_SESSION_STATEMENT_CLOCK_H_

#include <chrono>

#include "metrics/metrics.h"
#include "proxy/relay/step.h"

namespace sealgate::net {

class StatementClock {
 public:
  using Clock = std::chrono::steady_clock;

  explicit StatementClock(metrics::Metrics& metrics) : metrics_(metrics) {}

  /// The relay works from now on.
  void Begin() { began_ = Clock::now(); }
  /// The same, on what the client says: outside a statement, one begins.
  void BeginForClient();
  /// The relay has worked, and this came of it.
  void Count(const relay::Step& step);
  /// A statement is with the server.
  bool in_statement() const { return in_statement_; }
  /// When the relay last worked, or began to.
  Clock::time_point last() const { return began_; }

 private:
  metrics::Metrics& metrics_;
  Clock::time_point began_{};
  Clock::time_point sent_at_{};
  Clock::duration proxy_time_{};
  bool in_statement_ = false;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SESSION_STATEMENT_CLOCK_H_
