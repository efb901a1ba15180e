#include "proxy/rewrite/schema/pinned_queries.h"

#include <cstddef>
#include <optional>
#include <string_view>

#include "proxy/rewrite/schema/query.h"
#include "proxy/rewrite/schema/stored_names.h"
#include "proxy/rewrite/screen/common_tables.h"
#include "proxy/rewrite/screen/one_program.h"
#include "proxy/rewrite/screen/servers_programs.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"

namespace sealgate::rewrite {
namespace {

using sql::IsOperator;
using sql::IsWord;
using sql::Operator;

// The SELECT whose FROM may have this token: the last one before it in its parentheses.
std::optional<std::size_t> SelectOf(const sql::TokenList& tokens, std::size_t table) {
  int depth = 0;
  for (std::size_t i = table; i-- > 0;) {
    if (tokens.tokens[i].kind == sql::TokenKind::kSemicolon) return std::nullopt;
    if (IsOperator(tokens, i, Operator::kClose)) ++depth;
    if (IsOperator(tokens, i, Operator::kOpen) && --depth < 0) return std::nullopt;
    if (depth == 0 && IsWord(tokens, i, "SELECT")) return i;
  }
  return std::nullopt;
}

std::string_view QueryFrom(const sql::TokenList& tokens, std::size_t first) {
  int depth = 0;
  std::size_t end = first;
  for (; !sql::EndsStatement(tokens, end); ++end) {
    if (IsOperator(tokens, end, Operator::kOpen)) ++depth;
    if (IsOperator(tokens, end, Operator::kClose) && --depth < 0) break;
  }
  const std::uint32_t begin = tokens.tokens[first].begin;
  return tokens.text.substr(begin, tokens.tokens[end - 1].end - begin);
}

// A variable or parameter of a program comes before a column of its name.
bool MayShadowColumns(const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (IsWord(tokens, i, "DECLARE")) return true;
    const bool names = IsWord(tokens, i, "FOR") || IsWord(tokens, i, "IN") ||
                       IsWord(tokens, i, "OUT") || IsWord(tokens, i, "INOUT");
    if (names && IsNamed(tokens, i + 1, "TABLE_SCHEMA")) return true;
  }
  return IsWord(tokens, 0, "CREATE");
}

bool IsPinnedElsewhere(const policy::Snapshot& snapshot, const SessionFacts& facts,
                       std::string_view text) {
  sql::TokenList tokens;
  sql::Arena arena;
  sql::Lex(text, LexModeOf(facts), tokens);
  // DATABASE() may be another one by the time that it runs.
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (IsWord(tokens, i, "DATABASE") || IsWord(tokens, i, "SCHEMA")) return false;
  }
  const auto tree = sql::Parse(tokens, facts.lex, arena);
  if (!tree) return false;
  const SchemaQuery query = ReadSchemaQuery(**tree, facts, tokens);
  return !query.schema.empty() && TellsOfNone(snapshot, facts, query);
}

}  // namespace

bool AllPinnedElsewhere(const policy::Snapshot& snapshot, const SessionFacts& facts,
                        const sql::TokenList& tokens) {
  if (tokens.has_illegal || tokens.has_executable_comment || MayShadowColumns(tokens)) return false;
  CommonTables common;
  bool any = false;
  common.Find(tokens, snapshot.catalog->lower_case_table_names == 0);
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (!NamesSchemaTable(tokens, i)) continue;
    any = true;
    // Behind a dot it is the schema's, though a common table is called so.
    const bool qualified = i > 0 && IsOperator(tokens, i - 1, Operator::kDot);
    if (!qualified && (common.IsMadeAt(i) || common.IsMeantAt(i))) continue;
    const auto select = SelectOf(tokens, i);
    if (!select || !IsPinnedElsewhere(snapshot, facts, QueryFrom(tokens, *select))) return false;
  }
  return any;
}

bool MakesReader(const SessionFacts& facts, const sql::TokenList& tokens) {
  if (MayTakeServersPlace(tokens)) return false;
  if (MakesOneProgram(facts, tokens)) return true;
  const bool makes = IsWord(tokens, 0, "CREATE") || IsWord(tokens, 0, "ALTER");
  if (!makes || tokens.has_illegal || tokens.has_executable_comment || tokens.has_inner_semicolon) {
    return false;
  }
  constexpr std::string_view kOthers[] = {"TABLE",   "EVENT",     "TEMPORARY", "AS",     "DATABASE",
                                          "TRIGGER", "PROCEDURE", "FUNCTION",  "PACKAGE"};
  for (std::size_t i = 1; !sql::EndsStatement(tokens, i); ++i) {
    // DEFINER = view
    const bool account = IsOperator(tokens, i - 1, Operator::kEqual);
    if (IsWord(tokens, i, "VIEW") && !account) return true;
    if (sql::IsAnyWord(tokens, i, kOthers)) return false;
  }
  return false;
}

}  // namespace sealgate::rewrite
