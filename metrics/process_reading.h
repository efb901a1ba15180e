// What the kernel says about this process, under the names that Prometheus
// clients share (process_cpu_seconds_total, process_open_fds, ...).
// Source: proc(5).
#ifndef SEALGATE_METRICS_PROCESS_READING_H_
#define SEALGATE_METRICS_PROCESS_READING_H_

#include <optional>
#include <string_view>

namespace sealgate::metrics {

struct ProcessReading {
  double start_time_seconds = 0;  // since the epoch
  double cpu_seconds = 0;         // user and system
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double open_fds = 0;
  double max_fds = 0;
};

/// Reads /proc/self. What cannot be read stays zero.
ProcessReading ReadProcess();

/// The fields of /proc/self/stat that are used here. The second field, the
/// command in parentheses, may itself hold spaces and parentheses.
struct ProcStat {
  double cpu_ticks = 0;
  double start_ticks = 0;  // since boot
  double virtual_bytes = 0;
  double resident_pages = 0;
};
std::optional<ProcStat> ParseProcStat(std::string_view text);

}  // namespace sealgate::metrics

#endif  // SEALGATE_METRICS_PROCESS_READING_H_
