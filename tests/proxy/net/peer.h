// One end of a MySQL connection in a test: blocking, with a time limit, made of
// plain system calls so that it shares nothing with what it tests.
#ifndef SEALGATE_TESTS_PROXY_NET_PEER_H_
#define SEALGATE_TESTS_PROXY_NET_PEER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/wire/capabilities.h"

namespace sealgate::net {

struct Message {
  std::uint8_t seq = 0;
  std::string payload;
};

class Peer {
 public:
  /// Takes a connected socket.
  explicit Peer(int socket);
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&&) = delete;
  ~Peer();
  static Peer Connect(std::uint16_t port);

  /// False when the connection is gone.
  bool Send(std::string_view bytes);
  bool SendMessage(std::uint8_t seq, std::string_view payload);
  /// Nothing at the end of the connection, or after five seconds.
  std::optional<Message> Receive();
  /// Up to `most` bytes as they come; empty at the end.
  std::string ReceiveSome(std::size_t most = 65536);
  /// True when the other side ends the connection within five seconds; what it
  /// still sends is skipped.
  bool AwaitEnd();
  void Close();
  int socket() const { return socket_; }

 private:
  bool ReceiveExactly(std::string& bytes, std::size_t size);
  int socket_;
};

/// One message as a frame.
std::string Framed(std::uint8_t seq, std::string_view payload);

extern const wire::Capabilities kClientFlags;
std::string GreetingPacket(wire::Capabilities extra = 0);
std::string LoginPacket();
std::string SslRequestPacket();
std::string OkPacketBytes(std::uint16_t status = 2);
std::string QueryPacket(std::string_view sql);
/// Number of an ERR packet, 0 for anything else.
int ErrorCodeOf(const std::optional<Message>& message);

/// The client's part of a login; true when it ends with OK.
bool LogIn(Peer& client);
/// The server's part, with the questions after it.
bool ServeLogin(Peer& server);
/// Sends a statement that has no result; true for OK.
bool Execute(Peer& client, std::string_view sql);

}  // namespace sealgate::net

#endif  // SEALGATE_TESTS_PROXY_NET_PEER_H_
