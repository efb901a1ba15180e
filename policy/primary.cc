#include "policy/primary.h"

namespace sealgate::policy {

std::string_view StandingName(Standing standing) {
  switch (standing) {
    case Standing::kUnknown:
      return "unknown";
    case Standing::kUnreachable:
      return "unreachable";
    case Standing::kPrimary:
      return "primary";
    case Standing::kSecondary:
      return "secondary";
    case Standing::kNotReady:
      return "not_ready";
  }
  return "unknown";
}

Standing StandingOf(const ServerFacts& facts) {
  if (!facts.reachable) return Standing::kUnreachable;
  if (facts.group) {
    const GroupMember& member = *facts.group;
    if (!member.online || !member.has_majority) return Standing::kNotReady;
    if (!member.is_primary) return Standing::kSecondary;
  }
  if (facts.galera) {
    const GaleraNode& node = *facts.galera;
    if (!node.ready || !node.in_primary_part || !node.synced) return Standing::kNotReady;
  }
  return facts.read_only ? Standing::kSecondary : Standing::kPrimary;
}

PrimaryChoice ChoosePrimary(const std::vector<ServerFacts>& servers,
                            std::optional<std::size_t> current) {
  std::vector<std::size_t> primaries;
  bool strangers = false;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (StandingOf(servers[i]) != Standing::kPrimary) continue;
    if (i == current) return {current, false};
    strangers = strangers || (!servers[i].group && !servers[i].galera);
    primaries.push_back(i);
  }
  // Members of one group that all take writes agree with each other.
  if (primaries.size() > 1 && strangers) return {std::nullopt, true};
  if (!primaries.empty()) return {primaries.front(), false};
  const bool lost = current && !servers[*current].reachable;
  if (lost) return {current, false};
  return {};
}

}  // namespace sealgate::policy
