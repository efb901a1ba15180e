#include "proxy/rewrite/screen/temporary_after.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/bare_call.h"
#include "proxy/rewrite/screen/schema_change.h"
#include "proxy/rewrite/screen/servers_programs.h"
#include "proxy/rewrite/screen/variable_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// They touch temporary tables only by what a program does that they run. The first ones
// are the most frequent.
constexpr std::string_view kTouchNone[] = {
    "SELECT",   "INSERT",     "UPDATE", "DELETE",   "REPLACE",   "SHOW",    "COMMIT",  "WITH",
    "ROLLBACK", "START",      "USE",    "TRUNCATE", "EXPLAIN",   "DESC",    "ANALYZE", "DESCRIBE",
    "DO",       "LOAD",       "TABLE",  "VALUES",   "HANDLER",   "GRANT",   "REVOKE",  "CHECK",
    "REPAIR",   "FLUSH",      "LOCK",   "OPTIMIZE", "SAVEPOINT", "RELEASE", "XA",      "PREPARE",
    "UNLOCK",   "DEALLOCATE", "SIGNAL", "GET",      "CHECKSUM",  "KILL",    "HELP"};
// CREATE OR REPLACE, and what may stand before TEMPORARY.
constexpr std::size_t kTemporaryWithin = 4;

// By it, MySQL tells one session's temporary tables from another's.
constexpr std::string_view kThread = "pseudo_thread_id";

// Whatever the text means: without these words it makes, drops and renames none.
bool MayTouch(std::string_view text) {
  constexpr std::string_view kWords[] = {"temporary", "drop", "rename", "call", "execute"};
  return MayNameVariable(text, kThread) ||
         std::any_of(std::begin(kWords), std::end(kWords),
                     [text](std::string_view word) { return ascii::Contains(text, word); }) ||
         (ascii::Contains(text, "create") && ascii::Contains(text, "replace"));
}

bool HasWord(const sql::TokenList& tokens, std::size_t from, std::size_t to,
             std::string_view word) {
  for (std::size_t i = from; i < to && !sql::EndsStatement(tokens, i); ++i) {
    if (IsWord(tokens, i, word)) return true;
  }
  return false;
}

std::string_view TextOf(const sql::TokenList& tokens, std::size_t first) {
  std::size_t end = first;
  while (!sql::EndsStatement(tokens, end)) ++end;
  const std::size_t begin = tokens.tokens[first].begin;
  return tokens.text.substr(begin, tokens.tokens[end].begin - begin);
}

TemporaryAfter AfterCall(const policy::Catalog& catalog, const SessionFacts& facts,
                         const sql::TokenList& tokens, std::size_t first) {
  const bool unseen =
      catalog.programs_touch_temporary || CallsServersProgram(facts.schema, tokens, first);
  return unseen ? TemporaryAfter::kUnseen : TemporaryAfter::kKept;
}

TemporaryAfter AfterFunctions(const policy::Catalog& catalog) {
  return catalog.functions_touch_temporary ? TemporaryAfter::kUnseen : TemporaryAfter::kKept;
}

// A name beyond ASCII may be the same as another one to the server.
TemporaryAfter AfterCreate(const policy::Catalog& catalog, const SessionFacts& facts,
                           const sql::TokenList& tokens, std::size_t first) {
  const bool temporary = HasWord(tokens, first + 1, first + 1 + kTemporaryWithin, "TEMPORARY");
  if (!temporary) return AfterFunctions(catalog);
  const std::string table = TemporaryTableOf(facts, tokens, true);
  if (first != 0 || table.empty() || !facts.client || !ascii::IsAscii(table)) {
    return TemporaryAfter::kUnseen;
  }
  return std::max(TemporaryAfter::kNamed, AfterFunctions(catalog));
}

// Statements within others, and those of which nothing is known.
TemporaryAfter AfterOther(const policy::Catalog& catalog, const sql::TokenList& tokens,
                          std::size_t first) {
  const bool calls = catalog.is_mariadb && catalog.programs_touch_temporary && HasBareCall(tokens);
  return calls || MayTouch(TextOf(tokens, first)) ? TemporaryAfter::kUnseen
                                                  : AfterFunctions(catalog);
}

TemporaryAfter AfterSet(const policy::Catalog& catalog, const sql::TokenList& tokens,
                        std::size_t first) {
  if (IsWord(tokens, first + 1, "STATEMENT")) return AfterOther(catalog, tokens, first);
  return MayNameVariable(TextOf(tokens, first), kThread) ? TemporaryAfter::kUnseen
                                                         : AfterFunctions(catalog);
}

TemporaryAfter AfterOne(const policy::Catalog& catalog, const SessionFacts& facts,
                        const sql::TokenList& tokens, std::size_t first) {
  if (sql::EndsStatement(tokens, first)) return TemporaryAfter::kKept;
  if (tokens.tokens[first].op == Operator::kOpen || sql::IsAnyWord(tokens, first, kTouchNone)) {
    return AfterFunctions(catalog);
  }
  if (IsWord(tokens, first, "SET")) return AfterSet(catalog, tokens, first);
  if (IsWord(tokens, first, "CREATE")) return AfterCreate(catalog, facts, tokens, first);
  if (IsWord(tokens, first, "CALL")) return AfterCall(catalog, facts, tokens, first);
  if (IsWord(tokens, first, "DROP")) {
    constexpr std::string_view kOthers[] = {"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"};
    return sql::IsAnyWord(tokens, first + 1, kOthers) ? AfterFunctions(catalog)
                                                      : TemporaryAfter::kNamed;
  }
  if (IsWord(tokens, first, "RENAME")) return TemporaryAfter::kRenamed;
  if (IsWord(tokens, first, "ALTER")) {
    return HasWord(tokens, first + 1, tokens.tokens.size(), "RENAME")
               ? std::max(TemporaryAfter::kRenamed, AfterFunctions(catalog))
               : AfterFunctions(catalog);
  }
  return AfterOther(catalog, tokens, first);
}

TemporaryAfter AfterAll(const policy::Catalog& catalog, const SessionFacts& facts,
                        const sql::TokenList& tokens) {
  TemporaryAfter after = AfterOne(catalog, facts, tokens, 0);
  if (!tokens.has_inner_semicolon) return after;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kSemicolon) continue;
    after = std::max(after, AfterOne(catalog, facts, tokens, i + 1));
  }
  return after;
}

}  // namespace

TemporaryAfter TemporaryAfterOf(const policy::Catalog& catalog, const SessionFacts& facts,
                                std::string_view raw, const sql::TokenList& opened, bool as_read) {
  const bool commented = raw.data() != opened.text.data() || opened.has_executable_comment;
  const bool readable = (facts.client || ascii::IsAscii(raw)) && !opened.has_illegal;
  // Which table it is would have to be read in the text as it came.
  const bool kept = commented && as_read && readable && !opened.has_executable_comment &&
                    AfterAll(catalog, facts, opened) == TemporaryAfter::kKept;
  if (kept) return TemporaryAfter::kKept;
  if ((commented || !readable) && MayTouch(raw)) return TemporaryAfter::kUnseen;
  return AfterAll(catalog, facts, opened);
}

}  // namespace sealgate::rewrite
