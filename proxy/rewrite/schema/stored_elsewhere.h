// Where the servers show stored bytes, or values that are plaintext still, outside of
// tables: other sessions' statements in the logs and in performance_schema, the keys that
// are locked, statistics of columns. Pure.
// Sources: MySQL manual, "The data_locks Table", "Performance Schema Statement Event
// Tables", "SHOW BINLOG EVENTS Statement", "SHOW ENGINE Statement"; MariaDB manual, the same.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_STORED_ELSEWHERE_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_STORED_ELSEWHERE_H_

#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether the statement names such a place, or may in a text that it executes.
bool NamesStoredElsewhere(const SessionFacts& facts, const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_STORED_ELSEWHERE_H_
