#include "proxy/rewrite/screen/guarded_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/ascii.h"
#include "policy/dynamic_guard.h"
#include "proxy/rewrite/screen/dynamic_sql.h"
#include "proxy/rewrite/screen/high_names.h"
#include "proxy/rewrite/screen/moved_event.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/rewrite/screen/servers_programs.h"
#include "proxy/rewrite/screen/variable_names.h"
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
/// one after it all. `begin` is `first`, or where a SET STATEMENT before it begins.
struct Dynamic {
  std::size_t begin = 0;
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

bool BeginsCompound(const sql::TokenList& tokens, std::size_t first) {
  if (IsWord(tokens, first, "BEGIN")) return IsWord(tokens, first + 1, "NOT");
  if (std::any_of(std::begin(kCompound), std::end(kCompound),
                  [&](std::string_view word) { return IsWord(tokens, first, word); })) {
    return true;
  }
  if (!IsWord(tokens, first, "CREATE")) return false;
  for (std::size_t i = first + 1; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].op == Operator::kOpen) return false;
    // A function may have none, which is for the server to say.
    if (IsWord(tokens, i, "PROCEDURE") || IsWord(tokens, i, "FUNCTION")) return true;
  }
  return false;
}

bool BeginsPrepare(const sql::TokenList& tokens, std::size_t first) {
  return IsWord(tokens, first, "PREPARE") && IsWord(tokens, first + 2, "FROM");
}

// What SET STATEMENT … FOR is for; the first token without it. Such a list cannot
// change the character sets, and the statement is read before it counts.
std::size_t AfterSetStatement(const sql::TokenList& tokens) {
  if (!IsWord(tokens, 0, "SET") || !IsWord(tokens, 1, "STATEMENT")) return 0;
  int depth = 0;
  for (std::size_t i = 2; !IsEnd(tokens.tokens[i]); ++i) {
    if (tokens.tokens[i].op == Operator::kOpen) ++depth;
    if (tokens.tokens[i].op == Operator::kClose) --depth;
    if (depth == 0 && IsWord(tokens, i, "FOR")) return i + 1;
  }
  return 0;
}

// Where the SET STATEMENT begins whose FOR stands right before `first`; else `first`.
std::size_t BeforeSetStatement(const sql::TokenList& tokens, std::size_t first) {
  if (first == 0 || !IsWord(tokens, first - 1, "FOR")) return first;
  int depth = 0;
  for (std::size_t i = first - 1; i > 0 && !IsEnd(tokens.tokens[i]); --i) {
    if (tokens.tokens[i].op == Operator::kOpen) ++depth;
    if (tokens.tokens[i].op == Operator::kClose) --depth;
    if (depth == 0 && IsWord(tokens, i - 1, "SET") && IsWord(tokens, i, "STATEMENT")) return i - 1;
  }
  return first;
}

// Nothing else stands in the text.
bool IsDynamicAlone(const sql::TokenList& tokens, std::size_t first) {
  const bool immediate = IsWord(tokens, first, "EXECUTE") && IsWord(tokens, first + 1, "IMMEDIATE");
  return (immediate || BeginsPrepare(tokens, first)) && !tokens.has_inner_semicolon;
}

// Behind the PREPAREs that a text of several statements begins with. None of them
// runs anything, so that the rest is read as it would be alone.
std::size_t AfterPreparations(const sql::TokenList& tokens) {
  std::size_t at = 0;
  while (tokens.has_inner_semicolon && BeginsPrepare(tokens, at)) {
    while (!IsEnd(tokens.tokens[at])) ++at;
    if (tokens.tokens[at].kind == TokenKind::kEnd) return at;
    ++at;
  }
  return at;
}

// The dynamic SQL at a token; nullopt: none, or one without an end that is sure.
std::optional<Dynamic> DynamicAt(const sql::TokenList& tokens, std::size_t first) {
  const bool immediate = IsWord(tokens, first, "EXECUTE") && IsWord(tokens, first + 1, "IMMEDIATE");
  const bool prepare = IsWord(tokens, first, "PREPARE") && IsWord(tokens, first + 2, "FROM") &&
                       tokens.tokens[first + 1].kind == TokenKind::kWord;
  if (!immediate && !prepare) return std::nullopt;
  Dynamic found;
  found.begin = BeforeSetStatement(tokens, first);
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
    if (!found || (!all.empty() && found->begin < all.back().end)) return std::nullopt;
    all.push_back(*found);
  }
  return all;
}

// MariaDB 10.11 crashes on SET STATEMENT … FOR BEGIN NOT ATOMIC, so the text is taken
// before it: one that the list cannot change.
bool MayBeListed(const sql::TokenList& tokens, const Dynamic& dynamic) {
  if (dynamic.first == 0 || !IsWord(tokens, dynamic.first - 1, "FOR")) return true;
  const TokenKind kind = tokens.tokens[dynamic.source].kind;
  return dynamic.begin < dynamic.first && dynamic.source_end == dynamic.source + 1 &&
         kind == TokenKind::kString;
}

// A string or a name of another statement could be dynamic SQL to the server, which
// reads it by the modes that the statements before it have set.
bool HidesDynamicSql(const sql::TokenList& tokens, std::size_t first) {
  for (std::size_t i = first; i + 1 < tokens.tokens.size(); ++i) {
    const bool word = tokens.tokens[i].kind == TokenKind::kWord;
    if (!word && policy::MayPrepare(tokens.Text(i))) return true;
  }
  return false;
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
  // These the guards stop by themselves.
  return RawTextNamesProtected(catalog, WithoutTextRunners(all)) ||
         MayHoldHotRoutine(catalog, facts, all);
}

// The servers find routines by a collation that knows no accents.
bool MayNameRoutine(const policy::Catalog& catalog, const sql::TokenList& tokens) {
  if (!catalog.has_protected_routines()) return false;
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
  return policy::GuardPattern(std::move(names), catalog.has_protected_routines());
}

std::string HeadOf(const sql::TokenList& tokens, const Dynamic& dynamic) {
  if (IsWord(tokens, dynamic.first, "EXECUTE")) return "EXECUTE IMMEDIATE ";
  return "PREPARE " + std::string(tokens.Text(dynamic.first + 1)) + " FROM ";
}

// In one expression, because a compound statement would add a result of its own.
std::string GuardedAlone(const sql::TokenList& tokens, const Dynamic& dynamic, bool unicode,
                         const std::string& pattern) {
  std::string text = "(";
  text.append(TextOf(tokens, dynamic.source, dynamic.source_end)).append(")");
  std::string made = HeadOf(tokens, dynamic);
  made += !unicode && FollowsFromItself(tokens, dynamic.source, dynamic.source_end)
              ? policy::GuardExpressionForBytes(text, pattern)
              : policy::GuardExpression(text, pattern);
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
  if (dynamic.begin < dynamic.first) {
    made.append(TextOf(tokens, dynamic.begin, dynamic.first)).append(" ");
  }
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

// Those before `inside` are statements of their own.
std::string Guarded(const sql::TokenList& tokens, const std::vector<Dynamic>& all,
                    std::size_t inside, bool unicode, const std::string& pattern) {
  std::string made;
  std::size_t copied = 0;
  for (const Dynamic& dynamic : all) {
    const bool own = dynamic.first < inside;
    CopyUpTo(tokens, own ? dynamic.first : dynamic.begin, copied, made);
    made += own ? GuardedAlone(tokens, dynamic, unicode, pattern)
                : GuardedInside(tokens, dynamic, pattern);
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
  const bool readable = known && !tokens.has_illegal && !tokens.has_executable_comment;
  // The pattern is a literal, too.
  const bool offered =
      catalog.is_mariadb && catalog.lower_case_table_names == 0 && facts.connection_has_ascii;
  if (!offered || !readable) return std::nullopt;
  const std::size_t first = AfterSetStatement(tokens);
  const bool alone = IsDynamicAlone(tokens, first);
  if (facts.unsupported_mode && !(facts.oracle_mode && alone)) return std::nullopt;
  const std::size_t inside = alone ? tokens.tokens.size() : AfterPreparations(tokens);
  const bool compound = BeginsCompound(tokens, inside);
  if (!alone && !compound && inside == 0) return std::nullopt;
  const auto pattern = PatternOf(catalog);
  if (!pattern) return std::nullopt;

  // What comes from a dump has the guards of its day.
  const policy::Unguarded own = policy::TakeOutGuards(tokens.text);
  const bool defines = MayNameTextRunner(own.text) && MayDefineTextRunner(facts, tokens);
  if (RawTextNamesProtected(catalog, defines ? WithoutTextRunners(own.text) : own.text) ||
      MayNameRoutine(catalog, tokens) || MayMoveEvent(own.text)) {
    return std::nullopt;
  }
  if (!own.patterns.empty()) {
    if (inside > 0) return std::nullopt;
    sql::TokenList rest;
    sql::Lex(own.text, LexModeOf(facts), rest);
    const auto unguarded = FindDynamic(rest);
    const bool clean = unguarded && unguarded->empty() && !PiecesNameHot(catalog, facts, rest) &&
                       (alone || !HidesDynamicSql(rest, 0));
    if (!clean) return std::nullopt;
    return policy::RenewGuards(tokens.text, *pattern);
  }
  if (!alone && HidesDynamicSql(tokens, inside)) return std::nullopt;
  const auto all = FindDynamic(tokens);
  if (!all || all->empty() || PiecesNameHot(catalog, facts, tokens)) return std::nullopt;
  if (!alone && !compound && all->back().first >= inside) return std::nullopt;
  const bool understood = std::all_of(all->begin(), all->end(), [&](const Dynamic& dynamic) {
    return dynamic.first < inside || MayBeListed(tokens, dynamic);
  });
  if (!understood) return std::nullopt;
  return Guarded(tokens, *all, inside, facts.client.has_value(), *pattern);
}

}  // namespace sealgate::rewrite
