#include "proxy/rewrite/screen/guarded_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ascii/ascii.h"
#include "policy/dynamic_guard.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::Operator;
using sql::Token;
using sql::TokenKind;

// How a compound statement begins.
constexpr std::string_view kCompound[] = {"BEGIN", "CASE", "FOR", "IF", "LOOP", "REPEAT", "WHILE"};

/// One PREPARE or EXECUTE IMMEDIATE: its first token, those of its text, and the
/// one after it all.
struct Dynamic {
  std::size_t first = 0;
  std::size_t source = 0;
  std::size_t source_end = 0;
  std::size_t end = 0;
};

bool IsEnd(const Token& token) {
  return token.kind == TokenKind::kEnd || token.kind == TokenKind::kSemicolon;
}

// Of what stands between two tokens, the first included.
std::string_view TextOf(const sql::TokenList& tokens, std::size_t first, std::size_t end) {
  const std::uint32_t begin = tokens.tokens[first].begin;
  return tokens.text.substr(begin, tokens.tokens[end - 1].end - begin);
}

bool BeginsCompound(const sql::TokenList& tokens) {
  if (IsWord(tokens, 0, "BEGIN")) return IsWord(tokens, 1, "NOT");
  if (std::any_of(std::begin(kCompound), std::end(kCompound),
                  [&](std::string_view word) { return IsWord(tokens, 0, word); })) {
    return true;
  }
  if (!IsWord(tokens, 0, "CREATE")) return false;
  for (std::size_t i = 1; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].op == Operator::kOpen) return false;
    if (IsWord(tokens, i, "PROCEDURE")) return true;
  }
  return false;
}

// Its own text is a statement of the list, and nothing else stands in it.
bool IsDynamicAlone(const sql::TokenList& tokens) {
  const bool dynamic = (IsWord(tokens, 0, "PREPARE") && IsWord(tokens, 2, "FROM")) ||
                       (IsWord(tokens, 0, "EXECUTE") && IsWord(tokens, 1, "IMMEDIATE"));
  return dynamic && !tokens.has_inner_semicolon;
}

// The dynamic SQL at a token; nullopt: none, or one without an end that is sure.
std::optional<Dynamic> DynamicAt(const sql::TokenList& tokens, std::size_t first) {
  const bool immediate = IsWord(tokens, first, "EXECUTE") && IsWord(tokens, first + 1, "IMMEDIATE");
  const bool prepare = IsWord(tokens, first, "PREPARE") && IsWord(tokens, first + 2, "FROM") &&
                       tokens.tokens[first + 1].kind == TokenKind::kWord;
  if (!immediate && !prepare) return std::nullopt;
  Dynamic found;
  found.first = first;
  found.source = first + (immediate ? 2 : 3);
  int depth = 0;
  std::size_t at = found.source;
  for (; !(depth == 0 && IsEnd(tokens.tokens[at])); ++at) {
    const Token& token = tokens.tokens[at];
    if (IsEnd(token)) return std::nullopt;
    if (immediate && depth == 0 && found.source_end == 0 && IsWord(tokens, at, "USING")) {
      found.source_end = at;
    }
    if (token.op == Operator::kOpen) ++depth;
    if (token.op == Operator::kClose && --depth < 0) return std::nullopt;
    if (token.op == Operator::kComma && depth == 0 && found.source_end == 0) return std::nullopt;
  }
  if (found.source_end == 0) found.source_end = at;
  found.end = at;
  return found.source_end == found.source ? std::nullopt : std::optional(found);
}

// Every place that begins like dynamic SQL has to be one that is understood.
std::optional<std::vector<Dynamic>> FindDynamic(const sql::TokenList& tokens) {
  std::vector<Dynamic> all;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const bool freed =
        i > 0 && (IsWord(tokens, i - 1, "DEALLOCATE") || IsWord(tokens, i - 1, "DROP"));
    const bool prepare = IsWord(tokens, i, "PREPARE") && !freed;
    const bool immediate = IsWord(tokens, i, "IMMEDIATE");
    if (!prepare && !immediate) continue;
    const std::size_t first = immediate && i > 0 ? i - 1 : i;
    const auto found = DynamicAt(tokens, first);
    if (!found || (!all.empty() && found->first < all.back().end)) return std::nullopt;
    all.push_back(*found);
  }
  return all;
}

// Strings that make up a hot name only when they are put together.
bool PiecesNameHot(const policy::Catalog& catalog, const SessionFacts& facts,
                   const sql::TokenList& tokens) {
  std::string all;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    if (kind == TokenKind::kString || kind == TokenKind::kNationalString) {
      sql::UnescapeString(tokens.Text(i), facts.lex, all);
    }
  }
  return RawTextNamesProtected(catalog, all);
}

// The servers find routines by a collation that knows no accents.
bool MayNameRoutine(const policy::Catalog& catalog, const sql::TokenList& tokens) {
  if (!catalog.has_hot_routines()) return false;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier) continue;
    if (!ascii::IsAscii(tokens.Text(i))) return true;
  }
  return false;
}

std::optional<std::string> PatternOf(const policy::Catalog& catalog) {
  std::vector<std::string> names;
  for (const auto& [name, entries] : catalog.hot()) names.push_back(name);
  return policy::GuardPattern(std::move(names));
}

std::string HeadOf(const sql::TokenList& tokens, const Dynamic& dynamic) {
  if (IsWord(tokens, dynamic.first, "EXECUTE")) return "EXECUTE IMMEDIATE ";
  return "PREPARE " + std::string(tokens.Text(dynamic.first + 1)) + " FROM ";
}

// In one expression, because a compound statement would add a result of its own.
std::string GuardedAlone(const sql::TokenList& tokens, const Dynamic& dynamic,
                         const std::string& pattern) {
  std::string text = "(";
  text.append(TextOf(tokens, dynamic.source, dynamic.source_end)).append(")");
  std::string made = HeadOf(tokens, dynamic) + policy::GuardExpression(text, pattern);
  if (dynamic.end > dynamic.source_end) {
    made.append(" ").append(TextOf(tokens, dynamic.source_end, dynamic.end));
  }
  return made;
}

// In two statements, so that what a routine holds can be told by its text.
std::string GuardedInside(const sql::TokenList& tokens, const Dynamic& dynamic,
                          const std::string& pattern) {
  std::string made = "BEGIN NOT ATOMIC SET ";
  made.append(policy::kGuardedText).append(" = (");
  made.append(TextOf(tokens, dynamic.source, dynamic.source_end)).append("); ");
  made.append(HeadOf(tokens, dynamic));
  made.append(policy::GuardExpression(policy::kGuardedText, pattern));
  if (dynamic.end > dynamic.source_end) {
    made.append(" USING ").append(TextOf(tokens, dynamic.source_end + 1, dynamic.end));
  }
  return made.append("; END");
}

// The text up to a token. A comment that mentions dynamic SQL is left out: a routine
// with it would be taken for one that has some without a guard.
void CopyUpTo(const sql::TokenList& tokens, std::size_t end, std::size_t& copied,
              std::string& out) {
  for (std::size_t i = 0; i <= end; ++i) {
    const Token& token = tokens.tokens[i];
    if (token.begin < copied) continue;
    const std::string_view between = tokens.text.substr(copied, token.begin - copied);
    out.append(policy::MayHaveDynamicSql(between) ? std::string_view("\n") : between);
    copied = token.begin;
    if (i == end) return;
    out.append(tokens.Text(i));
    copied = token.end;
  }
}

std::string Guarded(const sql::TokenList& tokens, const std::vector<Dynamic>& all, bool alone,
                    const std::string& pattern) {
  std::string made;
  std::size_t copied = 0;
  for (const Dynamic& dynamic : all) {
    CopyUpTo(tokens, dynamic.first, copied, made);
    made +=
        alone ? GuardedAlone(tokens, dynamic, pattern) : GuardedInside(tokens, dynamic, pattern);
    copied = tokens.tokens[dynamic.end - 1].end;
  }
  CopyUpTo(tokens, tokens.tokens.size() - 1, copied, made);
  return made;
}

}  // namespace

std::optional<std::string> WithGuards(const policy::Catalog& catalog, const SessionFacts& facts,
                                      const sql::TokenList& tokens) {
  // What is ASCII reads the same in every superset of it.
  const bool known = facts.client || (facts.client_extends_ascii && ascii::IsAscii(tokens.text));
  const bool readable =
      known && !facts.unsupported_mode && !tokens.has_illegal && !tokens.has_executable_comment;
  const bool offered = catalog.is_mariadb && catalog.lower_case_table_names == 0;
  if (!offered || !readable) return std::nullopt;
  const bool alone = IsDynamicAlone(tokens);
  if (!alone && !BeginsCompound(tokens)) return std::nullopt;
  const auto pattern = PatternOf(catalog);
  if (!pattern) return std::nullopt;

  // What comes from a dump has the guards of its day.
  const policy::Unguarded own = policy::TakeOutGuards(tokens.text);
  if (RawTextNamesProtected(catalog, own.text) || MayNameRoutine(catalog, tokens)) {
    return std::nullopt;
  }
  if (!own.patterns.empty()) {
    sql::TokenList rest;
    sql::Lex(own.text, LexModeOf(facts), rest);
    const auto unguarded = FindDynamic(rest);
    const bool clean = unguarded && unguarded->empty() && !PiecesNameHot(catalog, facts, rest);
    if (!clean) return std::nullopt;
    return policy::RenewGuards(tokens.text, *pattern);
  }
  const auto all = FindDynamic(tokens);
  if (!all || all->empty() || PiecesNameHot(catalog, facts, tokens)) return std::nullopt;
  return Guarded(tokens, *all, alone, *pattern);
}

}  // namespace sealgate::rewrite
