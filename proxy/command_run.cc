// sealgate run: puts the parts together, starts them, and waits for signals.
#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

#include "metrics/build_info.h"
#include "policy/file_text.h"
#include "policy/tls_config.h"
#include "proxy/admin/admin_server.h"
#include "proxy/commands.h"
#include "proxy/net/backend/backend_monitor.h"
#include "proxy/net/backend/catalog_watcher.h"
#include "proxy/net/backend/statement_killer.h"
#include "proxy/net/server.h"

namespace sealgate {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr auto kDrainTime = std::chrono::seconds(10);
constexpr auto kCloseTime = std::chrono::milliseconds(500);
constexpr auto kPollInterval = std::chrono::milliseconds(20);

spdlog::level::level_enum LevelOf(policy::LogLevel level) {
  switch (level) {
    case policy::LogLevel::kTrace:
      return spdlog::level::trace;
    case policy::LogLevel::kDebug:
      return spdlog::level::debug;
    case policy::LogLevel::kInfo:
      return spdlog::level::info;
    case policy::LogLevel::kWarning:
      return spdlog::level::warn;
    case policy::LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

bool OpenLog(const policy::LogConfig& config) {
  try {
    const auto logger = config.file == "-" ? spdlog::stderr_logger_mt("sealgate")
                                           : spdlog::basic_logger_mt("sealgate", config.file);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger->set_level(LevelOf(config.level));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(logger);
    return true;
  } catch (const spdlog::spdlog_ex& error) {
    PrintMistakes({fmt::format("log.file: {}", error.what())});
    return false;
  }
}

// All that is read from files, and good.
struct Inputs {
  policy::Config config;
  net::Protection protection;
  net::TlsPointer tls;
  std::string catalog_password;
  std::string admin_token;
};

std::optional<Inputs> LoadInputs(const std::string& config_file) {
  auto config = LoadConfigOrExplain(config_file);
  if (!config) return std::nullopt;
  Inputs inputs{std::move(*config), {}, {}, {}, {}};
  std::vector<std::string> mistakes;
  if (auto protection = net::LoadProtection(inputs.config)) {
    inputs.protection = std::move(*protection);
  } else {
    mistakes = std::move(protection.error());
  }
  if (auto tls = net::LoadTls(inputs.config.listen, inputs.config.backend)) {
    inputs.tls = std::move(*tls);
  } else {
    mistakes.push_back(std::move(tls.error()));
  }
  if (auto password = policy::ReadSecretLine(inputs.config.catalog.password_file)) {
    inputs.catalog_password = std::move(*password);
  } else {
    mistakes.push_back(policy::ToText(password.error()));
  }
  if (auto token = policy::ReadSecretLine(inputs.config.admin.token_file)) {
    inputs.admin_token = std::move(*token);
  } else {
    mistakes.push_back(policy::ToText(token.error()));
  }
  PrintMistakes(mistakes);
  if (!mistakes.empty()) return std::nullopt;
  return inputs;
}

std::vector<std::string> DomainNames(const policy::Policy& policy) {
  std::vector<std::string> names;
  for (const policy::Domain& domain : policy.domains) names.push_back(domain.name);
  return names;
}

/// For the metrics; a server that is the only one has no state.
std::vector<std::string> BackendNames(const policy::BackendConfig& backend) {
  std::vector<std::string> names;
  for (const policy::SocketAddress& server : backend.addresses) {
    names.push_back(policy::ToText(server));
  }
  return names;
}

policy::ServerAccess AccessOf(const policy::Config& config, std::string password) {
  policy::ServerAccess access{config.backend, config.catalog.user, std::move(password),
                              config.limits.connect_timeout};
  // A server that hangs must not keep the schema's reader from the next primary.
  constexpr policy::Milliseconds kLongestReplyOfSeveral{10'000};
  if (!config.backend.addresses.empty()) access.reply_timeout = kLongestReplyOfSeveral;
  return access;
}

class Proxy {
 public:
  explicit Proxy(Inputs inputs)
      : config_(std::move(inputs.config)),
        settings_(net::SettingsOf(config_)),
        backends_(config_.backend),
        users_(config_.limits.max_connections_per_user),
        memory_(config_.limits.memory),
        metrics_(DomainNames(*inputs.protection.policy), BackendNames(config_.backend)),
        gate_(config_.limits.hold),
        rsa_(crypto::RsaKeyPair::Generate()),
        tls_(std::move(inputs.tls)),
        protection_(std::move(inputs.protection)),
        access_(AccessOf(config_, std::move(inputs.catalog_password))),
        watcher_(access_, config_.catalog, metrics_, board_),
        killer_(access_, metrics_),
        monitor_(access_, backends_.servers(), config_.backend.check_interval, metrics_),
        server_({config_, settings_, metrics_, gate_, board_, watcher_, tls_, rsa_, killer_,
                 backends_, users_, killed_, memory_}),
        admin_(AdminOptionsOf(std::move(inputs.admin_token)), gate_, metrics_, Hooks()) {}

  bool Start() {
    if (!FindPrimary() || !LoadSchema()) return false;
    if (auto started = server_.Start(); !started) {
      PrintMistakes({"listen: " + started.error()});
      return false;
    }
    watcher_.Start([this] { return net::LoadProtection(config_); });
    killer_.Start();
    if (HasSeveralBackends()) {
      monitor_.Start([this](std::optional<std::size_t> primary) { OnPrimary(primary); });
    }
    if (auto started = admin_.Start(); !started) {
      PrintMistakes({started.error().text});
      return false;
    }
    Announce();
    return true;
  }

  /// Until it is told to stop and has done so.
  void Serve() {
    AwaitSignal();
    AwaitReload();
    context_.run();
  }

  void Stop() {
    admin_.Stop();
    server_.Join();
    monitor_.Stop();
    killer_.Stop();
    watcher_.Stop();
  }

 private:
  using ReloadResult = net::CatalogWatcher::ReloadResult;

  admin::AdminOptions AdminOptionsOf(std::string token) const {
    admin::AdminOptions options;
    options.admin = {config_.admin.listen.address, config_.admin.listen.port};
    options.metrics = {config_.metrics.listen.address, config_.metrics.listen.port};
    options.token = std::move(token);
    return options;
  }

  admin::AdminHooks Hooks() {
    admin::AdminHooks hooks;
    hooks.status = [this] { return Status(); };
    hooks.reload = [this] { return ReloadNow(); };
    return hooks;
  }

  nlohmann::json Status() const {
    const net::SnapshotPointer snapshot = board_.Current();
    return {{"listen", server_.ListeningOn()},
            {"backend", BackendText()},
            {"backends", HasSeveralBackends() ? BackendStates() : nlohmann::json::array()},
            {"backend_version", snapshot->catalog->server_version},
            {"threads", server_.threads()},
            {"protected_columns", snapshot->policy->columns.size()}};
  }

  /// Policy with keys, and certificates: what is wrong with one is no reason not
  /// to take the other.
  void Reload(std::function<void(ReloadResult)> done) {
    watcher_.ReloadPolicy([this, done = std::move(done)](ReloadResult result) {
      if (auto tls = ReloadTls(); !tls) {
        if (result) result = tl::unexpected(net::Mistakes{});
        result.error().push_back(std::move(tls.error()));
      }
      done(std::move(result));
    });
  }

  tl::expected<void, std::string> ReloadTls() {
    const auto changed = tls_.Reload(config_.listen, config_.backend);
    if (!changed) {
      spdlog::error("the certificates are not good, the old ones stay: {}", changed.error());
      return tl::unexpected(changed.error());
    }
    if (*changed) spdlog::info("certificates were loaded again");
    return {};
  }

  admin::HookAnswer ReloadNow() {
    std::promise<ReloadResult> promise;
    auto result = promise.get_future();
    Reload([&promise](ReloadResult done) { promise.set_value(std::move(done)); });
    const ReloadResult done = result.get();
    if (done) return nlohmann::json{{"reloaded", true}};
    std::string lines;
    for (const std::string& line : done.error()) lines += (lines.empty() ? "" : "\n") + line;
    return tl::unexpected(
        admin::Problem{lines,
                       "What is named here stays as it was: the policy with its keys, or "
                       "the certificates."});
  }

  bool HasSeveralBackends() const { return !config_.backend.addresses.empty(); }

  bool FindPrimary() {
    if (!HasSeveralBackends()) return true;
    const auto primary = monitor_.FindFirst();
    if (!primary) {
      PrintMistakes({primary.error()});
      return false;
    }
    backends_.SetPrimary(*primary);
    watcher_.UseServer(backends_.server(*primary));
    return true;
  }

  // New sessions wait until the schema of the new primary was read.
  void OnPrimary(std::optional<std::size_t> primary) {
    {
      const std::lock_guard lock(primary_mutex_);
      wanted_primary_ = primary;
      backends_.SetPrimary(std::nullopt);
    }
    if (!primary) {
      spdlog::error("none of the database servers is the primary now");
      return;
    }
    spdlog::warn("the primary is now {}", policy::ToText(backends_.server(*primary)));
    watcher_.Follow(backends_.server(*primary), [this, index = *primary] {
      const std::lock_guard lock(primary_mutex_);
      if (wanted_primary_ != index) return;  // not any more
      metrics_.failovers.Add();
      backends_.SetPrimary(index);
      server_.FollowPrimary(index);
    });
  }

  nlohmann::json BackendStates() const {
    nlohmann::json states = nlohmann::json::array();
    for (const auto& line : monitor_.Describe()) {
      states.push_back({{"address", line.server},
                        {"state", policy::StandingName(line.standing)},
                        {"in_use", line.in_use}});
    }
    return states;
  }

  std::string BackendText() const {
    const auto primary = backends_.primary();
    return primary ? policy::ToText(backends_.server(*primary)) : "none";
  }

  bool LoadSchema() {
    const auto result = watcher_.LoadFirst(std::move(protection_));
    if (!result) {
      PrintMistakes({result.error()});
      return false;
    }
    if (result->has_errors()) {
      fmt::print(stderr, "{}", policy::ToText(*result));
      return false;
    }
    for (const policy::Finding& finding : result->findings) {
      if (finding.severity == policy::Severity::kWarning) {
        spdlog::warn("{}", policy::ToText(finding.diagnostic));
      }
    }
    return true;
  }

  void Announce() const {
    const std::string line =
        fmt::format("sealgate {}: listening on {}, {} threads, before {}; admin on {}:{}",
                    metrics::kVersion, server_.ListeningOn(), server_.threads(), BackendText(),
                    config_.admin.listen.address, admin_.admin_port());
    fmt::print("{}\n", line);
    std::fflush(stdout);
    spdlog::info("{}", line);
  }

  void AwaitSignal() {
    stop_signals_.async_wait([this](boost::system::error_code error, int) {
      if (error) return;
      if (std::exchange(stopping_, true)) std::_Exit(kFailed);
      spdlog::info("stopping: no more connections, sessions may finish for {} s",
                   kDrainTime.count());
      server_.Drain();
      deadline_ = steady_clock::now() + kDrainTime;
      PollDrain();
      AwaitSignal();
    });
  }

  void PollDrain() {
    if (!server_.drained() && steady_clock::now() >= deadline_) {
      if (std::exchange(closing_, true)) return End();
      spdlog::warn("some sessions did not finish in time and are closed");
      server_.CloseAll();
      deadline_ = steady_clock::now() + kCloseTime;
    }
    if (server_.drained()) return End();
    poll_timer_.expires_after(kPollInterval);
    poll_timer_.async_wait([this](boost::system::error_code error) {
      if (!error) PollDrain();
    });
  }

  void End() {
    spdlog::info("stopped");
    context_.stop();
  }

  void AwaitReload() {
    reload_signals_.async_wait([this](boost::system::error_code error, int) {
      if (error) return;
      Reload([](const ReloadResult&) {});
      AwaitReload();
    });
  }

  const policy::Config config_;
  const relay::Settings settings_;
  std::mutex primary_mutex_;
  std::optional<std::size_t> wanted_primary_;
  net::Backends backends_;
  relay::UserLimit users_;
  relay::KilledThreads killed_;
  net::MemoryBudget memory_;
  metrics::Metrics metrics_;
  policy::WriteGate gate_;
  const crypto::RsaKeyPair rsa_;
  net::TlsBoard tls_;
  net::Protection protection_;
  net::SnapshotBoard board_;
  const policy::ServerAccess access_;
  net::CatalogWatcher watcher_;
  net::StatementKiller killer_;
  net::BackendMonitor monitor_;
  net::Server server_;
  admin::AdminServer admin_;
  asio::io_context context_{1};
  asio::signal_set stop_signals_{context_, SIGTERM, SIGINT};
  asio::signal_set reload_signals_{context_, SIGHUP};
  asio::steady_timer poll_timer_{context_};
  steady_clock::time_point deadline_{};
  bool stopping_ = false;
  bool closing_ = false;
};

}  // namespace

int RunProxy(const std::string& config_file) {
  std::signal(SIGPIPE, SIG_IGN);
  auto inputs = LoadInputs(config_file);
  if (!inputs || !OpenLog(inputs->config.log)) return kFailed;
  for (const policy::Diagnostic& warning : policy::TlsWarnings(inputs->config, config_file)) {
    spdlog::warn("{}", policy::ToText(warning));
  }
  Proxy proxy(std::move(*inputs));
  const bool started = proxy.Start();
  if (started) proxy.Serve();
  proxy.Stop();
  return started ? kDone : kFailed;
}

}  // namespace sealgate
