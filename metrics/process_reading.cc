#include "metrics/process_reading.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace sealgate::metrics {
namespace {

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

double BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double OpenFileDescriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // without the one that lists them
}

}  // namespace

std::optional<ProcStat> ParseProcStat(std::string_view text) {
  const std::size_t command_end = text.rfind(')');
  if (command_end == std::string_view::npos) return std::nullopt;
  std::istringstream rest{std::string(text.substr(command_end + 1))};
  char state = 0;
  rest >> state;
  std::vector<double> fields(4, 0.0);  // so that fields[n] is proc(5)'s field n
  for (double field = 0; fields.size() < 25 && rest >> field;) fields.push_back(field);
  if (fields.size() < 25) return std::nullopt;
  return ProcStat{fields[14] + fields[15], fields[22], fields[23], fields[24]};
}

ProcessReading ReadProcess() {
  static const double boot_time = BootTimeSeconds();
  static const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessReading reading;
  if (const auto stat = ParseProcStat(FirstLine("/proc/self/stat"))) {
    reading.start_time_seconds = boot_time + stat->start_ticks / ticks_per_second;
    reading.cpu_seconds = stat->cpu_ticks / ticks_per_second;
    reading.virtual_bytes = stat->virtual_bytes;
    reading.resident_bytes = stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  reading.open_fds = OpenFileDescriptors();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) reading.max_fds = static_cast<double>(limit.rlim_cur);
  return reading;
}

}  // namespace sealgate::metrics
