// A way to a server that must have TLS, for Connector/C++. libmariadb goes on without
// TLS when a server does not offer it (unless it verifies the server's name), and its
// caching_sha2_password then sends the password as it is. So the connector gets a socket
// of this process. The other end has read the server's greeting before, and exists only
// if that offers TLS; after the greeting, bytes pass as they are, so that TLS is between
// the connector and the server.
// Source: MySQL manual, "Protocol::HandshakeV10".
//
// Thread rule: one thread at a time; the bytes pass on a thread of its own.
#ifndef SEALGATE_POLICY_TLS_PASSAGE_H_
#define SEALGATE_POLICY_TLS_PASSAGE_H_

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <tl/expected.hpp>

#include "policy/config.h"

namespace sealgate::policy {

/// A descriptor that is closed with it; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

class TlsPassage {
 public:
  struct Error {
    bool no_tls = false;  // the server does not offer it
    std::string text;     // names no secret
  };

  /// Connects to the server, over TCP, and reads its greeting, for at most `timeout`.
  static tl::expected<std::unique_ptr<TlsPassage>, Error> Open(const SocketAddress& server,
                                                               Milliseconds timeout);
  /// Ends the connection.
  ~TlsPassage();

  /// Where the connector connects to, once: an abstract Unix socket, "@name". Nobody
  /// but this process gets through.
  const std::string& socket() const { return socket_; }

 private:
  TlsPassage(Descriptor server, std::string greeting);
  bool Listen();
  void Run();
  bool Accept();
  bool Send(int fd, std::string_view bytes);
  bool Move(int from, int to);
  /// False when the end has come.
  bool Await(int fd, short events, int other = -1);

  Descriptor server_;
  Descriptor listener_;
  Descriptor client_;
  Descriptor stop_;
  const std::string greeting_;
  std::string socket_;
  std::thread thread_;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_TLS_PASSAGE_H_
