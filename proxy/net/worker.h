// One thread of the proxy: its own io_context, listening socket, rewriter and
// sessions. The kernel spreads new connections over the workers' sockets.
#ifndef SEALGATE_PROXY_NET_WORKER_H_
#define SEALGATE_PROXY_NET_WORKER_H_

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <unordered_set>
#include <vector>

#include "crypto/random_source.h"
#include "proxy/net/session/session.h"
#include "proxy/rewrite/rewriter.h"

namespace sealgate::net {

using Acceptor = asio::basic_socket_acceptor<Transport, Executor>;

class Worker final : public SessionHost {
 public:
  /// `open_connections` counts those of all workers.
  Worker(Shared& shared, std::uint32_t index, std::atomic<std::uint32_t>& open_connections);
  ~Worker() override;

  /// Before Start, once for each address. `port` 0: any free one. `v6_only`: an
  /// IPv6 address takes no IPv4 clients. Returns the port.
  tl::expected<std::uint16_t, std::string> Listen(const std::string& address, std::uint16_t port,
                                                  bool v6_only);
  /// Takes a listening Unix socket.
  void AcceptFrom(int unix_socket);
  void Start();
  /// Any thread. No more connections; sessions end when nothing is lost by it.
  void Drain();
  /// Any thread. Sessions end at once.
  void CloseAll();
  /// Any thread. Sessions with another server end when nothing is lost by it.
  void FollowPrimary(std::size_t primary);
  /// All sessions have ended after Drain.
  bool finished() const { return finished_.load(); }
  /// Ends the thread, with whatever it still has.
  void Join();

  asio::io_context& context() override { return context_; }
  const relay::Services& services() override { return services_; }
  SnapshotCache& snapshots() override { return snapshots_; }
  TlsSessions& tls_sessions() override { return tls_sessions_; }
  std::uint32_t slot() const override { return index_; }
  bool MayWarn() override;
  void OnSessionBegins(Session& session) override;
  void OnSessionEnds(Session& session) override;

 private:
  Awaitable<void> AcceptLoop(Acceptor& acceptor);
  Awaitable<void> SweepLoop();
  template <typename Body>
  void ForEachSession(Body body);
  void OnConnection(Socket socket, const Endpoint& peer);
  void Refuse(Socket& socket, const std::string& message);
  void FinishIfDrained();

  Shared& shared_;
  const std::uint32_t index_;
  std::atomic<std::uint32_t>& open_connections_;
  crypto::SystemRandom random_;
  rewrite::Rewriter rewriter_;
  wire::Compressor compressor_;
  const relay::Services services_;
  SnapshotCache snapshots_;
  TlsSessions tls_sessions_;
  std::unordered_set<Session*> sessions_;
  bool draining_ = false;
  Clock::time_point warned_at_{};
  std::atomic<bool> finished_{false};
  // Goes before all of the above: sessions that are left go with it.
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  Timer sweep_timer_;
  std::thread thread_;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_WORKER_H_
