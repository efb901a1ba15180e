#include "proxy/rewrite/schema/stored_elsewhere.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "policy/ascii.h"
#include "proxy/rewrite/schema/stored_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsOperator;
using sql::IsWord;

// Folded.
constexpr std::string_view kTables[] = {
    "data_locks",  "data_lock_waits", "innodb_locks",
    "general_log", "slow_log",        "prepared_statements_instances",
};
constexpr std::string_view kPrefix = "events_statements_";
constexpr std::string_view kShown[] = {"BINLOG", "RELAYLOG", "ENGINE"};

bool IsPlace(std::string_view name) {
  return name.starts_with(kPrefix) ||
         std::find(std::begin(kTables), std::end(kTables), name) != std::end(kTables);
}

// A variable has the name of a log.
bool IsAssigned(const sql::TokenList& tokens, std::size_t token) {
  return IsOperator(tokens, token + 1, sql::Operator::kEqual) ||
         IsOperator(tokens, token + 1, sql::Operator::kAssign);
}

bool NamesAt(const sql::TokenList& tokens, std::size_t token) {
  if (IsWord(tokens, token, "SHOW")) {
    return std::any_of(std::begin(kShown), std::end(kShown),
                       [&](std::string_view word) { return IsWord(tokens, token + 1, word); });
  }
  const sql::TokenKind kind = tokens.tokens[token].kind;
  const bool name = kind == sql::TokenKind::kWord || kind == sql::TokenKind::kQuotedIdentifier;
  return name && IsPlace(FoldedName(tokens, token)) && !IsAssigned(tokens, token);
}

bool TextMayName(std::string_view text) {
  const auto has = [text](std::string_view part) { return ascii::Contains(text, part); };
  return has(kPrefix) || std::any_of(std::begin(kTables), std::end(kTables), has) ||
         (has("show") && (has("binlog") || has("relaylog") || has("engine")));
}

}  // namespace

bool NamesStoredElsewhere(const sql::TokenList& tokens) {
  if (tokens.has_executable_comment || IsWord(tokens, 0, "PREPARE") ||
      IsWord(tokens, 0, "EXECUTE")) {
    return TextMayName(tokens.text);
  }
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (NamesAt(tokens, i)) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
