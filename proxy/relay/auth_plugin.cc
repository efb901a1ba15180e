#include "proxy/relay/auth_plugin.h"

#include <array>

namespace sealgate::relay {
namespace {

constexpr std::array<AuthPlugin, 7> kPlugins = {{
    {"mysql_native_password", Proof::kHash},
    {"client_ed25519", Proof::kHash},
    {kOldPassword, Proof::kWeakHash},
    {"caching_sha2_password", Proof::kHashThenPassword, std::string_view("\x02", 1)},
    {"sha256_password", Proof::kPassword, std::string_view("\x01", 1)},
    {"mysql_clear_password", Proof::kClear},
    {"dialog", Proof::kClear, {}, true},
}};

}  // namespace

const AuthPlugin* FindAuthPlugin(std::string_view name) {
  for (const AuthPlugin& plugin : kPlugins) {
    if (plugin.name == name) return &plugin;
  }
  return nullptr;
}

}  // namespace sealgate::relay
