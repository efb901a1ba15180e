#include "tests/proxy/net/fake_backend.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace sealgate::net {

FakeBackend::FakeBackend(Serve serve)
    : serve_(std::move(serve)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 16) != 0) std::abort();
  if (::getsockname(socket_, generic, &size) != 0) std::abort();
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { AcceptLoop(); });
}

FakeBackend::~FakeBackend() {
  stopping_ = true;
  ::shutdown(socket_, SHUT_RDWR);
  accepting_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(socket_);
}

void FakeBackend::AcceptLoop() {
  while (true) {
    const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0 || stopping_) {
      if (accepted >= 0) ::close(accepted);
      return;
    }
    ++connections_;
    threads_.emplace_back([this, accepted] {
      Peer peer(accepted);
      serve_(peer);
    });
  }
}

void Statements::Add(const std::string& text) {
  const std::lock_guard lock(mutex_);
  texts_.push_back(text);
}

bool Statements::Has(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  return std::find(texts_.begin(), texts_.end(), text) != texts_.end();
}

std::size_t Statements::size() const {
  const std::lock_guard lock(mutex_);
  return texts_.size();
}

FakeBackend::Serve ServeOk(Statements& statements) {
  return [&statements](Peer& peer) {
    if (!ServeLogin(peer)) return;
    while (const auto message = peer.Receive()) {
      if (message->payload[0] != '\x03') continue;
      statements.Add(message->payload.substr(1));
      if (!peer.SendMessage(1, OkPacketBytes())) return;
    }
  };
}

}  // namespace sealgate::net
