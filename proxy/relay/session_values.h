// What the values of session variables mean, as the server writes them.
//
// Pure; any thread.
// Sources: MySQL manual, "Server SQL Modes" and "MySQL Server Time Zone Support"; MariaDB
// documentation, "SQL_MODE"; tried on MariaDB 10.11 and MySQL 9.7.
#ifndef SEALGATE_PROXY_RELAY_SESSION_VALUES_H_
#define SEALGATE_PROXY_RELAY_SESSION_VALUES_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/rewrite/plan/session_facts.h"

namespace sealgate::relay {

/// Whether one of the words, which commas divide, is this one.
bool ListHas(std::string_view words, std::string_view word);

/// What sql_mode means for the session's statements.
void ReadSqlMode(std::string_view modes, bool is_mariadb, rewrite::SessionFacts& facts);

/// Seconds from UTC to a time_zone that is the same all year. Other names are looked
/// up in tables of the server's, and "right/UTC" counts leap seconds.
std::optional<std::int32_t> OffsetOf(std::string_view zone, bool system_is_utc);

/// MySQL opens the schema in front of a NUL, and calls it by the whole.
std::string_view UntilNul(std::string_view schema);

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_SESSION_VALUES_H_
