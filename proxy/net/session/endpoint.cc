#include "proxy/net/session/endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace sealgate::net {
namespace {

constexpr relay::PeerAddress kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

}  // namespace

ClientPeer PeerOf(const Endpoint& endpoint) {
  ClientPeer peer;
  if (endpoint.protocol().family() == AF_INET) {
    sockaddr_in from{};
    std::memcpy(&from, endpoint.data(), std::min(sizeof(from), endpoint.size()));
    peer.address[10] = peer.address[11] = 0xFF;
    std::memcpy(peer.address.data() + 12, &from.sin_addr, 4);
  } else if (endpoint.protocol().family() == AF_INET6) {
    sockaddr_in6 from{};
    std::memcpy(&from, endpoint.data(), std::min(sizeof(from), endpoint.size()));
    std::memcpy(peer.address.data(), &from.sin6_addr, peer.address.size());
  } else {
    peer.address = kLoopback;
    peer.is_unix = true;
  }
  return peer;
}

std::string AddressText(const relay::PeerAddress& address) {
  const asio::ip::address_v6 v6(address);
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  return v6.to_string();
}

bool IsTcp(const Endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  return family == AF_INET || family == AF_INET6;
}

Endpoint UnixEndpoint(const std::string& path) {
  return asio::local::stream_protocol::endpoint(path);
}

bool Trusts(const policy::ProxyProtocolConfig& config, const ClientPeer& peer) {
  if (peer.is_unix) return config.from_unix;
  std::uint8_t address[16];
  std::copy(peer.address.begin(), peer.address.end(), address);
  return std::any_of(config.from.begin(), config.from.end(),
                     [&address](const auto& range) { return range.Contains(address); });
}

}  // namespace sealgate::net
