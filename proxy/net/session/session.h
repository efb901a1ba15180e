// One client's connection: drives its relay::Relay. Moves bytes, waits, and
// decides nothing else.
//
// Two coroutines read, one per side; what they read goes through the relay at
// once, and what comes out is queued at both streams. A coroutine awaits its
// writes before it reads on, so that a slow side slows the other one down.
//
// Life: whoever waits for something of a session holds a pointer to it; it goes
// when nobody does. Thread rule: one worker's thread.
#ifndef SEALGATE_PROXY_NET_SESSION_SESSION_H_
#define SEALGATE_PROXY_NET_SESSION_SESSION_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "policy/config.h"
#include "policy/write_gate.h"
#include "proxy/net/session/endpoint.h"
#include "proxy/net/session/session_host.h"
#include "proxy/net/session/statement_clock.h"
#include "proxy/net/session/write_pass.h"
#include "proxy/net/transport/asio_types.h"
#include "proxy/net/transport/event.h"
#include "proxy/net/transport/read_buffer.h"
#include "proxy/net/transport/stream.h"
#include "proxy/relay/relay.h"

namespace sealgate::net {

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

  // session.cc
  Awaitable<void> Run();
  void Apply(const relay::Step& step);
  /// `passed`: goes to the client after what the relay wrote for it.
  void QueueOutputs(std::string_view passed = {});

  // connect.cc
  Awaitable<bool> ConnectBackend();
  Awaitable<bool> AwaitPrimary();
  Awaitable<void> Connect(ErrorCode& error);
  Awaitable<std::vector<Endpoint>> Resolve(ErrorCode& error);
  const policy::SocketAddress& server() const { return shared_.backends.server(server_); }
  void SetOptions(Stream& stream);

  // login.cc
  Awaitable<bool> ReadProxyHeader();
  void OnBadProxyHeader(const char* what);
  Awaitable<bool> Login();
  Awaitable<bool> TakeTurn();
  void EndLogin();
  Awaitable<bool> StartClientTls();
  Awaitable<bool> StartServerTls();
  void WipeWrites(bool wipe);
  void CountHandshake(metrics::Leg leg, const Stream& stream, bool done);

  // pump.cc
  Awaitable<void> ClientPump();
  Awaitable<void> ServerPump();
  void OfferClientBytes();
  bool TookBack(ReadBuffer& buffer, const ErrorCode& error) const;
  bool MoreToExpand() const;
  Awaitable<void> DrainWrites();

  // catalog.cc
  Awaitable<void> Reload();
  void Refresh();
  void OnRefreshed(bool read);

  // writes.cc
  void EnterGate(const relay::Step& step);
  void OnRelease(policy::Release release);
  void Admit();
  void AdmitHeld();
  void RefuseHeld(policy::Release release);
  void AbandonGate();

  // limits.cc
  void SetDeadline(Deadline deadline, policy::Milliseconds after);
  void OnDeadline();
  void OnLoginTimeout();
  std::size_t memory() const;
  void ReleaseUnused();
  void AccountMemory();

  // ending.cc
  void EndIfDraining();
  void Move();
  void EndMoved();
  void EndWithError(std::uint16_t code, const char* sqlstate, std::string_view message);
  void OnBackendLost();
  void KillStatement();
  /// After both outputs are written.
  void CloseAfterWrites();
  Awaitable<void> FinishClosing();

  /// The session itself, its coroutines, and the buffers of a quiet one; bytes.
  static constexpr std::int64_t kBesidesBuffers = 12 * 1024;

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
  bool logging_in_ = true;
  bool moving_ = false;     // the server is not the primary any more
  std::size_t server_ = 0;  // index into Shared::backends
  std::int64_t accounted_;  // bytes that the budget knows of
  bool active_ = true;
  bool reload_wanted_ = false;

  WritePass pass_;
  StatementClock clock_;
  std::shared_ptr<Session> held_self_;     // until the gate has answered
  std::shared_ptr<Session> refresh_self_;  // until the catalog was read
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SESSION_SESSION_H_
