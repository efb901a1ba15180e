// What the server says about the session's modes.
//
// After a login and a reset nothing is known of them, nor after a statement that may have
// changed them unseen (rewrite/screen/modes_after.h). A command that needs them waits
// while the server is told to report changes of what the rewriting depends on, and
// asked for the values that it has (session_probe.cc); what needs them,
// rewrite/screen/unasked.h says.
// Reports come in the OK packets of later answers. collation_connection is in the list
// because both servers change character_set_connection with it and report only the
// variable that was named.
//
// Sources: MySQL manual, "Server Tracking of Client Session State"; tried on
// MariaDB 10.11 and MySQL 9.7.

#include <algorithm>
#include <string>

#include "policy/ascii.h"
#include "policy/charset_names.h"
#include "policy/logical_type.h"
#include "proxy/relay/relay.h"
#include "proxy/relay/session_values.h"
#include "proxy/rewrite/screen/tracking_statement.h"

namespace sealgate::relay {
namespace {

// Of those that are tracked, all but one are.
bool IsMode(std::string_view variable) {
  return variable != "autocommit" && ListHas(rewrite::kTrackedVariables, variable);
}

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

void Relay::TakeRole() {
  std::uint8_t address[16];
  std::copy(s_.address.begin(), s_.address.end(), address);
  s_.facts.role = &s_.snapshot->policy->RoleOf(s_.user, address);
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
