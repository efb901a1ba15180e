// The name of the account that a client logs in with, as the servers read it. Roles and
// limits go by it, so it must be the name that the server finds the account by.
// Sources: MySQL manual, "Protocol::HandshakeResponse41", "COM_CHANGE_USER"; tried on
// MariaDB 10.11 and MySQL 9.7.
#ifndef SEALGATE_PROXY_RELAY_ACCOUNT_NAME_H_
#define SEALGATE_PROXY_RELAY_ACCOUNT_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/catalog.h"

namespace sealgate::relay {

enum class NameOf : std::uint8_t {
  kLogin,       // single quotes around the name do not count
  kChangeUser,  // they do
};

/// In UTF-8. `collation` is what the client says of its character set; without a catalog it
/// means nothing. nullopt: what the server makes of the name is not known.
std::optional<std::string> AccountName(const policy::Catalog* catalog, std::uint16_t collation,
                                       NameOf use, std::string_view name);

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_ACCOUNT_NAME_H_
