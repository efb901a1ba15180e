// IP addresses as configuration files write them.
#ifndef SEALGATE_POLICY_ADDRESS_H_
#define SEALGATE_POLICY_ADDRESS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "policy/policy.h"

namespace sealgate::policy {

/// An IPv6 address, or an IPv4 address mapped into IPv6 (RFC 4291, 2.5.5.2).
using AddressBytes = std::array<std::uint8_t, 16>;

/// "10.0.0.1", "::1"; no brackets, no zone.
std::optional<AddressBytes> ParseAddress(std::string_view text);
bool IsLoopback(const AddressBytes& address);
/// "10.0.0.0/8", "::1/128", or one address. The error says what is wrong.
tl::expected<AddressRange, std::string> ParseAddressRange(std::string_view text);
/// "127.0.0.1:9090", "[::1]:9090" into address and port text; nullopt when
/// there is no port.
std::optional<std::pair<std::string, std::string>> SplitHostPort(std::string_view text);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_ADDRESS_H_
