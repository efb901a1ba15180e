// What the server says about the session's modes.
//
// After a login and a reset nothing is known of them, nor after a statement that may have
// changed them unseen (rewrite/screen/modes_after.h). A command that needs them waits
// while the server is told to report changes of what the rewriting depends on, and
// asked for the values that it has; what needs them, rewrite/screen/unasked.h says.
// Reports come in the OK packets of later answers. collation_connection is in the list
// because both servers change character_set_connection with it and report only the
// variable that was named.
//
// The question changes nothing in the session but FOUND_ROWS(), ROW_COUNT() and, on
// MySQL, the list of warnings: a statement that asks for one of them right after it is
// refused. Transactions, LAST_INSERT_ID() and what holds for the next statement alone
// stay as they are.
// Sources: MySQL manual, "Server Tracking of Client Session State"; tried on
// MariaDB 10.11 and MySQL 9.7.

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "policy/ascii.h"
#include "policy/charset_names.h"
#include "policy/logical_type.h"
#include "proxy/relay/relay.h"
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

bool ModeHas(std::string_view modes, std::string_view mode) {
  while (!modes.empty()) {
    const std::size_t comma = modes.find(',');
    if (modes.substr(0, comma) == mode) return true;
    modes.remove_prefix(comma == std::string_view::npos ? modes.size() : comma + 1);
  }
  return false;
}

sql::LexMode LexModeOf(std::string_view modes) {
  return {.ansi_quotes = ModeHas(modes, "ANSI_QUOTES"),
          .no_backslash_escapes = ModeHas(modes, "NO_BACKSLASH_ESCAPES"),
          .pipes_as_concat = ModeHas(modes, "PIPES_AS_CONCAT")};
}

// Modes that change what a statement or a value means in ways that the rewriter
// does not follow.
constexpr std::string_view kUnsupportedModes[] = {
    "EMPTY_STRING_IS_NULL",   "HIGH_NOT_PRECEDENCE", "MAXDB", "MSSQL", "ORACLE",
    "PAD_CHAR_TO_FULL_LENGTH"};

bool HasUnsupported(std::string_view modes) {
  for (const std::string_view mode : kUnsupportedModes) {
    if (ModeHas(modes, mode)) return true;
  }
  return false;
}

// Of those that are tracked, all but one are.
bool IsMode(std::string_view variable) {
  return variable != "autocommit" && ModeHas(rewrite::kTrackedVariables, variable);
}

// Seconds from UTC to a time_zone that is the same all year. Other names are looked
// up in tables of the server's, and "right/UTC" counts leap seconds.
std::optional<std::int32_t> OffsetOf(std::string_view zone, bool system_is_utc) {
  if (zone == "UTC" || (zone == "SYSTEM" && system_is_utc)) return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
    return std::nullopt;
  }
  std::int32_t digits[4];
  for (std::size_t i = 0; i < 4; ++i) {
    digits[i] = zone[i < 2 ? i + 1 : i + 2] - '0';
    if (digits[i] < 0 || digits[i] > 9) return std::nullopt;
  }
  const std::int32_t minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3];
  return (zone[0] == '-' ? -minutes : minutes) * 60;
}

// MySQL opens the schema in front of a NUL, and calls it by the whole.
std::string_view UntilNul(std::string_view schema) { return schema.substr(0, schema.find('\0')); }

// "utf8mb4_general_ci" is of utf8mb4, "binary" of binary.
std::string_view CharsetOfCollation(std::string_view collation) {
  return collation.substr(0, collation.find('_'));
}

}  // namespace

void Relay::ForgetModes(Anew why) {
  if (why == Anew::kLogin) s_.asked_once = false;
  const std::string schema = why == Anew::kLogin ? s_.login_schema : s_.facts.schema;
  const rewrite::SchemaKnown known =
      why == Anew::kReset ? s_.facts.schema_known : rewrite::SchemaKnown::kByLogin;
  // A change of user that failed leaves the session's tables.
  std::vector<std::string> made;
  const bool made_unseen = why == Anew::kFailedChange && s_.facts.made_unseen;
  if (why == Anew::kFailedChange) made = std::move(s_.facts.made_temporary);
  s_.facts = {};
  s_.facts.made_unseen = made_unseen;
  ++s_.temporary_version;
  s_.facts.made_temporary = std::move(made);
  s_.facts.asked = false;
  s_.facts.schema = schema;
  // Another name would have to be read in the session's character set.
  s_.facts.schema_known =
      why == Anew::kFailedChange || !ascii::IsAscii(schema) ? rewrite::SchemaKnown::kNo : known;
  s_.snapshot = nullptr;  // the role depends on the user
  // A reset forgets the collation that the login named.
  s_.results_from_login = why == Anew::kLogin;
  s_.results_charset.clear();
  s_.tracks.clear();
  s_.went_unasked = s_.left_diagnostics = false;
  s_.disturbed = {};
  s_.answer = {};
  s_.prepared.clear();
  s_.prepared_bytes = 0;
  // After a change of user that failed, the server may still have them.
  if (why == Anew::kFailedChange) {
    for (const auto& [name, statement] : s_.named) s_.prepared_bytes += BytesOf(name, statement);
  } else {
    s_.named.clear();
    s_.unseen_hot_version.reset();
  }
  s_.last_prepared.reset();
  s_.kept_bytes = 0;
  s_.wrote_in_transaction = false;
}

bool LeavesModesUnknown(const Answer& answer) {
  const bool failed = answer.server_error || answer.load_refusal;
  switch (answer.modes_after) {
    case rewrite::ModesAfter::kKept:
      return answer.modes_reported;
    case rewrite::ModesAfter::kKeptUnlessError:
      return answer.modes_reported || failed;
    case rewrite::ModesAfter::kReported:
      return failed;
    case rewrite::ModesAfter::kUnknown:
      break;
  }
  return true;
}

// What the session made stays, and on MariaDB a program may have taken another default
// schema.
void Relay::LoseModes(rewrite::ModesAfter why) {
  if (!s_.facts.asked) return;
  rewrite::SessionFacts facts;
  facts.asked = false;
  facts.role = s_.facts.role;
  facts.schema = std::move(s_.facts.schema);
  facts.schema_known = why == rewrite::ModesAfter::kReported || !s_.is_mariadb
                           ? s_.facts.schema_known
                           : rewrite::SchemaKnown::kNo;
  facts.temporary_tables = std::move(s_.facts.temporary_tables);
  facts.made_temporary = std::move(s_.facts.made_temporary);
  facts.made_unseen = s_.facts.made_unseen;
  s_.facts = std::move(facts);
  s_.went_unasked = true;
}

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

void Relay::TakeRole() {
  std::uint8_t address[16];
  std::copy(s_.address.begin(), s_.address.end(), address);
  s_.facts.role = &s_.snapshot->policy->RoleOf(s_.user, address);
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

bool Relay::ApplySessionChanges(std::string_view state_changes) {
  wire::SessionStateReader changes(state_changes);
  while (const auto change = changes.Next()) {
    if (change->type == wire::SessionStateType::kSchema) {
      const auto schema = wire::DecodeSessionStateText(change->data);
      if (!schema) return false;
      s_.facts.schema = UntilNul(*schema);
      s_.facts.schema_known = rewrite::SchemaKnown::kYes;
    } else if (change->type == wire::SessionStateType::kSystemVariables) {
      wire::SystemVariableReader variables(change->data);
      while (const auto variable = variables.Next()) {
        if (!s_.facts.asked) continue;  // the server may not report all
        s_.answer.modes_reported = s_.answer.modes_reported || IsMode(variable->first);
        if (!ApplyVariable(variable->first, variable->second)) return false;
      }
      if (!variables.ok()) return false;
    }
  }
  return changes.ok();
}

void ReadSqlMode(std::string_view modes, bool is_mariadb, rewrite::SessionFacts& facts) {
  facts.lex = LexModeOf(modes);
  facts.unsupported_mode = HasUnsupported(modes);
  facts.oracle_mode =
      ModeHas(modes, "ORACLE") &&
      std::none_of(std::begin(kUnsupportedModes), std::end(kUnsupportedModes),
                   [&](auto mode) { return mode != "ORACLE" && ModeHas(modes, mode); });
  facts.strict = ModeHas(modes, "STRICT_TRANS_TABLES") || ModeHas(modes, "STRICT_ALL_TABLES");
  facts.zero_date = !ModeHas(modes, "NO_ZERO_DATE");
  facts.zero_in_date = !ModeHas(modes, "NO_ZERO_IN_DATE");
  using rewrite::ExtraFraction;
  const bool rounds = is_mariadb ? ModeHas(modes, "TIME_ROUND_FRACTIONAL")
                                 : !ModeHas(modes, "TIME_TRUNCATE_FRACTIONAL");
  const ExtraFraction rounding = is_mariadb ? ExtraFraction::kRoundClocks : ExtraFraction::kRound;
  facts.extra_fraction = rounds ? rounding : ExtraFraction::kTruncate;
}

void Relay::ApplySqlMode(std::string_view modes) { ReadSqlMode(modes, s_.is_mariadb, s_.facts); }

bool Relay::ApplyVariable(std::string_view name, std::string_view value) {
  if (name == "sql_mode") {
    ApplySqlMode(value);
  } else if (name == "character_set_client") {
    SetClientCharset(value);
  } else if (name == "character_set_connection") {
    SetConnectionCharset(value);
  } else if (name == "collation_connection") {
    SetConnectionCharset(CharsetOfCollation(value));
  } else if (name == "character_set_results") {
    SetResultsCharset(value, false);
  } else if (name == "time_zone") {
    s_.facts.utc_offset = OffsetOf(value, s_.system_is_utc);
  } else if (name == "explicit_defaults_for_timestamp") {
    s_.facts.explicit_timestamps = value == "ON";
  }
  return true;
}

void Relay::SetClientCharset(std::string_view name) {
  s_.facts.client = policy::CharsetFromName(name);
  s_.facts.client_extends_ascii = policy::ExtendsAscii(name);
  s_.facts.client_trails_may_be_signs = policy::TrailsMayBeSigns(name);
  s_.facts.client_latin_is_ascii = policy::HasOtherScript(name);
}

void Relay::SetConnectionCharset(std::string_view name) {
  s_.facts.connection = policy::CharsetFromName(name);
  s_.facts.connection_has_ascii = policy::HasAscii(name);
}

void Relay::SetResultsCharset(std::string_view name, bool from_login) {
  s_.results_charset = name;
  s_.results_from_login = from_login;
  s_.facts.results = policy::CharsetFromName(name);
  s_.facts.results_unconverted = name.empty();
  s_.facts.results_have_ascii_bytes =
      name.empty() || s_.facts.results || policy::ExtendsAscii(name);
  UpdateResultsCollation();
}

void Relay::UpdateResultsCollation() {
  if (s_.snapshot == nullptr || !s_.facts.results) return;
  const policy::Catalog& catalog = *s_.snapshot->catalog;
  const policy::CollationInfo* login = catalog.FindCollation(s_.login_collation);
  if (s_.results_from_login && login != nullptr &&
      policy::CharsetFromName(login->charset) == s_.facts.results) {
    s_.facts.results_collation_id = s_.login_collation;
    return;
  }
  s_.facts.results_collation_id = catalog.DefaultCollationId(s_.results_charset);
}

void Relay::UpdateSnapshot(const SnapshotPointer& snapshot) {
  if (s_.snapshot == snapshot) return;
  s_.snapshot = snapshot;
  TakeRole();
  UpdateResultsCollation();
}

void Relay::OnServerStatus(std::uint16_t status) {
  s_.server_status = status;
  if ((status & wire::kStatusInTrans) == 0) s_.wrote_in_transaction = false;
}

}  // namespace sealgate::relay
