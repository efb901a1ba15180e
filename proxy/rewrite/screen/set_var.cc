#include "proxy/rewrite/screen/set_var.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "policy/ascii.h"

namespace sealgate::rewrite {
namespace {

bool Contains(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

}  // namespace

bool SetsSessionFact(const sql::TokenList& tokens) {
  if (tokens.text.find("/*+") == std::string_view::npos) return false;
  // Hints stand between tokens; elsewhere it is a part of a string.
  std::size_t begin = 0;
  for (const sql::Token& token : tokens.tokens) {
    const std::string_view between = tokens.text.substr(begin, token.begin - begin);
    begin = token.end;
    if (between.find("/*+") == std::string_view::npos || !Contains(between, "set_var")) continue;
    if (Contains(between, "sql_mode") || Contains(between, "time_zone")) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
