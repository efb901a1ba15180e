// The authentication plugins that are relayed, and what each of them sends:
// that decides over which legs it may go.
// Sources: MySQL manual, "Authentication Plugins"; MariaDB knowledge base,
// "Authentication Plugins". Pure; any thread.
#ifndef SEALGATE_PROXY_RELAY_AUTH_PLUGIN_H_
#define SEALGATE_PROXY_RELAY_AUTH_PLUGIN_H_

#include <cstdint>
#include <string_view>

namespace sealgate::relay {

enum class Proof : std::uint8_t {
  /// A hash or signature over the nonce: the same on every leg.
  kHash,
  /// A hash of MySQL before 4.1, from which whoever sees it can make others.
  /// It does not go over a leg that is less private than the client's.
  kWeakHash,
  /// A hash, and the password itself when the server asks for it.
  kHashThenPassword,
  /// The password itself: as it is on a private leg, by RSA on another.
  kPassword,
  /// The password as it is, always: both legs must be private.
  kClear,
};

struct AuthPlugin {
  std::string_view name;
  Proof proof;
  /// Where RSA is used: the client's message that asks for the public key.
  std::string_view request_key = {};
  /// The server may go on asking; else only AuthMoreData follows.
  bool asks_again = false;
};

/// Null for others. Each of them might send a password.
const AuthPlugin* FindAuthPlugin(std::string_view name);

/// The login may carry the plugin's first answer to any server: it is a hash.
/// That of another could be a password, on its way to a leg without TLS.
constexpr bool SendsHashFirst(const AuthPlugin* plugin) {
  return plugin != nullptr &&
         (plugin->proof == Proof::kHash || plugin->proof == Proof::kHashThenPassword);
}

/// The plugin of MySQL before 4.1, which a server also asks for by an 0xFE alone.
inline constexpr std::string_view kOldPassword = "mysql_old_password";

/// No server has a plugin of this name: it answers a login that claims it by
/// asking with the account's own plugin.
inline constexpr std::string_view kNoPlugin = "sealgate_none";

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_AUTH_PLUGIN_H_
