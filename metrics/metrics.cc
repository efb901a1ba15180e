#include "metrics/metrics.h"

namespace sealgate::metrics {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Threads without a slot of their own share the last one, away from the query
// threads, which are numbered from zero.
thread_local std::uint32_t current_slot = kSlots - 1;

constexpr std::array<std::uint64_t, Histogram::kBounds.size()> BoundsInNanoseconds() {
  std::array<std::uint64_t, Histogram::kBounds.size()> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = static_cast<std::uint64_t>(Histogram::kBounds[i] * 1e9 + 0.5);
  }
  return bounds;
}
constexpr auto kNanosecondBounds = BoundsInNanoseconds();

template <typename Value, typename Cells>
Value Sum(const Cells& cells) {
  Value sum = 0;
  for (std::size_t i = 0; i < kSlots; ++i) sum += cells[i].value.load(kRelaxed);
  return sum;
}

}  // namespace

void UseSlot(std::uint32_t slot) { current_slot = slot % kSlots; }
std::uint32_t CurrentSlot() { return current_slot; }

Counter::Counter() : cells_(std::make_unique<Cell[]>(kSlots)) {}
void Counter::Add(std::uint64_t n) { cells_[current_slot].value.fetch_add(n, kRelaxed); }
std::uint64_t Counter::Value() const { return Sum<std::uint64_t>(cells_); }

Gauge::Gauge() : cells_(std::make_unique<Cell[]>(kSlots)) {}
void Gauge::Add(std::int64_t n) { cells_[current_slot].value.fetch_add(n, kRelaxed); }
std::int64_t Gauge::Value() const { return Sum<std::int64_t>(cells_); }

Histogram::Histogram() : cells_(std::make_unique<Cell[]>(kSlots)) {}

void Histogram::ObserveNanoseconds(std::uint64_t nanoseconds) {
  std::size_t bucket = 0;
  while (bucket < kNanosecondBounds.size() && nanoseconds > kNanosecondBounds[bucket]) ++bucket;
  Cell& cell = cells_[current_slot];
  cell.buckets[bucket].fetch_add(1, kRelaxed);
  cell.nanoseconds.fetch_add(nanoseconds, kRelaxed);
}

Histogram::Reading Histogram::Read() const {
  Reading reading;
  std::uint64_t nanoseconds = 0;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const Cell& cell = cells_[slot];
    for (std::size_t i = 0; i < reading.buckets.size(); ++i) {
      reading.buckets[i] += cell.buckets[i].load(kRelaxed);
    }
    nanoseconds += cell.nanoseconds.load(kRelaxed);
  }
  // The count comes from the buckets, so that both agree in every scrape.
  for (const std::uint64_t bucket : reading.buckets) reading.count += bucket;
  reading.sum_seconds = static_cast<double>(nanoseconds) / 1e9;
  return reading;
}

std::string_view Name(StatementClass value) {
  switch (value) {
    case StatementClass::kRead:
      return "read";
    case StatementClass::kWrite:
      return "write";
    case StatementClass::kTransaction:
      return "transaction";
    case StatementClass::kSession:
      return "session";
    case StatementClass::kDdl:
      return "ddl";
    case StatementClass::kOther:
      return "other";
  }
  return "other";
}

std::string_view Name(Outcome value) {
  switch (value) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kRewritten:
      return "rewritten";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kServerError:
      return "server_error";
    case Outcome::kHeldExpired:
      return "held_expired";
  }
  return "refused";
}

std::string_view Name(Leg value) { return value == Leg::kClient ? "client" : "backend"; }

std::string_view Name(RefusalReason value) {
  switch (value) {
    case RefusalReason::kUnsupported:
      return "unsupported";
    case RefusalReason::kSyntax:
      return "syntax";
    case RefusalReason::kDenied:
      return "denied";
    case RefusalReason::kType:
      return "type";
    case RefusalReason::kPlaintextColumn:
      return "plaintext_column";
    case RefusalReason::kDynamicSql:
      return "dynamic_sql";
    case RefusalReason::kSession:
      return "session";
    case RefusalReason::kGate:
      return "gate";
    case RefusalReason::kProtocol:
      return "protocol";
  }
  return "unsupported";
}

Metrics::Metrics(const std::vector<std::string>& domain_names,
                 const std::vector<std::string>& backend_names)
    : domains(domain_names.size()), backends(backend_names.size()) {
  for (std::size_t i = 0; i < domain_names.size(); ++i) domains[i].name = domain_names[i];
  for (std::size_t i = 0; i < backend_names.size(); ++i) backends[i].name = backend_names[i];
}

}  // namespace sealgate::metrics
