// One client's connection: drives its relay::Relay. Moves bytes, waits, and
// decides nothing else.
//
// Two coroutines read, one per side; what they read goes through the relay at
// once, and what comes out is queued at both streams. A coroutine awaits its
// writes before it reads on, so that a slow side slows the other one down.
//
// Life: whoever waits for something of a session holds a pointer to it; it goes
// when nobody does. Thread rule: one worker's thread.
#ifndef SEALGATE_PROXY_NET_SESSION_H_
#define SEALGATE_PROXY_NET_SESSION_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/config.h"
#include "policy/write_gate.h"
#include "proxy/net/asio_types.h"
#include "proxy/net/backends.h"
#include "proxy/net/catalog_watcher.h"
#include "proxy/net/endpoint.h"
#include "proxy/net/event.h"
#include "proxy/net/memory_budget.h"
#include "proxy/net/read_buffer.h"
#include "proxy/net/statement_killer.h"
#include "proxy/net/stream.h"
#include "proxy/net/tls.h"
#include "proxy/relay/relay.h"

namespace sealgate::net {

/// What all sessions of all threads use.
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
  MemoryBudget& memory;
};

class Session;

/// What all sessions of one thread use.
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

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Shared& shared, SessionHost& host, Socket client, const ClientPeer& peer);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Start();
  /// The proxy stops: ends as soon as nothing is lost by it.
  void Drain();
  /// Ends at once.
  void Close();
  /// Gives back memory if nothing has happened since the last call.
  void TrimIfIdle();
  /// To be called now and then: ends the session if its client says nothing for
  /// too long, or one of its peers does not read.
  void CheckTimeouts(Clock::time_point now);
  /// Another server is the primary now. A session with the old one ends as soon
  /// as nothing is lost by it, and in some seconds at most.
  void FollowPrimary(std::size_t primary);

 private:
  enum class Deadline : std::uint8_t { kNone, kConnect, kLogin, kMove, kClose };

  Awaitable<void> Run();
  Awaitable<bool> ConnectBackend();
  Awaitable<bool> AwaitPrimary();
  Awaitable<void> Connect(ErrorCode& error);
  Awaitable<std::vector<Endpoint>> Resolve(ErrorCode& error);
  const policy::SocketAddress& server() const { return shared_.backends.server(server_); }
  // session_login.cc
  Awaitable<bool> ReadProxyHeader();
  void OnBadProxyHeader(const char* what);
  Awaitable<bool> Login();
  Awaitable<bool> TakeTurn();
  Awaitable<bool> StartClientTls();
  Awaitable<bool> StartServerTls();
  void WipeWrites(bool wipe);
  void CountHandshake(metrics::Leg leg, const Stream& stream, bool done);

  Awaitable<void> ClientPump();
  Awaitable<void> ServerPump();
  Awaitable<void> Reload();
  void Refresh();
  void OnRefreshed(bool read);
  Awaitable<void> DrainWrites();
  void OfferClientBytes();
  bool MoreToExpand() const;
  void OnBackendLost();
  void KillStatement();
  void EndWithError(std::uint16_t code, const char* sqlstate, std::string_view message);
  void Move();
  void EndMoved();
  std::size_t memory() const;
  void AccountMemory();

  void Apply(const relay::Step& step);
  void QueueOutputs();
  void EnterGate(const relay::Step& step);
  void OnRelease(policy::Release release);
  void Admit();
  void RefuseHeld(policy::Release release);
  void LeaveGate();
  void TrackTransaction();
  void AbandonGate();
  void EndIfDraining();

  /// After both outputs are written.
  void CloseAfterWrites();
  Awaitable<void> FinishClosing();
  void SetDeadline(Deadline deadline, policy::Milliseconds after);
  void OnDeadline();
  void OnLoginTimeout();

  void BeginRelayWork() { work_began_ = Clock::now(); }
  void CountRelayWork(const relay::Step& step);

  Shared& shared_;
  SessionHost& host_;
  ClientPeer peer_;
  Stream client_;
  Stream backend_;
  ReadBuffer client_in_;
  ReadBuffer server_in_;
  relay::Relay relay_;
  relay::Output out_;
  Event room_;      // in client_in_
  Event reloaded_;  // the catalog
  Event resolved_;  // the server's name, or the time for it is over
  Timer deadline_timer_;
  Deadline deadline_ = Deadline::kNone;

  bool closing_ = false;  // nothing more goes through the relay
  bool closed_ = false;
  bool draining_ = false;
  bool moving_ = false;     // the server is not the primary any more
  std::size_t server_ = 0;  // index into Shared::backends
  std::int64_t accounted_;  // bytes that the budget knows of
  bool active_ = true;
  bool reload_wanted_ = false;

  // The write gate.
  bool held_ = false;
  bool in_gate_ = false;
  bool transaction_counted_ = false;
  policy::WriteGate::Ticket ticket_ = 0;
  std::shared_ptr<Session> held_self_;     // until the gate has answered
  std::shared_ptr<Session> refresh_self_;  // until the catalog was read

  // Seconds per statement.
  Clock::time_point work_began_{};
  Clock::time_point sent_at_{};
  Clock::duration proxy_time_{};
  bool in_statement_ = false;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SESSION_H_
