#include "proxy/rewrite/schema/stored_in_message.h"

#include <algorithm>
#include <cstddef>

namespace sealgate::rewrite {

bool HidesStored(const policy::Role& role) {
  return std::any_of(role.columns.begin(), role.columns.end(), [](const policy::ColumnRule& rule) {
    return rule.reveal != policy::Reveal::kClear && rule.reveal != policy::Reveal::kCiphertext;
  });
}

std::optional<std::string> WithoutStored(std::string_view message) {
  // An envelope's format, and the first digit of its scheme.
  const std::size_t stored = message.find("\\xFE\\x0");
  if (stored == std::string_view::npos) return std::nullopt;
  // Quotes in a value are not escaped; a name has none, and comes last.
  const std::size_t begin = std::min(message.find('\''), stored);
  const std::size_t end = message.rfind("' for key ");
  std::string without(message.substr(0, begin));
  without += "'(sealed)'";
  if (end != std::string_view::npos && end > stored) without += message.substr(end + 1);
  return without;
}

}  // namespace sealgate::rewrite
