#include "policy/server_event.h"

#include <algorithm>

#include "policy/dynamic_guard.h"
#include "policy/name_folding.h"

namespace sealgate::policy {

std::string ToText(const ServerEvent& event) {
  return event.name.empty() ? "events of the server, which cannot be read,"
                            : "event " + event.schema + "." + event.name;
}

bool MayUse(const std::string& text, const std::string& folded) {
  if (text.empty()) return true;
  const Unguarded own = TakeOutGuards(text);
  return MayHaveDynamicSql(own.text) || WordScan(own.text).Mentions(folded) ||
         std::any_of(own.patterns.begin(), own.patterns.end(), [&](const std::string& pattern) {
           return !GuardCovers(pattern, {folded}, false);
         });
}

}  // namespace sealgate::policy
