// Why a statement, a parameter or a result was refused, as the client is told.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_REFUSAL_H_
#define SEALGATE_PROXY_REWRITE_PLAN_REFUSAL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "metrics/metrics.h"

namespace sealgate::rewrite {

/// The message starts with "sealgate:" and names the column and the construct,
/// never a value.
struct Refusal {
  std::uint16_t code = 1235;
  char sqlstate[6] = "42000";
  metrics::RefusalReason reason = metrics::RefusalReason::kUnsupported;
  std::string message;
};

Refusal Unsupported(std::string message);      // 1235, 42000
Refusal SyntaxRefusal(std::string message);    // 1235, 42000, reason syntax
Refusal DynamicSql(std::string message);       // 1235, 42000
Refusal SessionRefusal(std::string message);   // 1235, 42000
Refusal PlaintextColumn(std::string message);  // 1235, 42000
Refusal ColumnDenied(std::string message);     // 1143, 42000
Refusal TypeRefusal(std::uint16_t code, const char* sqlstate, std::string message);
/// Names in rows of the schema, and values in messages, could not be found.
Refusal RefuseUnreadResults();
/// Of a program that runs texts or shows messages, for a role that is not to see some values.
Refusal RefusePrograms();
Refusal CannotOpen(std::string message);  // 1105, HY000

/// "(at character 8)" of one text becomes that of the text it stands in: `place` has the
/// other text's place of a byte.
void MovePosition(const std::function<std::size_t(std::size_t)>& place, std::string& message);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_REFUSAL_H_
