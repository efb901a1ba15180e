// The types of columns and parameters on the wire.
// Source: MySQL manual, "field_types.h" (enum_field_types).
#ifndef SEALGATE_PROXY_WIRE_FIELD_TYPE_H_
#define SEALGATE_PROXY_WIRE_FIELD_TYPE_H_

#include <cstdint>

namespace sealgate::wire {

enum class FieldType : std::uint8_t {
  kDecimal = 0,
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kNull = 6,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kYear = 13,
  kNewDate = 14,
  kVarchar = 15,
  kBit = 16,
  kTimestamp2 = 17,
  kDateTime2 = 18,
  kTime2 = 19,
  kTypedArray = 20,
  kVector = 242,
  kInvalid = 243,
  kBool = 244,
  kJson = 245,
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kMediumBlob = 250,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_FIELD_TYPE_H_
