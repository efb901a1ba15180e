#include "policy/diagnostic.h"

#include <fmt/format.h>

namespace sealgate::policy {

std::string ToText(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.line != 0) {
    text += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  }
  text += text.empty() ? diagnostic.problem : ": " + diagnostic.problem;
  if (!diagnostic.advice.empty()) {
    text += ". " + diagnostic.advice;
  }
  return text;
}

}  // namespace sealgate::policy
