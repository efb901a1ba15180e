#include "proxy/rewrite/screen/reads_otherwise.h"

#include <algorithm>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

bool HasAsciiBytes(const SessionFacts& facts) {
  return facts.client.has_value() || facts.client_extends_ascii;
}

bool SameCharset(const SessionFacts& a, const SessionFacts& b) {
  return a.client == b.client && a.client_extends_ascii == b.client_extends_ascii &&
         a.client_trails_may_be_signs == b.client_trails_may_be_signs &&
         a.client_latin_is_ascii == b.client_latin_is_ascii;
}

bool SameTokens(const sql::TokenList& a, const sql::TokenList& b) {
  return std::equal(a.tokens.begin(), a.tokens.end(), b.tokens.begin(), b.tokens.end(),
                    [](const sql::Token& x, const sql::Token& y) {
                      return x.begin == y.begin && x.end == y.end && x.kind == y.kind &&
                             x.op == y.op;
                    });
}

}  // namespace

bool ReadsOtherwise(std::string_view text, const SessionFacts& then, const SessionFacts& now) {
  if (!SameCharset(then, now)) {
    if (!ascii::IsAscii(text)) return true;
    const bool both = HasAsciiBytes(then) && HasAsciiBytes(now);
    if (!both && ReadsAlike(text) == Alike::kNo) return true;
  }
  if (then.lex == now.lex) return false;
  if (then.lex.no_backslash_escapes != now.lex.no_backslash_escapes &&
      text.find('\\') != std::string_view::npos) {
    return true;
  }
  if (then.lex.pipes_as_concat != now.lex.pipes_as_concat &&
      text.find("||") != std::string_view::npos) {
    return true;
  }
  const bool quotes = then.lex.ansi_quotes != now.lex.ansi_quotes;
  if (!quotes || text.find('"') == std::string_view::npos) return false;
  sql::TokenList before;
  sql::TokenList after;
  sql::Lex(text, LexModeOf(then), before);
  sql::Lex(text, LexModeOf(now), after);
  return !SameTokens(before, after) || before.has_executable_comment;
}

}  // namespace sealgate::rewrite
