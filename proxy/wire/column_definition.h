// Column definitions of results, prepared statements and COM_FIELD_LIST.
//
// Sources: MySQL manual, "ColumnDefinition41" and "Column Definition Flags".
// Views as decode_error.h says. Every function is pure and thread-safe.
#ifndef SEALGATE_PROXY_WIRE_COLUMN_DEFINITION_H_
#define SEALGATE_PROXY_WIRE_COLUMN_DEFINITION_H_

#include <cstdint>
#include <string_view>

#include "proxy/wire/capabilities.h"
#include "proxy/wire/decode_error.h"
#include "proxy/wire/field_type.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

inline constexpr std::uint16_t kFieldNotNull = 0x0001;
inline constexpr std::uint16_t kFieldPrimaryKey = 0x0002;
inline constexpr std::uint16_t kFieldUniqueKey = 0x0004;
inline constexpr std::uint16_t kFieldMultipleKey = 0x0008;
inline constexpr std::uint16_t kFieldBlob = 0x0010;
inline constexpr std::uint16_t kFieldUnsigned = 0x0020;
inline constexpr std::uint16_t kFieldZerofill = 0x0040;
inline constexpr std::uint16_t kFieldBinary = 0x0080;
inline constexpr std::uint16_t kFieldEnum = 0x0100;
inline constexpr std::uint16_t kFieldAutoIncrement = 0x0200;
inline constexpr std::uint16_t kFieldTimestamp = 0x0400;
inline constexpr std::uint16_t kFieldSet = 0x0800;
inline constexpr std::uint16_t kFieldNoDefaultValue = 0x1000;
inline constexpr std::uint16_t kFieldOnUpdateNow = 0x2000;
inline constexpr std::uint16_t kFieldPartOfKey = 0x4000;
inline constexpr std::uint16_t kFieldNumber = 0x8000;

/// In a view's or expression's column the names may be empty.
///
///   catalog           string<lenenc>  "def"
///   schema            string<lenenc>
///   table             string<lenenc>  alias
///   org_table         string<lenenc>
///   name              string<lenenc>  alias
///   org_name          string<lenenc>
///   extended metadata string<lenenc>  under MariaDB's EXTENDED_METADATA: what the
///                                     type is called (json, point, inet6, …)
///   length of the rest int<lenenc>    0x0C
///   collation         int<2>
///   column length     int<4>          greatest width, in bytes for text
///   type              int<1>
///   flags             int<2>
///   decimals          int<1>
///   filler            int<2>          0
///   default value     string<lenenc> or 0xFB, in COM_FIELD_LIST only
struct ColumnDefinition41 {
  std::string_view catalog = "def";
  std::string_view schema = {};
  std::string_view table = {};
  std::string_view org_table = {};
  std::string_view name = {};
  std::string_view org_name = {};
  std::string_view extended = {};
  std::uint16_t collation = 0;
  std::uint32_t column_length = 0;
  FieldType type = FieldType::kNull;
  std::uint16_t flags = 0;
  std::uint8_t decimals = 0;
  /// The default value as it stands on the wire, with its length prefix; empty
  /// outside COM_FIELD_LIST.
  std::string_view default_value = {};
  bool operator==(const ColumnDefinition41&) const = default;
};

/// Which command the definition answers.
enum class ColumnUse { kResult, kFieldList };

Decoded<ColumnDefinition41> DecodeColumnDefinition41(std::string_view payload, ColumnUse use,
                                                     Capabilities negotiated = 0);
void Encode(const ColumnDefinition41& column, Capabilities negotiated, Writer& out);
/// With no capability that changes it.
void Encode(const ColumnDefinition41& column, Writer& out);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_COLUMN_DEFINITION_H_
