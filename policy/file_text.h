// Reads small text files: configuration, and one-line secrets beside it.
#ifndef SEALGATE_POLICY_FILE_TEXT_H_
#define SEALGATE_POLICY_FILE_TEXT_H_

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "policy/diagnostic.h"

namespace sealgate::policy {

/// Longest configuration file, in bytes.
inline constexpr std::size_t kMaxConfigurationBytes = 1 << 20;

/// The whole file; a diagnostic when it cannot be read or is too long.
tl::expected<std::string, Diagnostic> ReadFileText(const std::string& file);

/// A secret's file: its first and only line, without the line's end. The
/// file must be a regular one that only its owner may read or write (mode
/// 0600 or stricter).
tl::expected<std::string, Diagnostic> ReadSecretLine(const std::string& file);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_FILE_TEXT_H_
