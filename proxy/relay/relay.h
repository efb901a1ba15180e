// One client's connection through the proxy, as a state machine: bytes of
// either side in, bytes for both sides and one Step out.
//
// Pure: no sockets, files, clocks or threads. One thread at a time. What reaches
// the server is the login, a command listed in command.cc, or a
// rewrite::ServerStatement; there is no branch that forwards anything else.
//
// docs/life_of_a_query.md follows one statement through here. The login is in
// login.cc and auth.cc, the session's facts in session_tracking.cc and session_probe.cc,
// commands in command.cc, statements in statements.cc, prepared.cc, prepared_validity.cc and
// text_prepared.cc, writes that wait in held_writes.cc, answers in answer.cc, columns.cc and
// rows.cc, files of LOAD DATA in file.cc. Sources: MySQL manual, "Connection Lifecycle".
#ifndef SEALGATE_PROXY_RELAY_RELAY_H_
#define SEALGATE_PROXY_RELAY_RELAY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/snapshot.h"
#include "policy/write_gate.h"
#include "proxy/relay/account_name.h"
#include "proxy/relay/session_state.h"
#include "proxy/relay/settings.h"
#include "proxy/relay/step.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/wire/com_query.h"
#include "proxy/wire/com_stmt_bulk_execute.h"
#include "proxy/wire/command.h"
#include "proxy/wire/generic_response.h"

namespace sealgate::relay {

using SnapshotPointer = std::shared_ptr<const policy::Snapshot>;

enum class Side : std::uint8_t { kClient, kServer };

class Relay {
 public:
  Relay(const Settings& settings, const Services& services, const PeerAddress& address);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Before anything else, when it is not as given to the constructor.
  /// `is_unix`: the client is on a Unix socket of ours, which counts as private,
  /// to itself and to us.
  void SetClient(const PeerAddress& address, bool is_unix);

  /// During the login both sides take turns: whose bytes are next.
  bool logged_in() const { return s_.logged_in; }
  Side turn() const;
  /// Until the login ends, either side may say more at any time.
  bool both_may_speak() const;
  /// Bytes of the client would be used now. Otherwise FromClient uses none;
  /// offer them again after the server's next bytes.
  bool accepts_client() const;
  /// Bytes of this side were taken and expanded, and wait in here: offer it
  /// more, even nothing, as if they were still outside.
  bool holds_bytes(Side side) const;
  /// This side's bytes are expanded. A call takes so many at most that what it
  /// puts out is bounded: write that before the next.
  bool expands(Side side) const;
  /// Between two commands and outside of a transaction: nobody loses anything
  /// when the session ends here.
  bool idle() const;
  /// A statement runs at the server whose only purpose is its answer. One that
  /// writes is not among them: the server would finish it for a lost client, too.
  bool reading() const;
  /// The server's number for this connection.
  std::uint32_t server_thread() const { return s_.server_thread; }
  /// The open transaction has written.
  bool transaction_wrote() const;

  /// `snapshot` is the current one; a statement keeps the one it began with.
  Step FromClient(std::string_view bytes, const SnapshotPointer& snapshot, Output& out);
  Step FromServer(std::string_view bytes, Output& out);

  Step ServerTlsStarted(Output& out);
  Step CatalogReloaded();
  /// What a statement waits for, after kRefreshCatalog.
  const policy::UnknownNames& unknown_names() const { return s_.unknown; }
  /// Of the last step with names_changed.
  const policy::NameChange& name_change() const { return s_.name_change; }
  /// `read`: they could be. The statement that waited is looked at again.
  Step CatalogRefreshed(bool read, const SnapshotPointer& snapshot, Output& out);
  /// The gate lets the write go.
  Step Admit(Output& out);
  /// The same for one that has waited, or it does not. `snapshot` is the current one: if
  /// the write was decided by another it is decided again, and may need admission again.
  Step AdmitHeld(const SnapshotPointer& snapshot, Output& out);
  Step RefuseHeld(policy::Release release, std::string_view reason, Output& out);

  /// Appends what the client is told when the backend cannot be reached (before
  /// the greeting) or is gone; nothing when that is not possible any more.
  void BackendUnreachable(std::string_view address, Output& out);
  void BackendTlsFailed(Output& out);
  void BackendLost(Output& out);
  /// The driver ends the session: the same, with its own words. Where the client
  /// waits for nothing it is told out of turn, as servers do.
  void EndSession(std::uint16_t code, const char* sqlstate, std::string_view message, Output& out);
  /// Gives back memory that only a busy session needs.
  void Trim();
  /// Bytes of what is kept between two calls: parts of messages, held writes,
  /// prepared statements.
  std::size_t memory() const;

 private:
  // login.cc
  void OnGreeting(std::string_view payload);
  void OnLogin(std::string_view payload);
  bool TakeUser(std::string_view name, std::uint16_t collation, NameOf use);
  void SendLogin(std::string_view login_payload);
  bool CheckServerOffer(wire::Capabilities offer);
  // auth.cc
  void OnAuthServer(std::string_view payload);
  void OnAuthClient(std::string_view payload);
  void OnAuthSwitch(std::string_view payload);
  void OnOldAuthSwitch(std::string_view payload);
  void OnAuthMoreData(std::string_view payload);
  void AskClient(std::string_view payload);
  void OnFullAuthentication(std::string_view payload);
  void SendEncryptedPassword(std::string_view public_key);
  void OnAuthOk(std::string_view payload);
  void KeepUser();
  bool CheckPlugin(std::string_view name, const AuthPlugin* plugin);
  bool MayPass(std::string_view unknown_plugin);
  bool CountOpaque(std::string_view payload, metrics::Leg leg);
  bool CountUser();
  bool ClientIsPrivate() const { return s_.client_tls || s_.client_is_unix; }
  bool ServerIsPrivate() const { return s_.server_tls || settings_.backend_is_unix; }
  // session_tracking.cc
  enum class Anew : std::uint8_t { kLogin, kReset, kFailedChange };
  /// Nothing is known of the session any more.
  void ForgetModes(Anew why);
  /// They have to be asked for before the next command that needs them.
  void LoseModes(rewrite::ModesAfter why);
  void TakeRole();
  bool ApplySessionChanges(std::string_view state_changes);
  void ApplySqlMode(std::string_view modes);
  bool ApplyVariable(std::string_view name, std::string_view value);
  void SetClientCharset(std::string_view name);
  void SetConnectionCharset(std::string_view name);
  void SetResultsCharset(std::string_view name, bool from_login);
  void UpdateSnapshot(const SnapshotPointer& snapshot);
  void UpdateResultsCollation();
  void OnServerStatus(std::uint16_t status);
  // session_probe.cc
  /// The command comes again when they are known.
  void AskForModes(std::string_view payload);
  bool RefuseDisturbed(std::string_view text);
  bool RefuseDisturbedWithin(std::string_view text, const rewrite::SessionFacts& facts,
                             const rewrite::TextPrepared& use);
  bool AsksForDisturbed(std::string_view text, const rewrite::SessionFacts& facts);
  bool RefuseLost();
  void OnProbe(std::string_view payload);
  void OnProbeError(std::string_view payload);
  void ExpectProbeAnswer();
  void NoteExpired(std::string_view payload);
  void OnProbeRow(std::string_view payload);
  void TakeAccount(std::string_view account);
  void EndProbe();
  // command.cc
  void OnCommand(std::string_view payload);
  void SendUnsupportedCommand();
  void ForwardCommand(std::string_view payload, AnswerKind kind);
  void OnQuit(std::string_view payload);
  void OnInitDb(std::string_view payload);
  void OnFieldList(std::string_view payload);
  void OnChangeUser(std::string_view payload);
  void OnResetConnection(std::string_view payload);
  void OnSetOption(std::string_view payload);
  void OnReplication(std::string_view payload, AnswerKind kind);
  void StartAnswer(AnswerKind kind);
  // statements.cc
  void OnQuery(std::string_view payload);
  void OnPrepare(std::string_view payload);
  /// Every name that it does not know was looked up for this command.
  bool WereLookedUp(const policy::UnknownNames& names) const;
  /// The command comes again when they were.
  void DeferUntilLookedUp(std::string_view payload, policy::UnknownNames names);
  void TrackTemporaryTables(const Answer& answer);
  /// What is known of the session's temporary tables holds no longer.
  void LoseTemporaryTables();
  bool LosesTemporaryTables(const Answer& answer) const;
  rewrite::TemporaryAfter TemporaryAfterNamed(const rewrite::TextPrepared& use) const;
  void NoteNameChange(const Answer& answer);
  void NoteStatement();
  /// The only way for a statement's text to the server.
  void SendStatement(std::string_view head, rewrite::ServerStatement statement, bool writes);
  void SendExecute(std::string_view payload, bool writes);
  void SendDecided(std::string_view payload, const wire::ComQuery& query,
                   rewrite::Decision decision);
  // dynamic_text.cc
  void AskForText(std::string_view payload, std::string_view question);
  void OnAskedText(std::string_view payload);
  void OnAskedRow(std::string_view payload);
  void EndAsking();
  void SendStatementMessage(std::string_view head, std::string_view tail, bool writes);
  // prepared.cc
  void OnExecute(std::string_view message);
  bool RefuseType(wire::FieldType type);
  void ExecuteMapped(std::string_view payload, Prepared& prepared);
  bool BindParameters(Prepared& prepared);
  bool HasTypes(bool sent, Prepared& prepared);
  void TakeTypes(Prepared& prepared) const;
  /// In Phase::kReady afterwards: it was refused.
  void ExecuteOrRefuse(std::string_view payload, Prepared& prepared);
  void StartExecute(std::string_view payload, Prepared& prepared);
  bool RefusePoisoned();
  void LetDataWait(Prepared& prepared, std::string_view payload);
  bool SendWaitingData(Prepared& prepared);
  void ForgetWaitingData(Prepared& prepared);
  // prepared_validity.cc
  bool StillValid(std::string_view payload, Prepared& prepared);
  bool IsUpToDate(const Prepared& prepared) const;
  bool MeansTheSame(Prepared& prepared);
  rewrite::Decision PrepareNow(Prepared& prepared);
  bool IsPreparedSo(Prepared& prepared, rewrite::Decision decision);
  bool TakeIfSame(Prepared& prepared, rewrite::Decision& decision);
  bool RefuseStale();
  // held_writes.cc
  void DecideAgain(const SnapshotPointer& snapshot);
  void LeaveGateUnlessWaiting();
  // text_prepared.cc
  bool NamedMayExecute(const std::string& executed) const;
  bool NamedAskForDisturbed(const rewrite::TextPrepared& use);
  /// What the text executes by name may run. False: the client has its error, or the
  /// command comes again.
  bool MayExecuteNamed(std::string_view payload, rewrite::TextPrepared& use);
  bool MayExecuteOthers(std::string_view payload, const Prepared& prepared);
  bool MayStillRun(std::string_view payload, NamedStatement& statement);
  std::shared_ptr<const rewrite::Plan> WithNamed(std::shared_ptr<const rewrite::Plan> plan,
                                                 const rewrite::TextPrepared& use) const;
  std::optional<rewrite::ModesAfter> ModesAfterNamed(const rewrite::TextPrepared& use) const;
  bool HasRoomForNamed(const rewrite::TextPrepared& use);
  void NoteNamed(Answer& answer);
  void OnFetch(std::string_view payload);
  bool MayFetch(OpenCursor& cursor);
  // long_data.cc
  void OnSendLongData(std::string_view payload);
  void KeepLongData(Prepared& prepared, std::uint16_t parameter, std::string_view data);
  std::vector<std::optional<std::string>> TakeLongData(Prepared& prepared);
  /// Of an execution that was refused: the next one begins without. The phase may be
  /// kAnswer then.
  void DropLongData(std::uint32_t statement_id, Prepared& prepared);
  /// Likewise, if that is what the command is.
  void DropLongDataOf(std::string_view command);
  void ResetAtServer(std::uint32_t statement_id);
  // bulk.cc
  void OnBulkExecute(std::string_view message);
  /// In Phase::kReady afterwards: it was refused.
  void BulkExecuteOrRefuse(std::string_view payload, Prepared& prepared);
  void BulkExecuteMapped(std::string_view payload, Prepared& prepared);
  bool AppendBulkRow(const Prepared& prepared, const wire::ComStmtBulkExecute& bulk,
                     const std::vector<wire::BulkParam>& row, wire::Writer& out);
  void OnStmtReset(std::string_view payload);
  void OnStmtClose(std::string_view payload);
  Prepared* FindPrepared(std::string_view payload, std::string_view command);
  std::string_view WithStatementId(std::string_view payload, std::string& named) const;
  // answer.cc
  void OnAnswer(std::string_view payload);
  void OnStatementFirst(std::string_view payload);
  void OnStatus(std::string_view payload);
  void OnResultEnd(std::string_view payload);
  void OnServerError(std::string_view payload);
  bool MayHaveDependedOnGroup(std::uint16_t code) const;
  void SendServerError(std::string_view payload);
  bool TakeProgressReport(std::string_view payload);
  void OnFieldListColumn(std::string_view payload);
  void OpenCursorOf(Prepared& prepared);
  void ForwardOk(std::string_view payload, const wire::OkPacket& ok);
  void EndAnswer();
  void CountStatement(metrics::Outcome outcome);
  void NoteKilled(std::uint32_t thread);
  void EndCounted();
  // file.cc
  void OnFileRequest(std::string_view payload);
  std::size_t StreamFile(std::string_view in);
  void SealFile(const wire::FrameEvent& event, bool last);
  void EndFile();
  void OnFailedLoad(std::string_view payload);
  // columns.cc
  void StartColumns(std::uint64_t count);
  void OnPrepareFirst(std::string_view payload);
  void OnParameterDefinition(std::string_view payload);
  void OnColumnDefinition(std::string_view payload);
  void EndParameters();
  void EndColumns();
  void EndPrepare();
  void KeepPrepared();
  void BeginHolding();
  void StashHeldDefinitions();
  void RestoreHeldDefinitions();
  void RefuseAnswer(const rewrite::Refusal& refusal);
  // rows.cc
  void StartRows();
  bool StreamsRows() const;
  std::size_t StreamRows(std::string_view in);
  std::size_t WholeRow(std::string_view in, std::uint8_t seq) const;
  std::size_t PassWholeRows(std::string_view in);
  bool ChangesRows() const;
  std::size_t ChangeWholeRows(std::string_view in);
  void OnRowFrame(const wire::FrameEvent& event);
  void OnRow(std::string_view payload);
  void ChangeRow(std::string_view payload);
  void PayOwedEof();
  void CompleteEof(std::uint16_t warnings, std::uint16_t status);
  // compression.cc
  void StartCompression(Side side);
  void TakeCompressed(Side side, std::string_view& in);
  void ExpectCompressedSequence(Side side);
  void FailCompression(metrics::Leg leg, wire::CompressionError error);
  void BeginServerCommand();
  void MarkCommandStart();
  void SendPlainOutputs();
  // relay.cc
  void Begin(Output& out);
  void TakeFromClient(std::string_view& in);
  void TakeFromServer(std::string_view& in);
  bool Takes(Side side) const;
  void OnServerMessage(const wire::Message& message);
  void OnClientMessage(const wire::Message& message);
  void OnUnsolicited(const wire::Message& message);
  void SendToClient(std::string_view payload);
  void SendToServer(std::string_view payload);
  void SendError(std::uint16_t code, const char* sqlstate, std::string_view message);
  void SendRefusal(const rewrite::Refusal& refusal);
  /// The session cannot go on: an error to the client, then close.
  void Fail(std::uint16_t code, const char* sqlstate, std::string_view message);
  void FailProtocol(metrics::Leg leg, std::string_view what);
  void FailFrame(metrics::Leg leg, wire::FrameError error);
  void Close();
  Step Finish(std::size_t consumed);

  const Settings& settings_;
  Services services_;
  std::string counted_user_;  // whom services_.users has counted this session for
  bool user_is_counted_ = false;
  SessionState s_;
  Step step_;
  Output* out_ = nullptr;        // where this call's messages go
  Output* final_out_ = nullptr;  // the driver's
  /// What goes out compressed, before it is; and where commands begin in
  /// plain_.to_server, each of which starts a count of packets.
  Output plain_;
  std::vector<std::size_t> command_starts_;
  const SnapshotPointer* current_ = nullptr;  // during FromClient
  std::string scratch_;
};

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_RELAY_H_
