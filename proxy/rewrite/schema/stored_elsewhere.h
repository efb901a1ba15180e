// Where the servers show stored bytes, or values that are plaintext still, outside of
// tables: other sessions' statements in the logs and in performance_schema, the keys that
// are locked, statistics of columns. Pure.
// Sources: MySQL manual, "The data_locks Table", "Performance Schema Statement Event
// Tables", "SHOW BINLOG EVENTS Statement", "SHOW ENGINE Statement"; MariaDB manual, the same.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_STORED_ELSEWHERE_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_STORED_ELSEWHERE_H_

#include <optional>

#include "policy/object_names.h"
#include "policy/snapshot.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether the statement names such a place, or may in a text that it executes.
bool NamesStoredElsewhere(const SessionFacts& facts, const sql::TokenList& tokens);

/// To a role that HidesInMessages() (stored_in_message.h): such a place is refused, and the
/// session's messages where nothing looks at them. nullopt: neither is asked for.
std::optional<Refusal> RefuseStoredElsewhere(const policy::Snapshot& snapshot,
                                             const SessionFacts& facts,
                                             const sql::TokenList& tokens);
/// Whether a program runs texts, or may show such a thing.
bool MayShowStored(const policy::ProgramText& program, bool is_mariadb);
/// The refusals: of messages, and of such a place.
Refusal RefuseMessages();
Refusal RefuseLogs();

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_STORED_ELSEWHERE_H_
