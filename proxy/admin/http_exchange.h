// One HTTP request and its answer, blocking, with a deadline: what the commands
// need to talk to a running proxy.
#ifndef SEALGATE_PROXY_ADMIN_HTTP_EXCHANGE_H_
#define SEALGATE_PROXY_ADMIN_HTTP_EXCHANGE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace sealgate::admin {

struct Endpoint {
  std::string address = "127.0.0.1";  // an IP address, no brackets
  std::uint16_t port = 0;
};

struct Outgoing {
  std::string method;
  std::string target;
  std::string token;
  std::string body;
};

struct Incoming {
  unsigned status = 0;
  std::string body;
};

enum class ExchangeError : std::uint8_t { kAddress, kUnreachable, kTimeout, kNotHttp };

tl::expected<Incoming, ExchangeError> Exchange(const Endpoint& endpoint, const Outgoing& request,
                                               std::chrono::milliseconds timeout);

}  // namespace sealgate::admin

#endif  // SEALGATE_PROXY_ADMIN_HTTP_EXCHANGE_H_
