#include "proxy/rewrite/screen/modes_after.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "proxy/rewrite/screen/program_readings.h"
#include "proxy/rewrite/screen/servers_programs.h"
#include "proxy/rewrite/screen/variable_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// They change modes only by what a program does that they run. The first ones are the
// most frequent.
constexpr std::string_view kRunPrograms[] = {
    "SELECT", "INSERT", "UPDATE",   "DELETE",   "REPLACE",  "SHOW",     "WITH",   "CREATE",
    "ALTER",  "DROP",   "TRUNCATE", "RENAME",   "EXPLAIN",  "DESCRIBE", "DESC",   "ANALYZE",
    "DO",     "LOAD",   "TABLE",    "VALUES",   "HANDLER",  "GRANT",    "REVOKE", "CHECK",
    "REPAIR", "FLUSH",  "LOCK",     "OPTIMIZE", "CHECKSUM", "KILL",     "HELP"};
constexpr std::string_view kRunNone[] = {"COMMIT",  "ROLLBACK", "START",      "SAVEPOINT",
                                         "RELEASE", "USE",      "XA",         "PREPARE",
                                         "UNLOCK",  "GET",      "DEALLOCATE", "SIGNAL"};

// A table's definition alone runs none, and a failed one neither.
bool DefinesTable(const sql::TokenList& tokens, std::size_t first) {
  if (!IsWord(tokens, first, "CREATE") || !IsWord(tokens, first + 1, "TABLE")) return false;
  constexpr std::string_view kReads[] = {"SELECT", "WITH", "VALUES", "TABLE"};
  for (std::size_t i = first + 2; !sql::EndsStatement(tokens, i); ++i) {
    if (sql::IsAnyWord(tokens, i, kReads)) return false;
  }
  return true;
}

// SET @@x, not what stands behind the "=".
bool SetsByAtSigns(const sql::TokenList& tokens, std::size_t first) {
  for (std::size_t i = first + 1; !sql::EndsStatement(tokens, i); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kSystemVariable) continue;
    if (i == first + 1 || tokens.tokens[i - 1].op == Operator::kComma) return true;
  }
  return false;
}

bool IsMode(const sql::TokenList& tokens, std::size_t i) {
  constexpr std::string_view kWords[] = {"NAMES", "CHARACTER", "CHARSET", "STATEMENT"};
  constexpr std::string_view kVariables[] = {"sql_mode", "time_zone", "character_set", "collation",
                                             "explicit_defaults"};
  if (sql::IsAnyWord(tokens, i, kWords)) return true;
  if (tokens.tokens[i].kind == TokenKind::kUserVariable) return false;
  const std::string_view name = tokens.Text(i);
  return std::any_of(std::begin(kVariables), std::end(kVariables),
                     [name](std::string_view mode) { return MayNameVariable(name, mode); });
}

// SET at `first`: of the names in front of each "=", and all that stands behind an @@.
bool SetsMode(const sql::TokenList& tokens, std::size_t first) {
  constexpr std::string_view kScopes[] = {"SESSION", "LOCAL", "GLOBAL"};
  int depth = 0;
  bool name = true;
  bool at_signs = false;
  for (std::size_t i = first + 1; !sql::EndsStatement(tokens, i); ++i) {
    const sql::Token& token = tokens.tokens[i];
    if (token.op == Operator::kOpen) ++depth;
    if (token.op == Operator::kClose) --depth;
    if (name && IsMode(tokens, i)) return true;
    const bool assigns = token.op == Operator::kEqual || token.op == Operator::kAssign;
    at_signs = name && !assigns && (at_signs || token.kind == TokenKind::kSystemVariable);
    name = (token.op == Operator::kComma && depth == 0) || at_signs ||
           (name && sql::IsAnyWord(tokens, i, kScopes));
  }
  return false;
}

// time_zone := '+00:00', without SET in a body of sql_mode ORACLE. Not NEW.time_zone.
bool AssignsMode(const sql::TokenList& tokens, std::size_t i) {
  if (tokens.tokens[i + 1].op != Operator::kAssign) return false;
  if (i > 0 && tokens.tokens[i - 1].op == Operator::kDot) return false;
  return IsMode(tokens, i);
}

bool SetsAny(const sql::TokenList& tokens) {
  if (tokens.has_illegal || tokens.has_executable_comment) return true;
  constexpr std::string_view kDynamic[] = {"PREPARE", "EXECUTE"};
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (sql::IsAnyWord(tokens, i, kDynamic) || AssignsMode(tokens, i)) return true;
    if (IsWord(tokens, i, "SET") && SetsMode(tokens, i)) return true;
  }
  return false;
}

ModesAfter AfterPrograms(const policy::Catalog& catalog, bool runs_setter) {
  if (!runs_setter) return ModesAfter::kKept;
  const bool unseen = catalog.is_mariadb && catalog.programs_set_modes_unseen;
  return unseen ? ModesAfter::kUnknown : ModesAfter::kKeptUnlessError;
}

ModesAfter AfterCall(const policy::Catalog& catalog, bool runs_setter, std::string_view in_schema,
                     const sql::TokenList& tokens, std::size_t first) {
  if (CallsServersProgram(in_schema, tokens, first)) return ModesAfter::kUnknown;
  if (!runs_setter) return ModesAfter::kKept;
  // Dynamic SQL may have an @@ that no body shows.
  return catalog.is_mariadb ? ModesAfter::kUnknown : ModesAfter::kKeptUnlessError;
}

// SET STATEMENT x = 1 FOR SELECT …: no mode is named, and only programs could set one.
bool KeepsModesWithin(const sql::TokenList& tokens, std::size_t from) {
  bool inner = false;
  for (std::size_t i = from; !sql::EndsStatement(tokens, i); ++i) {
    if (IsMode(tokens, i)) return false;
    if (!IsWord(tokens, i, "FOR")) continue;
    if (!sql::IsAnyWord(tokens, i + 1, kRunPrograms)) return false;
    inner = true;
  }
  return inner;
}

ModesAfter AfterSet(const policy::Catalog& catalog, bool runs_setter, const sql::TokenList& tokens,
                    std::size_t first) {
  if (IsWord(tokens, first + 1, "STATEMENT")) {
    return KeepsModesWithin(tokens, first + 2) ? AfterPrograms(catalog, runs_setter)
                                               : ModesAfter::kUnknown;
  }
  if (!SetsMode(tokens, first)) return AfterPrograms(catalog, runs_setter);
  const bool unseen = catalog.is_mariadb && (SetsByAtSigns(tokens, first) ||
                                             (runs_setter && catalog.programs_set_modes_unseen));
  return unseen ? ModesAfter::kUnknown : ModesAfter::kReported;
}

ModesAfter AfterOne(const policy::Catalog& catalog, bool runs_setter, std::string_view in_schema,
                    const sql::TokenList& tokens, std::size_t first) {
  if (sql::EndsStatement(tokens, first)) return ModesAfter::kKept;
  if (DefinesTable(tokens, first)) return ModesAfter::kKept;
  if (tokens.tokens[first].op == Operator::kOpen || sql::IsAnyWord(tokens, first, kRunPrograms)) {
    return AfterPrograms(catalog, runs_setter);
  }
  if (IsWord(tokens, first, "SET")) return AfterSet(catalog, runs_setter, tokens, first);
  if (sql::IsAnyWord(tokens, first, kRunNone)) return ModesAfter::kKept;
  if (IsWord(tokens, first, "CALL")) {
    return AfterCall(catalog, runs_setter, in_schema, tokens, first);
  }
  if (!IsWord(tokens, first, "BEGIN")) return ModesAfter::kUnknown;
  const std::size_t next = IsWord(tokens, first + 1, "WORK") ? first + 2 : first + 1;
  return sql::EndsStatement(tokens, next) ? ModesAfter::kKept : ModesAfter::kUnknown;
}

// CREATE PROCEDURE … BEGIN DECLARE a INT; … END: what stands behind its semicolons.
bool MakesProgram(const sql::TokenList& tokens) {
  constexpr std::string_view kPrograms[] = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"};
  if (!tokens.has_inner_semicolon || !IsWord(tokens, 0, "CREATE")) return false;
  for (std::size_t i = 1; !sql::EndsStatement(tokens, i); ++i) {
    if (sql::IsAnyWord(tokens, i, kPrograms)) return true;
  }
  return false;
}

// Where its body ends is not told here, so what it has counts as run.
ModesAfter AfterMaking(bool runs_setter, std::string_view in_schema, const sql::TokenList& tokens) {
  if (runs_setter || SetsAny(tokens)) return ModesAfter::kUnknown;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (IsWord(tokens, i, "USE")) return ModesAfter::kUnknown;
    if (IsWord(tokens, i, "CALL") && CallsServersProgram(in_schema, tokens, i)) {
      return ModesAfter::kUnknown;
    }
  }
  return ModesAfter::kKept;
}

// One OK packet may report what another statement's program has changed.
ModesAfter Both(ModesAfter a, ModesAfter b) {
  if (a == b || b == ModesAfter::kKept) return a;
  return a == ModesAfter::kKept ? b : ModesAfter::kUnknown;
}

}  // namespace

bool SetsModes(const policy::ProgramText& program) {
  if (!program.may_set_modes || program.text.empty()) return program.may_set_modes;
  return !AllReadings(program.text, [](const sql::TokenList& body) { return !SetsAny(body); });
}

ModesAfter ModesAfterOf(const policy::Catalog& catalog, bool runs_setter,
                        std::string_view in_schema, const sql::TokenList& tokens) {
  if (tokens.has_illegal || tokens.has_executable_comment) return ModesAfter::kUnknown;
  if (MakesProgram(tokens)) return AfterMaking(runs_setter, in_schema, tokens);
  ModesAfter after = AfterOne(catalog, runs_setter, in_schema, tokens, 0);
  if (!tokens.has_inner_semicolon) return after;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kSemicolon) continue;
    after = Both(after, AfterOne(catalog, runs_setter, in_schema, tokens, i + 1));
  }
  return after;
}

}  // namespace sealgate::rewrite
