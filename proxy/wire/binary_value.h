// Values of the binary protocol: parameters of COM_STMT_EXECUTE and columns of
// its rows.
//
// Source: MySQL manual, "Binary Protocol Value".
//
//   layout     types                                     on the wire
//   fixed 1    TINY                                      int<1>
//   fixed 2    SHORT, YEAR                               int<2>
//   fixed 4    LONG, INT24, FLOAT                        int<4>, IEEE 754
//   fixed 8    LONGLONG, DOUBLE                          int<8>, IEEE 754
//   date       DATE, DATETIME, TIMESTAMP                 int<1> 0, 4, 7, 11 or 13, then so many
//   time       TIME                                      int<1> 0, 8 or 12, then so many
//   string     DECIMAL, NEWDECIMAL, VARCHAR, VAR_STRING, STRING, *_BLOB, BIT,
//              ENUM, SET, JSON, GEOMETRY, VECTOR         string<lenenc>
//   none       NULL                                      nothing
//
// A value's "bytes" are what stands on the wire without its length prefix.
#ifndef SEALGATE_PROXY_WIRE_BINARY_VALUE_H_
#define SEALGATE_PROXY_WIRE_BINARY_VALUE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/wire/decode_error.h"
#include "proxy/wire/field_type.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

/// What COM_STMT_EXECUTE says about a parameter's type: the low byte is the
/// field type, the highest bit of the high byte says unsigned.
struct ParamType {
  FieldType type = FieldType::kNull;
  bool is_unsigned = false;
  bool operator==(const ParamType&) const = default;
};

struct ParamValue {
  FieldType type = FieldType::kNull;
  bool is_unsigned = false;
  bool is_null = false;
  /// The value came in COM_STMT_SEND_LONG_DATA; `bytes` is empty.
  bool long_data = false;
  std::string_view bytes = {};
  bool operator==(const ParamValue&) const = default;
};

/// kMalformed if a bit of the high byte but the highest is set: MySQL takes it for a part of
/// the field type, MariaDB does not.
ParamType ReadParamType(Reader& reader);
void WriteParamType(ParamType type, Writer& out);

/// Reads one column's or parameter's bytes. Fails as kUnsupported for types
/// that never travel, as kMalformed for a date or time of an impossible size.
std::string_view ReadBinaryValue(FieldType type, Reader& reader);
void SkipBinaryValue(FieldType type, Reader& reader);
/// Fails the writer if `bytes` do not have a size that `type` allows.
void WriteBinaryValue(FieldType type, std::string_view bytes, Writer& out);

/// Whether both servers read a parameter of this type as the table above says.
/// They do not for INT24 and YEAR (MySQL 9.7 refuses them, MariaDB 10.11 was
/// seen to store an INT24 as NULL), nor for types that never travel.
bool IsParameterType(FieldType type);

/// A parameter or column of a whole-number type, sign-extended from its width
/// unless unsigned. kMalformed if the size is not the type's.
Decoded<std::int64_t> DecodeInteger(ParamType type, std::string_view bytes);
/// Appends the low bytes of `value` in the width of `type`.
void EncodeInteger(FieldType type, std::int64_t value, Writer& out);
Decoded<float> DecodeFloat(std::string_view bytes);
Decoded<double> DecodeDouble(std::string_view bytes);
void EncodeFloat(float value, Writer& out);
void EncodeDouble(double value, Writer& out);

/// DATE, DATETIME, TIMESTAMP: int<2> year, int<1> month, day, hour, minute,
/// second, int<4> microseconds, int<2> displacement from UTC in minutes (only
/// in parameters, since MySQL 8.0.19); trailing zero parts are left out. Only
/// the layout is checked, not the calendar.
struct DateTimeValue {
  std::uint16_t year = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  std::uint8_t hour = 0;
  std::uint8_t minute = 0;
  std::uint8_t second = 0;
  std::uint32_t microsecond = 0;
  std::optional<std::int16_t> zone_minutes = {};
  bool operator==(const DateTimeValue&) const = default;
};

/// TIME: int<1> negative, int<4> days, int<1> hour, minute, second, int<4>
/// microseconds.
struct TimeValue {
  bool negative = false;
  std::uint32_t days = 0;
  std::uint8_t hour = 0;
  std::uint8_t minute = 0;
  std::uint8_t second = 0;
  std::uint32_t microsecond = 0;
  bool operator==(const TimeValue&) const = default;
};

/// From and to a value's bytes, that is without the length byte.
Decoded<DateTimeValue> DecodeDateTime(std::string_view bytes);
Decoded<TimeValue> DecodeTime(std::string_view bytes);
void Encode(const DateTimeValue& value, Writer& out);
void Encode(const TimeValue& value, Writer& out);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_BINARY_VALUE_H_
