// The types that MySQL derives for parameters, and which values it converts to them.
//
// Source: MySQL manual, "PREPARE Statement"; which values are converted was seen on MySQL 9.7
// by its status variable Com_stmt_reprepare.
//
// Pure.
#ifndef SEALGATE_PROXY_REWRITE_VALUE_DERIVED_TYPE_H_
#define SEALGATE_PROXY_REWRITE_VALUE_DERIVED_TYPE_H_

#include <cstdint>
#include <string_view>

#include "policy/logical_type.h"
#include "proxy/wire/binary_value.h"
#include "proxy/wire/column_definition.h"

namespace sealgate::rewrite {

enum class DerivedType : std::uint8_t {
  kSigned,
  kUnsigned,
  kDecimal,
  kFloat,
  kYear,
  kBits,
  kDate,
  kTime,
  kDateTime,
  kText,
  kBytes,
  kJson,
  kOther,  // GEOMETRY, VECTOR
};

inline bool IsInteger(DerivedType type) { return type <= DerivedType::kUnsigned; }
inline bool IsString(DerivedType type) { return type >= DerivedType::kText; }
inline bool IsTemporal(DerivedType type) {
  return type >= DerivedType::kDate && type <= DerivedType::kDateTime;
}

/// A bit for each DerivedType.
using DerivedTypeSet = std::uint16_t;

constexpr DerivedTypeSet Bit(DerivedType type) {
  return static_cast<DerivedTypeSet>(1u << static_cast<unsigned>(type));
}
inline constexpr DerivedTypeSet kMoments =
    Bit(DerivedType::kDate) | Bit(DerivedType::kTime) | Bit(DerivedType::kDateTime);

/// Whether `is` holds of one in the set.
template <typename Is>
bool Any(DerivedTypeSet types, const Is& is) {
  for (unsigned i = 0; i <= static_cast<unsigned>(DerivedType::kOther); ++i) {
    const auto type = static_cast<DerivedType>(i);
    if ((types & Bit(type)) != 0 && is(type)) return true;
  }
  return false;
}

/// TINYBLOB to LONGBLOB, which TEXT is, too.
bool IsBlob(wire::FieldType type);

/// Of a parameter's definition in the answer to COM_STMT_PREPARE.
DerivedType TypeOf(const wire::ColumnDefinition41& definition);
/// Of a value as it was sent.
DerivedType TypeOf(const wire::ParamValue& value);
/// Of a parameter beside a column of the type.
DerivedType TypeOf(const policy::LogicalType& type);

/// Whether the value is converted to the type for sure, and whether it may be. One that is not
/// has the server prepare the statement anew, with the types of all values as they are.
bool SurelyConverts(DerivedType derived, const wire::ParamValue& value);
bool MayConvert(DerivedType derived, const wire::ParamValue& value);
/// What the value may become where a date or a time is derived.
DerivedTypeSet MomentsOf(const wire::ParamValue& value);

// Texts as the servers write them themselves.

/// -17, -17.50, of so few digits that no other number is the same float.
bool IsNumberText(std::string_view text);
/// Likewise, without a point.
bool IsIntegerText(std::string_view text);
/// 2024-02-29
bool IsDateText(std::string_view text);
/// 23:59:59, 23:59:59.999999
bool IsTimeText(std::string_view text);
/// 2024-02-29 23:59:59, 2024-02-29 23:59:59.999999
bool IsDateTimeText(std::string_view text);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_VALUE_DERIVED_TYPE_H_
