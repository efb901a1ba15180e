#include "proxy/rewrite/schema/stored_elsewhere.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "policy/ascii.h"
#include "policy/dynamic_guard.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/rewrite/schema/stored_names.h"
#include "proxy/rewrite/screen/program_readings.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsOperator;
using sql::IsWord;

// Folded.
constexpr std::string_view kTables[] = {
    "column_statistics",
    "column_stats",
    "data_lock_waits",
    "data_locks",
    "error_log",
    "general_log",
    "innodb_columns",
    "innodb_ft_index_cache",
    "innodb_ft_index_table",
    "innodb_lock_waits",
    "innodb_locks",
    "innodb_trx",
    "load_file",
    "optimizer_trace",
    "prepared_statements_instances",
    "ps_thread_stack",
    "ps_thread_trx_info",
    "ps_trace_statement_digest",
    "ps_trace_thread",
    "query_cache_info",
    "schema_table_lock_waits",
    "slow_log",
    "user_variables_by_thread",
    "x$innodb_lock_waits",
    "x$processlist",
    "x$schema_table_lock_waits",
    "x$session",
};
constexpr std::string_view kPrefix = "events_statements_";
// Names that tables of users may have, too.
constexpr std::string_view kInServersSchemas[] = {"diagnostics", "processlist", "session",
                                                  "threads"};
constexpr std::string_view kServersSchemas[] = {"information_schema", "performance_schema", "sys"};
constexpr std::string_view kShown[] = {"analyze",  "binlog",   "engine",     "explain",
                                       "profiles", "relaylog", "processlist"};

bool IsAny(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsPlace(std::string_view name) { return name.starts_with(kPrefix) || IsAny(kTables, name); }

bool IsInServersSchema(const SessionFacts& facts, const sql::TokenList& tokens, std::size_t token) {
  if (!IsAny(kInServersSchemas, FoldedName(tokens, token))) return false;
  if (token > 1 && IsOperator(tokens, token - 1, sql::Operator::kDot)) {
    return IsAny(kServersSchemas, FoldedName(tokens, token - 2));
  }
  return IsAny(kServersSchemas, policy::FoldName(facts.schema));
}

// A variable has the name of a log.
bool IsAssigned(const sql::TokenList& tokens, std::size_t token) {
  return IsOperator(tokens, token + 1, sql::Operator::kEqual) ||
         IsOperator(tokens, token + 1, sql::Operator::kAssign);
}

bool NamesAt(const SessionFacts& facts, const sql::TokenList& tokens, std::size_t token) {
  if (IsWord(tokens, token, "SHOW")) {
    const std::size_t what = token + (IsWord(tokens, token + 1, "FULL") ? 2 : 1);
    return IsAny(kShown, FoldedName(tokens, what));
  }
  // EXPLAIN FOR CONNECTION
  if (IsWord(tokens, token, "FOR")) return IsWord(tokens, token + 1, "CONNECTION");
  const sql::TokenKind kind = tokens.tokens[token].kind;
  const bool name = kind == sql::TokenKind::kWord || kind == sql::TokenKind::kQuotedIdentifier;
  if (!name || IsAssigned(tokens, token)) return false;
  return IsPlace(FoldedName(tokens, token)) || IsInServersSchema(facts, tokens, token);
}

// `schema` is the session's, folded.
bool TextMayName(std::string_view schema, std::string_view text) {
  const auto has = [text](std::string_view part) { return ascii::Contains(text, part); };
  const auto has_any = [&](std::span<const std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), has);
  };
  if (has(kPrefix) || has_any(kTables)) return true;
  if (has("show") && has_any(kShown)) return true;
  if (has("for") && has("connection")) return true;
  const bool in_schema = has_any(kServersSchemas) || IsAny(kServersSchemas, schema);
  return in_schema && has_any(kInServersSchemas);
}

}  // namespace

bool NamesStoredElsewhere(const SessionFacts& facts, const sql::TokenList& tokens) {
  const bool uses_schema = tokens.has_inner_semicolon && ascii::Contains(tokens.text, "use");
  if (tokens.has_executable_comment || tokens.has_illegal || uses_schema ||
      IsWord(tokens, 0, "PREPARE") || IsWord(tokens, 0, "EXECUTE")) {
    return TextMayName(policy::FoldName(facts.schema), tokens.text);
  }
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (NamesAt(facts, tokens, i)) return true;
  }
  return false;
}

// MySQL's information_schema has a program's strings without their escapes, so that their
// quotes may be anybody's.
bool MayShowStored(const policy::ProgramText& program, bool is_mariadb) {
  if (policy::MayPrepare(program.text)) return true;
  SessionFacts facts;
  facts.schema = program.schema;
  const bool exact = is_mariadb || program.is_view;
  if (!exact && program.text.find_first_of("'\"") != std::string::npos) {
    return TextMayShowMessages(program.text) ||
           TextMayName(policy::FoldName(program.schema), program.text);
  }
  return !AllReadings(program.text, [&facts](const sql::TokenList& body) {
    return !ShowsMessages(body) && !MayShowMessages(body) && !NamesStoredElsewhere(facts, body);
  });
}

Refusal RefuseMessages() {
  return Unsupported(
      "a role that is not to see stored bytes gets the server's messages by SHOW WARNINGS and "
      "SHOW ERRORS alone, not beside other statements, in programs, by GET DIAGNOSTICS, or in the "
      "rows of OPTIMIZE TABLE and the like, because they may show such bytes");
}

Refusal RefuseLogs() {
  return Unsupported(
      "a role that is not to see stored bytes may not read the server's logs, locks and "
      "statistics of statements, because they may show such bytes");
}

std::optional<Refusal> RefuseStoredElsewhere(const policy::Snapshot& snapshot,
                                             const SessionFacts& facts,
                                             const sql::TokenList& tokens) {
  if (!HidesInMessages(*snapshot.catalog, *facts.role)) return std::nullopt;
  if (MayShowMessages(tokens)) return RefuseMessages();
  // It may be a USE.
  const bool executes = tokens.has_inner_semicolon && ascii::Contains(tokens.text, "execute");
  if (executes || NamesStoredElsewhere(facts, tokens)) return RefuseLogs();
  return std::nullopt;
}

}  // namespace sealgate::rewrite
