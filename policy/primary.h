// Which of several servers is the primary, from what each says about itself.
// Pure: asking them is server_probe.h's.
// Sources: MySQL manual, "The replication_group_members Table"; Galera cluster
// documentation, "Galera Status Variables"; both manuals, "read_only".
#ifndef SEALGATE_POLICY_PRIMARY_H_
#define SEALGATE_POLICY_PRIMARY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealgate::policy {

/// A member of Group Replication, as it sees itself and its group.
struct GroupMember {
  bool online = false;
  bool is_primary = false;
  bool has_majority = false;  // more than half of the members are online
};

/// A node of a Galera cluster.
struct GaleraNode {
  bool ready = false;            // wsrep_ready
  bool in_primary_part = false;  // wsrep_cluster_status
  bool synced = false;           // wsrep_local_state: synced, or a donor, which takes writes, too
};

/// What one server says. Without the first, nothing else is known.
struct ServerFacts {
  bool reachable = false;
  bool read_only = false;  // or super_read_only
  std::optional<GroupMember> group = {};
  std::optional<GaleraNode> galera = {};
};

enum class Standing : std::uint8_t {
  kUnknown,  // not asked yet
  kUnreachable,
  kPrimary,    // it takes writes
  kSecondary,  // it does not, or not first
  kNotReady,   // a member that is joining, leaving or cut off
};
inline constexpr std::size_t kStandings = 5;
/// "primary", "secondary", "unreachable", "not_ready", "unknown".
std::string_view StandingName(Standing standing);
Standing StandingOf(const ServerFacts& facts);

/// What new sessions are to use.
struct PrimaryChoice {
  /// Index of the server. Nothing: nobody may be used now.
  std::optional<std::size_t> index;
  /// Several servers take writes that do not know of each other, and none of
  /// them was in use before: whichever is taken may be the wrong one.
  bool ambiguous = false;

  bool operator==(const PrimaryChoice&) const = default;
};

/// `current`: the one in use, which stays while it takes writes, and also while
/// it cannot be reached and nobody else takes writes.
PrimaryChoice ChoosePrimary(const std::vector<ServerFacts>& servers,
                            std::optional<std::size_t> current);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_PRIMARY_H_
