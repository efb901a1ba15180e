// SET GLOBAL init_connect and the like: the server keeps a text, and runs it later under
// modes that nobody knows now.
#include <algorithm>
#include <cstddef>
#include <string>

#include "proxy/rewrite/screen/screen.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/rewrite/screen/variable_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::TokenKind;

// Statements that set no variable of the server.
bool SetsNone(const sql::TokenList& tokens) {
  for (const char* verb : {"SELECT", "SHOW", "INSERT", "REPLACE", "UPDATE", "DELETE"}) {
    if (IsWord(tokens, 0, verb)) return true;
  }
  return false;
}

bool Assigns(const sql::TokenList& tokens, std::size_t name) {
  const TokenKind kind = tokens.tokens[name].kind;
  if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier) return false;
  const sql::Operator op = tokens.tokens[name + 1].op;
  return (op == sql::Operator::kEqual || op == sql::Operator::kAssign) &&
         MayNameServerSql(tokens.Text(name));
}

}  // namespace

// Whether a text is cold in every mode and with any default schema.
bool Screen::IsColdAnywhere(const policy::Catalog& catalog, const SessionFacts& facts,
                            std::string_view text) {
  if (ReadsAlike(text) == Alike::kNo) return false;
  SessionFacts later = facts;
  later.asked = false;
  for (const bool quotes : {false, true}) {
    later.lex = {};
    later.lex.ansi_quotes = quotes;
    if (LookInside(catalog, later, text).verdict != Verdict::kCold) return false;
  }
  return true;
}

bool Screen::SetsServerSql(const policy::Catalog& catalog, const SessionFacts& facts,
                           const sql::TokenList& tokens) {
  if (SetsNone(tokens)) return false;
  for (std::size_t i = 0; i + 2 < tokens.tokens.size(); ++i) {
    if (!Assigns(tokens, i)) continue;
    const std::size_t value = i + 2;
    const sql::Token& after = tokens.tokens[std::min(value + 1, tokens.tokens.size() - 1)];
    const bool alone = after.kind == TokenKind::kEnd || after.kind == TokenKind::kSemicolon ||
                       after.op == sql::Operator::kComma;
    if (alone && (IsWord(tokens, value, "DEFAULT") || IsWord(tokens, value, "NULL"))) continue;
    if (!alone || tokens.tokens[value].kind != TokenKind::kString) return true;
    std::string text;
    sql::UnescapeString(tokens.Text(value), facts.lex, text);
    if (!IsColdAnywhere(catalog, facts, text)) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
