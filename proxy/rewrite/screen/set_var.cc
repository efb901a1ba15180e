#include "proxy/rewrite/screen/set_var.h"

#include <cstddef>
#include <string_view>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/variable_names.h"

namespace sealgate::rewrite {
namespace {

// Hints stand between tokens; elsewhere it is a part of a string.
template <typename Predicate>
bool AnyHint(const sql::TokenList& tokens, Predicate predicate) {
  if (tokens.text.find("/*+") == std::string_view::npos) return false;
  std::size_t begin = 0;
  for (const sql::Token& token : tokens.tokens) {
    const std::string_view between = tokens.text.substr(begin, token.begin - begin);
    begin = token.end;
    if (between.find("/*+") != std::string_view::npos && predicate(between)) return true;
  }
  return false;
}

}  // namespace

bool SetsSessionFact(const sql::TokenList& tokens) {
  return AnyHint(tokens, [](std::string_view hint) {
    return ascii::Contains(hint, "set_var") &&
           (MayNameVariable(hint, "sql_mode") || MayNameVariable(hint, "time_zone"));
  });
}

bool HintsStatement(const sql::TokenList& tokens) {
  return AnyHint(tokens, [](std::string_view hint) {
    return ascii::Contains(hint, "max_execution_time") || ascii::Contains(hint, "set_var") ||
           ascii::Contains(hint, "resource_group");
  });
}

}  // namespace sealgate::rewrite
