#include "proxy/rewrite/plan/refusal.h"

#include <cstring>
#include <string_view>
#include <utility>

namespace sealgate::rewrite {
namespace {

Refusal Make(std::uint16_t code, const char* sqlstate, metrics::RefusalReason reason,
             std::string message) {
  Refusal refusal;
  refusal.code = code;
  std::strncpy(refusal.sqlstate, sqlstate, 5);
  refusal.sqlstate[5] = '\0';
  refusal.reason = reason;
  refusal.message = "sealgate: " + std::move(message);
  return refusal;
}

}  // namespace

Refusal Unsupported(std::string message) {
  return Make(1235, "42000", metrics::RefusalReason::kUnsupported, std::move(message));
}

Refusal SyntaxRefusal(std::string message) {
  return Make(1235, "42000", metrics::RefusalReason::kSyntax, std::move(message));
}

Refusal DynamicSql(std::string message) {
  return Make(1235, "42000", metrics::RefusalReason::kDynamicSql, std::move(message));
}

Refusal SessionRefusal(std::string message) {
  return Make(1235, "42000", metrics::RefusalReason::kSession, std::move(message));
}

Refusal PlaintextColumn(std::string message) {
  return Make(1235, "42000", metrics::RefusalReason::kPlaintextColumn, std::move(message));
}

Refusal ColumnDenied(std::string message) {
  return Make(1143, "42000", metrics::RefusalReason::kDenied, std::move(message));
}

Refusal TypeRefusal(std::uint16_t code, const char* sqlstate, std::string message) {
  return Make(code, sqlstate, metrics::RefusalReason::kType, std::move(message));
}

Refusal RefuseUnreadResults() {
  return SessionRefusal(
      "what the server says of protected tables cannot be shown while the session's "
      "character_set_results is one that Sealgate cannot read; use SET NAMES utf8mb4");
}

Refusal RefusePrograms() {
  return DynamicSql(
      "a role that is not to see stored bytes may not use a program or view that runs texts, or "
      "shows the server's messages, logs, locks or statistics, because these may show such bytes");
}

Refusal CannotOpen(std::string message) {
  return Make(1105, "HY000", metrics::RefusalReason::kType, std::move(message));
}

void MovePosition(const std::function<std::size_t(std::size_t)>& place, std::string& message) {
  constexpr std::string_view kBefore = "(at character ";
  const std::size_t found = message.rfind(kBefore);
  if (found == std::string::npos) return;
  const std::size_t digits = found + kBefore.size();
  const std::size_t end = message.find_first_not_of("0123456789", digits);
  if (end == digits || end == std::string::npos || end - digits > 9) return;
  const std::size_t position = std::stoul(message.substr(digits, end - digits));
  if (position == 0) return;
  message.replace(digits, end - digits, std::to_string(place(position - 1) + 1));
}

}  // namespace sealgate::rewrite
