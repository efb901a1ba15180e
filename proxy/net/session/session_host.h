// What a session is given: by the proxy as a whole, and by its thread.
#ifndef SEALGATE_PROXY_NET_SESSION_SESSION_HOST_H_
#define SEALGATE_PROXY_NET_SESSION_SESSION_HOST_H_

#include <cstdint>

#include "crypto/rsa_password.h"
#include "metrics/metrics.h"
#include "policy/config.h"
#include "policy/write_gate.h"
#include "proxy/net/backend/backends.h"
#include "proxy/net/backend/catalog_watcher.h"
#include "proxy/net/backend/statement_killer.h"
#include "proxy/net/session/memory_budget.h"
#include "proxy/net/transport/asio_types.h"
#include "proxy/net/transport/tls.h"
#include "proxy/net/transport/tls_sessions.h"
#include "proxy/relay/settings.h"
#include "proxy/relay/user_limit.h"

namespace sealgate::net {

/// What all sessions of all threads use. Outlives them.
struct Shared {
  const policy::Config& config;
  const relay::Settings& settings;
  metrics::Metrics& metrics;
  policy::WriteGate& gate;
  const SnapshotBoard& board;
  CatalogSource& catalog;
  const TlsBoard& tls;
  const crypto::RsaKeyPair& rsa;
  KillSink& killer;
  const Backends& backends;
  relay::UserLimit& users;
  relay::KilledThreads& killed;
  MemoryBudget& memory;
};

class Session;

/// What all sessions of one thread use. Thread rule: that thread.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual asio::io_context& context() = 0;
  virtual const relay::Services& services() = 0;
  virtual SnapshotCache& snapshots() = 0;
  virtual TlsSessions& tls_sessions() = 0;
  virtual std::uint32_t slot() const = 0;
  /// Something in the log that any peer can bring about: not too often.
  virtual bool MayWarn() = 0;
  virtual void OnSessionBegins(Session& session) = 0;
  /// The last thing that a session does.
  virtual void OnSessionEnds(Session& session) = 0;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SESSION_SESSION_HOST_H_
