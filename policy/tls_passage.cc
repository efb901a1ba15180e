#include "policy/tls_passage.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "policy/greeting.h"

namespace sealgate::policy {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kLongestGreeting = 4'096;
constexpr std::size_t kBuffer = 64 << 10;
constexpr char kErrorPacket = '\xFF';

using Error = TlsPassage::Error;

Error Unreachable(const SocketAddress& server, std::string_view why) {
  return {false, fmt::format("{}: {}", ToText(server), why)};
}

/// Waits until the deadline; 0 when nothing came.
int Poll(int fd, short events, steady_clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
  if (left.count() <= 0) return 0;
  pollfd waiting{fd, events, 0};
  return ::poll(&waiting, 1, static_cast<int>(left.count()));
}

/// 0, or the errno.
int ConnectOne(const addrinfo& to, steady_clock::time_point deadline, Descriptor& out) {
  Descriptor made(
      ::socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to.ai_protocol));
  if (!made) return errno;
  if (::connect(made.get(), to.ai_addr, to.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return errno;
    if (Poll(made.get(), POLLOUT, deadline) <= 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof(error);
    if (::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    if (error != 0) return error;
  }
  const int on = 1;
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(made.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  out = std::move(made);
  return 0;
}

tl::expected<Descriptor, Error> ConnectTo(const SocketAddress& server,
                                          steady_clock::time_point deadline) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed =
      ::getaddrinfo(server.address.c_str(), std::to_string(server.port).c_str(), &wanted, &found);
  if (failed != 0) return tl::unexpected(Unreachable(server, ::gai_strerror(failed)));
  Descriptor connected;
  int error = 0;
  for (const addrinfo* each = found; each != nullptr && !connected; each = each->ai_next) {
    error = ConnectOne(*each, deadline, connected);
  }
  ::freeaddrinfo(found);
  if (!connected) return tl::unexpected(Unreachable(server, std::strerror(error)));
  return connected;
}

/// The first packet, header and all; nothing when it does not come or is no greeting.
std::string ReadGreeting(int fd, steady_clock::time_point deadline) {
  std::string read;
  std::size_t wanted = kHeaderBytes;
  while (read.size() < wanted) {
    std::array<char, kLongestGreeting> part{};
    const ssize_t got = ::recv(fd, part.data(), wanted - read.size(), 0);
    if (got == 0) return {};
    if (got < 0) {
      if (errno != EAGAIN && errno != EINTR) return {};
      if (errno == EAGAIN && Poll(fd, POLLIN, deadline) <= 0) return {};
      continue;
    }
    read.append(part.data(), static_cast<std::size_t>(got));
    if (read.size() == kHeaderBytes) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(read[i]); };
      const std::size_t length = byte(0) | std::size_t{byte(1)} << 8 | std::size_t{byte(2)} << 16;
      if (length == 0 || length > kLongestGreeting - kHeaderBytes) return {};
      wanted += length;
    }
  }
  return read;
}

/// What a server says in place of a greeting: that it has too many connections.
std::string ErrorText(std::string_view packet) {
  if (packet.size() < 3) return "an error without a number";
  const unsigned number = static_cast<std::uint8_t>(packet[1]) |
                          static_cast<unsigned>(static_cast<std::uint8_t>(packet[2])) << 8;
  return fmt::format("{} ({})", packet.substr(3), number);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

tl::expected<std::unique_ptr<TlsPassage>, Error> TlsPassage::Open(const SocketAddress& server,
                                                                  Milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  auto connected = ConnectTo(server, deadline);
  if (!connected) return tl::unexpected(std::move(connected.error()));
  std::string greeting = ReadGreeting(connected->get(), deadline);
  if (greeting.empty()) {
    return tl::unexpected(Unreachable(server, "no greeting of a database server came"));
  }
  const std::string_view packet = std::string_view(greeting).substr(kHeaderBytes);
  if (packet[0] == kErrorPacket) {
    return tl::unexpected(Unreachable(server, ErrorText(packet)));
  }
  if (!OffersTls(packet)) {
    return tl::unexpected(Error{true, "the database server does not offer TLS"});
  }
  std::unique_ptr<TlsPassage> made(new TlsPassage(std::move(*connected), std::move(greeting)));
  if (!made->Listen()) {
    return tl::unexpected(Unreachable(server, std::strerror(errno)));
  }
  return made;
}

TlsPassage::TlsPassage(Descriptor server, std::string greeting)
    : server_(std::move(server)), greeting_(std::move(greeting)) {}

TlsPassage::~TlsPassage() {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

bool TlsPassage::Listen() {
  stop_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!stop_ || !listener_) return false;
  // The kernel chooses a name that nobody has.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socklen_t size = sizeof(sa_family_t);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 4) != 0) return false;
  size = sizeof(address);
  if (::getsockname(listener_.get(), plain, &size) != 0) return false;
  const std::size_t length = size - offsetof(sockaddr_un, sun_path);
  socket_ = "@" + std::string(address.sun_path + 1, length - 1);
  thread_ = std::thread([this] { Run(); });
  return true;
}

void TlsPassage::Run() {
  if (Accept() && Send(client_.get(), greeting_)) {
    while (Await(client_.get(), POLLIN, server_.get())) {
      if (!Move(client_.get(), server_.get()) || !Move(server_.get(), client_.get())) break;
    }
  }
  // Either side sees the end of the other at once.
  client_ = Descriptor();
  ::shutdown(server_.get(), SHUT_RDWR);
}

bool TlsPassage::Accept() {
  while (Await(listener_.get(), POLLIN)) {
    Descriptor made(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!made && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) return false;
    if (!made) continue;
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(made.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) continue;
    if (peer.pid != ::getpid()) continue;
    client_ = std::move(made);
    return true;
  }
  return false;
}

bool TlsPassage::Send(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!Await(fd, POLLOUT)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

// What has come; false when the sender or the receiver is gone.
bool TlsPassage::Move(int from, int to) {
  std::array<char, kBuffer> part;
  const ssize_t got = ::recv(from, part.data(), part.size(), 0);
  if (got > 0) return Send(to, {part.data(), static_cast<std::size_t>(got)});
  return got < 0 && (errno == EAGAIN || errno == EINTR);
}

bool TlsPassage::Await(int fd, short events, int other) {
  std::array<pollfd, 3> waiting{{{stop_.get(), POLLIN, 0}, {fd, events, 0}, {other, events, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return waiting[0].revents == 0;
}

}  // namespace sealgate::policy
