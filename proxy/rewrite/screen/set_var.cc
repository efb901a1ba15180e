#include "proxy/rewrite/screen/set_var.h"

#include <cstddef>
#include <string_view>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/variable_names.h"

namespace sealgate::rewrite {
bool SetsSessionFact(const sql::TokenList& tokens) {
  if (tokens.text.find("/*+") == std::string_view::npos) return false;
  // Hints stand between tokens; elsewhere it is a part of a string.
  std::size_t begin = 0;
  for (const sql::Token& token : tokens.tokens) {
    const std::string_view between = tokens.text.substr(begin, token.begin - begin);
    begin = token.end;
    if (between.find("/*+") == std::string_view::npos || !ascii::Contains(between, "set_var"))
      continue;
    if (MayNameVariable(between, "sql_mode") || MayNameVariable(between, "time_zone")) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
