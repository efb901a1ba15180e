// TLS contexts of both legs, from the configuration, at start. TLS 1.2 at least.
#ifndef SEALGATE_PROXY_NET_TLS_H_
#define SEALGATE_PROXY_NET_TLS_H_

#include <boost/asio/ssl/context.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>  // Asio 1.74 needs it first

#include "policy/config.h"

namespace sealgate::net {

/// Empty where TLS is disabled. Used by all threads.
struct TlsContexts {
  std::optional<boost::asio::ssl::context> clients;
  std::optional<boost::asio::ssl::context> backend;
};

/// The error names the file and says what to do.
tl::expected<TlsContexts, std::string> LoadTls(const policy::ListenConfig& listen,
                                               const policy::BackendConfig& backend);

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TLS_H_
