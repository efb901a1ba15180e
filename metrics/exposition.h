// Turns Metrics into Prometheus' text format. docs/metrics.md lists every
// family; a test keeps that page complete.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4).
#ifndef SEALGATE_METRICS_EXPOSITION_H_
#define SEALGATE_METRICS_EXPOSITION_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

#include "metrics/metrics.h"

namespace sealgate::metrics {

/// The Content-Type that goes with RenderText.
inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

/// Names of the values of Metrics::gate_state, in its order.
inline constexpr std::array<std::string_view, 3> kGateStates{"open", "draining", "quiesced"};

/// All families of one Metrics, build and process included. Keeps a reference
/// to `metrics`. Thread rule: Collect from any thread.
class Exposition : public prometheus::Collectable {
 public:
  explicit Exposition(const Metrics& metrics) : metrics_(metrics) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Metrics& metrics_;
};

std::string RenderText(const Metrics& metrics);

}  // namespace sealgate::metrics

#endif  // SEALGATE_METRICS_EXPOSITION_H_
