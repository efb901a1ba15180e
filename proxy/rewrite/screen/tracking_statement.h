// Statements that set how the server tracks the session. Sealgate depends on
// that tracking, and some drivers (MariaDB's ODBC) ask for it too when they log
// in: theirs then comes on top of Sealgate's own.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_TRACKING_STATEMENT_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_TRACKING_STATEMENT_H_

#include <optional>
#include <string>
#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// What Sealgate has the server report of each session.
constexpr std::string_view kTrackedVariables =
    "autocommit,character_set_client,character_set_connection,character_set_results,"
    "collation_connection,explicit_defaults_for_timestamp,sql_mode,time_zone";

/// The text for the server, if the statement is one of
///   SET [SESSION] session_track_schema = ON
///   SET [SESSION] session_track_system_variables = '…'   (names, blanks, * and commas)
///   SET [SESSION] session_track_system_variables = DEFAULT
/// and nothing else, also as @@session.…; the second with those of kTrackedVariables that it lacks,
/// the third with these alone, as a session begins. It is a view of
/// the statement or of `text`, of at most some KiB. A server that refuses the list keeps the old
/// one.
std::optional<std::string_view> KeepTracking(const sql::TokenList& tokens, std::string& text);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_TRACKING_STATEMENT_H_
