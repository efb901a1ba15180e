// The type of a protected column as the application sees it, and its physical
// counterpart on the server.
#ifndef SEALGATE_POLICY_LOGICAL_TYPE_H_
#define SEALGATE_POLICY_LOGICAL_TYPE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/envelope.h"

namespace sealgate::policy {

/// Character sets whose text the proxy can read. Anything else is refused.
enum class Charset : std::uint8_t { kBinary, kAscii, kLatin1, kUtf8mb3, kUtf8mb4 };

/// Names as the server writes them; "utf8" is utf8mb3.
std::optional<Charset> CharsetFromName(std::string_view name);
std::string_view CharsetName(Charset charset);
/// Most bytes of one character: 1, 1, 1, 3, 4.
std::uint32_t MaxBytesPerCharacter(Charset charset);

enum class TypeKind : std::uint8_t {
  kChar,
  kVarchar,
  kTinyText,
  kText,
  kMediumText,
  kLongText,
  kBinary,
  kVarbinary,
  kTinyBlob,
  kBlob,
  kMediumBlob,
  kLongBlob,
  kTinyint,
  kSmallint,
  kMediumint,
  kInt,
  kBigint,
  kDecimal,
  kDate,
  kDatetime,
  kTimestamp,
  kTime,
  kYear,
};

bool IsText(TypeKind kind);    // kChar … kLongText
bool IsBinary(TypeKind kind);  // kBinary … kLongBlob
bool IsInteger(TypeKind kind);
bool IsTemporal(TypeKind kind);

struct LogicalType {
  TypeKind kind{};
  bool is_unsigned = false;
  bool one_digit = false;              // TINYINT(1), which clients take for a truth value
  std::uint32_t length = 0;            // CHAR, VARCHAR: characters; BINARY, VARBINARY: bytes
  std::uint8_t precision = 0;          // DECIMAL
  std::uint8_t scale = 0;              // DECIMAL
  std::uint8_t fraction = 0;           // DATETIME, TIMESTAMP, TIME: digits
  Charset charset = Charset::kBinary;  // text only
  std::string collation;               // text only, the server's name

  bool operator==(const LogicalType&) const = default;
};

/// The text that stands in the physical column's COMMENT:
/// "sealgate:1;type=varchar(255);charset=utf8mb4;collation=utf8mb4_general_ci".
/// Behind it may stand kOwnComment and the comment that the column was given.
std::string ToComment(const LogicalType& type);
inline constexpr std::string_view kOwnComment = ";comment=";
/// What stands behind kOwnComment; "" if nothing does.
std::string_view OwnComment(std::string_view comment);
/// nullopt when the comment is not ours or not well formed. Text after a
/// further ';' that we do not know makes it malformed.
std::optional<LogicalType> FromComment(std::string_view comment);
/// Whether the comment claims to be ours at all ("sealgate:").
bool IsOurComment(std::string_view comment);
/// "varchar(255)", "bigint unsigned", "decimal(10,2)", "datetime(6)"; parsed
/// back by TypeFromText (which takes what information_schema.COLUMN_TYPE says;
/// charset and collation are left alone).
std::string ToText(const LogicalType& type);
std::optional<LogicalType> TypeFromText(std::string_view column_type);

/// Most bytes of a value's canonical form.
std::uint64_t MaxCanonicalBytes(const LogicalType& type);
/// The physical type that holds every envelope of the type: "varbinary(1086)",
/// "mediumblob". VARBINARY up to 16,000 bytes, above that the smallest blob.
std::string PhysicalType(const LogicalType& type, crypto::Mode mode);
/// Capacity in bytes of a physical type as the server names it ("blob",
/// "varbinary(300)"); nullopt when it cannot hold an envelope (not binary).
std::optional<std::uint64_t> PhysicalCapacity(std::string_view column_type);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_LOGICAL_TYPE_H_
