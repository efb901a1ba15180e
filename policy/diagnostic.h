// A mistake in a configuration file, said so that it can be mended.
#ifndef SEALGATE_POLICY_DIAGNOSTIC_H_
#define SEALGATE_POLICY_DIAGNOSTIC_H_

#include <cstdint>
#include <string>
#include <vector>

namespace sealgate::policy {

/// A place in a file, both from 1.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Diagnostic {
  std::string file;
  std::uint32_t line = 0;    // from 1; 0 when the file as a whole is meant
  std::uint32_t column = 0;  // from 1
  std::string problem;
  std::string advice;  // what to do

  bool operator==(const Diagnostic&) const = default;
};
using Diagnostics = std::vector<Diagnostic>;

/// "policy.yaml:12:7: unknown key 'mod'. Did you mean 'mode'?"
std::string ToText(const Diagnostic& diagnostic);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_DIAGNOSTIC_H_
