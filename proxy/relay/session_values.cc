#include "proxy/relay/session_values.h"

#include <algorithm>
#include <iterator>

namespace sealgate::relay {
namespace {

sql::LexMode LexModeOf(std::string_view modes) {
  return {.ansi_quotes = ListHas(modes, "ANSI_QUOTES"),
          .no_backslash_escapes = ListHas(modes, "NO_BACKSLASH_ESCAPES"),
          .pipes_as_concat = ListHas(modes, "PIPES_AS_CONCAT")};
}

// Modes that change what a statement or a value means in ways that the rewriter
// does not follow.
constexpr std::string_view kUnsupportedModes[] = {
    "EMPTY_STRING_IS_NULL",   "HIGH_NOT_PRECEDENCE", "MAXDB", "MSSQL", "ORACLE",
    "PAD_CHAR_TO_FULL_LENGTH"};

bool HasUnsupported(std::string_view modes) {
  for (const std::string_view mode : kUnsupportedModes) {
    if (ListHas(modes, mode)) return true;
  }
  return false;
}

}  // namespace

bool ListHas(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t comma = words.find(',');
    if (words.substr(0, comma) == word) return true;
    words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
  }
  return false;
}

void ReadSqlMode(std::string_view modes, bool is_mariadb, rewrite::SessionFacts& facts) {
  facts.lex = LexModeOf(modes);
  facts.unsupported_mode = HasUnsupported(modes);
  facts.oracle_mode =
      ListHas(modes, "ORACLE") &&
      std::none_of(std::begin(kUnsupportedModes), std::end(kUnsupportedModes),
                   [&](auto mode) { return mode != "ORACLE" && ListHas(modes, mode); });
  facts.strict = ListHas(modes, "STRICT_TRANS_TABLES") || ListHas(modes, "STRICT_ALL_TABLES");
  facts.zero_date = !ListHas(modes, "NO_ZERO_DATE");
  facts.zero_in_date = !ListHas(modes, "NO_ZERO_IN_DATE");
  using rewrite::ExtraFraction;
  const bool rounds = is_mariadb ? ListHas(modes, "TIME_ROUND_FRACTIONAL")
                                 : !ListHas(modes, "TIME_TRUNCATE_FRACTIONAL");
  const ExtraFraction rounding = is_mariadb ? ExtraFraction::kRoundClocks : ExtraFraction::kRound;
  facts.extra_fraction = rounds ? rounding : ExtraFraction::kTruncate;
}

std::optional<std::int32_t> OffsetOf(std::string_view zone, bool system_is_utc) {
  if (zone == "UTC" || (zone == "SYSTEM" && system_is_utc)) return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
    return std::nullopt;
  }
  std::int32_t digits[4];
  for (std::size_t i = 0; i < 4; ++i) {
    digits[i] = zone[i < 2 ? i + 1 : i + 2] - '0';
    if (digits[i] < 0 || digits[i] > 9) return std::nullopt;
  }
  const std::int32_t minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3];
  return (zone[0] == '-' ? -minutes : minutes) * 60;
}

std::string_view UntilNul(std::string_view schema) { return schema.substr(0, schema.find('\0')); }

}  // namespace sealgate::relay
