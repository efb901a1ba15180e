// Metadata of result columns. Taken from plain columns of MariaDB 10.11 and
// MySQL 9.7, which agree on it; tests/proxy/rewrite/value/ has their answers.
#include <algorithm>
#include <optional>

#include "proxy/rewrite/value/canonical.h"
#include "proxy/rewrite/value/value.h"
#include "proxy/wire/charset_id.h"

namespace sealgate::rewrite {
namespace {

using policy::Charset;
using policy::TypeKind;
using wire::FieldType;

constexpr std::uint16_t kTypeFlags = wire::kFieldBlob | wire::kFieldUnsigned |
                                     wire::kFieldZerofill | wire::kFieldBinary | wire::kFieldEnum |
                                     wire::kFieldSet | wire::kFieldTimestamp;

struct Description {
  FieldType type = FieldType::kVarString;
  std::uint64_t length = 0;
  std::uint16_t collation = wire::kCharsetBinary;
  std::uint8_t decimals = 0;
  std::uint16_t flags = 0;
};

struct CollationId {
  std::string_view name;
  std::uint16_t id;
};

// Those that a column may have and be searched by; INFORMATION_SCHEMA.COLLATIONS.
constexpr CollationId kCollationIds[] = {
    {"ascii_bin", 65},
    {"ascii_general_ci", 11},
    {"ascii_general_nopad_ci", 1035},
    {"ascii_nopad_bin", 1089},
    {"latin1_bin", 47},
    {"latin1_general_ci", 48},
    {"latin1_nopad_bin", 1071},
    {"latin1_swedish_ci", 8},
    {"latin1_swedish_nopad_ci", 1032},
    {"utf8mb3_bin", 83},
    {"utf8mb3_general_ci", 33},
    {"utf8mb3_general_nopad_ci", 1057},
    {"utf8mb3_nopad_bin", 1107},
    {"utf8mb3_unicode_520_ci", 214},
    {"utf8mb3_unicode_520_nopad_ci", 1238},
    {"utf8mb3_unicode_ci", 192},
    {"utf8mb3_unicode_nopad_ci", 1216},
    {"utf8mb4_0900_ai_ci", 255},
    {"utf8mb4_0900_bin", 309},
    {"utf8mb4_bin", 46},
    {"utf8mb4_general_ci", 45},
    {"utf8mb4_general_nopad_ci", 1069},
    {"utf8mb4_nopad_bin", 1070},
    {"utf8mb4_unicode_520_ci", 246},
    {"utf8mb4_unicode_520_nopad_ci", 1270},
    {"utf8mb4_unicode_ci", 224},
    {"utf8mb4_unicode_nopad_ci", 1248},
};

// Without a character set for results, text keeps the column's collation. One
// that is not in the table gets its character set's default.
std::uint16_t ColumnCollationId(const policy::LogicalType& type) {
  const auto* known =
      std::find_if(std::begin(kCollationIds), std::end(kCollationIds),
                   [&](const CollationId& each) { return each.name == type.collation; });
  if (known != std::end(kCollationIds)) return known->id;
  switch (type.charset) {
    case Charset::kAscii:
      return wire::kCharsetAsciiGeneralCi;
    case Charset::kLatin1:
      return wire::kCharsetLatin1SwedishCi;
    case Charset::kUtf8mb3:
      return wire::kCharsetUtf8mb3GeneralCi;
    default:
      return wire::kCharsetUtf8mb4GeneralCi;
  }
}

bool IsBinCollation(std::string_view name) { return name.ends_with("_bin"); }

Description DescribeText(const policy::LogicalType& type, const SessionFacts& facts) {
  Description text;
  text.collation = facts.results ? facts.results_collation_id : ColumnCollationId(type);
  text.flags = IsBinCollation(type.collation) ? wire::kFieldBinary : 0;
  const bool counted = type.kind == TypeKind::kChar || type.kind == TypeKind::kVarchar;
  if (counted) {
    text.type = type.kind == TypeKind::kChar ? FieldType::kString : FieldType::kVarString;
    text.length = std::uint64_t{type.length} *
                  policy::MaxBytesPerCharacter(facts.results.value_or(type.charset));
  } else {
    text.type = FieldType::kBlob;
    text.flags |= wire::kFieldBlob;
    // A byte may be a character of its own, and grow in the conversion.
    text.length =
        ByteLimit(type.kind) * (facts.results ? policy::MaxBytesPerCharacter(*facts.results) : 1);
  }
  return text;
}

Description DescribeBinary(const policy::LogicalType& type) {
  if (type.kind == TypeKind::kBinary || type.kind == TypeKind::kVarbinary) {
    const bool fixed = type.kind == TypeKind::kBinary;
    return {fixed ? FieldType::kString : FieldType::kVarString, type.length, wire::kCharsetBinary,
            0, wire::kFieldBinary};
  }
  return {FieldType::kBlob, ByteLimit(type.kind), wire::kCharsetBinary, 0,
          wire::kFieldBlob | wire::kFieldBinary};
}

// Display widths; the sign takes one.
Description DescribeInteger(const policy::LogicalType& type) {
  Description number;
  number.flags = type.is_unsigned ? wire::kFieldUnsigned : 0;
  const unsigned sign = type.is_unsigned ? 0 : 1;
  switch (type.kind) {
    case TypeKind::kTinyint:
      number.type = FieldType::kTiny;
      number.length = type.one_digit ? 1 : 3 + sign;
      break;
    case TypeKind::kSmallint:
      number.type = FieldType::kShort;
      number.length = 5 + sign;
      break;
    case TypeKind::kMediumint:
      number.type = FieldType::kInt24;
      number.length = 8 + sign;
      break;
    case TypeKind::kInt:
      number.type = FieldType::kLong;
      number.length = 10 + sign;
      break;
    default:
      number.type = FieldType::kLongLong;
      number.length = 20;
      break;
  }
  return number;
}

Description DescribeDecimal(const policy::LogicalType& type) {
  const unsigned sign = type.is_unsigned ? 0 : 1;
  const unsigned point = type.scale > 0 ? 1 : 0;
  return {FieldType::kNewDecimal, type.precision + sign + point, wire::kCharsetBinary, type.scale,
          type.is_unsigned ? wire::kFieldUnsigned : std::uint16_t{0}};
}

Description DescribeTemporal(const policy::LogicalType& type) {
  const std::uint64_t fraction = type.fraction > 0 ? type.fraction + 1u : 0u;
  switch (type.kind) {
    case TypeKind::kDate:
      return {FieldType::kDate, 10, wire::kCharsetBinary, 0, wire::kFieldBinary};
    case TypeKind::kTime:
      return {FieldType::kTime, 10 + fraction, wire::kCharsetBinary, type.fraction,
              wire::kFieldBinary};
    case TypeKind::kYear:
      return {FieldType::kYear, 4, wire::kCharsetBinary, 0,
              wire::kFieldUnsigned | wire::kFieldZerofill};
    default:
      return {type.kind == TypeKind::kTimestamp ? FieldType::kTimestamp : FieldType::kDateTime,
              19 + fraction, wire::kCharsetBinary, type.fraction, wire::kFieldBinary};
  }
}

Description DescribeType(const policy::LogicalType& type, const SessionFacts& facts) {
  if (policy::IsText(type.kind)) return DescribeText(type, facts);
  if (policy::IsBinary(type.kind)) return DescribeBinary(type);
  if (policy::IsInteger(type.kind)) return DescribeInteger(type);
  if (type.kind == TypeKind::kDecimal) return DescribeDecimal(type);
  return DescribeTemporal(type);
}

}  // namespace

void DescribeLogical(const policy::LogicalType& type, const SessionFacts& facts,
                     wire::ColumnDefinition41& definition) {
  const Description described = DescribeType(type, facts);
  definition.type = described.type;
  definition.column_length =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(described.length, 0xFFFFFFFF));
  definition.collation = described.collation;
  definition.decimals = described.decimals;
  definition.flags = static_cast<std::uint16_t>((definition.flags & ~kTypeFlags) | described.flags);
}

}  // namespace sealgate::rewrite
