#include "proxy/rewrite/screen/servers_programs.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "policy/ascii.h"
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
