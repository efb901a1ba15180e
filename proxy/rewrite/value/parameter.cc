// Parameters of the binary protocol.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "proxy/rewrite/value/canonical.h"
#include "proxy/rewrite/value/value.h"

namespace sealgate::rewrite {
namespace {

static_assert(std::endian::native == std::endian::little, "as the protocol's numbers");

using Kind = SourceValue::Kind;
using Result = tl::expected<SourceValue, ValueError>;
using wire::FieldType;

Result FromInteger(const wire::ParamValue& parameter, std::string& scratch) {
  const auto value = wire::DecodeInteger({parameter.type, parameter.is_unsigned}, parameter.bytes);
  if (!value) return tl::unexpected(ValueError::kBadInteger);
  const bool negative = !parameter.is_unsigned && *value < 0;
  const auto bits = static_cast<std::uint64_t>(*value);
  char digits[24];
  const auto end = std::to_chars(digits, std::end(digits), negative ? 0 - bits : bits);
  scratch.assign(digits, end.ptr);
  return SourceValue{Kind::kInteger, negative, scratch};
}

// JavaScript's drivers send every number as a double. One that is whole, and
// that the servers write without an exponent, is as good as an integer.
Result FromFloat(const wire::ParamValue& parameter, std::string& scratch) {
  constexpr double kLimit = 1e15;
  double value = 0;
  if (parameter.type == FieldType::kDouble && parameter.bytes.size() == sizeof value) {
    std::memcpy(&value, parameter.bytes.data(), sizeof value);
  } else {
    return SourceValue{Kind::kFloat, false, {}};
  }
  const bool whole = std::isfinite(value) && std::fabs(value) < kLimit &&
                     std::trunc(value) == value && (value != 0 || !std::signbit(value));
  if (!whole) return SourceValue{Kind::kFloat, false, {}};
  scratch = std::to_string(static_cast<std::uint64_t>(std::fabs(value)));
  return SourceValue{Kind::kWholeFloat, value < 0, scratch};
}

Result FromDecimal(std::string_view text) {
  Number number;
  if (!ReadNumber(text, number)) return tl::unexpected(ValueError::kBadDecimal);
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  return SourceValue{Kind::kDecimal, number.negative, text};
}

template <std::size_t N, typename... Args>
void Print(std::string& out, const char (&format)[N], Args... args) {
  char buffer[64];
  const int size = std::snprintf(buffer, sizeof buffer, format, args...);
  out.append(buffer, static_cast<std::size_t>(size));
}

Result FromDateTime(const wire::ParamValue& parameter, std::string& scratch) {
  const auto value = wire::DecodeDateTime(parameter.bytes);
  if (!value) return tl::unexpected(ValueError::kBadTemporal);
  if (value->zone_minutes) return tl::unexpected(ValueError::kUnsupported);
  scratch.clear();
  Print(scratch, "%04u-%02u-%02u", value->year, value->month, value->day);
  const bool has_time =
      value->hour != 0 || value->minute != 0 || value->second != 0 || value->microsecond != 0;
  if (parameter.type == FieldType::kDate) {
    if (has_time) return tl::unexpected(ValueError::kUnsupported);
    return SourceValue{Kind::kDate, false, scratch};
  }
  Print(scratch, " %02u:%02u:%02u", value->hour, value->minute, value->second);
  if (value->microsecond > 999'999) return tl::unexpected(ValueError::kBadTemporal);
  if (value->microsecond != 0) Print(scratch, ".%06u", value->microsecond);
  return SourceValue{Kind::kDatetime, false, scratch};
}

Result FromTime(const wire::ParamValue& parameter, std::string& scratch) {
  const auto value = wire::DecodeTime(parameter.bytes);
  if (!value || value->microsecond > 999'999 || value->hour > 23) {
    return tl::unexpected(ValueError::kBadTemporal);
  }
  scratch.clear();
  const unsigned long long hours = value->days * 24ULL + value->hour;
  Print(scratch, "%s%02llu:%02u:%02u", value->negative ? "-" : "", hours, value->minute,
        value->second);
  if (value->microsecond != 0) Print(scratch, ".%06u", value->microsecond);
  return SourceValue{Kind::kTime, false, scratch};
}

constexpr std::size_t kDateBytes = 4;

}  // namespace

bool IsTakenAsSent(const wire::ParamValue& parameter, const SessionFacts& facts, bool is_mariadb) {
  if (!is_mariadb) {
    return parameter.type != FieldType::kDate || parameter.bytes.size() <= kDateBytes;
  }
  if (parameter.type != FieldType::kTimestamp) return true;
  const auto value = wire::DecodeDateTime(parameter.bytes);
  return value && FitsTimestamp(facts, {.year = value->year,
                                        .month = value->month,
                                        .day = value->day,
                                        .hour = value->hour,
                                        .minute = value->minute,
                                        .second = value->second,
                                        .microsecond = value->microsecond});
}

Result FromParameter(const wire::ParamValue& parameter, std::string& scratch) {
  if (parameter.is_null || parameter.type == FieldType::kNull) {
    return SourceValue{Kind::kNull, false, {}};
  }
  if (parameter.long_data) return tl::unexpected(ValueError::kUnsupported);
  switch (parameter.type) {
    case FieldType::kTiny:
    case FieldType::kShort:
    case FieldType::kLong:
    case FieldType::kLongLong:
      return FromInteger(parameter, scratch);
    case FieldType::kFloat:
    case FieldType::kDouble:
      return FromFloat(parameter, scratch);
    case FieldType::kDecimal:
    case FieldType::kNewDecimal:
      return FromDecimal(parameter.bytes);
    case FieldType::kVarchar:
    case FieldType::kVarString:
    case FieldType::kString:
      return SourceValue{Kind::kString, false, parameter.bytes, true};
    case FieldType::kTinyBlob:
    case FieldType::kMediumBlob:
    case FieldType::kLongBlob:
    case FieldType::kBlob:
      return SourceValue{Kind::kBinaryString, false, parameter.bytes};
    case FieldType::kDate:
    case FieldType::kDateTime:
    case FieldType::kTimestamp:
      return FromDateTime(parameter, scratch);
    case FieldType::kTime:
      return FromTime(parameter, scratch);
    default:
      return tl::unexpected(ValueError::kUnsupported);
  }
}

}  // namespace sealgate::rewrite
