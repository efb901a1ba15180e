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

// swe7 has a letter where ASCII has a backslash.
std::string WithSwedishLetters(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == '\\') {
      made += "\xC3\x96";
    } else {
      made += c;
    }
  }
  return made;
}

// SET GLOBAL init_connect = @text, and nothing else.
bool IsServerSqlOfVariable(const sql::TokenList& tokens) {
  return IsWord(tokens, 0, "SET") && IsWord(tokens, 1, "GLOBAL") && tokens.tokens.size() == 6 &&
         Assigns(tokens, 2) && tokens.tokens[4].kind == TokenKind::kUserVariable;
}

}  // namespace

std::optional<DynamicSource> FindServerSqlSource(const sql::TokenList& tokens) {
  if (tokens.has_executable_comment || tokens.has_illegal || !IsServerSqlOfVariable(tokens)) {
    return std::nullopt;
  }
  return DynamicSource{4, 4, true};
}

// Whether a text is cold in every mode and with any default schema. The server takes a NUL
// for a part of a string, or for none of a statement.
bool Screen::IsColdAnywhere(const policy::Catalog& catalog, const SessionFacts& facts,
                            std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    std::string blank(text);
    std::replace(blank.begin(), blank.end(), '\0', ' ');
    std::string none(text);
    std::erase(none, '\0');
    return IsColdAnywhere(catalog, facts, blank) && IsColdAnywhere(catalog, facts, none);
  }
  std::string rest(text);
  std::erase(rest, '\\');
  if (ReadsAlike(rest) == Alike::kNo) return false;
  if (rest.size() == text.size()) return IsColdByAll(catalog, facts, text);
  return IsColdByAll(catalog, facts, text) && IsColdByAll(catalog, facts, WithSwedishLetters(text));
}

bool Screen::IsColdByAll(const policy::Catalog& catalog, const SessionFacts& facts,
                         std::string_view text) {
  SessionFacts later = facts;
  later.asked = false;
  later.client = policy::Charset::kUtf8mb4;
  for (const bool quotes : {false, true}) {
    for (const bool escapes : {false, true}) {
      later.lex = {};
      later.lex.ansi_quotes = quotes;
      later.lex.no_backslash_escapes = !escapes;
      if (LookInside(catalog, later, text).verdict != Verdict::kCold) return false;
    }
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
