#include "policy/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace sealgate::policy {
namespace {

constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedBits = 96;

bool IsMapped(const AddressBytes& address) {
  return std::equal(std::begin(kMappedPrefix), std::end(kMappedPrefix), address.begin());
}

/// The address with the bits after `prefix_bits` cleared.
AddressBytes Network(AddressBytes address, unsigned prefix_bits) {
  for (unsigned bit = prefix_bits; bit < 128; ++bit) {
    address[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
  }
  return address;
}

}  // namespace

std::optional<AddressBytes> ParseAddress(std::string_view text) {
  const std::string name(text);
  AddressBytes address{};
  if (name.find('\0') != std::string::npos) {
    return std::nullopt;
  }
  if (inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
    return address;
  }
  std::copy(std::begin(kMappedPrefix), std::end(kMappedPrefix), address.begin());
  if (inet_pton(AF_INET, name.c_str(), address.data() + sizeof kMappedPrefix) == 1) {
    return address;
  }
  return std::nullopt;
}

bool IsLoopback(const AddressBytes& address) {
  if (IsMapped(address)) {
    return address[12] == 127;
  }
  return std::all_of(address.begin(), address.end() - 1, [](std::uint8_t b) { return b == 0; }) &&
         address[15] == 1;
}

tl::expected<AddressRange, std::string> ParseAddressRange(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<AddressBytes> address = ParseAddress(text.substr(0, slash));
  if (!address) {
    return tl::make_unexpected(std::string("is not an IP address or range"));
  }
  const bool is_ipv4 = text.substr(0, slash).find(':') == std::string_view::npos;
  unsigned bits = is_ipv4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const unsigned most = bits;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > most) {
      return tl::make_unexpected("has no prefix length from 0 to " + std::to_string(most));
    }
  }
  bits += is_ipv4 ? kMappedBits : 0;
  if (Network(*address, bits) != *address) {
    return tl::make_unexpected(std::string("has bits set after its prefix"));
  }
  AddressRange range;
  std::copy(address->begin(), address->end(), range.bytes);
  range.prefix_bits = static_cast<std::uint8_t>(bits);
  return range;
}

std::optional<std::pair<std::string, std::string>> SplitHostPort(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address whose last group is no port
  }
  return std::pair(std::string(host), std::string(text.substr(colon + 1)));
}

}  // namespace sealgate::policy
