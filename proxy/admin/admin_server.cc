#include "proxy/admin/admin_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio.hpp>
#include <thread>
#include <utility>
#include <vector>

namespace sealgate::admin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;
using policy::Milliseconds;

constexpr int kThreads = 2;
constexpr std::chrono::milliseconds kAcceptPause{100};

Milliseconds Now() {
  return std::chrono::duration_cast<Milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

/// Accepts connections on one address. Runs on its acceptor's strand.
class AdminServer::Listener {
 public:
  Listener(asio::io_context& context, const HttpLimits& limits, HttpConnection::Answer answer)
      : context_(context),
        acceptor_(asio::make_strand(context)),
        pause_(acceptor_.get_executor()),
        limits_(limits),
        answer_(std::move(answer)) {}

  Error Bind(const ListenAddress& listen) {
    Error error;
    const auto address = asio::ip::make_address(listen.address, error);
    if (error) return error;
    const tcp::endpoint endpoint(address, listen.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    return error;
  }

  void Accept() {
    acceptor_.async_accept(asio::make_strand(context_), [this](Error error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return Pause();
      // One too many is closed at once: a full house must not look like a hang.
      if (open_->load() < limits_.connections) {
        std::make_shared<HttpConnection>(std::move(socket), limits_, answer_, open_)->Start();
      }
      Accept();
    });
  }

  std::uint16_t port() const { return port_; }

 private:
  // Out of file descriptors, most likely; asking again at once would spin.
  void Pause() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](Error error) {
      if (!error) Accept();
    });
  }

  asio::io_context& context_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  const HttpLimits limits_;
  const HttpConnection::Answer answer_;
  // Shared: connections go with the context, after this.
  const std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
  std::uint16_t port_ = 0;
};

class AdminServer::State {
 public:
  State(AdminOptions options, policy::WriteGate& gate, metrics::Metrics& metrics, AdminHooks hooks)
      : options_(std::move(options)),
        gate_(gate),
        metrics_(metrics),
        api_(options_.token, gate, metrics, std::move(hooks), Now()),
        admin_(*context_, options_.limits,
               [this](const Request& request) { return api_.Handle(request, Now()); }),
        metrics_page_(*context_, options_.limits,
                      [this](const Request& request) { return api_.HandleMetrics(request); }),
        tick_(*context_) {}

  ~State() { Stop(); }

  tl::expected<void, StartFailure> Start() {
    if (options_.token.empty()) {
      return tl::unexpected(StartFailure{StartError::kNoToken, "the admin token is empty"});
    }
    if (const Error error = admin_.Bind(options_.admin)) {
      return Failure(StartError::kAdminAddress, options_.admin, error);
    }
    if (const Error error = metrics_page_.Bind(options_.metrics)) {
      return Failure(StartError::kMetricsAddress, options_.metrics, error);
    }
    admin_.Accept();
    metrics_page_.Accept();
    Tick();
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { context_->run(); });
    return {};
  }

  void Stop() {
    context_->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::uint16_t admin_port() const { return admin_.port(); }
  std::uint16_t metrics_port() const { return metrics_page_.port(); }

 private:
  static tl::unexpected<StartFailure> Failure(StartError what, const ListenAddress& listen,
                                              const Error& error) {
    return tl::unexpected(StartFailure{
        what,
        fmt::format("cannot listen on {}:{}: {}", listen.address, listen.port, error.message())});
  }

  void Tick() {
    const Milliseconds now = Now();
    gate_.Tick(now);
    const policy::GateStatus status = gate_.Status(now);
    metrics_.gate_state.store(static_cast<int>(status.state), std::memory_order_relaxed);
    metrics_.gate_held.store(static_cast<std::int64_t>(status.held), std::memory_order_relaxed);
    tick_.expires_after(options_.tick);
    tick_.async_wait([this](Error error) {
      if (!error) Tick();
    });
  }

  const AdminOptions options_;
  policy::WriteGate& gate_;
  metrics::Metrics& metrics_;
  AdminApi api_;
  std::unique_ptr<asio::io_context> context_ = std::make_unique<asio::io_context>(kThreads);
  Listener admin_;
  Listener metrics_page_;
  asio::steady_timer tick_;
  std::vector<std::thread> threads_;
};

AdminServer::AdminServer(AdminOptions options, policy::WriteGate& gate, metrics::Metrics& metrics,
                         AdminHooks hooks)
    : state_(std::make_unique<State>(std::move(options), gate, metrics, std::move(hooks))) {}
AdminServer::~AdminServer() = default;

tl::expected<void, StartFailure> AdminServer::Start() { return state_->Start(); }
void AdminServer::Stop() { state_->Stop(); }
std::uint16_t AdminServer::admin_port() const { return state_->admin_port(); }
std::uint16_t AdminServer::metrics_port() const { return state_->metrics_port(); }

}  // namespace sealgate::admin
