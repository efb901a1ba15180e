// A blocking socket that speaks whatever a test wants it to say.
#ifndef SEALGATE_TESTS_PROXY_ADMIN_RAW_HTTP_H_
#define SEALGATE_TESTS_PROXY_ADMIN_RAW_HTTP_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sealgate::admin {

class RawHttp {
 public:
  explicit RawHttp(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~RawHttp() { close(socket_); }
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  bool connected() const { return connected_; }

  /// False when the peer has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// All that comes until the peer closes.
  std::string ReadAll() {
    std::string all;
    while (ReadSome(all)) {
    }
    return all;
  }

  /// One response with a Content-Length, or what came before the peer closed.
  std::string ReadResponse() {
    std::string text;
    while (true) {
      const std::size_t end = text.find("\r\n\r\n");
      const std::size_t length = text.find("Content-Length: ");
      if (end != std::string::npos && length < end &&
          text.size() >= end + 4 + std::stoul(text.substr(length + 16))) {
        return text;
      }
      if (!ReadSome(text)) return text;
    }
  }

 private:
  bool ReadSome(std::string& text) {
    char bytes[4'096];
    const ssize_t size = recv(socket_, bytes, sizeof bytes, 0);
    if (size > 0) text.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }

  int socket_;
  bool connected_ = false;
};

}  // namespace sealgate::admin

#endif  // SEALGATE_TESTS_PROXY_ADMIN_RAW_HTTP_H_
