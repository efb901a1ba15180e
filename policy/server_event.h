// Events: programs that the server runs by itself, in no session of the proxy's. What they
// write is not sealed. Source: MySQL manual, "Using the Event Scheduler".
#ifndef SEALGATE_POLICY_SERVER_EVENT_H_
#define SEALGATE_POLICY_SERVER_EVENT_H_

#include <string>

namespace sealgate::policy {

struct ServerEvent {
  std::string schema;
  std::string name;
  std::string text;  // "": it cannot be read
  bool operator==(const ServerEvent&) const = default;
};

/// As messages name it; for one without a name, all of them.
std::string ToText(const ServerEvent& event);

/// Whether a program with this text may use a table or routine of the folded name, in whatever
/// schema: it has the name, or dynamic SQL without a guard against it. One that cannot be read
/// ("") may use any.
bool MayUse(const std::string& text, const std::string& folded);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SERVER_EVENT_H_
