#include "proxy/net/transport/tls_sessions.h"

#include <ctime>
#include <utility>

namespace sealgate::net {
namespace {

int ServerIndex() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool IsFresh(const SSL_SESSION* session) {
  const long age = static_cast<long>(std::time(nullptr)) - SSL_SESSION_get_time(session);
  return SSL_SESSION_is_resumable(session) == 1 && age < SSL_SESSION_get_timeout(session);
}

}  // namespace

void TlsSessions::KeepThoseOf(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, OnNewSession);
}

void TlsSessions::Attach(SSL* ssl, const TlsPointer& contexts, const std::string& server) {
  Server& found = Find(server);
  if (found.contexts != contexts) {
    found.sessions.clear();
    found.contexts = contexts;
  }
  SSL_set_ex_data(ssl, ServerIndex(), &found);
  if (const SessionOwner session = Take(found)) SSL_set_session(ssl, session.get());
}

TlsSessions::Server& TlsSessions::Find(const std::string& name) {
  for (Server& server : servers_) {
    if (server.name == name) return server;
  }
  return servers_.emplace_back(Server{name, nullptr, {}});
}

TlsSessions::SessionOwner TlsSessions::Take(Server& server) {
  while (!server.sessions.empty()) {
    SessionOwner session = std::move(server.sessions.back());
    server.sessions.pop_back();
    if (!IsFresh(session.get())) continue;
    if (SSL_SESSION_get_protocol_version(session.get()) < TLS1_3_VERSION) {
      SSL_SESSION_up_ref(session.get());
      server.sessions.emplace_back(session.get());
    }
    return session;
  }
  return nullptr;
}

// The session is ours when this returns 1. It may come long after the handshake,
// from a connection that began before a reload.
int TlsSessions::OnNewSession(SSL* ssl, SSL_SESSION* session) {
  auto* const server = static_cast<Server*>(SSL_get_ex_data(ssl, ServerIndex()));
  if (server == nullptr || !server->contexts->backend ||
      server->contexts->backend->native_handle() != SSL_get_SSL_CTX(ssl)) {
    return 0;
  }
  std::vector<SessionOwner>& sessions = server->sessions;
  if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION) sessions.clear();
  if (sessions.size() >= kMostPerServer) sessions.erase(sessions.begin());
  sessions.emplace_back(session);
  return 1;
}

}  // namespace sealgate::net
