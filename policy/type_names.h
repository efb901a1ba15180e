// Names and limits of the logical types, for the reader and the writer of type
// texts. Source: MySQL 9 manual, "Data Types"; MariaDB's limits where wider.
#ifndef SEALGATE_POLICY_TYPE_NAMES_H_
#define SEALGATE_POLICY_TYPE_NAMES_H_

#include <cstdint>
#include <string_view>

#include "policy/logical_type.h"

namespace sealgate::policy {

/// What may stand in parentheses after a type's name.
enum class TypeArguments : std::uint8_t { kNone, kLength, kDisplayWidth, kDecimal, kFraction };

struct TypeName {
  std::string_view name;
  TypeKind kind;
  TypeArguments arguments;
  std::uint32_t max_argument;      // length or digits
  std::uint32_t default_argument;  // 0: the argument must be there
  std::uint64_t max_canonical;     // bytes, where no argument decides it
};

inline constexpr TypeName kTypeNames[] = {
    {"char", TypeKind::kChar, TypeArguments::kLength, 255, 1, 0},
    {"varchar", TypeKind::kVarchar, TypeArguments::kLength, 65'535, 0, 0},
    {"tinytext", TypeKind::kTinyText, TypeArguments::kNone, 0, 0, 255},
    {"text", TypeKind::kText, TypeArguments::kNone, 0, 0, 65'535},
    {"mediumtext", TypeKind::kMediumText, TypeArguments::kNone, 0, 0, 16'777'215},
    {"longtext", TypeKind::kLongText, TypeArguments::kNone, 0, 0, 4'294'967'295},
    {"binary", TypeKind::kBinary, TypeArguments::kLength, 255, 1, 0},
    {"varbinary", TypeKind::kVarbinary, TypeArguments::kLength, 65'535, 0, 0},
    {"tinyblob", TypeKind::kTinyBlob, TypeArguments::kNone, 0, 0, 255},
    {"blob", TypeKind::kBlob, TypeArguments::kNone, 0, 0, 65'535},
    {"mediumblob", TypeKind::kMediumBlob, TypeArguments::kNone, 0, 0, 16'777'215},
    {"longblob", TypeKind::kLongBlob, TypeArguments::kNone, 0, 0, 4'294'967'295},
    {"tinyint", TypeKind::kTinyint, TypeArguments::kDisplayWidth, 255, 0, 8},
    {"smallint", TypeKind::kSmallint, TypeArguments::kDisplayWidth, 255, 0, 8},
    {"mediumint", TypeKind::kMediumint, TypeArguments::kDisplayWidth, 255, 0, 8},
    {"int", TypeKind::kInt, TypeArguments::kDisplayWidth, 255, 0, 8},
    {"bigint", TypeKind::kBigint, TypeArguments::kDisplayWidth, 255, 0, 8},
    {"decimal", TypeKind::kDecimal, TypeArguments::kDecimal, 65, 10, 0},
    {"date", TypeKind::kDate, TypeArguments::kNone, 0, 0, 10},
    {"datetime", TypeKind::kDatetime, TypeArguments::kFraction, 6, 0, 19},
    {"timestamp", TypeKind::kTimestamp, TypeArguments::kFraction, 6, 0, 19},
    {"time", TypeKind::kTime, TypeArguments::kFraction, 6, 0, 10},
    {"year", TypeKind::kYear, TypeArguments::kDisplayWidth, 4, 0, 8},
};

inline const TypeName& NameOf(TypeKind kind) { return kTypeNames[static_cast<std::size_t>(kind)]; }

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_TYPE_NAMES_H_
