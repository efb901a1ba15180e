#include "policy/socket_accounts.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <string_view>

namespace sealgate::policy {
namespace {

constexpr std::string_view kPluginsSql =
    "SELECT PLUGIN_NAME, VERSION() FROM information_schema.PLUGINS "
    "WHERE PLUGIN_NAME IN ('unix_socket', 'auth_socket') AND PLUGIN_STATUS = 'ACTIVE'";

std::string SystemUser() {
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : std::to_string(::geteuid());
}

std::string Hex(std::string_view text) {
  std::string digits;
  for (const char c : text) digits += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return digits;
}

/// An account's own name counts, or a name in its definition, which may list
/// several plugins (MariaDB).
std::string AccountsSql(bool is_mariadb, const std::string& user) {
  const std::string name = Hex(user);
  if (is_mariadb) {
    return fmt::format(
        "SELECT User, Host FROM mysql.global_priv WHERE Priv LIKE '%unix\\_socket%' "
        "AND (User = CONVERT(X'{0}' USING utf8) "
        "OR Priv LIKE CONCAT('%\"', CONVERT(X'{0}' USING utf8), '\"%'))",
        name);
  }
  return fmt::format(
      "SELECT User, Host FROM mysql.user WHERE plugin = 'auth_socket' "
      "AND (User = CONVERT(X'{0}' USING utf8mb4) "
      "OR CONVERT(authentication_string USING utf8mb4) = CONVERT(X'{0}' USING utf8mb4))",
      name);
}

}  // namespace

tl::expected<void, std::string> CheckSocketAccounts(ServerConnection& connection) {
  const auto plugins = connection.Query(std::string(kPluginsSql));
  if (!plugins) return tl::make_unexpected(plugins.error());
  if (plugins->empty()) return {};
  const bool is_mariadb = plugins->front()[1].value_or("").find("MariaDB") != std::string::npos;
  const std::string user = SystemUser();
  const auto accounts = connection.Query(AccountsSql(is_mariadb, user));
  if (!accounts) return tl::make_unexpected(accounts.error());
  if (accounts->empty()) return {};
  const Row& first = accounts->front();
  return tl::make_unexpected(fmt::format(
      "backend.socket: the server lets the system user '{0}', as whom Sealgate runs, log in as "
      "'{1}'@'{2}' without a password, and so could every client of Sealgate; run Sealgate as "
      "another system user, or use backend.address",
      user, first[0].value_or(""), first[1].value_or("")));
}

}  // namespace sealgate::policy
