#include "proxy/rewrite/screen/text_prepared.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/bare_call.h"
#include "proxy/rewrite/value/charset.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::TokenKind;

// In UTF-8, if the client's character set can be read.
std::string NameAt(const SessionFacts& facts, const sql::TokenList& tokens, std::size_t i) {
  if (sql::EndsStatement(tokens, i)) return {};
  std::string name;
  if (tokens.tokens[i].kind == TokenKind::kWord) {
    name = tokens.Text(i);
  } else {
    sql::UnquoteIdentifier(tokens.Text(i), name);
  }
  std::string converted;
  const bool other = facts.client == policy::Charset::kLatin1 && !ascii::IsAscii(name);
  if (other && Convert(*facts.client, policy::Charset::kUtf8mb4, name, converted)) name = converted;
  return ascii::ToLower(name);
}

bool AnyWord(const sql::TokenList& tokens, const auto& words) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (sql::IsAnyWord(tokens, i, words)) return true;
  }
  return false;
}

// One statement that runs nothing by a name. The first ones are the most frequent.
bool RunsNone(const sql::TokenList& tokens) {
  if (tokens.has_inner_semicolon) return false;
  constexpr std::string_view kVerbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "SHOW",
                                         "COMMIT", "CREATE", "ALTER",  "GRANT",  "REVOKE"};
  return sql::IsAnyWord(tokens, 0, kVerbs) ||
         (IsWord(tokens, 0, "SET") && !IsWord(tokens, 1, "STATEMENT"));
}

// Whether one statement runs after the other, and nothing is left out.
bool IsStraight(const sql::TokenList& tokens) {
  constexpr std::string_view kBranches[] = {"IF",      "CASE",    "LOOP",   "WHILE",
                                            "REPEAT",  "FOR",     "GOTO",   "LEAVE",
                                            "ITERATE", "HANDLER", "RETURN", "EXCEPTION"};
  return !AnyWord(tokens, kBranches);
}

// EXECUTE IMMEDIATE at `i`. Of another text than a literal that is told by who asked for it,
// or a guard lets none through that executes something.
bool LiteralMayExecute(const SessionFacts& facts, const sql::TokenList& tokens, std::size_t i) {
  if (sql::EndsStatement(tokens, i + 2)) return false;
  if (tokens.tokens[i + 2].kind != TokenKind::kString) return false;
  std::string text;
  sql::UnescapeString(tokens.Text(i + 2), facts.lex, text);
  return MayExecute(text);
}

void LookAtAll(const policy::Catalog& catalog, const SessionFacts& facts,
               const sql::TokenList& tokens, TextPrepared& found) {
  const bool straight = IsStraight(tokens);
  const bool calls = catalog.is_mariadb && HasBareCall(tokens);
  found.executes_any = calls && catalog.programs_execute;
  found.prepares_unseen = calls && catalog.programs_prepare;
  std::set<std::string> own;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (IsWord(tokens, i, "CALL")) {
      found.executes_any = found.executes_any || catalog.programs_execute;
      found.prepares_unseen = found.prepares_unseen || catalog.programs_prepare;
    } else if (IsWord(tokens, i, "PREPARE") && IsWord(tokens, i + 2, "FROM")) {
      found.prepares_unseen = true;
      if (straight) own.insert(NameAt(facts, tokens, i + 1));
    } else if (IsWord(tokens, i, "EXECUTE") && !IsWord(tokens, i + 1, "IMMEDIATE")) {
      found.executes_any = found.executes_any || !own.contains(NameAt(facts, tokens, i + 1));
      // What it runs may be a CALL.
      found.prepares_unseen = found.prepares_unseen || catalog.programs_prepare;
    } else if (IsWord(tokens, i, "EXECUTE")) {
      // Its text may be a CALL, or have an EXECUTE in it.
      found.executes_any =
          found.executes_any || catalog.programs_execute || LiteralMayExecute(facts, tokens, i);
      found.prepares_unseen = found.prepares_unseen || catalog.programs_prepare;
    }
  }
}

// SET STATEMENT … FOR EXECUTE name, and nothing else that is executed.
std::optional<std::size_t> ExecutedWithin(const sql::TokenList& tokens) {
  constexpr std::string_view kOthers[] = {"PREPARE", "CALL", "IMMEDIATE", "BEGIN"};
  if (!IsWord(tokens, 0, "SET") || !IsWord(tokens, 1, "STATEMENT") || AnyWord(tokens, kOthers)) {
    return std::nullopt;
  }
  std::optional<std::size_t> name;
  for (std::size_t i = 2; i + 1 < tokens.tokens.size(); ++i) {
    if (!IsWord(tokens, i, "EXECUTE")) continue;
    if (name || !IsWord(tokens, i - 1, "FOR")) return std::nullopt;
    name = i + 1;
  }
  return name;
}

bool MayUse(std::string_view text) {
  return ascii::Contains(text, "prepare") || MayExecute(text) || ascii::Contains(text, "call");
}

}  // namespace

bool MayExecute(std::string_view text) { return ascii::Contains(text, "execute"); }

bool MayCall(std::string_view text) {
  return ascii::Contains(text, "call") || text.find(';') != std::string_view::npos;
}

std::string PreparedName(const SessionFacts& facts, const sql::TokenList& tokens) {
  return NameAt(facts, tokens, 1);
}

TextPrepared TextPreparedOf(const policy::Catalog& catalog, const SessionFacts& facts,
                            const sql::TokenList& tokens) {
  TextPrepared found;
  if (RunsNone(tokens) && !tokens.has_executable_comment && !tokens.has_illegal) return found;
  if (tokens.has_illegal || tokens.has_executable_comment) {
    found.executes_any = found.prepares_unseen = MayUse(tokens.text);
    return found;
  }
  const bool drops = IsWord(tokens, 0, "DEALLOCATE") || IsWord(tokens, 0, "DROP");
  if (drops && IsWord(tokens, 1, "PREPARE") && sql::EndsStatement(tokens, 3) &&
      !tokens.has_inner_semicolon) {
    found.deallocates = NameAt(facts, tokens, 2);
    return found;
  }
  const bool one = !tokens.has_inner_semicolon;
  if (one && IsWord(tokens, 0, "PREPARE") && IsWord(tokens, 2, "FROM")) {
    if (tokens.tokens[3].kind != TokenKind::kString || !sql::EndsStatement(tokens, 4)) {
      found.prepares_unseen = true;
      return found;
    }
    found.prepares = PreparedName(facts, tokens);
    sql::UnescapeString(tokens.Text(3), facts.lex, found.text);
    return found;
  }
  const bool executes = IsWord(tokens, 0, "EXECUTE") && !IsWord(tokens, 1, "IMMEDIATE");
  if (one && executes) {
    found.executes = NameAt(facts, tokens, 1);
    // What it runs may be a CALL.
    found.executes_any = catalog.programs_execute;
    found.prepares_unseen = catalog.programs_prepare;
    return found;
  }
  LookAtAll(catalog, facts, tokens, found);
  if (const auto executed = one ? ExecutedWithin(tokens) : std::nullopt) {
    found.executes = NameAt(facts, tokens, *executed);
    found.executes_any = catalog.programs_execute;
  }
  return found;
}

}  // namespace sealgate::rewrite
