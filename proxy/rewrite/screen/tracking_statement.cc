#include "proxy/rewrite/screen/tracking_statement.h"

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

using sql::TokenKind;

std::optional<std::string_view> KeepTracking(const sql::TokenList& tokens, std::string& text) {
  if (!IsWord(tokens, 0, "SET") || tokens.has_executable_comment) return std::nullopt;
  const std::size_t name = IsWord(tokens, 1, "SESSION") ? 2 : 1;
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
  // An empty string asks for none.
  const bool list = IsWord(tokens, name, "SESSION_TRACK_SYSTEM_VARIABLES") &&
                    tokens.tokens[value].kind == TokenKind::kString &&
                    tokens.Text(value).size() > std::string_view("''").size();
  if (!list) return std::nullopt;
  // Adjacent strings are one.
  text = "SET SESSION session_track_system_variables = ";
  text += tokens.Text(value);
  text += " ',";
  text += kTrackedVariables;
  text += "'";
  return text;
}

}  // namespace sealgate::rewrite
