// Asks a server what it is: primary, replica, member of a group or a cluster.
// Thread rule: one thread at a time. Blocks for as long as the timeouts of its
// access.
#ifndef SEALGATE_POLICY_SERVER_PROBE_H_
#define SEALGATE_POLICY_SERVER_PROBE_H_

#include <optional>
#include <string>

#include "policy/primary.h"
#include "policy/server_connection.h"

namespace sealgate::policy {

class ServerProbe {
 public:
  explicit ServerProbe(ServerAccess access) : access_(std::move(access)) {}

  /// Connects when there is no connection. Never fails: a server that does not
  /// answer is unreachable, and why() says so in words.
  ServerFacts Ask();
  const std::string& why() const { return why_; }
  const SocketAddress& server() const { return access_.backend.socket; }

 private:
  std::optional<ServerFacts> AskConnected();

  ServerAccess access_;
  std::optional<ServerConnection> connection_;
  std::string why_;
};

/// From the rows of SHOW GLOBAL VARIABLES and STATUS, as name and value, and of
/// replication_group_members, as (is this server, state, role). Pure.
ServerFacts FactsFrom(const Rows& variables, const Rows& status, const Rows& members);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SERVER_PROBE_H_
