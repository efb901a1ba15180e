#include "proxy/rewrite/screen/program_readings.h"

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// Of which the text has no end; also one of hex digits.
bool EndsInAString(const sql::TokenList& tokens) {
  if (!tokens.has_illegal) return false;
  std::string_view rest = tokens.Text(tokens.tokens.size() - 2);
  constexpr std::string_view kPrefixes = "xXbBnN";
  if (rest.size() > 1 && kPrefixes.find(rest.front()) != std::string_view::npos) {
    rest.remove_prefix(1);
  }
  return rest.front() == '\'' || rest.front() == '"';
}

}  // namespace

bool AllReadings(std::string_view text, const std::function<bool(const sql::TokenList&)>& look) {
  const bool has_quotes = text.find('"') != std::string_view::npos;
  const bool has_escapes = text.find('\\') != std::string_view::npos;
  sql::TokenList tokens;
  bool read = false;
  for (const bool names : {true, false}) {
    for (const bool escapes : {true, false}) {
      if ((!names && !has_quotes) || (!escapes && !has_escapes)) continue;
      sql::Lex(text, {.ansi_quotes = names, .no_backslash_escapes = !escapes}, tokens);
      if (EndsInAString(tokens)) continue;
      if (tokens.has_illegal || !look(tokens)) return false;
      read = true;
    }
  }
  return read;
}

}  // namespace sealgate::rewrite
