// Something that coroutines wait for and another of the same thread tells.
#ifndef SEALGATE_PROXY_NET_TRANSPORT_EVENT_H_
#define SEALGATE_PROXY_NET_TRANSPORT_EVENT_H_

#include <cstdint>

#include "proxy/net/transport/asio_types.h"

namespace sealgate::net {

/// Wait() lasts until the next Notify(); what was told before is forgotten.
class Event {
 public:
  explicit Event(const Executor& executor) : timer_(executor) {
    timer_.expires_at(Clock::time_point::max());
  }

  void Notify() {
    ++told_;
    if (waiting_ > 0) timer_.cancel();
  }

  Awaitable<void> Wait() {
    const std::uint64_t before = told_;
    ErrorCode ignored;
    ++waiting_;
    while (told_ == before) {
      co_await timer_.async_wait(Into(ignored));
    }
    --waiting_;
  }

 private:
  Timer timer_;
  int waiting_ = 0;
  std::uint64_t told_ = 0;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TRANSPORT_EVENT_H_
