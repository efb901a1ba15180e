// TLS contexts of both legs, from the files that the configuration names. TLS
// 1.2 at least, with forward secrecy and authenticated ciphers alone; no
// renegotiation and no compression.
//
// Clients resume their sessions by tickets (tls_tickets.h), and the proxy its
// own towards the server (tls_sessions.h). Neither outlives the contexts: after
// a reload that changed something, everybody is verified anew.
#ifndef SEALGATE_PROXY_NET_TRANSPORT_TLS_H_
#define SEALGATE_PROXY_NET_TRANSPORT_TLS_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>  // Asio 1.74 needs it first

#include "policy/config.h"

namespace sealgate::net {

/// One reading of the files. Empty where TLS is disabled. Used by all threads.
struct TlsContexts {
  std::optional<boost::asio::ssl::context> clients;
  std::optional<boost::asio::ssl::context> backend;
  /// Of what was read, and nothing that tells it.
  std::string fingerprint;
};
using TlsPointer = std::shared_ptr<TlsContexts>;

/// The error names the file and says what to do.
tl::expected<TlsPointer, std::string> LoadTls(const policy::ListenConfig& listen,
                                              const policy::BackendConfig& backend);

/// Has the current contexts. Connections keep the ones that they began with.
/// Thread rule: any thread; one lock per handshake.
class TlsBoard {
 public:
  explicit TlsBoard(TlsPointer first) : current_(std::move(first)) {}

  TlsPointer Current() const;
  /// Reads the files again. With a mistake in any of them, or where nothing has
  /// changed, the old contexts stay, with everybody's sessions. True: they are new.
  tl::expected<bool, std::string> Reload(const policy::ListenConfig& listen,
                                         const policy::BackendConfig& backend);

 private:
  mutable std::mutex mutex_;
  TlsPointer current_;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TRANSPORT_TLS_H_
