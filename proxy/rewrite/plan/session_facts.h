// What a session's state says about the meaning of its statements. Kept by the
// relay from the server's own session tracking; read by the rewriter.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_SESSION_FACTS_H_
#define SEALGATE_PROXY_REWRITE_PLAN_SESSION_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/logical_type.h"
#include "policy/policy.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// What the server does to a fraction of a second that is longer than the
/// column's: MySQL rounds unless sql_mode has TIME_TRUNCATE_FRACTIONAL, MariaDB
/// truncates unless it has TIME_ROUND_FRACTIONAL.
enum class ExtraFraction : std::uint8_t {
  kUnknown,  // only values of which both make the same can be stored
  kRound,
  kRoundClocks,  // MariaDB's: what becomes a DATE is truncated
  kTruncate,
};

/// How far the default schema is known.
enum class SchemaKnown : std::uint8_t {
  kNo,
  kByLogin,  // as the login named it, unless init_connect has another statement USE
  kYes,      // as the server told
};

inline constexpr std::size_t kMostMadeTemporary = 1'024;

struct SessionFacts {
  /// False: the server has not been asked since the login or a reset. Then only
  /// `role`, `schema` and `schema_known` mean anything, and what is decided may
  /// depend on nothing else (screen/unasked.h).
  bool asked = true;
  /// Not, because the password has expired: the server takes little else than a new one.
  bool must_change_password = false;
  SchemaKnown schema_known = SchemaKnown::kYes;
  std::string schema;                  // default schema, "" for none
  const policy::Role* role = nullptr;  // of the snapshot in use; never null in use
  sql::LexMode lex;                    // from sql_mode
  /// sql_mode has a mode that changes what a statement or a value means in ways
  /// that the rewriter does not follow (ORACLE, HIGH_NOT_PRECEDENCE, …).
  bool unsupported_mode = false;
  /// ORACLE is the only one of them.
  bool oracle_mode = false;
  /// Character sets by session variable; nullopt when the server named one that
  /// the proxy cannot read: then nothing but SET NAMES and the like may pass.
  std::optional<policy::Charset> client = policy::Charset::kUtf8mb4;
  /// Without `client`: its character set has ASCII's letters at ASCII's bytes,
  /// though such a byte may also be the second half of a character (gbk).
  bool client_extends_ascii = false;
  /// And that half may be a backslash or a backquote.
  bool client_trails_may_be_signs = false;
  /// And no other byte is a letter that a collation could take for one of ASCII's.
  bool client_latin_is_ascii = false;
  std::optional<policy::Charset> connection = policy::Charset::kUtf8mb4;
  /// The connection's has all of ASCII's characters, so that a literal loses none.
  bool connection_has_ascii = true;
  std::optional<policy::Charset> results = policy::Charset::kUtf8mb4;
  /// Without `results`: character_set_results is NULL, and nothing is converted.
  bool results_unconverted = false;
  /// The results' has ASCII's letters and signs at ASCII's bytes, though it be one that is
  /// not read.
  bool results_have_ascii_bytes = true;
  /// Collation id that result metadata carries for text.
  std::uint16_t results_collation_id = 45;
  /// character_set_database, as the server has just named it, while a LOAD DATA that
  /// needs it is looked at again; otherwise nullopt.
  std::optional<std::string> file_charset = {};
  ExtraFraction extra_fraction = ExtraFraction::kUnknown;
  /// sql_mode has STRICT_TRANS_TABLES or STRICT_ALL_TABLES.
  bool strict = false;
  /// sql_mode lets 0000-00-00 be stored, and dates with a zero for month or day.
  bool zero_date = false;
  bool zero_in_date = false;
  /// Seconds from UTC to the session's time_zone, where they are the same all year: an
  /// offset, UTC, or SYSTEM at a server that runs in UTC. nullopt: a zone whose rules
  /// only the server has; then no TIMESTAMP column can be used.
  std::optional<std::int32_t> utc_offset = 0;
  /// explicit_defaults_for_timestamp: without it a TIMESTAMP is NOT NULL and becomes
  /// the current time by itself.
  bool explicit_timestamps = true;
  /// Temporary tables that the session made, as policy::ObjectNames has names.
  std::vector<std::string> temporary_tables;
  /// Every one that it may have made, though it be gone. From kMostMadeTemporary on,
  /// there may be others.
  std::vector<std::string> made_temporary = {};
  /// It may have made others of any name, unseen.
  bool made_unseen = false;

  /// Results are converted to a character set that the proxy cannot read.
  bool results_unread() const { return !results && !results_unconverted; }
  bool may_have_temporary() const { return made_unseen || !made_temporary.empty(); }
};

/// How the session's statements become tokens.
inline sql::LexMode LexModeOf(const SessionFacts& facts) {
  sql::LexMode mode = facts.lex;
  mode.utf8 =
      facts.client == policy::Charset::kUtf8mb4 || facts.client == policy::Charset::kUtf8mb3;
  mode.trails_may_be_signs = facts.client_trails_may_be_signs;
  return mode;
}

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_SESSION_FACTS_H_
