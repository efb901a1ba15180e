// Accounts of the server that everybody could use through a Unix socket of the
// proxy: those that log in as the system user that the proxy runs as, without a
// password (MariaDB's unix_socket, MySQL's auth_socket). To the server, each
// client of the proxy is that user.
// Sources: MariaDB knowledge base, "Authentication Plugin - Unix Socket"; MySQL
// manual, "Socket Peer-Credential Pluggable Authentication".
#ifndef SEALGATE_POLICY_SOCKET_ACCOUNTS_H_
#define SEALGATE_POLICY_SOCKET_ACCOUNTS_H_

#include <string>
#include <tl/expected.hpp>

#include "policy/server_connection.h"

namespace sealgate::policy {

/// An error if there is one, with what to do.
tl::expected<void, std::string> CheckSocketAccounts(ServerConnection& connection);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SOCKET_ACCOUNTS_H_
