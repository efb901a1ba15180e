#include "proxy/rewrite/screen/modes_after.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "policy/ascii.h"
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

bool Ends(const sql::Token& token) {
  return token.kind == TokenKind::kEnd || token.kind == TokenKind::kSemicolon;
}

// A table's definition alone runs none, and a failed one neither.
bool DefinesTable(const sql::TokenList& tokens, std::size_t first) {
  if (!IsWord(tokens, first, "CREATE") || !IsWord(tokens, first + 1, "TABLE")) return false;
  for (std::size_t i = first + 2; !Ends(tokens.tokens[i]); ++i) {
    for (const std::string_view reads : {"SELECT", "WITH", "VALUES", "TABLE"}) {
      if (IsWord(tokens, i, reads)) return false;
    }
  }
  return true;
}

bool IsAny(const sql::TokenList& tokens, std::size_t i, const auto& words) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return IsWord(tokens, i, word); });
}

// SET @@x, not what stands behind the "=".
bool SetsByAtSigns(const sql::TokenList& tokens, std::size_t first) {
  for (std::size_t i = first + 1; !Ends(tokens.tokens[i]); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kSystemVariable) continue;
    if (i == first + 1 || tokens.tokens[i - 1].op == Operator::kComma) return true;
  }
  return false;
}

bool IsSystemSchema(std::string_view name) {
  for (const std::string_view system : {"sys", "mysql"}) {
    if (ascii::EqualsAnyCase(name, system)) return true;
  }
  return false;
}

// The catalog has nothing of the server's own programs.
bool CallsUnread(std::string_view in_schema, const sql::TokenList& tokens, std::size_t first) {
  if (IsSystemSchema(in_schema)) return true;
  for (std::size_t i = first + 1; !Ends(tokens.tokens[i]); ++i) {
    if (tokens.tokens[i].op == Operator::kDot) return true;
    if (tokens.tokens[i].op == Operator::kOpen) return false;
  }
  return false;
}

ModesAfter AfterPrograms(const policy::Catalog& catalog) {
  if (catalog.is_mariadb && catalog.programs_set_modes_unseen) return ModesAfter::kUnknown;
  return catalog.programs_set_modes ? ModesAfter::kKeptUnlessError : ModesAfter::kKept;
}

ModesAfter AfterCall(const policy::Catalog& catalog, std::string_view in_schema,
                     const sql::TokenList& tokens, std::size_t first) {
  if (CallsUnread(in_schema, tokens, first)) return ModesAfter::kUnknown;
  if (!catalog.programs_set_modes) return ModesAfter::kKept;
  // Dynamic SQL may have an @@ that no body shows.
  return catalog.is_mariadb ? ModesAfter::kUnknown : ModesAfter::kKeptUnlessError;
}

ModesAfter AfterSet(const policy::Catalog& catalog, const sql::TokenList& tokens,
                    std::size_t first) {
  if (IsWord(tokens, first + 1, "STATEMENT")) return ModesAfter::kUnknown;
  if (!catalog.is_mariadb) return ModesAfter::kReported;
  const bool unseen = catalog.programs_set_modes_unseen || SetsByAtSigns(tokens, first);
  return unseen ? ModesAfter::kUnknown : ModesAfter::kReported;
}

ModesAfter AfterOne(const policy::Catalog& catalog, std::string_view in_schema,
                    const sql::TokenList& tokens, std::size_t first) {
  const sql::Token& token = tokens.tokens[first];
  if (Ends(token)) return ModesAfter::kKept;
  if (DefinesTable(tokens, first)) return ModesAfter::kKept;
  if (token.op == Operator::kOpen || IsAny(tokens, first, kRunPrograms)) {
    return AfterPrograms(catalog);
  }
  if (IsWord(tokens, first, "SET")) return AfterSet(catalog, tokens, first);
  if (IsAny(tokens, first, kRunNone)) return ModesAfter::kKept;
  if (IsWord(tokens, first, "CALL")) return AfterCall(catalog, in_schema, tokens, first);
  if (!IsWord(tokens, first, "BEGIN")) return ModesAfter::kUnknown;
  const std::size_t next = IsWord(tokens, first + 1, "WORK") ? first + 2 : first + 1;
  return Ends(tokens.tokens[next]) ? ModesAfter::kKept : ModesAfter::kUnknown;
}

// One OK packet may report what another statement's program has changed.
ModesAfter Both(ModesAfter a, ModesAfter b) {
  if (a == b || b == ModesAfter::kKept) return a;
  return a == ModesAfter::kKept ? b : ModesAfter::kUnknown;
}

}  // namespace

ModesAfter ModesAfterOf(const policy::Catalog& catalog, std::string_view in_schema,
                        const sql::TokenList& tokens) {
  if (tokens.has_illegal || tokens.has_executable_comment) return ModesAfter::kUnknown;
  ModesAfter after = AfterOne(catalog, in_schema, tokens, 0);
  if (!tokens.has_inner_semicolon) return after;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kSemicolon) continue;
    after = Both(after, AfterOne(catalog, in_schema, tokens, i + 1));
  }
  return after;
}

}  // namespace sealgate::rewrite
