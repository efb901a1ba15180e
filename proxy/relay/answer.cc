// The server's answers: OK, ERR, EOF and the order of results. Definitions are
// in columns.cc, rows in rows.cc.

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "proxy/relay/relay.h"
#include "proxy/rewrite/schema/stored_in_message.h"

namespace sealgate::relay {
namespace {

using wire::Has;

constexpr std::size_t kEofSize = 5;
// Tables end at 4,096; selected columns do not. Prepared statements count in 16 bits.
constexpr std::uint64_t kMaxColumns = 0xFFFF;

// Of the session, not of a statement: after these the server closes the connection.
constexpr std::uint16_t kEndings[] = {1053,   // ER_SERVER_SHUTDOWN
                                      1152,   // ER_ABORTING_CONNECTION
                                      1184,   // ER_NEW_ABORTING_CONNECTION
                                      1927,   // ER_CONNECTION_KILLED of MariaDB
                                      3169,   // ER_SESSION_WAS_KILLED
                                      4031};  // ER_CLIENT_INTERACTION_TIMEOUT

bool EndsSession(std::string_view error) {
  const auto decoded = wire::DecodeErr(error);
  return decoded &&
         std::find(std::begin(kEndings), std::end(kEndings), decoded->code) != std::end(kEndings);
}

bool IsEof(std::string_view payload) {
  return payload.size() == kEofSize &&
         static_cast<std::uint8_t>(payload.front()) == wire::kEofHeader;
}

}  // namespace

void Relay::OnAnswer(std::string_view payload) {
  if (payload.empty()) return FailProtocol(metrics::Leg::kBackend, "packet is empty");
  switch (s_.answer.stage) {
    case Stage::kParameters:
      return OnParameterDefinition(payload);
    case Stage::kColumns:
      return OnColumnDefinition(payload);
    case Stage::kRows:
      return OnRow(payload);
    case Stage::kFirst:
      break;
  }
  switch (s_.answer.kind) {
    case AnswerKind::kStatement:
      return OnStatementFirst(payload);
    case AnswerKind::kPrepare:
      return OnPrepareFirst(payload);
    case AnswerKind::kStatus:
    case AnswerKind::kReset:
      return OnStatus(payload);
    case AnswerKind::kFieldList:
      return OnFieldListColumn(payload);
    case AnswerKind::kText:
      SendToClient(payload);
      return EndAnswer();
    case AnswerKind::kFetch:
    case AnswerKind::kBinlog:
      break;
  }
  FailProtocol(metrics::Leg::kBackend, "answer cannot be followed");
}

void Relay::OnStatementFirst(std::string_view payload) {
  const auto kind = wire::ClassifyResponse(payload);
  if (kind == wire::ResponseKind::kErr) return OnServerError(payload);
  if (kind == wire::ResponseKind::kOk) return OnResultEnd(payload);
  if (kind == wire::ResponseKind::kLocalInfile) return OnFileRequest(payload);
  wire::Reader reader(payload);
  const auto count = reader.Finish(reader.LenencInt());
  if (!count || *count == 0 || *count > kMaxColumns) {
    return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
  }
  StartColumns(*count);
}

void Relay::OnStatus(std::string_view payload) {
  const auto first = static_cast<std::uint8_t>(payload.front());
  if (first == wire::kErrHeader) return OnServerError(payload);
  if (first != wire::kOkHeader && first != wire::kEofHeader) {
    return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
  }
  if (s_.answer.kind == AnswerKind::kReset) ForgetModes(Anew::kReset);
  if (!s_.answer.schema.empty()) {
    s_.facts.schema = std::move(s_.answer.schema);
    s_.facts.schema_known = rewrite::SchemaKnown::kYes;
  }
  OnResultEnd(payload);
}

// OK, or the end of a result's rows.
void Relay::OnResultEnd(std::string_view payload) {
  std::uint16_t status = 0;
  if (s_.answer.stage == Stage::kRows && s_.answer.kind != AnswerKind::kFetch) {
    s_.disturbed.found_rows = false;
  }
  // The status also tells of cursors inside a routine or a compound statement.
  const auto opened = [&] {
    return s_.answer.asked_cursor && (status & wire::kStatusCursorExists) != 0;
  };
  if (IsEof(payload)) {
    const auto eof = wire::DecodeEof(payload);
    if (!eof) return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
    status = eof->status;
    s_.left_diagnostics = s_.left_diagnostics || eof->warnings > 0;
    if (!opened()) PayOwedEof();
    if (!s_.answer.refused) SendToClient(payload);
  } else {
    const auto ok = wire::DecodeOk(payload, s_.server_caps);
    if (!ok || !ApplySessionChanges(ok->state_changes)) {
      return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
    }
    status = ok->status;
    s_.left_diagnostics = s_.left_diagnostics || ok->warnings > 0;
    if (!opened()) PayOwedEof();
    CompleteEof(ok->warnings, status);
    ForwardOk(payload, *ok);
  }
  OnServerStatus(status);
  s_.answer.owes_eof = false;
  if (opened() && !s_.answer.refused) {
    const auto prepared = s_.prepared.find(s_.answer.statement_id);
    if (prepared != s_.prepared.end()) OpenCursorOf(prepared->second);
  }
  if ((status & wire::kStatusMoreResultsExists) != 0) {
    s_.answer.stage = Stage::kFirst;
    ++s_.answer.statement;
    return;
  }
  EndAnswer();
}

void Relay::OpenCursorOf(Prepared& prepared) {
  prepared.cursor_open = true;
  const bool concerned =
      prepared.plan != nullptr &&
      (!prepared.plan->targets.empty() || prepared.plan->schema_rows != rewrite::SchemaRows::kNone);
  prepared.cursor_policy = concerned ? s_.snapshot->policy : nullptr;
  if (!s_.answer.has_rows_to_change) return;
  prepared.cursor =
      std::make_unique<OpenCursor>(OpenCursor{s_.snapshot, s_.answer.plan, s_.reader, s_.facts});
  prepared.cursor->reader.ShowBy(prepared.cursor->facts);
}

// The backend's leg always tracks the session and never has EOF packets in
// results; the client's may differ in both.
void Relay::ForwardOk(std::string_view payload, const wire::OkPacket& ok) {
  if (s_.answer.refused) return;
  const bool changed = (ok.status & wire::kStatusSessionStateChanged) != 0;
  std::string encoded;
  wire::Writer writer(encoded);
  if (ok.header == wire::kEofHeader && !Has(s_.client_caps, wire::kClientDeprecateEof)) {
    const auto status = static_cast<std::uint16_t>(ok.status & ~wire::kStatusSessionStateChanged);
    wire::Encode(wire::EofPacket{.warnings = ok.warnings, .status = status}, writer);
    return SendToClient(encoded);
  }
  if (!changed || Has(s_.client_caps, wire::kClientSessionTrack)) return SendToClient(payload);
  wire::Encode(ok, s_.client_caps, writer);
  SendToClient(encoded);
}

// They come at any point of an answer, and may be left out: only where nothing of a
// result is on its way does one go on to the client.
bool Relay::TakeProgressReport(std::string_view payload) {
  if (!Has(s_.server_caps, wire::kMariaDbProgress) || !wire::IsProgressReport(payload)) {
    return false;
  }
  const bool shown = s_.phase == Phase::kAnswer && s_.answer.stage == Stage::kFirst &&
                     !s_.answer.holding && !s_.answer.refused && !s_.answer.load_refusal;
  if (shown) SendToClient(payload);
  return true;
}

void Relay::OnServerError(std::string_view payload) {
  services_.metrics.backend_errors.Add();
  s_.answer.server_error = true;
  s_.left_diagnostics = true;
  s_.told_end = s_.told_end || EndsSession(payload);
  NoteExpired(payload);
  if (s_.answer.holding) {
    out_->to_client.resize(s_.answer.held_from);
    s_.client.seq = s_.answer.held_seq;
    s_.answer.holding = false;
  }
  PayOwedEof();
  if (!s_.answer.refused) SendServerError(payload);
  EndAnswer();
}

// MySQL's ONLY_FULL_GROUP_BY, which goes by equalities and unique keys: it sees none of a
// searchable column, so that it may refuse what the plain column's would allow.
bool Relay::MayHaveDependedOnGroup(std::uint16_t code) const {
  constexpr std::uint16_t kWrongFieldWithGroup = 1055;
  constexpr std::uint16_t kMixOfGroupFuncAndFields = 1140;
  const rewrite::Plan* plan = s_.answer.plan.get();
  return !s_.is_mariadb && (code == kWrongFieldWithGroup || code == kMixOfGroupFuncAndFields) &&
         plan != nullptr && plan->touches_protected && !plan->edits.empty();
}

// The entry of a duplicate is what is stored.
void Relay::SendServerError(std::string_view payload) {
  const auto error = wire::DecodeErr(payload);
  if (!error || s_.facts.role == nullptr || s_.snapshot == nullptr) return SendToClient(payload);
  auto message =
      rewrite::ShownMessage(*s_.snapshot->catalog, s_.facts, error->code, error->message);
  if (MayHaveDependedOnGroup(error->code)) {
    message =
        "sealgate: the server does not know what depends on a searchable column; group by "
        "such columns, too: " +
        message.value_or(std::string(error->message));
  }
  if (!message) return SendToClient(payload);
  wire::ErrPacket shown = *error;
  shown.message = *message;
  scratch_.clear();
  wire::Writer writer(scratch_);
  wire::Encode(shown, writer);
  SendToClient(scratch_);
}

void Relay::OnFieldListColumn(std::string_view payload) {
  const auto first = static_cast<std::uint8_t>(payload.front());
  if (first == wire::kErrHeader) return OnServerError(payload);
  if (first == wire::kEofHeader) return OnResultEnd(payload);
  auto definition =
      wire::DecodeColumnDefinition41(payload, wire::ColumnUse::kFieldList, s_.server_caps);
  if (!definition) return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
  if (s_.answer.refused) return;
  const auto before = *definition;
  const auto shown = rewrite::ResultReader::FieldListColumn(*s_.snapshot, s_.facts, *definition);
  if (!shown) return RefuseAnswer(shown.error());
  if (*definition == before) return SendToClient(payload);
  scratch_.clear();
  wire::Writer writer(scratch_);
  wire::Encode(*definition, s_.client_caps, writer);
  SendToClient(scratch_);
}

void Relay::EndAnswer() {
  const Answer& answer = s_.answer;
  const bool reload = answer.plan != nullptr && answer.plan->changes_schema;
  s_.phase = Phase::kReady;
  if (answer.kind == AnswerKind::kStatement) NoteNamed(s_.answer);
  if (!answer.tracks.empty() && !answer.server_error) s_.tracks = std::move(s_.answer.tracks);
  if (LeavesModesUnknown(answer)) LoseModes(answer.modes_after);
  if (answer.plan != nullptr) NoteNameChange(answer);
  if (LosesTemporaryTables(answer)) LoseTemporaryTables();
  step_.write_done = answer.is_write;
  // A preparation counts when it fails; else its executions do.
  const bool counts = answer.kind != AnswerKind::kPrepare || answer.refused || answer.server_error;
  step_.statement_done = answer.plan != nullptr;
  if (counts) {
    CountStatement(answer.server_error ? metrics::Outcome::kServerError
                   : answer.refused    ? metrics::Outcome::kRefused
                   : answer.rewritten  ? metrics::Outcome::kRewritten
                                       : metrics::Outcome::kPassed);
  }
  s_.answer.plan = nullptr;
  s_.answer.names = nullptr;
  s_.answer.is_write = false;
  if (!reload) return;
  // Even a failed statement may have changed something.
  s_.phase = Phase::kReloading;
  step_.action = Action::kReloadCatalog;
}

void Relay::CountStatement(metrics::Outcome outcome) {
  if (s_.answer.plan == nullptr) return;
  const auto statement_class = static_cast<std::size_t>(s_.answer.plan->statement_class);
  services_.metrics.statements[statement_class][static_cast<std::size_t>(outcome)].Add();
}

}  // namespace sealgate::relay
