#include "policy/server_probe.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace sealgate::policy {
namespace {

constexpr std::string_view kVariablesSql =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN "
    "('read_only', 'super_read_only', 'wsrep_on', 'wsrep_reject_queries', 'version')";
constexpr std::string_view kStatusSql =
    "SHOW GLOBAL STATUS WHERE Variable_name IN "
    "('wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state')";
constexpr std::string_view kMembersSql =
    "SELECT MEMBER_ID = @@server_uuid, MEMBER_STATE, MEMBER_ROLE "
    "FROM performance_schema.replication_group_members";

std::string ValueOf(const Rows& rows, std::string_view name) {
  for (const Row& row : rows) {
    if (row.size() >= 2 && row[0] == name) {
      return row[1].value_or("");
    }
  }
  return "";
}

/// MariaDB also has read_only levels with names of their own (since 11).
bool IsOn(const std::string& value) { return !value.empty() && value != "OFF" && value != "0"; }

std::optional<GroupMember> MemberFrom(const Rows& members) {
  std::optional<GroupMember> own;
  std::size_t online = 0;
  for (const Row& row : members) {
    const bool is_online = row[1] == "ONLINE";
    online += is_online ? 1 : 0;
    if (row[0] == "1") {
      own = GroupMember{is_online, row[2] == "PRIMARY", false};
    }
  }
  if (own) {
    own->has_majority = online * 2 > members.size();
  } else if (!members.empty()) {
    own.emplace();  // there is a group, and this server has no part in it now
  }
  return own;
}

}  // namespace

ServerFacts FactsFrom(const Rows& variables, const Rows& status, const Rows& members) {
  ServerFacts facts;
  facts.reachable = true;
  facts.read_only =
      IsOn(ValueOf(variables, "read_only")) || IsOn(ValueOf(variables, "super_read_only"));
  if (IsOn(ValueOf(variables, "wsrep_on"))) {
    const std::string state = ValueOf(status, "wsrep_local_state");
    // Set by an administrator who takes a node out of service; the others do not know.
    const std::string rejects = ValueOf(variables, "wsrep_reject_queries");
    const bool serves = rejects.empty() || rejects == "NONE";
    facts.galera = GaleraNode{serves && IsOn(ValueOf(status, "wsrep_ready")),
                              ValueOf(status, "wsrep_cluster_status") == "Primary",
                              state == "4" || state == "2"};
  }
  facts.group = MemberFrom(members);
  return facts;
}

ServerFacts ServerProbe::Ask() {
  if (!connection_) {
    auto opened = ServerConnection::Open(access_);
    if (!opened) {
      why_ = std::move(opened.error());
      return {};
    }
    connection_ = std::move(*opened);
  }
  const auto facts = AskConnected();
  if (!facts) {
    connection_.reset();
    return {};
  }
  why_.clear();
  return *facts;
}

std::optional<ServerFacts> ServerProbe::AskConnected() {
  const auto variables = connection_->Query(std::string(kVariablesSql));
  if (!variables) {
    why_ = variables.error();
    return std::nullopt;
  }
  Rows status;
  if (IsOn(ValueOf(*variables, "wsrep_on"))) {
    auto asked = connection_->Query(std::string(kStatusSql));
    if (!asked) {
      why_ = asked.error();
      return std::nullopt;
    }
    status = std::move(*asked);
  }
  Rows members;
  if (ValueOf(*variables, "version").find("MariaDB") == std::string::npos) {
    // A server without the table (or an old form of it) has no group whose
    // primary changes; read_only tells then.
    if (auto asked = connection_->Query(std::string(kMembersSql))) members = std::move(*asked);
  }
  return FactsFrom(*variables, status, members);
}

}  // namespace sealgate::policy
