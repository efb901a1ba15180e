#include "proxy/rewrite/screen/tracking_statement.h"

#include <algorithm>
#include <cstddef>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

using sql::TokenKind;

namespace {

// The server stops reading a list at a NUL, and may at other bytes.
bool IsPlainList(std::string_view quoted) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_*, ";
  constexpr std::size_t kLongest = 4096;
  if (quoted.size() <= 2 || quoted.size() > kLongest) return false;
  return quoted.substr(1, quoted.size() - 2).find_first_not_of(kPlain) == std::string_view::npos;
}

// Whether a list of names has this one.
bool Has(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (ascii::EqualsAnyCase(one, name)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// What Sealgate needs besides a list in quotes. MySQL refuses a name that comes twice.
std::string Missing(std::string_view quoted) {
  const std::string_view list = quoted.substr(1, quoted.size() - 2);
  std::string missing;
  if (list == "*") return missing;  // all of them, and no other beside it
  std::string_view names = kTrackedVariables;
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, comma);
    if (!Has(list, name)) missing.append(missing.empty() ? "" : ",").append(name);
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return missing;
}

// Where the name of the one variable is that the statement sets, of the session.
std::size_t NameOf(const sql::TokenList& tokens) {
  const auto is_session = [&](std::size_t at) {
    return IsWord(tokens, at, "SESSION") || IsWord(tokens, at, "LOCAL");
  };
  if (tokens.tokens[1].kind != TokenKind::kSystemVariable) return is_session(1) ? 2 : 1;
  const bool qualified = is_session(2) && sql::IsOperator(tokens, 3, sql::Operator::kDot);
  return qualified ? 4 : 2;
}

}  // namespace

std::optional<std::string_view> KeepTracking(const sql::TokenList& tokens, std::string& text) {
  if (!IsWord(tokens, 0, "SET") || tokens.has_executable_comment) return std::nullopt;
  const std::size_t name = NameOf(tokens);
  // The name, "=", one value, and the end.
  const std::size_t value = name + 2;
  if (tokens.tokens.size() != value + 2) return std::nullopt;
  const sql::Token& equals = tokens.tokens[name + 1];
  if (equals.kind != TokenKind::kOperator || equals.op != sql::Operator::kEqual) {
    return std::nullopt;
  }
  if (IsWord(tokens, name, "SESSION_TRACK_SCHEMA") && IsWord(tokens, value, "ON")) {
    return tokens.text;
  }
  if (!IsWord(tokens, name, "SESSION_TRACK_SYSTEM_VARIABLES")) return std::nullopt;
  text = "SET SESSION session_track_system_variables = ";
  if (IsWord(tokens, value, "DEFAULT")) {
    text.append("'").append(kTrackedVariables).append("'");
    return text;
  }
  // An empty string asks for none.
  const bool list =
      tokens.tokens[value].kind == TokenKind::kString && IsPlainList(tokens.Text(value));
  if (!list) return std::nullopt;
  // Adjacent strings are one.
  text += tokens.Text(value);
  const std::string missing = Missing(tokens.Text(value));
  if (!missing.empty()) text.append(" ',").append(missing).append("'");
  return text;
}

}  // namespace sealgate::rewrite
