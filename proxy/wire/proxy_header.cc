#include "proxy/wire/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace sealgate::wire {
namespace {

using Result = tl::expected<std::optional<ProxyHeader>, ProxyHeaderError>;
using Address = std::array<std::uint8_t, 16>;

constexpr std::string_view kTextStart = "PROXY ";
constexpr std::size_t kLongestText = 107;
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedSize = 16;
constexpr std::size_t kAddressesOfIpv4 = 12;
constexpr std::size_t kAddressesOfIpv6 = 36;
constexpr std::size_t kAddressesOfUnix = 216;

Result Malformed() { return tl::unexpected(ProxyHeaderError::kMalformed); }
Result NeedsMore() { return std::optional<ProxyHeader>(); }

bool BeginsLike(std::string_view bytes, std::string_view start) {
  const std::size_t size = std::min(bytes.size(), start.size());
  return bytes.substr(0, size) == start.substr(0, size);
}

Address Mapped(std::string_view ipv4) {
  Address address{};
  address[10] = address[11] = 0xFF;
  std::copy(ipv4.begin(), ipv4.end(), address.begin() + 12);
  return address;
}

std::optional<Address> ParseText(std::string_view text, int family) {
  char bytes[16];
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  if (inet_pton(family, std::string(text).c_str(), bytes) != 1) return std::nullopt;
  if (family == AF_INET) return Mapped({bytes, 4});
  Address address;
  std::copy(std::begin(bytes), std::end(bytes), address.begin());
  return address;
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && stopped == end && (text.size() == 1 || text.front() != '0');
}

/// The line between "PROXY " and its end.
std::optional<ProxyHeader> ParseLine(std::string_view line, std::size_t size) {
  constexpr std::string_view kUnknown = "UNKNOWN";
  if (line == kUnknown || line.substr(0, kUnknown.size() + 1) == "UNKNOWN ") {
    return ProxyHeader{size, {}};
  }
  std::array<std::string_view, 5> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t end = std::min(line.find(' '), line.size());
    fields[i] = line.substr(0, end);
    const bool last = i + 1 == fields.size();
    if (last != (end == line.size())) return std::nullopt;
    line.remove_prefix(last ? end : end + 1);
  }
  const int family = fields[0] == "TCP4" ? AF_INET : AF_INET6;
  if (family == AF_INET6 && fields[0] != "TCP6") return std::nullopt;
  const auto source = ParseText(fields[1], family);
  if (!source || !ParseText(fields[2], family)) return std::nullopt;
  if (!IsPort(fields[3]) || !IsPort(fields[4])) return std::nullopt;
  return ProxyHeader{size, source};
}

Result DecodeText(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kLongestText).find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() < kLongestText) return NeedsMore();
    return tl::unexpected(ProxyHeaderError::kTooLong);
  }
  if (end < kTextStart.size()) return Malformed();
  const std::string_view line = bytes.substr(kTextStart.size(), end - kTextStart.size());
  const auto header = ParseLine(line, end + 2);
  if (!header) return Malformed();
  return header;
}

std::uint8_t ByteAt(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

/// Bytes of the addresses; nothing for a family or protocol that is none of ours.
std::optional<std::size_t> AddressesSize(std::uint8_t family) {
  switch (family) {
    case 0x00:
      return 0;
    case 0x11:
      return kAddressesOfIpv4;
    case 0x21:
      return kAddressesOfIpv6;
    case 0x31:
      return kAddressesOfUnix;
    default:
      return std::nullopt;
  }
}

std::optional<Address> SourceOf(std::uint8_t family, std::string_view addresses) {
  if (family == 0x11) return Mapped(addresses.substr(0, 4));
  if (family != 0x21) return std::nullopt;
  Address address;
  std::copy_n(addresses.begin(), address.size(), address.begin());
  return address;
}

Result DecodeBinary(std::string_view bytes) {
  if (bytes.size() < kFixedSize) return NeedsMore();
  const std::uint8_t command = ByteAt(bytes, 12);
  const std::uint8_t family = ByteAt(bytes, 13);
  const std::size_t length = std::size_t{ByteAt(bytes, 14)} << 8 | ByteAt(bytes, 15);
  if (command != 0x20 && command != 0x21) return Malformed();
  const bool local = command == 0x20;
  const auto addresses = AddressesSize(family);
  if (!local && (!addresses || length < *addresses)) return Malformed();
  const std::size_t size = kFixedSize + length;
  if (size > kLongestProxyHeader) return tl::unexpected(ProxyHeaderError::kTooLong);
  if (bytes.size() < size) return NeedsMore();
  ProxyHeader header{size, {}};
  if (!local) header.source = SourceOf(family, bytes.substr(kFixedSize, *addresses));
  return header;
}

}  // namespace

Result DecodeProxyHeader(std::string_view bytes) {
  if (BeginsLike(bytes, kSignature)) return DecodeBinary(bytes);
  if (!BeginsLike(bytes, kTextStart)) return Malformed();
  return DecodeText(bytes);
}

}  // namespace sealgate::wire
