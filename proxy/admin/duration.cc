#include "proxy/admin/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace sealgate::admin {
namespace {

constexpr std::int64_t kMost = 1'000 * 3'600;
constexpr std::array<std::pair<char, std::int64_t>, 3> kUnits{{{'h', 3'600}, {'m', 60}, {'s', 1}}};

}  // namespace

std::optional<std::chrono::seconds> ParseDuration(std::string_view text) {
  std::int64_t seconds = 0;
  for (const auto& [unit, factor] : kUnits) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || digits == text.size() || text[digits] != unit) continue;
    seconds += number * factor;
    text.remove_prefix(digits + 1);
  }
  if (!text.empty() || seconds <= 0 || seconds > kMost) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  const std::int64_t seconds = (std::max<std::int64_t>(duration.count(), 0) + 999) / 1'000;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3'600) return fmt::format("{}m {}s", seconds / 60, seconds % 60);
  const std::int64_t minutes = (seconds + 59) / 60;
  return fmt::format("{}h {}m", minutes / 60, minutes % 60);
}

}  // namespace sealgate::admin
