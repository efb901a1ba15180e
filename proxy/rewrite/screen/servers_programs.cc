#include "proxy/rewrite/screen/servers_programs.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/one_program.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// A name beyond ASCII may be the same as one of them to the server.
bool IsServers(std::string_view schema) {
  constexpr std::string_view kServers[] = {"sys", "mysql", "information_schema",
                                           "performance_schema"};
  return !ascii::IsAscii(schema) ||
         std::any_of(std::begin(kServers), std::end(kServers), [schema](std::string_view each) {
           return ascii::EqualsAnyCase(schema, each);
         });
}

}  // namespace

bool MayTakeServersPlace(const sql::TokenList& tokens) {
  constexpr std::string_view kKinds[] = {"VIEW", "PROCEDURE", "FUNCTION"};
  constexpr std::string_view kBrought[] = {"SCHEMA_AUTO_INCREMENT_COLUMNS",
                                           "X$SCHEMA_FLATTENED_KEYS",
                                           "EXECUTE_PREPARED_STMT",
                                           "STATEMENT_PERFORMANCE_ANALYZER",
                                           "DIAGNOSTICS",
                                           "ADDGEOMETRYCOLUMN",
                                           "DROPGEOMETRYCOLUMN"};
  bool definer = false;
  std::size_t at = 1;
  for (; !sql::EndsStatement(tokens, at) && !sql::IsAnyWord(tokens, at, kKinds); ++at) {
    definer = definer || sql::IsWord(tokens, at, "DEFINER");
  }
  if (!definer) return false;
  if (sql::IsOperator(tokens, at + 2, sql::Operator::kDot)) at += 2;
  return !sql::IsAnyWord(tokens, at + 1, kBrought);
}

bool MayDefineTextRunner(const SessionFacts& facts, const sql::TokenList& tokens) {
  return !MayTakeServersPlace(tokens) && MakesOneProgram(facts, tokens);
}

bool CallsServersProgram(std::string_view in_schema, const sql::TokenList& tokens,
                         std::size_t first) {
  if (IsServers(in_schema)) return true;
  std::string name;
  for (std::size_t i = first + 1;
       !sql::EndsStatement(tokens, i) && tokens.tokens[i].op != sql::Operator::kOpen; ++i) {
    name = tokens.Text(i);
    if (tokens.tokens[i].kind == sql::TokenKind::kQuotedIdentifier) {
      name.clear();
      sql::UnquoteIdentifier(tokens.Text(i), name);
    }
    if (IsServers(name)) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
