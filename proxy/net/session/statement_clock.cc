#include "proxy/net/session/statement_clock.h"

#include <cstdint>

namespace sealgate::net {
namespace {

std::uint64_t Nanoseconds(StatementClock::Clock::duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

}  // namespace

void StatementClock::BeginForClient() {
  if (!in_statement_) proxy_time_ = {};
  Begin();
}

void StatementClock::Count(const relay::Step& step) {
  const Clock::time_point now = Clock::now();
  proxy_time_ += now - began_;
  if (step.statement_done && in_statement_) {
    in_statement_ = false;
    metrics_.backend_seconds.ObserveNanoseconds(Nanoseconds(began_ - sent_at_));
    metrics_.proxy_seconds.ObserveNanoseconds(Nanoseconds(proxy_time_));
    proxy_time_ = {};
  }
  if (step.statement_sent) {
    in_statement_ = true;
    sent_at_ = now;
  }
  began_ = now;
}

}  // namespace sealgate::net
