#include "proxy/rewrite/screen/temporary_after.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/schema_change.h"
#include "proxy/rewrite/screen/screen.h"
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

bool Ends(const sql::TokenList& tokens, std::size_t i) {
  return i >= tokens.tokens.size() || tokens.tokens[i].kind == TokenKind::kEnd ||
         tokens.tokens[i].kind == TokenKind::kSemicolon;
}

bool IsAny(const sql::TokenList& tokens, std::size_t i, const auto& words) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return IsWord(tokens, i, word); });
}

// Whatever the text means: without these words it makes, drops and renames none. By
// pseudo_thread_id, MySQL tells one session's temporary tables from another's.
bool MayTouch(std::string_view text) {
  constexpr std::string_view kWords[] = {"temporary", "drop",    "rename",
                                         "call",      "execute", "pseudo_thread_id"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [text](std::string_view word) { return ContainsFolded(text, word); }) ||
         (ContainsFolded(text, "create") && ContainsFolded(text, "replace"));
}

bool HasWord(const sql::TokenList& tokens, std::size_t from, std::size_t to,
             std::string_view word) {
  for (std::size_t i = from; i < to && !Ends(tokens, i); ++i) {
    if (IsWord(tokens, i, word)) return true;
  }
  return false;
}

std::string_view TextOf(const sql::TokenList& tokens, std::size_t first) {
  std::size_t end = first;
  while (!Ends(tokens, end)) ++end;
  const std::size_t begin = tokens.tokens[first].begin;
  return tokens.text.substr(begin, tokens.tokens[end].begin - begin);
}

// A name beyond ASCII may be the same as one of them to the server.
bool IsServers(std::string_view schema) {
  constexpr std::string_view kServers[] = {"sys", "mysql", "information_schema",
                                           "performance_schema"};
  return !ascii::IsAscii(schema) ||
         std::any_of(std::begin(kServers), std::end(kServers), [schema](std::string_view each) {
           return ascii::EqualsAnyCase(schema, each);
         });
}

// The catalog has nothing of the server's own programs.
bool CallsUnread(const SessionFacts& facts, const sql::TokenList& tokens, std::size_t first) {
  if (IsServers(facts.schema)) return true;
  std::string name;
  for (std::size_t i = first + 1; !Ends(tokens, i) && tokens.tokens[i].op != Operator::kOpen; ++i) {
    name = tokens.Text(i);
    if (tokens.tokens[i].kind == TokenKind::kQuotedIdentifier) {
      name.clear();
      sql::UnquoteIdentifier(tokens.Text(i), name);
    }
    if (IsServers(name)) return true;
  }
  return false;
}

TemporaryAfter AfterCall(const policy::Catalog& catalog, const SessionFacts& facts,
                         const sql::TokenList& tokens, std::size_t first) {
  const bool unseen = catalog.programs_touch_temporary || CallsUnread(facts, tokens, first);
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
  return MayTouch(TextOf(tokens, first)) ? TemporaryAfter::kUnseen : AfterFunctions(catalog);
}

TemporaryAfter AfterSet(const policy::Catalog& catalog, const sql::TokenList& tokens,
                        std::size_t first) {
  if (IsWord(tokens, first + 1, "STATEMENT")) return AfterOther(catalog, tokens, first);
  return ContainsFolded(TextOf(tokens, first), "pseudo_thread_id") ? TemporaryAfter::kUnseen
                                                                   : AfterFunctions(catalog);
}

TemporaryAfter AfterOne(const policy::Catalog& catalog, const SessionFacts& facts,
                        const sql::TokenList& tokens, std::size_t first) {
  if (Ends(tokens, first)) return TemporaryAfter::kKept;
  if (tokens.tokens[first].op == Operator::kOpen || IsAny(tokens, first, kTouchNone)) {
    return AfterFunctions(catalog);
  }
  if (IsWord(tokens, first, "SET")) return AfterSet(catalog, tokens, first);
  if (IsWord(tokens, first, "CREATE")) return AfterCreate(catalog, facts, tokens, first);
  if (IsWord(tokens, first, "CALL")) return AfterCall(catalog, facts, tokens, first);
  if (IsWord(tokens, first, "DROP")) return TemporaryAfter::kNamed;
  if (IsWord(tokens, first, "RENAME")) return TemporaryAfter::kRenamed;
  if (IsWord(tokens, first, "ALTER")) {
    return HasWord(tokens, first + 1, tokens.tokens.size(), "RENAME")
               ? std::max(TemporaryAfter::kRenamed, AfterFunctions(catalog))
               : AfterFunctions(catalog);
  }
  return AfterOther(catalog, tokens, first);
}

}  // namespace

TemporaryAfter TemporaryAfterOf(const policy::Catalog& catalog, const SessionFacts& facts,
                                std::string_view raw, const sql::TokenList& opened) {
  const bool commented = raw.data() != opened.text.data() || opened.has_executable_comment;
  const bool readable = facts.client || ascii::IsAscii(raw);
  if ((commented || opened.has_illegal || !readable) && MayTouch(raw)) {
    return TemporaryAfter::kUnseen;
  }
  TemporaryAfter after = AfterOne(catalog, facts, opened, 0);
  if (!opened.has_inner_semicolon) return after;
  for (std::size_t i = 0; i + 1 < opened.tokens.size(); ++i) {
    if (opened.tokens[i].kind != TokenKind::kSemicolon) continue;
    after = std::max(after, AfterOne(catalog, facts, opened, i + 1));
  }
  return after;
}

}  // namespace sealgate::rewrite
