// A database server of a few lines, whose connections a test serves itself.
#ifndef SEALGATE_TESTS_PROXY_NET_FAKE_BACKEND_H_
#define SEALGATE_TESTS_PROXY_NET_FAKE_BACKEND_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/proxy/net/peer.h"

namespace sealgate::net {

class FakeBackend {
 public:
  using Serve = std::function<void(Peer&)>;

  /// Serves every connection on a thread of its own.
  explicit FakeBackend(Serve serve);
  ~FakeBackend();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_.load(); }

 private:
  void AcceptLoop();

  const Serve serve_;
  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;  // the accepting thread's
  std::thread accepting_;
};

/// What the backend was told, for the test to look at.
class Statements {
 public:
  void Add(const std::string& text);
  bool Has(const std::string& text) const;
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

/// Logs in and answers every statement with OK.
FakeBackend::Serve ServeOk(Statements& statements);

}  // namespace sealgate::net

#endif  // SEALGATE_TESTS_PROXY_NET_FAKE_BACKEND_H_
