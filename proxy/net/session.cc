#include "proxy/net/session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <vector>

namespace sealgate::net {
namespace {

constexpr policy::Milliseconds kCloseTimeout{5'000};
constexpr policy::Milliseconds kLingerTimeout{1'000};
constexpr std::size_t kKeptOutput = 4 * 1024;

constexpr auto kPrimaryPause = std::chrono::milliseconds(50);
// A transaction with a server that is no primary any more may end for so long.
constexpr policy::Milliseconds kMoveTimeout{10'000};
constexpr std::int64_t kAccountingStep = 32 * 1024;
// The session itself, its coroutines, and the buffers of a quiet one.
constexpr std::int64_t kBesidesBuffers = 12 * 1024;
// Sessions that hold less are never ended for it.
constexpr std::size_t kNeverTooMuch = 1024 * 1024;
constexpr std::uint64_t kPacketsInSession = 8;
constexpr std::uint16_t kErOutOfResources = 1041;
constexpr std::uint16_t kErServerShutdown = 1053;
constexpr std::uint16_t kErUnknown = 1105;
constexpr std::uint16_t kErClientInteractionTimeout = 4031;

std::uint64_t SessionMemory(const policy::Limits& limits) {
  return limits.session_memory != 0 ? limits.session_memory : kPacketsInSession * limits.max_packet;
}

// The kernel counts a peer that has no room as one that does not acknowledge: it
// must not be quicker than the write timeout is.
policy::Milliseconds Unacknowledged(const policy::Limits& limits) {
  if (limits.write_timeout.count() == 0 || limits.keepalive.count() == 0) return {};
  return std::max(2 * limits.keepalive, 2 * limits.write_timeout);
}

policy::Milliseconds Now() {
  return std::chrono::duration_cast<policy::Milliseconds>(Clock::now().time_since_epoch());
}

std::uint64_t Nanoseconds(Clock::duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

void TrimString(std::string& text) {
  if (text.empty() && text.capacity() > kKeptOutput) text.shrink_to_fit();
}

}  // namespace

Session::Session(Shared& shared, SessionHost& host, Socket client, const ClientPeer& peer)
    : shared_(shared),
      host_(host),
      peer_(peer),
      client_(std::move(client)),
      backend_(Socket(host.context())),
      relay_(shared.settings, host.services(), peer.address),
      room_(host.context().get_executor()),
      reloaded_(host.context().get_executor()),
      resolved_(host.context().get_executor()),
      deadline_timer_(host.context()),
      accounted_(kBesidesBuffers) {
  shared_.memory.Change(accounted_);
  shared_.metrics.buffer_bytes.Add(accounted_);
  host_.OnSessionBegins(*this);
}

Session::~Session() {
  AbandonGate();
  shared_.memory.Change(-accounted_);
  shared_.metrics.buffer_bytes.Add(-accounted_);
  host_.OnSessionEnds(*this);
}

void Session::Start() {
  auto self = shared_from_this();
  asio::co_spawn(
      host_.context(), [this]() { return Run(); },
      [self](const std::exception_ptr& failure) {
        if (failure != nullptr) spdlog::error("a session ended by an exception");
        self->Close();
      });
}

Awaitable<void> Session::Run() {
  const policy::Limits& limits = shared_.config.limits;
  client_.SetOptions(limits.keepalive, Unacknowledged(limits));
  // One await per statement: g++ 12 is wrong about two in one condition.
  bool ready = true;
  if (shared_.config.listen.proxy_protocol.required) {
    ready = co_await ReadProxyHeader();
  } else {
    relay_.SetClient(peer_.address, peer_.is_unix);
  }
  if (ready) ready = co_await ConnectBackend();
  if (ready) ready = co_await Login();
  if (ready) {
    asio::co_spawn(
        host_.context(), [this]() { return ServerPump(); },
        [self = shared_from_this()](const std::exception_ptr& failure) {
          if (failure != nullptr) self->Close();
        });
  }
  // Also what is left of a session that has failed: the client reads why.
  co_await ClientPump();
}

Awaitable<bool> Session::ConnectBackend() {
  ErrorCode error;
  SetDeadline(Deadline::kConnect, shared_.config.limits.connect_timeout);
  const bool found = co_await AwaitPrimary();
  if (!found) co_return false;
  co_await Connect(error);
  const bool timed_out = deadline_ == Deadline::kNone;
  SetDeadline(Deadline::kNone, {});
  if (closed_) co_return false;
  if (!error) {
    const policy::Limits& limits = shared_.config.limits;
    backend_.SetOptions(limits.keepalive, Unacknowledged(limits));
    if (shared_.backends.primary() != server_) moving_ = true;
    co_return true;
  }
  const std::string name = policy::ToText(server());
  shared_.metrics.backend_connect_failures.Add();
  spdlog::warn("cannot connect to the database server at {}: {}", name,
               timed_out ? "timed out" : error.message());
  relay_.BackendUnreachable(name, out_);
  QueueOutputs();
  CloseAfterWrites();
  co_return false;
}

// A failover takes a moment, which clients need not notice.
Awaitable<bool> Session::AwaitPrimary() {
  while (!shared_.backends.primary() && deadline_ == Deadline::kConnect && !closed_) {
    Timer pause(host_.context());
    ErrorCode ignored;
    pause.expires_after(kPrimaryPause);
    co_await pause.async_wait(Into(ignored));
  }
  if (closed_) co_return false;
  const auto primary = shared_.backends.primary();
  if (!primary) {
    shared_.metrics.backend_connect_failures.Add();
    EndWithError(kErUnknown, "HY000",
                 "sealgate: none of the database servers is the primary now (backend.addresses)");
    co_return false;
  }
  server_ = *primary;
  co_return true;
}

Awaitable<void> Session::Connect(ErrorCode& error) {
  const policy::SocketAddress& target = server();
  if (target.is_unix()) {
    co_await backend_.socket().async_connect(UnixEndpoint(target.path), Into(error));
    co_return;
  }
  const auto address = asio::ip::make_address(target.address, error);
  if (!error) {
    co_await backend_.socket().async_connect(Tcp::endpoint(address, target.port), Into(error));
    co_return;
  }
  const std::vector<Endpoint> endpoints = co_await Resolve(error);
  // The time may have run out meanwhile; nothing would end the connecting then.
  if (!error && deadline_ != Deadline::kConnect) error = asio::error::timed_out;
  if (error) co_return;
  co_await asio::async_connect(backend_.socket(), endpoints, Into(error));
}

// Looking up a name cannot be ended, only left alone.
Awaitable<std::vector<Endpoint>> Session::Resolve(ErrorCode& error) {
  struct Lookup {
    explicit Lookup(asio::io_context& context) : resolver(context) {}
    asio::ip::basic_resolver<Tcp, Executor> resolver;
    std::vector<Endpoint> found;
    ErrorCode error = asio::error::timed_out;
    bool done = false;
  };
  const auto lookup = std::make_shared<Lookup>(host_.context());
  lookup->resolver.async_resolve(
      server().address, std::to_string(server().port),
      [lookup, self = shared_from_this()](ErrorCode failure, const auto& results) {
        lookup->error = failure;
        lookup->done = true;
        for (const auto& entry : results) lookup->found.emplace_back(entry.endpoint());
        self->resolved_.Notify();
      });
  while (!lookup->done && deadline_ == Deadline::kConnect && !closed_) {
    co_await resolved_.Wait();
  }
  if (!lookup->done) lookup->resolver.cancel();
  error = lookup->error;
  co_return std::move(lookup->found);
}

Awaitable<void> Session::ClientPump() {
  while (!closed_) {
    if (client_in_.full()) {
      co_await room_.Wait();
      continue;
    }
    client_in_.Prepare(!in_statement_);
    ErrorCode error;
    const std::size_t size =
        co_await client_.Read(client_in_.space(), client_in_.space_size(), error);
    if (error) break;
    active_ = true;
    if (closing_) continue;  // what comes after the end is not looked at
    client_in_.Commit(size);
    OfferClientBytes();
    AccountMemory();
    if (!client_.drained() || !backend_.drained()) co_await DrainWrites();
    while (MoreToExpand()) {
      OfferClientBytes();
      co_await DrainWrites();
    }
  }
  if (!closing_) KillStatement();
  Close();
}

void Session::KillStatement() {
  if (!relay_.reading()) return;
  ErrorCode error;
  const Endpoint endpoint = backend_.socket().remote_endpoint(error);
  if (error) return;
  KillTarget target{server(), {}, relay_.server_thread()};
  if (IsTcp(endpoint)) target.ip = AddressText(PeerOf(endpoint).address);
  shared_.killer.Kill(target);
}

Awaitable<void> Session::ServerPump() {
  while (!closing_) {
    server_in_.Prepare(!in_statement_);
    ErrorCode error;
    const std::size_t size =
        co_await backend_.Read(server_in_.space(), server_in_.space_size(), error);
    if (closing_) co_return;
    if (error) co_return OnBackendLost();
    active_ = true;
    server_in_.Commit(size);
    while ((!server_in_.empty() || relay_.holds_bytes(relay::Side::kServer)) && !closing_) {
      BeginRelayWork();
      const relay::Step step = relay_.FromServer(server_in_.bytes(), out_);
      server_in_.Consume(step.consumed);
      CountRelayWork(step);
      Apply(step);
      if (reload_wanted_) co_await Reload();
      if (relay_.expands(relay::Side::kServer) && !client_.drained()) co_await DrainWrites();
      if (step.consumed == 0 && !relay_.holds_bytes(relay::Side::kServer)) break;
    }
    OfferClientBytes();
    EndIfDraining();
    AccountMemory();
    if (!client_.drained() || !backend_.drained()) co_await DrainWrites();
    while (MoreToExpand()) {
      OfferClientBytes();
      co_await DrainWrites();
    }
  }
}

Awaitable<void> Session::DrainWrites() {
  co_await client_.Drained();
  co_await backend_.Drained();
}

// The client's answer waits until its own change of the schema is known here.
Awaitable<void> Session::Reload() {
  reload_wanted_ = false;
  shared_.catalog.Reload([this](bool) {
    // This coroutine keeps the session until it was told.
    asio::post(host_.context(), [this] { reloaded_.Notify(); });
  });
  co_await reloaded_.Wait();
  if (closing_) co_return;
  Apply(relay_.CatalogReloaded());
}

// A statement waits for the catalog; nothing else of the session does.
void Session::Refresh() {
  refresh_self_ = shared_from_this();
  shared_.catalog.LookUp(relay_.unknown_names(), [this](bool read) {
    asio::post(host_.context(), [this, read] { OnRefreshed(read); });
  });
}

void Session::OnRefreshed(bool read) {
  const std::shared_ptr<Session> self = std::move(refresh_self_);
  if (closing_) return;
  active_ = true;
  BeginRelayWork();
  const relay::Step step = relay_.CatalogRefreshed(read, host_.snapshots().Get(), out_);
  CountRelayWork(step);
  Apply(step);
  OfferClientBytes();
  EndIfDraining();
}

void Session::OfferClientBytes() {
  bool used = false;
  const auto holds = [this] { return relay_.holds_bytes(relay::Side::kClient); };
  while (!closing_ && (!client_in_.empty() || holds()) && relay_.accepts_client()) {
    if (!in_statement_) proxy_time_ = {};
    BeginRelayWork();
    const relay::Step step = relay_.FromClient(client_in_.bytes(), host_.snapshots().Get(), out_);
    if (relay_.logged_in()) {
      client_in_.Consume(step.consumed);
    } else {
      client_in_.ConsumeAndWipe(step.consumed);
    }
    CountRelayWork(step);
    Apply(step);
    if (step.consumed == 0 && !holds()) break;
    used = true;
    if (relay_.expands(relay::Side::kClient) && !backend_.drained()) break;  // see MoreToExpand
  }
  if (used) room_.Notify();
}

// Of what a client has sent compressed, after the last of it was written.
bool Session::MoreToExpand() const {
  return !closing_ && relay_.expands(relay::Side::kClient) && relay_.accepts_client() &&
         (!client_in_.empty() || relay_.holds_bytes(relay::Side::kClient));
}

void Session::OnBackendLost() {
  shared_.metrics.backend_lost.Add();
  spdlog::debug("a session's connection to the database server ended");
  relay_.BackendLost(out_);
  QueueOutputs();
  CloseAfterWrites();
}

void Session::Apply(const relay::Step& step) {
  if (step.names_changed) shared_.catalog.Note(relay_.name_change());
  switch (step.action) {
    case relay::Action::kContinue:
    case relay::Action::kStartClientTls:  // Login() goes on with these two
    case relay::Action::kStartServerTls:
      QueueOutputs();
      break;
    case relay::Action::kNeedsAdmission:
      QueueOutputs();
      EnterGate(step);
      break;
    case relay::Action::kReloadCatalog:
      reload_wanted_ = true;  // the outputs wait for it
      break;
    case relay::Action::kRefreshCatalog:
      QueueOutputs();
      Refresh();
      break;
    case relay::Action::kClose:
      QueueOutputs();
      CloseAfterWrites();
      return;
  }
  if (step.write_done) LeaveGate();
  TrackTransaction();
}

void Session::QueueOutputs() {
  if (!out_.to_server.empty()) backend_.Write(out_.to_server, shared_from_this());
  if (!out_.to_client.empty()) client_.Write(out_.to_client, shared_from_this());
}

void Session::EnterGate(const relay::Step& step) {
  // The gate may let go of the write from another thread, even before Enter
  // returns; what is posted here runs after held_self_ was set.
  auto on_release = [this](policy::Release release) {
    asio::post(host_.context(), [this, release] { OnRelease(release); });
  };
  const policy::Admission admission = shared_.gate.Enter(
      host_.slot(), step.transaction_wrote, step.write_bytes, Now(), on_release, &ticket_);
  if (admission == policy::Admission::kHeld) {
    shared_.metrics.writes_held.Add();
    held_ = true;
    held_self_ = shared_from_this();
  } else if (admission == policy::Admission::kGo) {
    Admit();
  } else {
    RefuseHeld(policy::Release::kQueueFull);
  }
}

void Session::Admit() {
  in_gate_ = true;
  BeginRelayWork();
  const relay::Step step = relay_.Admit(out_);
  CountRelayWork(step);
  Apply(step);
}

void Session::RefuseHeld(policy::Release release) {
  Apply(relay_.RefuseHeld(release, shared_.gate.Status(Now()).reason, out_));
}

void Session::OnRelease(policy::Release release) {
  const std::shared_ptr<Session> self = std::move(held_self_);
  held_ = false;
  if (closing_) {
    if (release == policy::Release::kGo) shared_.gate.Leave(host_.slot());
    return;
  }
  active_ = true;
  if (release == policy::Release::kGo) {
    Admit();
  } else {
    RefuseHeld(release);
  }
  OfferClientBytes();
  EndIfDraining();
}

void Session::LeaveGate() {
  if (!in_gate_) return;
  if (relay_.transaction_wrote() && !transaction_counted_) {
    transaction_counted_ = true;
    shared_.gate.TransactionOpened(host_.slot());
  }
  in_gate_ = false;
  shared_.gate.Leave(host_.slot());
}

void Session::TrackTransaction() {
  if (!transaction_counted_ || in_gate_ || relay_.transaction_wrote()) return;
  transaction_counted_ = false;
  shared_.gate.TransactionEnded(host_.slot());
}

void Session::AbandonGate() {
  if (held_ && shared_.gate.Cancel(ticket_)) {
    held_ = false;
    held_self_.reset();
  }
  if (in_gate_) shared_.gate.Leave(host_.slot());
  in_gate_ = false;
  if (transaction_counted_) shared_.gate.TransactionEnded(host_.slot());
  transaction_counted_ = false;
}

void Session::Drain() {
  draining_ = true;
  if (!relay_.logged_in()) return Close();
  EndIfDraining();
}

void Session::EndIfDraining() {
  if (!(draining_ || moving_) || closing_ || !relay_.logged_in() || !relay_.idle()) return;
  if (moving_ && !draining_) return EndMoved();
  CloseAfterWrites();
}

void Session::FollowPrimary(std::size_t primary) {
  const bool connected = backend_.socket().is_open() && deadline_ != Deadline::kConnect;
  if (closing_ || !connected || server_ == primary || moving_) return;
  moving_ = true;
  if (relay_.logged_in()) Move();  // else after its login
}

void Session::Move() {
  SetDeadline(Deadline::kMove, kMoveTimeout);
  EndIfDraining();
}

void Session::EndMoved() {
  shared_.metrics.moved.Add();
  KillStatement();
  EndWithError(kErServerShutdown, "08S01",
               "sealgate: another database server is the primary now; connect again");
}

void Session::EndWithError(std::uint16_t code, const char* sqlstate, std::string_view message) {
  if (closing_) return;
  relay_.EndSession(code, sqlstate, message, out_);
  QueueOutputs();
  CloseAfterWrites();
}

void Session::CheckTimeouts(Clock::time_point now) {
  if (closing_) return;
  const policy::Limits& limits = shared_.config.limits;
  if (limits.write_timeout.count() > 0) {
    if (client_.Stalled(now, limits.write_timeout)) {
      shared_.metrics.write_timeouts.Add();
      KillStatement();
      return Close();
    }
    if (backend_.Stalled(now, limits.write_timeout)) {
      shared_.metrics.write_timeouts.Add();
      return OnBackendLost();
    }
  }
  const bool waits = relay_.logged_in() && relay_.accepts_client() && !in_statement_;
  if (limits.idle_timeout.count() > 0 && waits && now - work_began_ >= limits.idle_timeout) {
    shared_.metrics.idle_timeouts.Add();
    EndWithError(kErClientInteractionTimeout, "HY000",
                 "sealgate: the connection was idle for too long (limits.idle_timeout)");
  }
}

std::size_t Session::memory() const {
  return kBesidesBuffers + client_.memory() + backend_.memory() + client_in_.capacity() +
         server_in_.capacity() + out_.to_client.capacity() + out_.to_server.capacity() +
         relay_.memory();
}

void Session::AccountMemory() {
  const std::size_t size = memory();
  const std::int64_t change = static_cast<std::int64_t>(size) - accounted_;
  if (change > kAccountingStep || change < -kAccountingStep) {
    shared_.memory.Change(change);
    shared_.metrics.buffer_bytes.Add(change);
    accounted_ += change;
  }
  if (closing_ || size < kNeverTooMuch) return;
  if (size > SessionMemory(shared_.config.limits)) {
    shared_.metrics.memory_exceeded.Add();
    return EndWithError(kErOutOfResources, "HY000",
                        "sealgate: the session holds more memory than limits.session_memory");
  }
  if (shared_.memory.exceeded()) {
    shared_.metrics.memory_exceeded.Add();
    EndWithError(kErOutOfResources, "HY000",
                 "sealgate: all sessions together hold more memory than limits.memory, and this "
                 "one asked for more");
  }
}

void Session::CloseAfterWrites() {
  if (closing_) return;
  closing_ = true;
  const auto self = shared_from_this();
  AbandonGate();
  room_.Notify();
  SetDeadline(Deadline::kClose, kCloseTimeout);
  asio::co_spawn(
      host_.context(), [this]() { return FinishClosing(); }, [self](const std::exception_ptr&) {});
}

// A socket that is closed while there are bytes to read resets the connection,
// and the client may never see the error that was sent to it. So the client is
// told that nothing comes any more, and is given a moment to close first.
Awaitable<void> Session::FinishClosing() {
  co_await backend_.Drained();
  backend_.Close();
  co_await client_.Drained();
  if (closed_) co_return;
  client_.ShutdownSend();
  SetDeadline(Deadline::kClose, kLingerTimeout);
}

void Session::Close() {
  if (closed_) return;
  const auto self = shared_from_this();
  closing_ = true;
  closed_ = true;
  resolved_.Notify();
  AbandonGate();
  SetDeadline(Deadline::kNone, {});
  client_.Close();
  backend_.Close();
  room_.Notify();
}

void Session::TrimIfIdle() {
  if (!active_ && relay_.idle()) {
    relay_.Trim();
    client_.Trim();
    backend_.Trim();
    TrimString(out_.to_client);
    TrimString(out_.to_server);
    AccountMemory();
  }
  active_ = false;
}

void Session::SetDeadline(Deadline deadline, policy::Milliseconds after) {
  deadline_ = deadline;
  if (deadline == Deadline::kNone) {
    deadline_timer_.cancel();
    return;
  }
  deadline_timer_.expires_after(after);
  deadline_timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
    if (error) return;
    if (const auto self = weak.lock()) self->OnDeadline();
  });
}

void Session::OnDeadline() {
  // It was moved after this call was queued.
  if (deadline_timer_.expiry() > Clock::now()) return;
  const Deadline passed = std::exchange(deadline_, Deadline::kNone);
  if (passed == Deadline::kConnect) {
    resolved_.Notify();
    return backend_.Close();
  }
  if (passed == Deadline::kMove) return EndMoved();
  if (passed == Deadline::kLogin) return OnLoginTimeout();
  if (passed != Deadline::kNone) Close();
}

void Session::OnLoginTimeout() {
  spdlog::debug("a login was not finished in time");
  // Whose turn it is has kept the other one waiting.
  if (!closing_ && relay_.turn() == relay::Side::kServer && backend_.socket().is_open()) {
    shared_.metrics.backend_connect_failures.Add();
    if (host_.MayWarn()) {
      spdlog::warn("the database server at {} did not answer a login in time",
                   policy::ToText(server()));
    }
    return EndWithError(kErUnknown, "HY000",
                        "sealgate: the database server did not answer the login in time (2013)");
  }
  shared_.metrics.logins_failed.Add();
  Close();
}

// What the relay took for a statement, and what the backend did.
void Session::CountRelayWork(const relay::Step& step) {
  const Clock::time_point now = Clock::now();
  proxy_time_ += now - work_began_;
  if (step.statement_done && in_statement_) {
    in_statement_ = false;
    shared_.metrics.backend_seconds.ObserveNanoseconds(Nanoseconds(work_began_ - sent_at_));
    shared_.metrics.proxy_seconds.ObserveNanoseconds(Nanoseconds(proxy_time_));
    proxy_time_ = {};
  }
  if (step.statement_sent) {
    in_statement_ = true;
    sent_at_ = now;
  }
  work_began_ = now;
}

}  // namespace sealgate::net
