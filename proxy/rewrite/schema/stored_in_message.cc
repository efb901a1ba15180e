#include "proxy/rewrite/schema/stored_in_message.h"

#include <algorithm>
#include <cstddef>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

bool ShowsMessagesAt(const sql::TokenList& tokens, std::size_t index) {
  return sql::IsWord(tokens, index, "SHOW") &&
         (sql::IsWord(tokens, index + 1, "WARNINGS") || sql::IsWord(tokens, index + 1, "ERRORS"));
}

bool TextMayShowMessages(std::string_view text) {
  if (ascii::Contains(text, "diagnostics")) return ascii::Contains(text, "message_text");
  return ascii::Contains(text, "show") &&
         (ascii::Contains(text, "warnings") || ascii::Contains(text, "errors"));
}

}  // namespace

bool HidesStored(const policy::Role& role) {
  return std::any_of(role.columns.begin(), role.columns.end(), [](const policy::ColumnRule& rule) {
    return rule.reveal != policy::Reveal::kClear && rule.reveal != policy::Reveal::kCiphertext;
  });
}

bool ShowsMessages(const sql::TokenList& tokens) { return ShowsMessagesAt(tokens, 0); }

bool MayShowMessages(const sql::TokenList& tokens) {
  if (tokens.has_executable_comment || sql::IsWord(tokens, 0, "PREPARE") ||
      sql::IsWord(tokens, 0, "EXECUTE")) {
    return TextMayShowMessages(tokens.text);
  }
  bool diagnostics = false;
  bool message = false;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (i > 0 && ShowsMessagesAt(tokens, i)) return true;
    diagnostics = diagnostics || sql::IsWord(tokens, i, "DIAGNOSTICS");
    message = message || sql::IsWord(tokens, i, "MESSAGE_TEXT");
  }
  return diagnostics && message;
}

std::optional<std::string> WithoutStored(std::string_view message) {
  // An envelope's format, and the first digit of its scheme.
  const std::size_t stored = message.find("\\xFE\\x0");
  if (stored == std::string_view::npos) return std::nullopt;
  // Quotes in a value are not escaped; a name has none, and comes last.
  const std::size_t begin = std::min(message.find('\''), stored);
  const std::size_t end = message.rfind("' for key ");
  std::string without(message.substr(0, begin));
  without += "'(sealed)'";
  if (end != std::string_view::npos && end > stored) without += message.substr(end + 1);
  return without;
}

}  // namespace sealgate::rewrite
