#include "proxy/rewrite/expression_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

#include "policy/ascii.h"
#include "policy/code_point.h"
#include "policy/logical_type.h"
#include "proxy/rewrite/value/charset.h"

namespace sealgate::rewrite {
namespace {

constexpr std::size_t kLongestName = 255;
// Of a session whose texts need no conversion into names, on MySQL.
constexpr std::size_t kMostBytes = 256;
// Of utf8mb3, of a byte in another character set that is read.
constexpr std::size_t kMostPerByte = 3;

// A byte of UTF-8 that is not the first of its character.
bool IsInside(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Of UTF-8; never half a character.
void Cut(std::string& name) {
  if (name.size() <= kLongestName) return;
  std::size_t end = kLongestName;
  while (end > 0 && IsInside(name[end])) --end;
  name.resize(end);
}

// Of a text in no character set, whose bytes are shown in hex where they are no character.
// MariaDB takes none beyond U+FFFF for one, and ends where three bytes for each of the text do.
std::string NameOfBytes(std::string_view text, bool is_mariadb) {
  std::string name;
  const std::size_t most =
      is_mariadb ? std::min(kLongestName, text.size() * kMostPerByte) : std::string::npos;
  if (!is_mariadb) text = text.substr(0, kLongestName);
  while (!text.empty()) {
    std::string_view rest = text;
    const auto code = policy::TakeCodePoint(rest);
    if (code && (*code <= 0xFFFF || !is_mariadb)) {
      const std::string_view character = text.substr(0, text.size() - rest.size());
      if (name.size() + character.size() > most) break;
      name += character;
      text = rest;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    const std::string hex =
        is_mariadb ? fmt::format("\\x{:02X}", byte) : fmt::format("\\x{:02x}", byte);
    if (name.size() + hex.size() >= most) break;
    name += hex;
    text.remove_prefix(1);
  }
  return name;
}

std::optional<std::string> NameOf(const SessionFacts& facts, bool is_mariadb,
                                  std::string_view text) {
  using policy::Charset;
  std::string name;
  if (!facts.client || !ConvertForResults(*facts.client, Charset::kUtf8mb3, text, name)) {
    return std::nullopt;
  }
  const bool as_is = facts.results_unconverted || facts.results == Charset::kUtf8mb3;
  if (facts.client == Charset::kBinary) {
    name = NameOfBytes(text, is_mariadb);
  } else if (!is_mariadb && facts.client == Charset::kUtf8mb3 && (as_is || ascii::IsAscii(name))) {
    name.resize(std::min(name.size(), kMostBytes));
  } else {
    Cut(name);
  }
  if (as_is || ascii::IsAscii(name)) return name;
  std::string shown;
  if (!facts.results || !ConvertForResults(Charset::kUtf8mb3, *facts.results, name, shown)) {
    return std::nullopt;
  }
  return shown;
}

}  // namespace

std::size_t ExpressionNames::bytes() const {
  std::size_t bytes = 0;
  for (const std::string& text : texts_) bytes += sizeof text + text.capacity();
  return bytes;
}

std::optional<std::string> ExpressionNames::Hide(const SessionFacts& facts, bool is_mariadb,
                                                 std::string_view text) {
  std::optional<std::string> name = NameOf(facts, is_mariadb, text);
  if (!name) return std::nullopt;
  // Columns of one name stay such.
  auto at = std::find(texts_.begin(), texts_.end(), *name);
  if (at == texts_.end()) at = texts_.insert(at, std::move(*name));
  return std::string(kPrefix) + std::to_string(at - texts_.begin() + 1);
}

std::string_view ExpressionNames::Longest(const SessionFacts& facts, std::string_view text) {
  using policy::Charset;
  if (!facts.client) return text;
  const std::size_t most = facts.client == Charset::kUtf8mb3 ? kMostBytes : kLongestName;
  const bool utf8 = facts.client == Charset::kUtf8mb3 || facts.client == Charset::kUtf8mb4;
  if (text.size() * (utf8 ? 1 : kMostPerByte) <= most) return text;
  std::size_t end = 0;
  std::size_t bytes = 0;
  while (end < text.size()) {
    std::size_t next = end + 1;
    while (utf8 && next < text.size() && IsInside(text[next])) ++next;
    std::string name;
    const std::string_view character = text.substr(end, next - end);
    if (!ConvertForResults(*facts.client, Charset::kUtf8mb3, character, name)) return text;
    bytes += name.size();
    if (bytes > most) break;
    end = next;
  }
  return text.substr(0, end);
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
