// Durations as people write them: "90s", "10m", "1h30m".
#ifndef SEALGATE_PROXY_ADMIN_DURATION_H_
#define SEALGATE_PROXY_ADMIN_DURATION_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sealgate::admin {

/// Hours, minutes and seconds in this order, each at most once, at least one;
/// whole numbers. Nothing for anything else, for zero, and beyond 1,000 hours.
std::optional<std::chrono::seconds> ParseDuration(std::string_view text);

/// "9m 58s", "2h 5m", "0s"; rounded up to a second, and to a minute from an
/// hour on.
std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace sealgate::admin

#endif  // SEALGATE_PROXY_ADMIN_DURATION_H_
