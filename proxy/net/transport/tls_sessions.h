// TLS sessions that database servers gave to one thread, to be resumed by its
// next connections: that saves the certificates and the signature.
//
// A session is offered to the server that gave it, under the contexts that it
// was made with: who was verified then is the only one who can resume it. One
// of TLS 1.3 is offered once (RFC 8446, appendix C.4).
// Thread rule: one thread; it outlives that thread's connections.
#ifndef SEALGATE_PROXY_NET_TRANSPORT_TLS_SESSIONS_H_
#define SEALGATE_PROXY_NET_TRANSPORT_TLS_SESSIONS_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "proxy/net/transport/tls.h"

namespace sealgate::net {

class TlsSessions {
 public:
  /// Kept per server. One connection under TLS 1.3 leaves two.
  static constexpr std::size_t kMostPerServer = 32;

  TlsSessions() = default;
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;

  /// Once per context: its sessions are kept here, and nowhere in OpenSSL.
  static void KeepThoseOf(SSL_CTX* context);

  /// Before the handshake of a connection under `contexts->backend`: offers a
  /// session if there is one, and keeps those that the server will give.
  /// `server` names it in the configuration.
  void Attach(SSL* ssl, const TlsPointer& contexts, const std::string& server);

 private:
  struct FreeSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  using SessionOwner = std::unique_ptr<SSL_SESSION, FreeSession>;
  struct Server {
    std::string name;
    TlsPointer contexts;
    std::vector<SessionOwner> sessions;  // the newest last
  };

  static int OnNewSession(SSL* ssl, SSL_SESSION* session);
  Server& Find(const std::string& name);
  static SessionOwner Take(Server& server);

  std::list<Server> servers_;  // connections point at theirs
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TRANSPORT_TLS_SESSIONS_H_
