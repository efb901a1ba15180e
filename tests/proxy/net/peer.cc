#include "tests/proxy/net/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "proxy/wire/column_definition.h"
#include "proxy/wire/com_query.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/generic_response.h"
#include "proxy/wire/handshake.h"

namespace sealgate::net {
namespace {

constexpr wire::Capabilities kServerFlags = wire::kClientLongPassword | wire::kClientProtocol41 |
                                            wire::kClientSecureConnection |
                                            wire::kClientPluginAuth | wire::kClientSessionTrack |
                                            wire::kClientDeprecateEof | wire::kClientTransactions;

template <typename T, typename... Rest>
std::string Encoded(const T& value, Rest... rest) {
  std::string payload;
  wire::Writer writer(payload);
  wire::Encode(value, rest..., writer);
  return payload;
}

void AppendText(std::string_view text, std::string& out) {
  out.push_back(static_cast<char>(text.size()));
  out.append(text);
}

// What the relay asks before a command that needs the session's modes: two statements,
// sent together.
bool ServeQuestions(Peer& server) {
  for (int i = 0; i < 2; ++i) {
    if (!server.Receive()) return false;
  }
  std::string row;
  constexpr std::string_view kValues[] = {"",  "utf8mb4", "utf8mb4", "utf8mb4",
                                          "",  "SYSTEM",  "UTC",     "2001-09-09 01:46:40",
                                          "1", "app@%"};
  constexpr auto kColumns = static_cast<char>(std::size(kValues));
  for (const std::string_view value : kValues) AppendText(value, row);
  std::string out = Framed(1, OkPacketBytes()) + Framed(1, std::string(1, kColumns));
  std::uint8_t seq = 2;
  for (int i = 0; i < kColumns; ++i)
    out += Framed(seq++, Encoded(wire::ColumnDefinition41{.name = "x"}));
  out += Framed(seq++, row);
  std::string end = OkPacketBytes();
  end[0] = '\xFE';
  return server.Send(out + Framed(seq, end));
}

}  // namespace

const wire::Capabilities kClientFlags = kServerFlags & ~wire::kClientSessionTrack;

Peer::Peer(int socket) : socket_(socket) {
  const timeval limit{.tv_sec = 5, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

Peer::Peer(Peer&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

Peer::~Peer() { Close(); }

Peer Peer::Connect(std::uint16_t port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(made);
    throw std::runtime_error("cannot connect");
  }
  return Peer(made);
}

bool Peer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Peer::SendMessage(std::uint8_t seq, std::string_view payload) {
  return Send(Framed(seq, payload));
}

bool Peer::ReceiveExactly(std::string& bytes, std::size_t size) {
  bytes.clear();
  while (bytes.size() < size) {
    const std::string some = ReceiveSome(size - bytes.size());
    if (some.empty()) return false;
    bytes += some;
  }
  return true;
}

std::optional<Message> Peer::Receive() {
  std::string header;
  if (!ReceiveExactly(header, 4)) return std::nullopt;
  const auto byte = [&header](int i) { return static_cast<std::uint8_t>(header[i]); };
  Message message{byte(3), {}};
  const std::size_t size = byte(0) | byte(1) << 8 | byte(2) << 16;
  if (!ReceiveExactly(message.payload, size)) return std::nullopt;
  return message;
}

std::string Peer::ReceiveSome(std::size_t most) {
  std::string bytes(std::min<std::size_t>(most, 65536), '\0');
  const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

bool Peer::AwaitEnd() {
  char skipped[4096];
  while (true) {
    const ssize_t size = ::recv(socket_, skipped, sizeof(skipped), 0);
    if (size == 0) return true;
    if (size < 0) return errno == ECONNRESET;
  }
}

void Peer::Close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

std::string Framed(std::uint8_t seq, std::string_view payload) {
  std::string bytes;
  wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, bytes);
  return bytes;
}

std::string GreetingPacket(wire::Capabilities extra) {
  return Encoded(wire::HandshakeV10{.server_version = "8.0.99-fake",
                                    .thread_id = 7,
                                    .scramble_head = "12345678",
                                    .scramble_tail = std::string_view("123456789012\0", 13),
                                    .capabilities = kServerFlags | extra,
                                    .collation = 45,
                                    .status = 2,
                                    .plugin = "mysql_native_password"});
}

std::string LoginPacket() {
  return Encoded(wire::HandshakeResponse41{.capabilities = kClientFlags,
                                           .max_packet = 1 << 24,
                                           .collation = 45,
                                           .user = "app",
                                           .auth_response = "abcdefghijabcdefghij",
                                           .plugin = "mysql_native_password"},
                 kServerFlags);
}

std::string SslRequestPacket() {
  return Encoded(wire::SslRequest{
      .capabilities = kClientFlags | wire::kClientSsl, .max_packet = 1 << 24, .collation = 45});
}

std::string OkPacketBytes(std::uint16_t status) {
  return Encoded(wire::OkPacket{.status = status}, kServerFlags);
}

std::string QueryPacket(std::string_view sql) { return "\x03" + std::string(sql); }

int ErrorCodeOf(const std::optional<Message>& message) {
  if (!message) return 0;
  const auto error = wire::DecodeErr(message->payload);
  return error ? error->code : 0;
}

bool LogIn(Peer& client) {
  if (!client.Receive()) return false;
  if (!client.SendMessage(1, LoginPacket())) return false;
  const auto answer = client.Receive();
  if (!answer || answer->payload[0] != '\0') return false;
  if (!client.SendMessage(0, "\x02my-shop")) return false;
  const auto used = client.Receive();
  return used && used->payload[0] == '\0';
}

bool ServeLogin(Peer& server) {
  if (!server.SendMessage(0, GreetingPacket())) return false;
  if (!server.Receive()) return false;
  return server.SendMessage(2, OkPacketBytes()) && ServeQuestions(server) && server.Receive() &&
         server.SendMessage(1, OkPacketBytes());
}

bool Execute(Peer& client, std::string_view sql) {
  if (!client.SendMessage(0, QueryPacket(sql))) return false;
  const auto answer = client.Receive();
  return answer && answer->payload[0] == '\0';
}

}  // namespace sealgate::net
