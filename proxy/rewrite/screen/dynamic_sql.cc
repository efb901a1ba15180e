#include "proxy/rewrite/screen/dynamic_sql.h"

#include <algorithm>

#include "policy/ascii.h"
#include "proxy/rewrite/value/charset.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::Operator;
using sql::Token;
using sql::TokenKind;

// Their values follow from their arguments and the session alone.
constexpr std::string_view kFunctions[] = {
    "CAST",    "CHAR",   "COALESCE",  "CONCAT", "CONCAT_WS", "CONVERT", "FORMAT",
    "HEX",     "IF",     "IFNULL",    "INSERT", "LCASE",     "LEFT",    "LOWER",
    "LPAD",    "NULLIF", "QUOTE",     "REPEAT", "REPLACE",   "RIGHT",   "RPAD",
    "SFORMAT", "SUBSTR", "SUBSTRING", "TRIM",   "UCASE",     "UNHEX",   "UPPER",
};

bool IsFunction(std::string_view word) {
  return std::any_of(std::begin(kFunctions), std::end(kFunctions),
                     [word](std::string_view name) { return EqualsKeyword(word, name); });
}

// A word of an expression: a function of the list, or one that calls nothing.
bool MayStand(const sql::TokenList& tokens, std::size_t i) {
  const bool called = tokens.tokens[i + 1].op == Operator::kOpen;
  const bool qualified = tokens.tokens[i - 1].op == Operator::kDot;
  if (called) return !qualified && IsFunction(tokens.Text(i));
  for (const std::string_view verb : {"SELECT", "VALUES", "TABLE", "WITH", "INTO", "PROCEDURE"}) {
    if (IsWord(tokens, i, verb)) return false;
  }
  return true;
}

// No literal: the question would show its value to the server before the text was
// looked at.
bool MayStandInExpression(const sql::TokenList& tokens, std::size_t i) {
  switch (tokens.tokens[i].kind) {
    case TokenKind::kUserVariable:
    case TokenKind::kSystemVariable:
      return true;
    case TokenKind::kWord:
      return MayStand(tokens, i);
    case TokenKind::kOperator:
      return tokens.tokens[i].op != Operator::kAssign;
    default:
      return false;
  }
}

// swe7 has letters where ASCII has a backslash and the like.
bool ClientHasAsciiBytes(const SessionFacts& facts) {
  return facts.client.has_value() || facts.client_extends_ascii;
}

// What the text becomes before the server reads it, as character_set_client.
const std::optional<policy::Charset>& TargetOf(const SessionFacts& facts, bool is_mariadb) {
  return is_mariadb ? facts.client : facts.connection;
}

std::string_view TargetCharset(const SessionFacts& facts, bool is_mariadb) {
  return policy::CharsetName(TargetOf(facts, is_mariadb).value_or(policy::Charset::kUtf8mb4));
}

std::string_view SourceText(const sql::TokenList& tokens, const DynamicSource& source) {
  const std::uint32_t begin = tokens.tokens[source.first].begin;
  return tokens.text.substr(begin, tokens.tokens[source.last].end - begin);
}

}  // namespace

std::optional<DynamicSource> FindDynamicSource(const sql::TokenList& tokens) {
  if (tokens.has_executable_comment || tokens.has_illegal || tokens.has_inner_semicolon) {
    return std::nullopt;
  }
  std::uint32_t at = 0;
  if (IsWord(tokens, 0, "PREPARE") && IsWord(tokens, 2, "FROM")) at = 3;
  if (IsWord(tokens, 0, "EXECUTE") && IsWord(tokens, 1, "IMMEDIATE")) at = 2;
  if (at == 0) return std::nullopt;
  DynamicSource source{at, at, false};
  int depth = 0;
  for (;; ++at) {
    const Token& token = tokens.tokens[at];
    if (token.kind == TokenKind::kEnd || token.kind == TokenKind::kSemicolon) break;
    if (depth == 0 && IsWord(tokens, at, "USING")) break;
    if (!MayStandInExpression(tokens, at)) return std::nullopt;
    if (token.op == Operator::kOpen) ++depth;
    if (token.op == Operator::kClose && --depth < 0) return std::nullopt;
    if (token.op == Operator::kComma && depth == 0) return std::nullopt;
  }
  if (depth != 0 || at == source.first) return std::nullopt;
  source.last = at - 1;
  source.is_variable =
      source.first == source.last && tokens.tokens[source.first].kind == TokenKind::kUserVariable;
  return source;
}

bool IsUnknownColumn(const sql::TokenList& tokens, const DynamicSource& source) {
  if (source.first != source.last || tokens.tokens[source.first].kind != TokenKind::kWord) {
    return false;
  }
  const std::string_view name = tokens.Text(source.first);
  return sql::ReservedBy(name) == sql::Reserved::kNot && ascii::IsAscii(name) &&
         !ascii::Contains(name, "current");
}

bool FollowsFromItself(const sql::TokenList& tokens, std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    const bool literal = kind == TokenKind::kString || kind == TokenKind::kNationalString ||
                         kind == TokenKind::kHex || kind == TokenKind::kInteger;
    // Another session may change a global variable meanwhile.
    if (kind == TokenKind::kSystemVariable) return false;
    if (!literal && !MayStandInExpression(tokens, i)) return false;
  }
  return true;
}

// LIMIT, because sql_select_limit may be 0.
std::string AskForText(const sql::TokenList& tokens, const DynamicSource& source,
                       const SessionFacts& facts, bool is_mariadb) {
  const std::string_view text = SourceText(tokens, source);
  std::string ask = "SELECT CAST(CONVERT((";
  ask.append(text).append(") USING ").append(TargetCharset(facts, is_mariadb));
  ask.append(") AS BINARY),");
  if (source.is_variable) {
    ask.append("IF(").append(text).append(" IS NULL,NULL,CAST(CHARSET(").append(text);
    ask.append(") AS BINARY))");
  } else {
    ask.append("NULL");
  }
  return ask.append(" LIMIT 1");
}

bool ReadsTheSame(const DynamicText& text, const DynamicSource& source, const SessionFacts& facts,
                  bool is_mariadb) {
  if (text.is_lost) return false;
  if (!text.text) return true;
  if (!ClientHasAsciiBytes(facts)) return false;
  // Of ucs2 or swe7, any bytes may be ASCII's.
  if (!is_mariadb && !facts.connection) return false;
  if (ascii::IsAscii(*text.text)) return true;
  const bool converted = is_mariadb || facts.connection == facts.client;
  return facts.client && converted && !(source.is_variable && text.is_binary);
}

bool LiteralReadsTheSame(std::string_view text, const SessionFacts& facts, bool is_mariadb) {
  using policy::Charset;
  if (!ClientHasAsciiBytes(facts)) return false;
  if (ascii::IsAscii(text)) return !is_mariadb || facts.connection_has_ascii;
  if (!is_mariadb) return facts.client == Charset::kUtf8mb4 || facts.client == Charset::kUtf8mb3;
  if (!facts.client || !facts.connection) return false;
  std::string converted;
  return facts.client == facts.connection ||
         Convert(*facts.client, *facts.connection, text, converted);
}

Refusal RefuseReadOtherwise() {
  return SessionRefusal(
      "dynamic SQL is refused where the server would make other characters of its text than the "
      "statement's; use SET NAMES utf8mb4");
}

std::string WithText(const sql::TokenList& tokens, const DynamicSource& source,
                     const DynamicText& text, const SessionFacts& facts, bool is_mariadb) {
  if (source.is_variable) return std::string(tokens.text);
  std::string made(tokens.text.substr(0, tokens.tokens[source.first].begin));
  if (!text.text) {
    made.append("NULL");
  } else if (text.text->empty()) {
    made.append("''");
  } else {
    made.append("CONVERT(");
    sql::AppendHexLiteral(*text.text, made);
    made.append(" USING ").append(TargetCharset(facts, is_mariadb)).append(")");
  }
  return made.append(tokens.text.substr(tokens.tokens[source.last].end));
}

}  // namespace sealgate::rewrite
