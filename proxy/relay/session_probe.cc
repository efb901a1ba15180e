// The question for the session's modes, which goes to the server before a command that needs
// them (session_tracking.cc).
//
// It changes nothing in the session but FOUND_ROWS(), ROW_COUNT() and, on
// MySQL, the list of warnings: a statement that asks for one of them right after it is
// refused. Transactions, LAST_INSERT_ID() and what holds for the next statement alone
// stay as they are.

#include <string>

#include "proxy/relay/relay.h"
#include "proxy/relay/session_values.h"
#include "proxy/rewrite/screen/tracking_statement.h"
#include "proxy/wire/com_query.h"
#include "proxy/wire/row.h"

namespace sealgate::relay {
namespace {

// In any character set of the connection, utf32 among them.
const std::string kTrackText = "SET SESSION session_track_system_variables=_latin1'" +
                               std::string(rewrite::kTrackedVariables) +
                               "',session_track_schema=ON";
const std::string_view kTrack = kTrackText;
// As binary, so that no character set of the results changes the bytes. LIMIT, because
// sql_select_limit may be 0.
constexpr std::string_view kAsk =
    "CAST(@@sql_mode AS BINARY),CAST(@@character_set_client AS BINARY),"
    "CAST(@@character_set_connection AS BINARY),CAST(@@character_set_results AS BINARY),"
    "CAST(DATABASE() AS BINARY),CAST(@@time_zone AS BINARY),CAST(@@system_time_zone AS BINARY),"
    "CAST(FROM_UNIXTIME(1000000000) AS BINARY),"
    "CAST(@@explicit_defaults_for_timestamp+0 AS BINARY),CAST(CURRENT_USER() AS BINARY) LIMIT 1";
constexpr std::uint64_t kAskedColumns = 10;
// So MariaDB's query cache does not count it. MySQL has none.
const std::string kAskMariadb = "SELECT SQL_NO_CACHE " + std::string(kAsk);
const std::string kAskMysql = "SELECT " + std::string(kAsk);
// What FROM_UNIXTIME(1000000000) is in UTC.
constexpr std::string_view kProbedMoment = "2001-09-09 01:46:40";

constexpr std::uint16_t kErMustChangePassword = 1820;

// Steps of the probe: which message of the server is next.
enum ProbeStep : int { kTrackOk, kColumnCount, kDefinitions, kRow, kEnd };

}  // namespace

void Relay::AskForModes(std::string_view payload) {
  UpdateSnapshot(*current_);
  // A session begins with a count of 0, and on MySQL with no rows found; on MariaDB with as
  // many as another one left.
  s_.disturbed = {.found_rows = s_.went_unasked || !s_.is_mariadb,
                  .row_count = true,
                  .diagnostics = s_.left_diagnostics && !s_.is_mariadb};
  s_.unasked = payload;
  s_.phase = Phase::kProbe;
  s_.probe_step = kTrackOk;
  s_.probe_failed = false;
  std::string& message = scratch_;
  const std::string_view track = s_.tracks.empty() ? kTrack : std::string_view(s_.tracks);
  const std::string_view ask = s_.is_mariadb ? kAskMariadb : kAskMysql;
  for (const std::string_view statement : {track, ask}) {
    message.clear();
    wire::Writer writer(message);
    wire::Encode(wire::ComQuery{.attributes = {}, .statement = statement}, s_.server_caps, writer);
    BeginServerCommand();
    SendToServer(message);
  }
}

// A statement that reads what asking has just changed would get a wrong answer.
bool Relay::RefuseDisturbed(std::string_view text) {
  return s_.disturbed.any() && rewrite::AsksFor(text, s_.disturbed) && RefuseLost();
}

bool Relay::RefuseLost() {
  SendRefusal(rewrite::SessionRefusal(
      "FOUND_ROWS(), ROW_COUNT() and warnings of the statement before are lost, because the "
      "session's modes or the text of dynamic SQL had to be asked for in between; run that "
      "statement again"));
  return true;
}

// The same of what a program of the statement reads, or a text that it executes by name.
bool Relay::RefuseDisturbedWithin(std::string_view text, const rewrite::SessionFacts& facts,
                                  const rewrite::TextPrepared& use) {
  if (!s_.disturbed.any()) return false;
  return (AsksForDisturbed(text, facts) || NamedAskForDisturbed(use)) && RefuseLost();
}

bool Relay::AsksForDisturbed(std::string_view text, const rewrite::SessionFacts& facts) {
  return services_.rewriter.AsksForDisturbed(*s_.snapshot, facts, text, s_.disturbed);
}

void Relay::OnProbe(std::string_view payload) {
  if (wire::ClassifyResponse(payload) == wire::ResponseKind::kErr &&
      s_.probe_step != kDefinitions) {
    return OnProbeError(payload);
  }
  switch (s_.probe_step) {
    case kTrackOk: {
      const auto ok = wire::DecodeOk(payload, s_.server_caps);
      if (!ok) return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
      return ExpectProbeAnswer();
    }
    case kColumnCount: {
      wire::Reader reader(payload);
      s_.probe_columns = reader.LenencInt();
      if (!reader.ok() || s_.probe_columns != kAskedColumns) {
        return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
      }
      s_.probe_step = kDefinitions;
      return;
    }
    case kDefinitions:
      if (--s_.probe_columns == 0) s_.probe_step = kRow;
      return;
    case kRow:
      s_.probe_step = kEnd;
      return OnProbeRow(payload);
    case kEnd:
      return EndProbe();
  }
}

void Relay::ExpectProbeAnswer() {
  s_.server.in.ExpectSequence(1);
  if (s_.server.compressed != nullptr) s_.server.compressed->seq = 1;
  s_.probe_step = kColumnCount;
}

// An expired password, a failed init_connect, a limit: the client's statement would
// have met the same. The session goes on, unless the server ends it.
void Relay::OnProbeError(std::string_view payload) {
  services_.metrics.backend_errors.Add();
  if (!s_.probe_failed) SendToClient(payload);
  s_.probe_failed = true;
  NoteExpired(payload);
  if (s_.probe_step == kTrackOk) return ExpectProbeAnswer();
  EndProbe();
}

void Relay::NoteExpired(std::string_view payload) {
  const auto error = wire::DecodeErr(payload);
  // Any program may say so; but until the modes were told, none has prepared anything.
  const bool expired = error && error->code == kErMustChangePassword && !s_.asked_once;
  s_.facts.must_change_password = s_.facts.must_change_password || expired;
}

void Relay::OnProbeRow(std::string_view payload) {
  if (s_.probe_failed) return;
  wire::TextRowReader row(payload);
  const auto sql_mode = row.Next();
  const auto client = row.Next();
  const auto connection = row.Next();
  const auto results = row.Next();
  const auto schema = row.Next();
  const auto zone = row.Next();
  const auto system_zone = row.Next();
  const auto moment = row.Next();
  const auto explicit_timestamps = row.Next();
  const auto account = row.Next();
  if (row.Finish() || !sql_mode || !client || !connection || !account) {
    return FailProtocol(metrics::Leg::kBackend, "session modes cannot be read");
  }
  TakeAccount(*account);
  ApplySqlMode(*sql_mode);
  SetClientCharset(*client);
  SetConnectionCharset(*connection);
  s_.facts.schema = UntilNul(schema.value_or(""));
  s_.facts.schema_known = rewrite::SchemaKnown::kYes;
  // The name alone might be that of TZ='UTC+5'.
  // What the name means stays so, and can be seen only while it is the session's zone.
  if (zone == "SYSTEM") s_.system_is_utc = system_zone == "UTC" && moment == kProbedMoment;
  s_.facts.utc_offset = OffsetOf(zone.value_or(""), s_.system_is_utc);
  s_.facts.explicit_timestamps = explicit_timestamps == "1";
  const bool from_login =
      s_.results_from_login && (s_.results_charset.empty() || results == s_.results_charset);
  SetResultsCharset(results.value_or(""), from_login);
}

// The server may have found another account than the client named: an anonymous one, one
// that it is a proxy for, or one by a name that it has cut. Hosts have no @.
void Relay::TakeAccount(std::string_view account) {
  const std::string_view user = account.substr(0, account.rfind('@'));
  if (user == s_.user) return;
  s_.user = user;
  TakeRole();
}

void Relay::EndProbe() {
  s_.phase = Phase::kReady;
  s_.client.in.ExpectSequence(0);
  const std::string command = std::move(s_.unasked);
  s_.unasked.clear();
  if (s_.probe_failed) return DropLongDataOf(command);
  s_.facts.asked = s_.asked_once = true;
  s_.facts.must_change_password = false;
  // The command keeps the snapshot that it began with.
  const SnapshotPointer snapshot = s_.snapshot;
  current_ = &snapshot;
  s_.is_deferred = true;
  OnCommand(command);
  s_.is_deferred = false;
  current_ = nullptr;
}

}  // namespace sealgate::relay
