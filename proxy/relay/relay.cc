#include "proxy/relay/relay.h"

#include <openssl/crypto.h>

#include <utility>

#include "proxy/wire/frame.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErUnknown = 1105;
constexpr std::uint16_t kErPacketTooLarge = 1153;
constexpr std::uint16_t kErOutOfOrder = 1156;
constexpr std::uint16_t kErServerShutdown = 1053;
constexpr std::size_t kKeptCapacity = 8 * 1024;

void TrimString(std::string& text) {
  if (text.empty() && text.capacity() > kKeptCapacity) text.shrink_to_fit();
}

// A login message that came in pieces was joined in the assembler's memory.
// Neither that copy nor the driver's should outlive its use.
void Wipe(std::string_view payload) {
  OPENSSL_cleanse(const_cast<char*>(payload.data()), payload.size());
}

}  // namespace

Relay::Relay(const Settings& settings, const Services& services, const PeerAddress& address)
    : settings_(settings), services_(services), s_(settings, services.metrics) {
  s_.address = address;
}

Relay::~Relay() {
  if (user_is_counted_) services_.users->Leave(counted_user_);
}

void Relay::SetClient(const PeerAddress& address, bool is_unix) {
  s_.address = address;
  s_.client_is_unix = is_unix;
}

Side Relay::turn() const {
  return s_.phase == Phase::kLogin || s_.phase == Phase::kAuthClient ? Side::kClient
                                                                     : Side::kServer;
}

bool Relay::both_may_speak() const {
  return s_.auth.opaque && (s_.phase == Phase::kAuthClient || s_.phase == Phase::kAuthServer);
}

bool Relay::accepts_client() const {
  return s_.phase == Phase::kReady || s_.phase == Phase::kLogin || s_.phase == Phase::kAuthClient ||
         s_.phase == Phase::kFile || both_may_speak();
}

bool Relay::idle() const {
  return s_.phase == Phase::kReady && s_.client.in.BetweenMessages() &&
         !holds_bytes(Side::kClient) && (s_.server_status & wire::kStatusInTrans) == 0;
}

bool Relay::reading() const {
  return s_.phase == Phase::kAnswer && s_.answer.kind == AnswerKind::kStatement &&
         !s_.answer.is_write;
}

bool Relay::transaction_wrote() const {
  return s_.wrote_in_transaction && (s_.server_status & wire::kStatusInTrans) != 0;
}

Step Relay::FromClient(std::string_view bytes, const SnapshotPointer& snapshot, Output& out) {
  Begin(out);
  current_ = &snapshot;
  std::string_view rest = bytes;
  if (s_.client.compressed == nullptr) {
    TakeFromClient(rest);
  } else {
    TakeCompressed(Side::kClient, rest);
  }
  current_ = nullptr;
  return Finish(bytes.size() - rest.size());
}

Step Relay::FromServer(std::string_view bytes, Output& out) {
  Begin(out);
  std::string_view rest = bytes;
  RestoreHeldDefinitions();
  if (s_.server.compressed == nullptr) TakeFromServer(rest);
  // The login may just have ended.
  if (s_.server.compressed != nullptr) TakeCompressed(Side::kServer, rest);
  StashHeldDefinitions();
  return Finish(bytes.size() - rest.size());
}

// Frames of the client, as far as they are wanted.
void Relay::TakeFromClient(std::string_view& in) {
  while (Takes(Side::kClient)) {
    if (s_.phase == Phase::kFile) {
      if (in.empty()) return;
      in.remove_prefix(StreamFile(in));
      continue;
    }
    const auto progress = s_.client.in.Feed(in);
    if (!progress) return FailFrame(metrics::Leg::kClient, progress.error());
    in.remove_prefix(progress->consumed);
    if (!progress->message) return;
    OnClientMessage(*progress->message);
  }
}

void Relay::TakeFromServer(std::string_view& in) {
  const bool compressed = s_.server.compressed != nullptr;
  while (!in.empty() && Takes(Side::kServer) && compressed == (s_.server.compressed != nullptr)) {
    if (StreamsRows()) {
      in.remove_prefix(StreamRows(in));
      continue;
    }
    if (ChangesRows()) {
      in.remove_prefix(ChangeWholeRows(in));
      if (in.empty() || s_.answer.refused) continue;
    }
    const auto progress = s_.server.in.Feed(in);
    if (!progress) return FailFrame(metrics::Leg::kBackend, progress.error());
    in.remove_prefix(progress->consumed);
    if (progress->message) OnServerMessage(*progress->message);
  }
}

bool Relay::Takes(Side side) const {
  if (step_.action != Action::kContinue || !step_.passed.empty()) return false;
  return side == Side::kClient ? accepts_client() : s_.phase != Phase::kClosed;
}

void Relay::OnClientMessage(const wire::Message& message) {
  s_.client.seq = static_cast<std::uint8_t>(message.last_seq + 1);
  switch (s_.phase) {
    case Phase::kLogin:
      OnLogin(message.payload);
      Wipe(message.payload);
      return;
    case Phase::kAuthClient:
      OnAuthClient(message.payload);
      Wipe(message.payload);
      return;
    case Phase::kReady:
      return OnCommand(message.payload);
    case Phase::kAuthServer:
      if (!s_.auth.opaque) break;
      OnAuthClient(message.payload);
      Wipe(message.payload);
      return;
    case Phase::kGreeting:
    case Phase::kServerTls:
    case Phase::kProbe:
    case Phase::kAsking:
    case Phase::kHeld:
    case Phase::kAnswer:
    case Phase::kFile:
    case Phase::kReloading:
    case Phase::kRefreshing:
    case Phase::kClosed:
      break;
  }
  FailProtocol(metrics::Leg::kClient, "message out of turn");
}

void Relay::OnServerMessage(const wire::Message& message) {
  s_.server.seq = static_cast<std::uint8_t>(message.last_seq + 1);
  if (s_.logged_in && TakeProgressReport(message.payload)) return;
  switch (s_.phase) {
    case Phase::kGreeting:
      return OnGreeting(message.payload);
    case Phase::kAuthServer:
      return OnAuthServer(message.payload);
    case Phase::kProbe:
      return OnProbe(message.payload);
    case Phase::kAsking:
      return OnAskedText(message.payload);
    case Phase::kAnswer:
      if (s_.answer.load_refusal) return OnFailedLoad(message.payload);
      return OnAnswer(message.payload);
    case Phase::kReady:
    case Phase::kHeld:
    case Phase::kRefreshing:
    case Phase::kFile:
      return OnUnsolicited(message);
    case Phase::kAuthClient:
      if (s_.auth.opaque) return OnAuthServer(message.payload);
      break;
    case Phase::kLogin:
    case Phase::kServerTls:
    case Phase::kReloading:
    case Phase::kClosed:
      break;
  }
  FailProtocol(metrics::Leg::kBackend, "message out of turn");
}

// A server that ends an idle session (wait_timeout, KILL, shutdown) may say why.
void Relay::OnUnsolicited(const wire::Message& message) {
  if (!wire::DecodeErr(message.payload)) {
    return FailProtocol(metrics::Leg::kBackend, "message out of turn");
  }
  services_.metrics.backend_errors.Add();
  s_.client.seq = message.first_seq;
  SendToClient(message.payload);
  Close();
}

Step Relay::ServerTlsStarted(Output& out) {
  Begin(out);
  s_.server_tls = true;
  SendLogin(s_.login);
  Wipe(s_.login);
  s_.login.clear();
  return Finish(0);
}

Step Relay::CatalogReloaded() {
  step_ = {};
  if (s_.phase == Phase::kReloading) s_.phase = Phase::kReady;
  return Finish(0);
}

Step Relay::CatalogRefreshed(bool read, const SnapshotPointer& snapshot, Output& out) {
  Begin(out);
  if (s_.phase != Phase::kRefreshing) return Finish(0);
  s_.phase = Phase::kReady;
  const std::string command = std::move(s_.deferred);
  s_.deferred.clear();
  if (read) {
    s_.looked_up.Add(s_.unknown);
    current_ = &snapshot;
    s_.is_deferred = true;
    OnCommand(command);
    s_.is_deferred = false;
    current_ = nullptr;
  } else {
    s_.client.in.ExpectSequence(0);
    SendRefusal(rewrite::CannotOpen(
        "the statement names a table or routine that is not known here, and the schema cannot be "
        "read now"));
    DropLongDataOf(command);
  }
  return Finish(0);
}

void Relay::BackendUnreachable(std::string_view address, Output& out) {
  out_ = &out;
  std::string message = "sealgate: cannot connect to the database server (2003) at ";
  SendError(kErUnknown, "HY000", message.append(address));
  s_.phase = Phase::kClosed;
}

void Relay::BackendTlsFailed(Output& out) {
  out_ = &out;
  services_.metrics.logins_failed.Add();
  SendError(kErUnknown, "HY000",
            "sealgate: TLS with the database server failed (2026); see backend.tls");
  s_.phase = Phase::kClosed;
}

void Relay::BackendLost(Output& out) {
  if (s_.phase == Phase::kReady || s_.phase == Phase::kClosed) {
    s_.phase = Phase::kClosed;
  } else if (s_.told_end ||
             (services_.killed != nullptr && services_.killed->Has(s_.server_thread))) {
    // The client knows why, and is cut off as by the server.
    Begin(out);
    EndCounted();
  } else {
    // Not the clients' own 2013: MariaDB's take that from no server.
    EndSession(kErServerShutdown, "08S01", "sealgate: the backend closed the connection", out);
  }
}

void Relay::NoteKilled(std::uint32_t thread) {
  if (thread != 0 && services_.killed != nullptr) services_.killed->Add(thread);
}

void Relay::EndSession(std::uint16_t code, const char* sqlstate, std::string_view message,
                       Output& out) {
  if (s_.phase == Phase::kClosed) return;
  Begin(out);
  const bool whole = !s_.row_passes || s_.rows.BetweenMessages();
  const bool answered = s_.phase == Phase::kProbe && s_.probe_failed;
  if (s_.phase == Phase::kHeld) s_.held.clear();
  if (s_.phase == Phase::kAnswer && s_.answer.eof_waits) {
    out_->to_client.append(s_.held_definitions);
  }
  // Out of turn, errors have number 0; to a command that is not yet whole, 1.
  if (s_.phase == Phase::kReady) s_.client.seq = s_.client.in.BetweenMessages() ? 0 : 1;
  if (whole && !answered && !s_.answer.refused) {
    if (s_.phase == Phase::kAnswer && s_.answer.holding) s_.client.seq = s_.answer.held_seq;
    SendError(code, sqlstate, message);
  }
  EndCounted();
}

void Relay::EndCounted() {
  if (!s_.logged_in) services_.metrics.logins_failed.Add();
  if (s_.phase == Phase::kAnswer) CountStatement(metrics::Outcome::kServerError);
  s_.phase = Phase::kClosed;
  Finish(0);
}

void Relay::Trim() {
  for (Leg* leg : {&s_.client, &s_.server}) {
    if (leg->compressed == nullptr) continue;
    leg->compressed->in.Release();
    TrimString(leg->compressed->left);
  }
  TrimString(plain_.to_client);
  TrimString(plain_.to_server);
  s_.client.in.Release();
  s_.server.in.Release();
  s_.row_end.clear();
  s_.binding = {};
  TrimString(s_.held);
  TrimString(s_.held_command);
  TrimString(s_.sealed_file);
  TrimString(s_.row_end);
  scratch_.clear();
  TrimString(scratch_);
}

std::size_t Relay::memory() const {
  std::size_t expanded = 0;
  for (const Leg* leg : {&s_.client, &s_.server}) {
    if (leg->compressed != nullptr) expanded += leg->compressed->left.capacity();
  }
  if (s_.file_sealer != nullptr) expanded += s_.file_sealer->memory();
  return expanded + s_.sealed_file.capacity() + s_.client.in.memory() + s_.server.in.memory() +
         s_.held.capacity() + s_.held_command.capacity() + s_.unasked.capacity() +
         s_.held_definitions.capacity() + s_.row_end.capacity() + scratch_.capacity() +
         plain_.to_client.capacity() + plain_.to_server.capacity() + s_.kept_bytes +
         s_.prepared_bytes;
}

void Relay::SendToClient(std::string_view payload) {
  wire::EncodeMessage(payload, s_.client.seq, settings_.max_frame, out_->to_client);
  if (s_.phase < Phase::kReady) s_.client.in.ExpectSequence(s_.client.seq);
}

void Relay::SendToServer(std::string_view payload) {
  wire::EncodeMessage(payload, s_.server.seq, settings_.max_frame, out_->to_server);
  s_.server.in.ExpectSequence(s_.server.seq);
}

void Relay::SendError(std::uint16_t code, const char* sqlstate, std::string_view message) {
  std::string payload;
  wire::Writer writer(payload);
  wire::Encode(wire::ErrPacket{.code = code,
                               .sql_state = s_.greeted ? std::string_view(sqlstate, 5) : "",
                               .message = message},
               writer);
  SendToClient(payload);
}

void Relay::SendRefusal(const rewrite::Refusal& refusal) {
  services_.metrics.refusals[static_cast<std::size_t>(refusal.reason)].Add();
  SendError(refusal.code, refusal.sqlstate, refusal.message);
}

void Relay::Fail(std::uint16_t code, const char* sqlstate, std::string_view message) {
  if (!s_.logged_in) services_.metrics.logins_failed.Add();
  SendError(code, sqlstate, message);
  Close();
}

void Relay::FailProtocol(metrics::Leg leg, std::string_view what) {
  services_.metrics.protocol_errors.Add();
  services_.metrics.refusals[static_cast<std::size_t>(metrics::RefusalReason::kProtocol)].Add();
  // In the middle of a forwarded message nothing can be told any more.
  if (s_.row_passes && !s_.rows.BetweenMessages()) return Close();
  if (s_.answer.holding) {
    out_->to_client.resize(s_.answer.held_from);
    s_.client.seq = s_.answer.held_seq;
    s_.answer.holding = false;
  }
  std::string message =
      leg == metrics::Leg::kClient ? "sealgate: the client's " : "sealgate: the database server's ";
  Fail(kErUnknown, "HY000", message.append(what));
}

void Relay::FailFrame(metrics::Leg leg, wire::FrameError error) {
  if (error == wire::FrameError::kBadSequence) {
    if (leg == metrics::Leg::kBackend) return FailProtocol(leg, "packets are out of order");
    services_.metrics.protocol_errors.Add();
    return Fail(kErOutOfOrder, "08S01", "sealgate: got packets out of order");
  }
  if (leg == metrics::Leg::kBackend) {
    return FailProtocol(leg, "packet is bigger than limits.max_packet");
  }
  services_.metrics.protocol_errors.Add();
  // The frame's number is not known here; clients take 1 after a command.
  if (s_.phase == Phase::kReady) s_.client.seq = 1;
  Fail(kErPacketTooLarge, "08S01", "sealgate: got a packet bigger than limits.max_packet");
}

void Relay::Close() {
  s_.phase = Phase::kClosed;
  step_.action = Action::kClose;
}

void Relay::Begin(Output& out) {
  step_ = {};
  final_out_ = &out;
  const bool compresses = s_.client.compressed != nullptr || s_.server.compressed != nullptr;
  out_ = compresses ? &plain_ : &out;
}

Step Relay::Finish(std::size_t consumed) {
  if (out_ == &plain_) SendPlainOutputs();
  if (s_.let_go) LeaveGateUnlessWaiting();
  step_.consumed = consumed;
  out_ = nullptr;
  return step_;
}

}  // namespace sealgate::relay
