#include "proxy/wire/binary_value.h"

#include <bit>
#include <cstddef>

namespace sealgate::wire {
namespace {

constexpr std::uint8_t kUnsignedFlag = 0x80;

enum class Layout { kNone, kFixed, kDate, kTime, kString, kUnknown };

struct Shape {
  Layout layout = Layout::kUnknown;
  std::size_t size = 0;
};

Shape ShapeOf(FieldType type) {
  switch (type) {
    case FieldType::kNull:
      return {Layout::kNone, 0};
    case FieldType::kTiny:
      return {Layout::kFixed, 1};
    case FieldType::kShort:
    case FieldType::kYear:
      return {Layout::kFixed, 2};
    case FieldType::kLong:
    case FieldType::kInt24:
    case FieldType::kFloat:
      return {Layout::kFixed, 4};
    case FieldType::kLongLong:
    case FieldType::kDouble:
      return {Layout::kFixed, 8};
    case FieldType::kDate:
    case FieldType::kDateTime:
    case FieldType::kTimestamp:
      return {Layout::kDate, 0};
    case FieldType::kTime:
      return {Layout::kTime, 0};
    case FieldType::kDecimal:
    case FieldType::kNewDecimal:
    case FieldType::kVarchar:
    case FieldType::kVarString:
    case FieldType::kString:
    case FieldType::kTinyBlob:
    case FieldType::kMediumBlob:
    case FieldType::kLongBlob:
    case FieldType::kBlob:
    case FieldType::kBit:
    case FieldType::kEnum:
    case FieldType::kSet:
    case FieldType::kJson:
    case FieldType::kGeometry:
    case FieldType::kVector:
      return {Layout::kString, 0};
    case FieldType::kNewDate:
    case FieldType::kTimestamp2:
    case FieldType::kDateTime2:
    case FieldType::kTime2:
    case FieldType::kTypedArray:
    case FieldType::kInvalid:
    case FieldType::kBool:
      break;
  }
  return {};
}

bool IsDateSize(std::size_t size) {
  return size == 0 || size == 4 || size == 7 || size == 11 || size == 13;
}
bool IsTimeSize(std::size_t size) { return size == 0 || size == 8 || size == 12; }

bool SizeFits(Shape shape, std::size_t size) {
  switch (shape.layout) {
    case Layout::kNone:
      return size == 0;
    case Layout::kFixed:
      return size == shape.size;
    case Layout::kDate:
      return IsDateSize(size);
    case Layout::kTime:
      return IsTimeSize(size);
    case Layout::kString:
      return true;
    case Layout::kUnknown:
      break;
  }
  return false;
}

}  // namespace

ParamType ReadParamType(Reader& reader) {
  ParamType type;
  type.type = static_cast<FieldType>(reader.U8());
  const std::uint8_t flags = reader.U8();
  if ((flags & ~kUnsignedFlag) != 0) reader.Fail(DecodeError::kMalformed);
  type.is_unsigned = flags != 0;
  return type;
}

void WriteParamType(ParamType type, Writer& out) {
  out.U8(static_cast<std::uint8_t>(type.type));
  out.U8(type.is_unsigned ? kUnsignedFlag : 0);
}

std::string_view ReadBinaryValue(FieldType type, Reader& reader) {
  const Shape shape = ShapeOf(type);
  switch (shape.layout) {
    case Layout::kNone:
      return {};
    case Layout::kFixed:
      return reader.Bytes(shape.size);
    case Layout::kString:
      return reader.LenencString();
    case Layout::kDate:
    case Layout::kTime: {
      const std::uint8_t size = reader.U8();
      if (!SizeFits(shape, size)) reader.Fail(DecodeError::kMalformed);
      return reader.Bytes(size);
    }
    case Layout::kUnknown:
      break;
  }
  reader.Fail(DecodeError::kUnsupported);
  return {};
}

void SkipBinaryValue(FieldType type, Reader& reader) { ReadBinaryValue(type, reader); }

void WriteBinaryValue(FieldType type, std::string_view bytes, Writer& out) {
  const Shape shape = ShapeOf(type);
  if (!SizeFits(shape, bytes.size())) return out.Fail();
  if (shape.layout == Layout::kString) return out.LenencString(bytes);
  if (shape.layout == Layout::kDate || shape.layout == Layout::kTime) {
    return out.ShortString(bytes);
  }
  out.Bytes(bytes);
}

bool IsParameterType(FieldType type) {
  if (type == FieldType::kInt24 || type == FieldType::kYear) return false;
  return ShapeOf(type).layout != Layout::kUnknown;
}

Decoded<std::int64_t> DecodeInteger(ParamType type, std::string_view bytes) {
  const Shape shape = ShapeOf(type.type);
  const bool whole = shape.layout == Layout::kFixed && type.type != FieldType::kFloat &&
                     type.type != FieldType::kDouble;
  if (!whole || bytes.size() != shape.size) return tl::unexpected(DecodeError::kMalformed);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  }
  const unsigned unused_bits = static_cast<unsigned>(64 - 8 * bytes.size());
  if (type.is_unsigned) return static_cast<std::int64_t>(value);
  return static_cast<std::int64_t>(value << unused_bits) >> unused_bits;
}

void EncodeInteger(FieldType type, std::int64_t value, Writer& out) {
  const Shape shape = ShapeOf(type);
  if (shape.layout != Layout::kFixed) return out.Fail();
  const auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < shape.size; ++i) out.U8((bits >> (8 * i)) & 0xFF);
}

Decoded<float> DecodeFloat(std::string_view bytes) {
  Reader reader(bytes);
  const std::uint32_t bits = reader.U32();
  return reader.Finish(std::bit_cast<float>(bits));
}

Decoded<double> DecodeDouble(std::string_view bytes) {
  Reader reader(bytes);
  const std::uint64_t bits = reader.U64();
  return reader.Finish(std::bit_cast<double>(bits));
}

void EncodeFloat(float value, Writer& out) { out.U32(std::bit_cast<std::uint32_t>(value)); }
void EncodeDouble(double value, Writer& out) { out.U64(std::bit_cast<std::uint64_t>(value)); }

Decoded<DateTimeValue> DecodeDateTime(std::string_view bytes) {
  if (!IsDateSize(bytes.size())) return tl::unexpected(DecodeError::kMalformed);
  Reader reader(bytes);
  DateTimeValue value;
  if (bytes.size() >= 4) {
    value.year = reader.U16();
    value.month = reader.U8();
    value.day = reader.U8();
  }
  if (bytes.size() >= 7) {
    value.hour = reader.U8();
    value.minute = reader.U8();
    value.second = reader.U8();
  }
  if (bytes.size() >= 11) value.microsecond = reader.U32();
  if (bytes.size() == 13) value.zone_minutes = static_cast<std::int16_t>(reader.U16());
  return reader.Finish(value);
}

Decoded<TimeValue> DecodeTime(std::string_view bytes) {
  if (!IsTimeSize(bytes.size())) return tl::unexpected(DecodeError::kMalformed);
  Reader reader(bytes);
  TimeValue value;
  if (bytes.size() >= 8) {
    value.negative = reader.U8() != 0;
    value.days = reader.U32();
    value.hour = reader.U8();
    value.minute = reader.U8();
    value.second = reader.U8();
  }
  if (bytes.size() == 12) value.microsecond = reader.U32();
  return reader.Finish(value);
}

void Encode(const DateTimeValue& value, Writer& out) {
  const bool has_time = value.hour != 0 || value.minute != 0 || value.second != 0;
  const bool has_date = value.year != 0 || value.month != 0 || value.day != 0;
  const bool has_zone = value.zone_minutes.has_value();
  const bool has_microsecond = value.microsecond != 0 || has_zone;
  if (!has_date && !has_time && !has_microsecond) return;
  out.U16(value.year);
  out.U8(value.month);
  out.U8(value.day);
  if (!has_time && !has_microsecond) return;
  out.U8(value.hour);
  out.U8(value.minute);
  out.U8(value.second);
  if (has_microsecond) out.U32(value.microsecond);
  if (has_zone) out.U16(static_cast<std::uint16_t>(*value.zone_minutes));
}

void Encode(const TimeValue& value, Writer& out) {
  if (value == TimeValue{}) return;
  out.U8(value.negative ? 1 : 0);
  out.U32(value.days);
  out.U8(value.hour);
  out.U8(value.minute);
  out.U8(value.second);
  if (value.microsecond != 0) out.U32(value.microsecond);
}

}  // namespace sealgate::wire
