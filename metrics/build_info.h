// What this binary is: shown by `sealgate --version`, by the admin API's status
// and as labels of sealgate_build_info.
#ifndef SEALGATE_METRICS_BUILD_INFO_H_
#define SEALGATE_METRICS_BUILD_INFO_H_

#include <string_view>

namespace sealgate::metrics {

/// Semantic Versioning 2.0.0. CHANGELOG.md has a heading for each.
inline constexpr std::string_view kVersion = "0.1.0";

#if defined(__clang__)
inline constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
inline constexpr std::string_view kCompiler = "gcc " __VERSION__;
#endif

}  // namespace sealgate::metrics

#endif  // SEALGATE_METRICS_BUILD_INFO_H_
