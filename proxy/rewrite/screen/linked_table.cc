#include "proxy/rewrite/screen/linked_table.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "policy/ascii.h"
#include "policy/storage_engines.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/variable_names.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::IsOperator;
using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// CREATE [OR REPLACE] [TEMPORARY] TABLE, ALTER [ONLINE] [IGNORE] TABLE.
constexpr std::size_t kTableWithin = 4;

// The token behind TABLE, if the statement at this token defines one; 0 if none.
std::size_t DefinitionAt(const sql::TokenList& tokens, std::size_t first) {
  if (!IsWord(tokens, first, "ALTER") && !IsWord(tokens, first, "CREATE")) return 0;
  for (std::size_t i = first + 1; i <= first + kTableWithin; ++i) {
    if (sql::EndsStatement(tokens, i)) return 0;
    if (IsWord(tokens, i, "TABLE")) return i + 1;
  }
  return 0;
}

// The value of the option at this token, which an equals sign may stand before.
std::size_t ValueOf(const sql::TokenList& tokens, std::size_t option) {
  return option + (IsOperator(tokens, option + 1, Operator::kEqual) ? 2 : 1);
}

std::string NameAt(const sql::TokenList& tokens, sql::LexMode mode, std::size_t at) {
  std::string name;
  const TokenKind kind = tokens.tokens[at].kind;
  if (kind == TokenKind::kWord) name = tokens.Text(at);
  if (kind == TokenKind::kString) sql::UnescapeString(tokens.Text(at), mode, name);
  if (kind == TokenKind::kQuotedIdentifier) sql::UnquoteIdentifier(tokens.Text(at), name);
  return name;
}

// One that there is not is the server's to refuse, or to put another one in its place. It finds
// them by letters with accents, too, and with blanks behind.
bool IsLinkedEngine(const policy::Catalog& catalog, const sql::TokenList& tokens, sql::LexMode mode,
                    std::size_t at) {
  std::string name = NameAt(tokens, mode, at);
  name.erase(name.find_last_not_of(' ') + 1);
  return !ascii::IsAscii(name) || policy::LinksTables(name) ||
         std::any_of(catalog.other_engines.begin(), catalog.other_engines.end(),
                     [&](std::string_view other) { return ascii::EqualsAnyCase(name, other); });
}

// Within parentheses a partition's; a column of that name stands at their begin or behind a comma.
// A reserved word is no engine, but goes on in a query.
bool IsEngine(const sql::TokenList& tokens, std::size_t at, int depth) {
  if (!IsWord(tokens, at, "ENGINE")) return false;
  const bool column = depth > 0 && (IsOperator(tokens, at - 1, Operator::kOpen) ||
                                    IsOperator(tokens, at - 1, Operator::kComma));
  const std::size_t value = ValueOf(tokens, at);
  const TokenKind kind = tokens.tokens[value].kind;
  return !column && (kind == TokenKind::kQuotedIdentifier || kind == TokenKind::kString ||
                     (kind == TokenKind::kWord && sql::MayBeName(tokens, value)));
}

bool IsString(const sql::TokenList& tokens, std::size_t at) {
  return at < tokens.tokens.size() && tokens.tokens[at].kind == TokenKind::kString;
}

bool DefinesLinkedTable(const policy::Catalog& catalog, const SessionFacts& facts,
                        const sql::TokenList& tokens, std::size_t first) {
  const std::size_t body = DefinitionAt(tokens, first);
  if (body == 0) return false;
  int depth = 0;
  for (std::size_t i = body; !sql::EndsStatement(tokens, i); ++i) {
    if (IsOperator(tokens, i, Operator::kOpen)) ++depth;
    if (IsOperator(tokens, i, Operator::kClose)) --depth;
    if (IsEngine(tokens, i, depth) &&
        IsLinkedEngine(catalog, tokens, facts.lex, ValueOf(tokens, i))) {
      return true;
    }
    if (IsWord(tokens, i, "CONNECTION") && IsString(tokens, ValueOf(tokens, i))) return true;
  }
  return false;
}

// Whether the assigned value is one word or string, or one variable, of which nobody knows what
// it holds; and not computed.
bool IsOneValue(const sql::TokenList& tokens, std::size_t at) {
  constexpr TokenKind kOne[] = {TokenKind::kWord, TokenKind::kString, TokenKind::kQuotedIdentifier,
                                TokenKind::kUserVariable};
  if (tokens.tokens[at].kind == TokenKind::kSystemVariable ||
      IsOperator(tokens, at, Operator::kDot)) {
    ++at;
  }
  while (IsOperator(tokens, at + 1, Operator::kDot)) at += 2;
  return at + 1 < tokens.tokens.size() &&
         std::find(std::begin(kOne), std::end(kOne), tokens.tokens[at].kind) != std::end(kOne) &&
         (sql::EndsStatement(tokens, at + 1) || IsOperator(tokens, at + 1, Operator::kComma) ||
          IsWord(tokens, at + 1, "FOR"));
}

// SET default_storage_engine, enforce_storage_engine, …, or a column that is called so.
bool SetsLinkedEngine(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens, std::size_t at) {
  const bool assigns =
      IsOperator(tokens, at + 1, Operator::kEqual) || IsOperator(tokens, at + 1, Operator::kAssign);
  if (!assigns || !MayNameVariable(tokens.Text(at), "storage_engine")) return false;
  return !IsOneValue(tokens, at + 2) || IsLinkedEngine(catalog, tokens, facts.lex, at + 2);
}

bool DefinesOne(const policy::Catalog& catalog, const SessionFacts& facts,
                const sql::TokenList& tokens) {
  constexpr std::string_view kNone[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "SHOW"};
  if (!tokens.has_inner_semicolon && sql::IsAnyWord(tokens, 0, kNone)) return false;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (DefinesLinkedTable(catalog, facts, tokens, i) ||
        SetsLinkedEngine(catalog, facts, tokens, i)) {
      return true;
    }
  }
  return false;
}

bool GoesOnInWord(char c) {
  return c == '_' || c == '$' || (ascii::ToLower(c) >= 'a' && ascii::ToLower(c) <= 'z');
}

// Behind the digits of a comment's version, too.
bool HasWord(std::string_view text, std::string_view upper) {
  for (std::size_t at = 0; at + upper.size() <= text.size(); ++at) {
    if (!ascii::EqualsAnyCase(text.substr(at, upper.size()), upper)) continue;
    const std::string_view behind = text.substr(at + upper.size());
    const bool begins = at == 0 || !GoesOnInWord(text[at - 1]);
    const bool ends =
        behind.empty() || (!GoesOnInWord(behind.front()) && !ascii::IsDigit(behind.front()));
    if (begins && ends) return true;
  }
  return false;
}

// Where comments stay that may run.
bool RawTextMayDefine(std::string_view text) {
  return HasWord(text, "TABLE") && (HasWord(text, "CREATE") || HasWord(text, "ALTER")) &&
         (HasWord(text, "CONNECTION") || HasWord(text, "ENGINE"));
}

}  // namespace

bool MakesLinkedTable(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens) {
  if (!catalog.has_hot_names()) return false;
  if (DefinesOne(catalog, facts, tokens)) return true;
  if (!tokens.has_executable_comment) return false;
  std::string open;
  OpenCommentsOf(catalog, facts, tokens.text, open);
  sql::TokenList opened;
  sql::Lex(open, LexModeOf(facts), opened);
  return (opened.has_executable_comment && RawTextMayDefine(open)) ||
         DefinesOne(catalog, facts, opened);
}

Refusal RefuseLinkedTable() {
  return Unsupported(
      "tables of an engine such as FEDERATED, which may stand for a protected one, are made and "
      "changed at the server");
}

}  // namespace sealgate::rewrite
