#include "policy/weight_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>

#include "policy/logical_type.h"

namespace sealgate::policy {
namespace {

constexpr std::uint32_t kPlane = 0x10000;
constexpr std::uint32_t kCodePoints = 0x110000;
constexpr std::size_t kRandomCodes = 200;

// What the servers' latin1 (cp1252) means by the bytes 80 to 9F. The five
// without a character are C1 controls (MySQL 9 manual, "West European
// Character Sets").
constexpr char16_t kLatin1Upper[] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

char32_t CodeOf(std::uint32_t number, Charset charset) {
  if (charset == Charset::kLatin1 && number >= 0x80 && number < 0xA0) {
    return kLatin1Upper[number - 0x80];
  }
  return number;
}

/// SQL for the number `first` + 0 … 16^digits - 1, from a cross join.
std::string NumbersSql(std::uint32_t first, unsigned digits) {
  constexpr std::string_view kDigit =
      "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 "
      "UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL "
      "SELECT 9 UNION ALL SELECT 10 UNION ALL SELECT 11 UNION ALL SELECT 12 UNION ALL SELECT 13 "
      "UNION ALL SELECT 14 UNION ALL SELECT 15)";
  std::string sum = std::to_string(first);
  std::string tables;
  for (unsigned i = 0; i < digits; ++i) {
    sum += fmt::format(" + d{}.d * {}", i, 1u << 4 * i);
    tables += fmt::format("{}{} d{}", i == 0 ? "" : ", ", kDigit, i);
  }
  return fmt::format("SELECT {} AS n FROM {}", sum, tables);
}

/// Of code points in a Unicode character set.
std::string UnicodeWeightsSql(const CollationInfo& collation, const std::string& numbers) {
  return fmt::format(
      "SELECT n, WEIGHT_STRING(CONVERT(CONVERT(UNHEX(LPAD(HEX(n), 8, '0')) USING utf32) USING {}) "
      "COLLATE {}) FROM ({}) numbers WHERE n NOT BETWEEN 55296 AND 57343",
      collation.charset, collation.name, numbers);
}

std::string WeightsSql(const CollationInfo& collation, Charset charset, std::uint32_t first) {
  if (MaxBytesPerCharacter(charset) == 1) {
    return fmt::format(
        "SELECT n, WEIGHT_STRING(CONVERT(UNHEX(LPAD(HEX(n), 2, '0')) USING {}) COLLATE {}) "
        "FROM ({}) numbers WHERE n < {}",
        collation.charset, collation.name, NumbersSql(0, 2),
        charset == Charset::kAscii ? 0x80 : 0x100);
  }
  return UnicodeWeightsSql(collation, NumbersSql(first, 4));
}

std::optional<std::uint32_t> NumberOf(const Row& row) {
  std::uint32_t number = 0;
  const std::string digits = row[0].value_or("");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// Half of them in the first plane, where most text is.
std::string RandomNumbersSql(Charset charset, std::uint32_t seed) {
  std::mt19937 random(seed);
  const std::uint32_t planes[] = {1, 2, 3, 14};
  std::string sql;
  for (std::size_t i = 0; i < kRandomCodes; ++i) {
    std::uint32_t code = random() % kPlane;
    if (charset == Charset::kUtf8mb4 && i % 2 == 1) code += planes[random() % 4] * kPlane;
    sql += fmt::format("{}SELECT {}{}", i == 0 ? "" : " UNION ALL ", code, i == 0 ? " AS n" : "");
  }
  return sql;
}

tl::expected<void, std::string> ReadPlane(ServerConnection& server, const CollationInfo& collation,
                                          Charset charset, std::uint32_t first,
                                          CollationWeights& weights) {
  return server.Query(WeightsSql(collation, charset, first), [&](const Row& row) {
    const std::optional<std::uint32_t> number = NumberOf(row);
    // A NULL weight stays unlearned: texts with it are refused.
    if (number && row[1]) weights.Set(CodeOf(*number, charset), *row[1]);
  });
}

}  // namespace

tl::expected<std::shared_ptr<const CollationWeights>, std::string> ReadWeights(
    ServerConnection& server, const CollationInfo& collation) {
  const std::optional<Charset> charset = CharsetFromName(collation.charset);
  if (!charset || *charset == Charset::kBinary) {
    return tl::make_unexpected(
        fmt::format("character set {} has no readable weights", collation.charset));
  }
  auto weights = std::make_shared<CollationWeights>(collation.name, collation.pad_space);
  for (std::uint32_t plane : {0u, 1u, 2u, 3u, 14u}) {
    if (plane != 0 && *charset != Charset::kUtf8mb4) {
      break;
    }
    auto done = ReadPlane(server, collation, *charset, plane * kPlane, *weights);
    if (!done) {
      return tl::make_unexpected(std::move(done.error()));
    }
  }
  return weights;
}

bool IsLargeCollation(const CollationInfo& collation) {
  const std::optional<Charset> charset = CharsetFromName(collation.charset);
  return charset && *charset != Charset::kBinary && MaxBytesPerCharacter(*charset) > 1;
}

tl::expected<bool, std::string> AgreesWithServer(ServerConnection& server,
                                                 const CollationInfo& collation,
                                                 const CollationWeights& weights,
                                                 std::uint32_t seed) {
  const std::optional<Charset> charset = CharsetFromName(collation.charset);
  if (!charset) return false;
  bool agrees = true;
  std::size_t rows = 0;
  for (const std::string& numbers : {NumbersSql(0, 2), RandomNumbersSql(*charset, seed)}) {
    auto done = server.Query(UnicodeWeightsSql(collation, numbers), [&](const Row& row) {
      ++rows;
      const std::optional<std::uint32_t> number = NumberOf(row);
      const auto known = number && *number < kCodePoints ? weights.WeightOf(*number) : std::nullopt;
      agrees = agrees && number && known.has_value() == row[1].has_value() &&
               (!known || *known == *row[1]);
    });
    if (!done) return tl::make_unexpected(std::move(done.error()));
  }
  return agrees && rows > kRandomCodes;
}

}  // namespace sealgate::policy
