#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

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

bool HasWord(const sql::TokenList& tokens, std::string_view upper, std::size_t from) {
  for (std::size_t i = from; i + 1 < tokens.tokens.size(); ++i) {
    if (sql::IsWord(tokens, i, upper)) return true;
  }
  return false;
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

// LOAD DATA [LOW_PRIORITY | CONCURRENT] LOCAL, LOAD XML … LOCAL, wherever.
bool LoadsFile(const sql::TokenList& tokens) {
  const auto is = [&tokens](std::size_t i, std::string_view upper) {
    return sql::IsWord(tokens, i, upper);
  };
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    if (!is(i, "LOAD") || (!is(i + 1, "DATA") && !is(i + 1, "XML"))) continue;
    if (is(i + 2, "LOCAL") || is(i + 3, "LOCAL")) return true;
  }
  return false;
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
  if (tokens.tokens[at].kind != TokenKind::kWord) return {kOther, true, true};
  const std::string_view word = tokens.Text(at);
  for (const Verb& verb : kVerbs) {
    if (!EqualsKeyword(word, verb.word)) continue;
    StatementTraits traits = verb.traits;
    const bool looks_further = verb.word == "WITH" || verb.word == "EXPLAIN" ||
                               verb.word == "DESCRIBE" || verb.word == "DESC" ||
                               verb.word == "SET" || verb.word == "BEGIN";
    if (looks_further && WritesFurtherIn(tokens)) {
      traits.writes = true;
      if (verb.word == "WITH") traits.statement_class = kWrite;
    }
    if (verb.word == "BEGIN" && HasWord(tokens, "ATOMIC", 1)) traits = {kOther, true, true};
    if (verb.word == "DROP" && HasWord(tokens, "PREPARE", 1)) traits = {kSession, false, false};
    const bool select = verb.word == "SELECT" || verb.word == "SHOW" || verb.word == "SET";
    if (tokens.has_executable_comment && !select) traits.writes = traits.changes_schema = true;
    if (tokens.has_inner_semicolon) traits.writes = traits.changes_schema = true;
    return traits;
  }
  return {kOther, true, true};
}

}  // namespace

StatementTraits TraitsOf(const sql::TokenList& tokens) {
  StatementTraits traits = TraitsOfVerb(tokens);
  const bool may_load = traits.statement_class == kSession || tokens.has_inner_semicolon ||
                        EqualsKeyword(tokens.Text(0), "LOAD");
  traits.loads_file = may_load && LoadsFile(tokens);
  return traits;
}

}  // namespace sealgate::rewrite
