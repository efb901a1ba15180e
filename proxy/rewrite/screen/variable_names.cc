#include "proxy/rewrite/screen/variable_names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/loose_name.h"

namespace sealgate::rewrite {
namespace {

constexpr std::string_view kTracking = "session_track";
constexpr std::string_view kDefaultCollation = "default_collation_for_utf8mb4";
constexpr std::string_view kServerSql[] = {"init_connect", "init_replica", "init_slave"};
constexpr std::string_view kTextRunners[] = {"execute_prepared_stmt",
                                             "statement_performance_analyzer", "addgeometrycolumn",
                                             "dropgeometrycolumn"};

// Bytes of a Latin letter above ASCII, in UTF-8 or as one byte of its own; 0 for
// anything else.
std::size_t SizeOfLatinLetter(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto goes_on = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  if (byte(0) >= 0xC3 && byte(0) <= 0xC9 && goes_on(1)) return 2;
  const bool extended = byte(0) == 0xE1 && byte(1) >= 0xB8 && byte(1) <= 0xBB;
  if ((extended || (byte(0) == 0xE2 && byte(1) == 0x84)) && goes_on(2)) return 3;
  return byte(0) >= 0xC0 && !goes_on(1) ? 1 : 0;
}

bool BeginsWithoutAccents(std::string_view text, std::string_view folded) {
  for (const char letter : folded) {
    if (text.empty()) return false;
    if (ascii::ToLower(text.front()) == letter) {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t size = letter == '_' ? 0 : SizeOfLatinLetter(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace

bool MayNameVariable(std::string_view text, std::string_view lower) {
  if (ascii::IsAscii(text)) return ascii::Contains(text, lower);
  for (std::size_t from = 0; from < text.size(); ++from) {
    if (BeginsWithoutAccents(text.substr(from), lower)) return true;
  }
  return false;
}

bool MayNameTracking(std::string_view text) { return MayNameVariable(text, kTracking); }

bool MayNameDefaultCollation(std::string_view text) {
  return MayNameVariable(text, kDefaultCollation);
}

bool MayNameServerSql(std::string_view text) {
  return std::any_of(std::begin(kServerSql), std::end(kServerSql),
                     [text](std::string_view name) { return MayNameVariable(text, name); });
}

bool MayNameTextRunner(std::string_view text) {
  return std::any_of(std::begin(kTextRunners), std::end(kTextRunners),
                     [text](std::string_view name) { return MayNameVariable(text, name); });
}

bool BytesMayHoldServersOwn(std::string_view text) {
  const auto held = [text](std::string_view name) { return MayHoldName(text, name); };
  return held(kTracking) || held(kDefaultCollation) ||
         std::any_of(std::begin(kServerSql), std::end(kServerSql), held) ||
         std::any_of(std::begin(kTextRunners), std::end(kTextRunners), held);
}

std::string WithoutTextRunners(std::string_view text) {
  std::string made(text);
  for (const std::string_view name : kTextRunners) {
    for (std::size_t at = 0; at + name.size() <= made.size(); ++at) {
      const std::string_view there = std::string_view(made).substr(at, name.size());
      if (ascii::EqualsAnyCase(there, name)) made.replace(at, name.size(), name.size(), ' ');
    }
  }
  return made;
}

}  // namespace sealgate::rewrite
