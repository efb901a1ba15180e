#include "metrics/exposition.h"

#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>
#include <utility>

#include "metrics/build_info.h"
#include "metrics/process_reading.h"

namespace sealgate::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

/// Appends one family at a time; a sample goes to the family started last.
class Families {
 public:
  void Start(MetricType type, const char* name, const char* help) {
    families_.push_back({name, help, type, {}});
  }

  void Sample(double value, Labels labels = {}) {
    MetricFamily& family = families_.back();
    ClientMetric metric;
    metric.label = std::move(labels);
    (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }

  void Sample(const Counter& counter, Labels labels = {}) {
    Sample(static_cast<double>(counter.Value()), std::move(labels));
  }

  void Sample(const Histogram::Reading& reading) {
    ClientMetric metric;
    metric.histogram.sample_count = reading.count;
    metric.histogram.sample_sum = reading.sum_seconds;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < reading.buckets.size(); ++i) {
      cumulative += reading.buckets[i];
      const bool last = i == Histogram::kBounds.size();
      const double bound = last ? std::numeric_limits<double>::infinity() : Histogram::kBounds[i];
      metric.histogram.bucket.push_back({cumulative, bound});
    }
    families_.back().metric.push_back(std::move(metric));
  }

  void OneCounter(const char* name, const char* help, const Counter& counter) {
    Start(MetricType::Counter, name, help);
    Sample(counter);
  }

  void OneGauge(const char* name, const char* help, double value) {
    Start(MetricType::Gauge, name, help);
    Sample(value);
  }

  void OneHistogram(const char* name, const char* help, const Histogram& histogram) {
    Start(MetricType::Histogram, name, help);
    Sample(histogram.Read());
  }

  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  std::vector<MetricFamily> families_;
};

std::string Text(std::string_view text) { return std::string(text); }

void AddConnections(const Metrics& m, Families& out) {
  out.OneGauge("sealgate_connections", "Client connections that are open now.",
               static_cast<double>(m.connections.Value()));
  out.OneCounter("sealgate_connections_accepted_total", "Client connections accepted.",
                 m.connections_accepted);
  out.Start(MetricType::Counter, "sealgate_proxy_header_errors_total",
            "Connections ended because of listen.proxy_protocol: from a peer that is not listed, "
            "or with a header that cannot be read.");
  out.Sample(m.proxy_headers_untrusted, {{"reason", "untrusted"}});
  out.Sample(m.proxy_headers_malformed, {{"reason", "malformed"}});
  out.OneCounter("sealgate_logins_failed_total", "Logins that the server or Sealgate refused.",
                 m.logins_failed);
  out.OneCounter("sealgate_protocol_errors_total",
                 "Connections ended because of malformed or unexpected packets.",
                 m.protocol_errors);
}

void AddTls(const Metrics& m, Families& out) {
  out.Start(MetricType::Counter, "sealgate_tls_handshakes_total",
            "TLS handshakes by leg: in full, resumed from an earlier session, or failed.");
  for (const Leg leg : {Leg::kClient, Leg::kBackend}) {
    const TlsCounters& counters = m.tls[static_cast<std::size_t>(leg)];
    out.Sample(counters.full, {{"leg", Text(Name(leg))}, {"result", "full"}});
    out.Sample(counters.resumed, {{"leg", Text(Name(leg))}, {"result", "resumed"}});
    out.Sample(counters.failed, {{"leg", Text(Name(leg))}, {"result", "failed"}});
  }
}

void AddLimits(const Metrics& m, Families& out) {
  out.OneCounter("sealgate_connections_refused_total",
                 "Client connections refused because of limits.max_connections, "
                 "limits.max_connections_per_user or limits.memory.",
                 m.connections_refused);
  out.Start(MetricType::Counter, "sealgate_sessions_ended_total",
            "Sessions that Sealgate ended, by reason.");
  out.Sample(m.idle_timeouts, {{"reason", "idle"}});
  out.Sample(m.write_timeouts, {{"reason", "write_timeout"}});
  out.Sample(m.memory_exceeded, {{"reason", "memory"}});
  out.Sample(m.moved, {{"reason", "failover"}});
  out.OneGauge("sealgate_buffer_bytes", "Bytes that the buffers of all sessions hold.",
               static_cast<double>(m.buffer_bytes.Value()));
}

void AddStatements(const Metrics& m, Families& out) {
  out.Start(MetricType::Counter, "sealgate_statements_total",
            "Statements by class and by what became of them.");
  for (std::size_t c = 0; c < kStatementClasses; ++c) {
    for (std::size_t o = 0; o < kOutcomes; ++o) {
      out.Sample(m.statements[c][o], {{"class", Text(Name(static_cast<StatementClass>(c)))},
                                      {"outcome", Text(Name(static_cast<Outcome>(o)))}});
    }
  }
  out.OneHistogram("sealgate_statement_proxy_seconds",
                   "Time that Sealgate itself spent on a statement, waiting excluded.",
                   m.proxy_seconds);
  out.OneHistogram("sealgate_statement_backend_seconds",
                   "Time from sending a statement to the server to its first answer.",
                   m.backend_seconds);
  out.Start(MetricType::Counter, "sealgate_refusals_total", "Statements refused, by reason.");
  for (std::size_t r = 0; r < kRefusalReasons; ++r) {
    out.Sample(m.refusals[r], {{"reason", Text(Name(static_cast<RefusalReason>(r)))}});
  }
  out.Start(MetricType::Counter, "sealgate_plan_cache_lookups_total",
            "Look-ups of a statement's shape in the plan cache.");
  out.Sample(m.plan_hits, {{"result", "hit"}});
  out.Sample(m.plan_misses, {{"result", "miss"}});
}

void AddDomainCounter(const Metrics& m, const char* name, const char* help,
                      Counter Metrics::DomainCounters::*counter, Families& out) {
  out.Start(MetricType::Counter, name, help);
  for (const Metrics::DomainCounters& domain : m.domains) {
    out.Sample(domain.*counter, {{"domain", domain.name}});
  }
}

void AddDomains(const Metrics& m, Families& out) {
  using Domain = Metrics::DomainCounters;
  AddDomainCounter(m, "sealgate_values_sealed_total", "Values encrypted, by domain.",
                   &Domain::sealed, out);
  AddDomainCounter(m, "sealgate_values_opened_total", "Stored values decrypted, by domain.",
                   &Domain::opened, out);
  AddDomainCounter(m, "sealgate_value_open_failures_total",
                   "Stored values that could not be decrypted, by domain: changed, moved from "
                   "another column, or sealed with a key that is not in the ring.",
                   &Domain::open_failures, out);
}

void AddGate(const Metrics& m, Families& out) {
  out.Start(MetricType::Gauge, "sealgate_write_gate_state",
            "1 for the state that the write gate is in, else 0.");
  const int state = m.gate_state.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < kGateStates.size(); ++i) {
    out.Sample(static_cast<int>(i) == state ? 1 : 0, {{"state", Text(kGateStates[i])}});
  }
  out.OneGauge("sealgate_writes_held", "Writes that wait at the gate now.",
               static_cast<double>(m.gate_held.load(std::memory_order_relaxed)));
  out.OneCounter("sealgate_writes_held_total", "Writes that had to wait at the gate.",
                 m.writes_held);
}

void AddBackend(const Metrics& m, Families& out) {
  out.OneCounter("sealgate_backend_errors_total", "Errors that the server answered.",
                 m.backend_errors);
  out.OneCounter("sealgate_backend_connect_failures_total",
                 "Connections to the server that could not be made.", m.backend_connect_failures);
  out.OneCounter("sealgate_backend_lost_total",
                 "Connections that the server ended while a client was using them.",
                 m.backend_lost);
  out.Start(MetricType::Gauge, "sealgate_backend_state",
            "1 for the state that a server of backend.addresses is in, else 0.");
  for (const Metrics::BackendState& backend : m.backends) {
    const int state = backend.standing.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < kBackendStates.size(); ++i) {
      out.Sample(static_cast<int>(i) == state ? 1 : 0,
                 {{"backend", backend.name}, {"state", Text(kBackendStates[i])}});
    }
  }
  out.OneCounter("sealgate_backend_failovers_total",
                 "Times that another server of backend.addresses became the one in use.",
                 m.failovers);
  out.Start(MetricType::Counter, "sealgate_kills_total",
            "Statements of clients that have gone: ended at the server, or not.");
  out.Sample(m.kills, {{"result", "done"}});
  out.Sample(m.kills_failed, {{"result", "failed"}});
  out.OneCounter("sealgate_catalog_reloads_total", "Schema readings that succeeded.",
                 m.catalog_reloads);
  out.OneCounter("sealgate_catalog_lookups_total",
                 "Looks at the server for names that were not known.", m.catalog_lookups);
  out.OneCounter("sealgate_catalog_reload_failures_total",
                 "Schema readings that failed; the last good one stays in use.",
                 m.catalog_failures);
}

void AddProcess(Families& out) {
  out.Start(MetricType::Gauge, "sealgate_build_info", "1; the labels say what is running.");
  out.Sample(1, {{"version", Text(kVersion)}, {"compiler", Text(kCompiler)}});
  const ProcessReading process = ReadProcess();
  out.OneGauge("process_start_time_seconds", "Start of the process since the Unix epoch.",
               process.start_time_seconds);
  out.Start(MetricType::Counter, "process_cpu_seconds_total", "User and system CPU time.");
  out.Sample(process.cpu_seconds);
  out.OneGauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes);
  out.OneGauge("process_virtual_memory_bytes", "Virtual memory.", process.virtual_bytes);
  out.OneGauge("process_open_fds", "Open file descriptors.", process.open_fds);
  out.OneGauge("process_max_fds", "Limit of open file descriptors.", process.max_fds);
}

}  // namespace

std::vector<MetricFamily> Exposition::Collect() const {
  Families families;
  AddConnections(metrics_, families);
  AddTls(metrics_, families);
  AddLimits(metrics_, families);
  AddStatements(metrics_, families);
  AddDomains(metrics_, families);
  AddGate(metrics_, families);
  AddBackend(metrics_, families);
  AddProcess(families);
  return families.Take();
}

std::string RenderText(const Metrics& metrics) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, Exposition(metrics).Collect());
  return std::move(out).str();
}

}  // namespace sealgate::metrics
