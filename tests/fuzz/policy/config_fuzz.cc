// Any bytes as sealgate.yaml: a Config, or diagnostics that say where and why.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = sealgate::policy::ParseConfig(text, "fuzz.yaml");
  if (!config && config.error().empty()) {
    std::abort();
  }
  if (config && config->limits.hold.default_duration > config->limits.hold.max_duration) {
    std::abort();
  }
  for (const auto& mistake : config ? sealgate::policy::Diagnostics{} : config.error()) {
    if (mistake.problem.empty() || mistake.advice.empty()) {
      std::abort();
    }
  }
  return 0;
}
