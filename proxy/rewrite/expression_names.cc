#include "proxy/rewrite/expression_names.h"

#include <charconv>
#include <cstddef>

namespace sealgate::rewrite {
namespace {

// A user's own column will hardly be called so.
constexpr std::string_view kPrefix = "sealgate expression ";

constexpr std::size_t kLongestName = 255;

// Never the half of a character, if it is UTF-8.
std::string_view Cut(std::string_view text) {
  if (text.size() <= kLongestName) return text;
  std::size_t end = kLongestName;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

std::string ExpressionNames::Hide(std::string_view text) {
  texts_.emplace_back(Cut(text));
  return std::string(kPrefix) + std::to_string(texts_.size());
}

std::string_view ExpressionNames::Shown(std::string_view name) const {
  if (!name.starts_with(kPrefix)) return name;
  const std::string_view digits = name.substr(kPrefix.size());
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  const bool ours = error == std::errc() && end == digits.end() && number > 0;
  return ours && number <= texts_.size() ? texts_[number - 1] : name;
}

void ExpressionNames::Show(wire::ColumnDefinition41& definition) const {
  definition.name = Shown(definition.name);
  // What went through a temporary table has its name there, too.
  definition.org_name = Shown(definition.org_name);
}

}  // namespace sealgate::rewrite
