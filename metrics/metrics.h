// Every figure that Sealgate exports, as named members of one struct. Names
// follow Prometheus' rules: base units, _total for counters. Labels come only
// from configuration and from the enums below, never from traffic. All exist at
// zero from the start.
//
// Thread rule: Add and Observe from any thread without a lock; a thread that
// called UseSlot writes to its own cache line. Reading is for the exporter.
#ifndef SEALGATE_METRICS_METRICS_H_
#define SEALGATE_METRICS_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealgate::metrics {

inline constexpr std::size_t kSlots = 64;
/// Gives the calling thread a slot of its own (0..63).
void UseSlot(std::uint32_t slot);
std::uint32_t CurrentSlot();

class Counter {
 public:
  Counter();
  void Add(std::uint64_t n = 1);
  std::uint64_t Value() const;

 private:
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> value{0};
  };
  std::unique_ptr<Cell[]> cells_;
};

/// A gauge that threads raise and lower.
class Gauge {
 public:
  Gauge();
  void Add(std::int64_t n);
  std::int64_t Value() const;

 private:
  struct alignas(64) Cell {
    std::atomic<std::int64_t> value{0};
  };
  std::unique_ptr<Cell[]> cells_;
};

/// Seconds, in fixed buckets from 10 µs to 10 s.
class Histogram {
 public:
  static constexpr std::array<double, 19> kBounds{
      0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
      0.025,   0.05,     0.1,     0.25,   0.5,     1.0,    2.5,   5.0,    10.0};
  Histogram();
  void ObserveNanoseconds(std::uint64_t nanoseconds);
  struct Reading {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};  // not cumulative
    double sum_seconds = 0;
    std::uint64_t count = 0;
  };
  Reading Read() const;

 private:
  struct alignas(64) Cell {
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };
  std::unique_ptr<Cell[]> cells_;
};

enum class StatementClass : std::uint8_t { kRead, kWrite, kTransaction, kSession, kDdl, kOther };
enum class Outcome : std::uint8_t { kPassed, kRewritten, kRefused, kServerError, kHeldExpired };
enum class RefusalReason : std::uint8_t {
  kUnsupported,
  kSyntax,
  kDenied,
  kType,
  kPlaintextColumn,
  kDynamicSql,
  kSession,
  kGate,
  kProtocol,
};
enum class Leg : std::uint8_t { kClient, kBackend };

/// What a server is, in the order of policy::Standing.
inline constexpr std::array<std::string_view, 5> kBackendStates = {
    "unknown", "unreachable", "primary", "secondary", "not_ready"};

inline constexpr std::size_t kStatementClasses = 6;
inline constexpr std::size_t kOutcomes = 5;
inline constexpr std::size_t kRefusalReasons = 9;

std::string_view Name(StatementClass value);
std::string_view Name(Outcome value);
std::string_view Name(RefusalReason value);
std::string_view Name(Leg value);

/// TLS handshakes of one leg.
struct TlsCounters {
  Counter full;
  Counter resumed;
  Counter failed;
};

struct Metrics {
  /// `domains`: the names of the configured domains, in the policy's order.
  /// `backends`: the servers, when there are several.
  explicit Metrics(const std::vector<std::string>& domains,
                   const std::vector<std::string>& backends = {});

  Gauge connections;                // sealgate_connections
  Counter connections_accepted;     // sealgate_connections_accepted_total
  Counter proxy_headers_untrusted;  // sealgate_proxy_header_errors_total{reason="untrusted"}
  Counter proxy_headers_malformed;  //                                {reason="malformed"}
  Counter logins_failed;            // sealgate_logins_failed_total
  Counter protocol_errors;          // sealgate_protocol_errors_total
  std::array<TlsCounters, 2> tls;   // sealgate_tls_handshakes_total{leg,result}, by Leg
  std::array<std::array<Counter, kOutcomes>, kStatementClasses>
      statements;             // _statements_total{class,outcome}
  Histogram proxy_seconds;    // sealgate_statement_proxy_seconds
  Histogram backend_seconds;  // sealgate_statement_backend_seconds
  struct DomainCounters {
    std::string name;
    Counter sealed;         // sealgate_values_sealed_total{domain}
    Counter opened;         // sealgate_values_opened_total{domain}
    Counter open_failures;  // sealgate_value_open_failures_total{domain}
  };
  std::vector<DomainCounters> domains;
  std::array<Counter, kRefusalReasons> refusals;  // sealgate_refusals_total{reason}
  Counter plan_hits;                              // sealgate_plan_cache_lookups_total{result="hit"}
  Counter plan_misses;                            //                                 {result="miss"}
  std::atomic<int> gate_state{0};                 // sealgate_write_gate_state{state}: 0/1 per state
  std::atomic<std::int64_t> gate_held{0};         // sealgate_writes_held
  Counter writes_held;                            // sealgate_writes_held_total
  Counter backend_errors;            // sealgate_backend_errors_total (ERR packets of the backend)
  Counter backend_connect_failures;  // sealgate_backend_connect_failures_total
  Counter backend_lost;              // sealgate_backend_lost_total
  struct BackendState {
    std::string name;
    std::atomic<int> standing{0};  // index into kBackendStates
  };
  /// Of backend.addresses; empty when there is one server only.
  std::vector<BackendState> backends;  // sealgate_backend_state{backend,state}: 0/1 per state
  Counter failovers;                   // sealgate_backend_failovers_total
  Counter idle_timeouts;               // sealgate_sessions_ended_total{reason="idle"}
  Counter write_timeouts;              //                              {reason="write_timeout"}
  Counter memory_exceeded;             //                              {reason="memory"}
  Counter moved;                       //                              {reason="failover"}
  Counter connections_refused;         // sealgate_connections_refused_total
  Gauge buffer_bytes;                  // sealgate_buffer_bytes
  Counter kills;                       // sealgate_kills_total{result="done"}
  Counter kills_failed;                //                     {result="failed"}
  Counter catalog_reloads;             // sealgate_catalog_reloads_total
  Counter catalog_lookups;             // sealgate_catalog_lookups_total
  Counter catalog_failures;            // sealgate_catalog_reload_failures_total
};

}  // namespace sealgate::metrics

#endif  // SEALGATE_METRICS_METRICS_H_
