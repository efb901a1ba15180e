// The command phase: which commands there are, and what becomes of each. A
// command that is not listed here gets an error.

#include <string>

#include "proxy/relay/relay.h"
#include "proxy/rewrite/schema/stored_elsewhere.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/wire/handshake.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErUnknownCommand = 1047;
constexpr std::uint16_t kErWrongDbName = 1102;
constexpr std::uint16_t kErSpecificAccessDenied = 1227;
constexpr std::uint16_t kErNotSupported = 1235;
constexpr std::uint16_t kErMalformed = 1835;

}  // namespace

void Relay::OnCommand(std::string_view payload) {
  s_.client.in.ExpectSequence(0);
  BeginServerCommand();
  if (!s_.is_deferred) {
    s_.looked_up = {};
    s_.times_deferred = 0;
  }
  const auto command = wire::CommandOf(payload);
  if (!command) return SendError(kErUnknownCommand, "08S01", "Unknown command");
  using wire::Command;
  switch (*command) {
    case Command::kQuery:
      return OnQuery(payload);
    case Command::kStmtPrepare:
      return OnPrepare(payload);
    case Command::kStmtExecute:
      return OnExecute(payload);
    case Command::kStmtSendLongData:
      return OnSendLongData(payload);
    case Command::kStmtClose:
      return OnStmtClose(payload);
    case Command::kStmtReset:
      return OnStmtReset(payload);
    case Command::kStmtFetch:
      return OnFetch(payload);
    case Command::kMariaDbStmtBulkExecute:
      return OnBulkExecute(payload);
    case Command::kQuit:
      return OnQuit(payload);
    case Command::kInitDb:
      return OnInitDb(payload);
    case Command::kFieldList:
      return OnFieldList(payload);
    case Command::kChangeUser:
      return OnChangeUser(payload);
    case Command::kResetConnection:
      return OnResetConnection(payload);
    case Command::kSetOption:
      return OnSetOption(payload);
    case Command::kPing:
    case Command::kDebug:  // has the server write to its own error log
      return ForwardCommand(payload.substr(0, 1), AnswerKind::kStatus);
    case Command::kStatistics:
      return ForwardCommand(payload.substr(0, 1), AnswerKind::kText);
    case Command::kProcessInfo:
      // The list holds statements as they reached the server.
      if (!s_.facts.asked) return AskForModes(payload);
      if (s_.facts.role != nullptr &&
          rewrite::HidesInMessages(*s_.snapshot->catalog, *s_.facts.role)) {
        return SendRefusal(rewrite::RefuseLogs());
      }
      return ForwardCommand(payload.substr(0, 1), AnswerKind::kStatement);
    case Command::kRefresh:
      return ForwardCommand(payload.substr(0, 2), AnswerKind::kStatus);
    case Command::kProcessKill:
      // A number; the server decides whose it may be.
      if (payload.size() != 5) {
        return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
      }
      NoteKilled(wire::Reader(payload.substr(1)).U32());
      return ForwardCommand(payload, AnswerKind::kStatus);
    case Command::kRegisterReplica:
      return OnReplication(payload, AnswerKind::kStatus);
    case Command::kBinlogDump:
    case Command::kBinlogDumpGtid:
      return OnReplication(payload, AnswerKind::kBinlog);
    // Known, and not spoken: statements in another form, other streams, or
    // commands of the server's own threads.
    case Command::kCreateDb:
    case Command::kDropDb:
    case Command::kShutdown:
    case Command::kTableDump:
    case Command::kClone:
    case Command::kSubscribeGroupReplication:
    case Command::kMariaDbReplicaWorker:
    case Command::kMariaDbReplicaIo:
    case Command::kMariaDbReplicaSql:
    case Command::kMariaDbMulti:
      return SendUnsupportedCommand();
    case Command::kSleep:
    case Command::kConnect:
    case Command::kTime:
    case Command::kDelayedInsert:
    case Command::kConnectOut:
    case Command::kDaemon:
      break;
  }
  SendError(kErUnknownCommand, "08S01", "Unknown command");
}

void Relay::SendUnsupportedCommand() {
  services_.metrics.refusals[static_cast<std::size_t>(metrics::RefusalReason::kUnsupported)].Add();
  SendError(kErNotSupported, "42000", "sealgate: this command is not supported");
}

void Relay::StartAnswer(AnswerKind kind) {
  s_.answer = {};
  s_.answer.kind = kind;
  s_.phase = Phase::kAnswer;
}

void Relay::ForwardCommand(std::string_view payload, AnswerKind kind) {
  UpdateSnapshot(*current_);
  if (!s_.facts.asked) s_.went_unasked = true;
  SendToServer(payload);
  StartAnswer(kind);
}

void Relay::OnQuit(std::string_view payload) {
  SendToServer(payload.substr(0, 1));
  Close();
}

// A name that every character set writes so becomes the default schema without more.
void Relay::OnInitDb(std::string_view payload) {
  const std::string_view name = payload.substr(1);
  // MySQL opens the schema in front of a NUL, and calls it by the whole.
  if (name.find('\0') != std::string_view::npos) {
    return SendError(kErWrongDbName, "42000", "sealgate: a NUL in the name of a database");
  }
  if (!s_.facts.asked && !rewrite::IsPlainName(name)) return AskForModes(payload);
  ForwardCommand(payload, AnswerKind::kStatus);
  if (!s_.facts.asked) s_.answer.schema = name;
}

void Relay::OnFieldList(std::string_view payload) {
  if (!wire::DecodeComFieldList(payload)) {
    return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  }
  if (!s_.facts.asked) return AskForModes(payload);
  ForwardCommand(payload, AnswerKind::kFieldList);
}

void Relay::OnResetConnection(std::string_view payload) {
  ForwardCommand(payload.substr(0, 1), AnswerKind::kReset);
}

void Relay::OnSetOption(std::string_view payload) {
  if (!wire::DecodeComSetOption(payload)) {
    return SendError(kErUnknownCommand, "08S01", "Unknown command");
  }
  ForwardCommand(payload, AnswerKind::kStatus);
}

// What comes of a dump has the form of rows: each begins with a zero, which no end
// does. It lasts for as long as the client wants, and until then nothing of the
// client's is looked at, such as the replies of semi-synchronous replication.
void Relay::OnReplication(std::string_view payload, AnswerKind kind) {
  // Whose role it is, is known by then.
  if (!s_.facts.asked) return AskForModes(payload);
  UpdateSnapshot(*current_);
  if (!s_.facts.role->replication) {
    services_.metrics.refusals[static_cast<std::size_t>(metrics::RefusalReason::kDenied)].Add();
    return SendError(kErSpecificAccessDenied, "42000",
                     "sealgate: the binary log has the rows of every table; reading it needs a "
                     "role with 'replication: true'");
  }
  ForwardCommand(payload, kind);
  if (kind != AnswerKind::kBinlog) return;
  s_.answer.stage = Stage::kRows;
  StartRows();
}

void Relay::OnChangeUser(std::string_view payload) {
  auto change = wire::DecodeComChangeUser(payload, s_.client_caps);
  if (!change) return FailProtocol(metrics::Leg::kClient, "change of user cannot be read");
  s_.auth.user_before = s_.user;
  const std::uint16_t collation = change->collation.value_or(s_.login_collation);
  if (!TakeUser(change->user, collation, NameOf::kChangeUser)) return;
  s_.login_schema = change->database;
  s_.auth.plugin = FindAuthPlugin(change->plugin);
  s_.auth.full = false;
  s_.auth.opaque = false;
  s_.auth.change_user = true;
  s_.phase = Phase::kAuthServer;
  if (!change->plugin.empty() && !SendsHashFirst(s_.auth.plugin)) {
    change->plugin = kNoPlugin;
    change->auth_response = {};
  }
  // As it was understood: the schema that it names counts as the session's.
  std::string understood;
  wire::Writer writer(understood);
  wire::Encode(*change, s_.client_caps, writer);
  if (!writer.ok()) return FailProtocol(metrics::Leg::kClient, "change of user cannot be read");
  SendToServer(understood);
}

}  // namespace sealgate::relay
