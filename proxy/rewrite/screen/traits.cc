#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::TokenKind;

struct Verb {
  std::string_view word;
  StatementTraits traits;
};

constexpr auto kRead = StatementClass::kRead;
constexpr auto kWrite = StatementClass::kWrite;
constexpr auto kTransaction = StatementClass::kTransaction;
constexpr auto kSession = StatementClass::kSession;
constexpr auto kDdl = StatementClass::kDdl;
constexpr auto kOther = StatementClass::kOther;

constexpr std::array kVerbs{
    Verb{"SELECT", {kRead, false, false}},
    Verb{"SHOW", {kRead, false, false}},
    Verb{"DESCRIBE", {kRead, false, false}},
    Verb{"DESC", {kRead, false, false}},
    Verb{"EXPLAIN", {kRead, false, false}},
    Verb{"VALUES", {kRead, false, false}},
    Verb{"TABLE", {kRead, false, false}},
    Verb{"HELP", {kRead, false, false}},
    Verb{"HANDLER", {kRead, false, false}},
    Verb{"WITH", {kRead, false, false}},
    Verb{"CHECKSUM", {kRead, false, false}},
    Verb{"INSERT", {kWrite, true, false}},
    Verb{"REPLACE", {kWrite, true, false}},
    Verb{"UPDATE", {kWrite, true, false}},
    Verb{"DELETE", {kWrite, true, false}},
    Verb{"LOAD", {kWrite, true, false}},
    Verb{"CALL", {kWrite, true, false}},
    Verb{"BEGIN", {kTransaction, false, false}},
    Verb{"START", {kTransaction, false, false}},
    Verb{"COMMIT", {kTransaction, false, false}},
    Verb{"ROLLBACK", {kTransaction, false, false}},
    Verb{"SAVEPOINT", {kTransaction, false, false}},
    Verb{"RELEASE", {kTransaction, false, false}},
    Verb{"XA", {kTransaction, false, false}},
    Verb{"SET", {kSession, false, false}},
    Verb{"USE", {kSession, false, false}},
    Verb{"PREPARE", {kSession, false, false}},
    Verb{"DEALLOCATE", {kSession, false, false}},
    Verb{"LOCK", {kSession, false, false}},
    Verb{"UNLOCK", {kSession, false, false}},
    Verb{"KILL", {kOther, false, false}},
    Verb{"CREATE", {kDdl, true, true}},
    Verb{"ALTER", {kDdl, true, true}},
    Verb{"DROP", {kDdl, true, true}},
    Verb{"RENAME", {kDdl, true, true}},
    Verb{"TRUNCATE", {kDdl, true, false}},
    Verb{"GRANT", {kDdl, true, false}},
    Verb{"REVOKE", {kDdl, true, false}},
    Verb{"ANALYZE", {kOther, true, false}},
    Verb{"OPTIMIZE", {kDdl, true, false}},
    Verb{"REPAIR", {kDdl, true, false}},
    Verb{"CHECK", {kOther, false, false}},
    Verb{"FLUSH", {kOther, false, false}},
    // A plugin's tables are new names, if anything.
    Verb{"INSTALL", {kOther, true, false}},
    Verb{"UNINSTALL", {kOther, true, false}},
    Verb{"EXECUTE", {kOther, true, false}},
    Verb{"DO", {kOther, true, false}},
};

const Verb* FindVerb(const sql::TokenList& tokens, std::size_t at) {
  if (tokens.tokens[at].kind != TokenKind::kWord) return nullptr;
  const auto* const found = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& verb) {
    return EqualsKeyword(tokens.Text(at), verb.word);
  });
  return found == kVerbs.end() ? nullptr : found;
}

bool HasWord(const sql::TokenList& tokens, std::string_view upper, std::size_t from) {
  for (std::size_t i = from; i + 1 < tokens.tokens.size(); ++i) {
    if (sql::IsWord(tokens, i, upper)) return true;
  }
  return false;
}

template <std::size_t N>
bool IsAny(const std::string_view (&words)[N], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// WITH … UPDATE, EXPLAIN ANALYZE UPDATE, SET STATEMENT … FOR DELETE, BEGIN NOT
// ATOMIC: the verb that counts stands further in.
bool WritesFurtherIn(const sql::TokenList& tokens) {
  for (const std::string_view verb : {"UPDATE", "DELETE", "INSERT", "REPLACE", "CALL"}) {
    if (HasWord(tokens, verb, 1)) return true;
  }
  return false;
}

// What it hides may be any statement.
bool StartsWithExecutableComment(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n\f\v;(");
  if (at == std::string_view::npos) return true;
  const std::string_view rest = text.substr(at);
  return rest.substr(0, 3) == "/*!" || rest.substr(0, 4) == "/*M!" || rest.substr(0, 4) == "/*m!";
}

// Whatever the text means: without these words it changes no names and runs nothing.
bool MayChangeNames(std::string_view text) {
  constexpr std::string_view kWords[] = {"create",  "alter", "drop",   "rename", "call",
                                         "execute", "begin", "import", "declare"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [text](std::string_view word) { return ascii::Contains(text, word); });
}

// LOAD DATA [LOW_PRIORITY | CONCURRENT] LOCAL, LOAD XML … LOCAL, wherever.
bool LoadsFile(const sql::TokenList& tokens) {
  if (tokens.has_illegal) {
    return ascii::Contains(tokens.text, "load") && ascii::Contains(tokens.text, "local");
  }
  const auto is = [&tokens](std::size_t i, std::string_view upper) {
    return sql::IsWord(tokens, i, upper);
  };
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    if (!is(i, "LOAD") || (!is(i + 1, "DATA") && !is(i + 1, "XML"))) continue;
    if (is(i + 2, "LOCAL") || is(i + 3, "LOCAL")) return true;
  }
  return false;
}

// SET STATEMENT … FOR statement, of MariaDB's: as the statement, whichever FOR is in front
// of it.
StatementTraits TraitsOfInner(const sql::TokenList& tokens) {
  StatementTraits traits{kSession, false, false};
  for (std::size_t i = 2; i + 1 < tokens.tokens.size(); ++i) {
    if (!sql::IsWord(tokens, i, "FOR")) continue;
    const Verb* verb = FindVerb(tokens, i + 1);
    const StatementTraits inner = verb != nullptr ? verb->traits : StatementTraits{};
    traits.writes = traits.writes || inner.writes;
    const bool runs_others =
        sql::IsWord(tokens, i + 1, "CALL") || sql::IsWord(tokens, i + 1, "EXECUTE");
    traits.changes_schema =
        traits.changes_schema || verb == nullptr || inner.changes_schema || runs_others;
  }
  traits.writes = traits.writes || WritesFurtherIn(tokens);
  return traits;
}

StatementTraits TraitsOfVerb(const sql::TokenList& tokens) {
  if (tokens.has_executable_comment && StartsWithExecutableComment(tokens.text)) {
    return {kOther, true, true};
  }
  std::size_t at = 0;
  while (tokens.tokens[at].kind == TokenKind::kOperator &&
         tokens.tokens[at].op == sql::Operator::kOpen) {
    ++at;
  }
  const bool empty = tokens.tokens[at].kind == TokenKind::kEnd;
  if (empty) return {kOther, false, false};
  const Verb* const verb = FindVerb(tokens, at);
  if (verb == nullptr) return {kOther, true, true};
  if (verb->word == "SET" && sql::IsWord(tokens, at + 1, "STATEMENT")) return TraitsOfInner(tokens);
  if (verb->word == "DROP" && sql::IsWord(tokens, at + 1, "PREPARE"))
    return {kSession, false, false};
  if (verb->word == "BEGIN" && HasWord(tokens, "ATOMIC", 1)) return {kOther, true, true};
  StatementTraits traits = verb->traits;
  constexpr std::string_view kLooksFurther[] = {"WITH", "EXPLAIN", "DESCRIBE",
                                                "DESC", "SET",     "BEGIN"};
  if (IsAny(kLooksFurther, verb->word) && WritesFurtherIn(tokens)) {
    traits.writes = true;
    if (verb->word == "WITH") traits.statement_class = kWrite;
  }
  constexpr std::string_view kMayHide[] = {"SELECT", "SHOW", "SET"};
  if (tokens.has_executable_comment && !IsAny(kMayHide, verb->word)) {
    traits.writes = traits.changes_schema = true;
  }
  if (tokens.has_inner_semicolon) traits.writes = traits.changes_schema = true;
  return traits;
}

}  // namespace

StatementTraits TraitsOfBoth(const sql::TokenList& tokens, const sql::TokenList& opened) {
  StatementTraits traits = TraitsOf(tokens);
  const StatementTraits inside = TraitsOf(opened);
  if (inside.writes && !traits.writes) traits.statement_class = inside.statement_class;
  traits.writes = traits.writes || inside.writes;
  traits.changes_schema = traits.changes_schema || inside.changes_schema;
  traits.loads_file = traits.loads_file || inside.loads_file;
  if (opened.has_executable_comment) traits.writes = traits.changes_schema = true;
  return traits;
}

StatementTraits TraitsOf(const sql::TokenList& tokens) {
  StatementTraits traits = TraitsOfVerb(tokens);
  if (tokens.has_illegal) {
    traits.writes = true;
    traits.changes_schema = traits.changes_schema || MayChangeNames(tokens.text);
  }
  const bool may_load = traits.statement_class == kSession || tokens.has_inner_semicolon ||
                        EqualsKeyword(tokens.Text(0), "LOAD");
  traits.loads_file = may_load && LoadsFile(tokens);
  return traits;
}

}  // namespace sealgate::rewrite
