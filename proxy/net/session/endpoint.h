// Where a connection comes from and goes to, TCP and Unix sockets alike.
#ifndef SEALGATE_PROXY_NET_SESSION_ENDPOINT_H_
#define SEALGATE_PROXY_NET_SESSION_ENDPOINT_H_

#include <string>

#include "policy/config.h"
#include "proxy/net/transport/asio_types.h"
#include "proxy/relay/settings.h"

namespace sealgate::net {

/// A client's connection as it was accepted.
struct ClientPeer {
  /// Of a Unix socket: ::1, as policies count it.
  relay::PeerAddress address{};
  bool is_unix = false;
};

ClientPeer PeerOf(const Endpoint& endpoint);
/// As IP addresses are written.
std::string AddressText(const relay::PeerAddress& address);
/// A TCP connection.
bool IsTcp(const Endpoint& endpoint);
Endpoint UnixEndpoint(const std::string& path);

/// The peer may and must send a PROXY header.
bool Trusts(const policy::ProxyProtocolConfig& config, const ClientPeer& peer);

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SESSION_ENDPOINT_H_
