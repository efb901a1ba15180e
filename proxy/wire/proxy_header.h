// The header that a load balancer puts before a connection's own bytes, to say
// whose connection it is: versions 1 (text) and 2 (binary).
//
// Source: "The PROXY protocol", versions 1 and 2, of HAProxy.
//
//   version 1, at most 107 bytes
//     "PROXY " ("TCP4" | "TCP6") " " source " " destination " " port " " port CRLF
//     "PROXY UNKNOWN" anything CRLF
//
//   version 2       size  meaning
//     signature     12    0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A
//     version       1     high half: 2; low half: 0 LOCAL, 1 PROXY
//     family        1     high half: 0 unspecified, 1 IPv4, 2 IPv6, 3 Unix
//                         low half: 0 unspecified, 1 stream, 2 datagram
//     length        2     bytes that follow, big endian
//     addresses     12 | 36 | 216, source before destination, then both ports
//     anything else is skipped
#ifndef SEALGATE_PROXY_WIRE_PROXY_HEADER_H_
#define SEALGATE_PROXY_WIRE_PROXY_HEADER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>

namespace sealgate::wire {

/// Longest header that is taken; version 2 would allow 64 KiB of extras.
inline constexpr std::size_t kLongestProxyHeader = 2048;

struct ProxyHeader {
  /// Of the header, which the connection's own bytes follow.
  std::size_t size = 0;
  /// The client: an IPv6 address, or an IPv4 address mapped into IPv6. Nothing
  /// when the balancer speaks for itself (a health check) or does not know.
  std::optional<std::array<std::uint8_t, 16>> source;

  bool operator==(const ProxyHeader&) const = default;
};

enum class ProxyHeaderError : std::uint8_t { kMalformed, kTooLong };

/// `bytes` are a connection's first. Nothing inside: more are needed.
tl::expected<std::optional<ProxyHeader>, ProxyHeaderError> DecodeProxyHeader(
    std::string_view bytes);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_PROXY_HEADER_H_
