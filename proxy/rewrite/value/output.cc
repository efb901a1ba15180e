// Canonical bytes as text and binary rows show them.
#include <charconv>
#include <cstdio>
#include <iterator>

#include "policy/code_point.h"
#include "proxy/rewrite/value/canonical.h"
#include "proxy/rewrite/value/charset.h"
#include "proxy/wire/writer.h"

namespace sealgate::rewrite {
namespace {

using policy::Charset;
using policy::TypeKind;

using Shown = std::optional<std::string_view>;

Shown ShowText(const policy::LogicalType& type, const SessionFacts& facts,
               std::string_view canonical, std::string& scratch) {
  const Charset results = facts.results.value_or(Charset::kBinary);
  if (results == Charset::kBinary || results == type.charset) {
    return CountCharacters(type.charset, canonical) ? Shown(canonical) : std::nullopt;
  }
  scratch.clear();
  const bool valid = ConvertForResults(type.charset, results, canonical, scratch);
  return valid ? Shown(scratch) : std::nullopt;
}

Shown ShowInteger(const policy::LogicalType& type, std::string_view canonical,
                  std::string& scratch) {
  std::uint64_t bits = 0;
  if (!ReadInteger(type, canonical, bits)) return std::nullopt;
  char digits[24];
  std::to_chars_result end{};
  if (type.kind == TypeKind::kYear) {
    const int size =
        std::snprintf(digits, sizeof digits, "%04u", static_cast<unsigned>(bits & 0xFFFF));
    end.ptr = digits + size;
  } else if (type.is_unsigned) {
    end = std::to_chars(digits, std::end(digits), bits);
  } else {
    end = std::to_chars(digits, std::end(digits), static_cast<std::int64_t>(bits));
  }
  scratch.assign(digits, end.ptr);
  return scratch;
}

wire::FieldType IntegerField(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyint:
      return wire::FieldType::kTiny;
    case TypeKind::kSmallint:
      return wire::FieldType::kShort;
    case TypeKind::kMediumint:
      return wire::FieldType::kInt24;
    case TypeKind::kInt:
      return wire::FieldType::kLong;
    case TypeKind::kYear:
      return wire::FieldType::kYear;
    default:
      return wire::FieldType::kLongLong;
  }
}

bool AppendIntegerBinary(const policy::LogicalType& type, std::string_view canonical,
                         std::string& out) {
  std::uint64_t bits = 0;
  if (!ReadInteger(type, canonical, bits)) return false;
  wire::Writer writer(out);
  wire::EncodeInteger(IntegerField(type.kind), static_cast<std::int64_t>(bits), writer);
  return writer.ok();
}

bool ReadShown(const policy::LogicalType& type, const SessionFacts& facts,
               std::string_view canonical, Moment& moment) {
  return type.kind == TypeKind::kTimestamp ? ReadTimestamp(type, facts, canonical, moment)
                                           : ReadTemporal(type, canonical, moment);
}

bool AppendTemporalBinary(const policy::LogicalType& type, const SessionFacts& facts,
                          std::string_view canonical, std::string& out) {
  Moment moment;
  if (!ReadShown(type, facts, canonical, moment)) return false;
  const auto small = [](std::uint32_t value) { return static_cast<std::uint8_t>(value); };
  std::string body;
  wire::Writer body_writer(body);
  if (type.kind == TypeKind::kTime) {
    wire::Encode(wire::TimeValue{moment.negative, moment.hour / 24, small(moment.hour % 24),
                                 small(moment.minute), small(moment.second), moment.microsecond},
                 body_writer);
  } else {
    wire::Encode(wire::DateTimeValue{static_cast<std::uint16_t>(moment.year),
                                     small(moment.month),
                                     small(moment.day),
                                     small(moment.hour),
                                     small(moment.minute),
                                     small(moment.second),
                                     moment.microsecond,
                                     {}},
                 body_writer);
  }
  wire::Writer writer(out);
  writer.ShortString(body);
  return body_writer.ok() && writer.ok();
}

bool IsReadableTemporal(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kDatetime || kind == TypeKind::kTimestamp ||
         kind == TypeKind::kTime;
}

std::string MaskText(const policy::LogicalType& type, const policy::Mask& mask,
                     std::string_view canonical) {
  std::string with;
  std::string utf8;
  policy::AppendUtf8(mask.with, utf8);
  if (!Convert(Charset::kUtf8mb4, type.charset, utf8, with)) with.assign(1, '*');
  const std::size_t count = CountCharacters(type.charset, canonical).value_or(canonical.size());
  // 64 bits: the two together may overflow their own type.
  const std::uint64_t kept = std::uint64_t{mask.keep_first} + mask.keep_last;
  const bool keep = kept < count && CountCharacters(type.charset, canonical).has_value();
  const std::size_t first = keep ? mask.keep_first : 0;
  const std::size_t last = keep ? mask.keep_last : 0;
  std::string out(canonical.substr(0, CharacterOffset(type.charset, canonical, first)));
  for (std::size_t i = first + last; i < count; ++i) out += with;
  if (last > 0) out += canonical.substr(CharacterOffset(type.charset, canonical, count - last));
  return out;
}

std::string MaskDecimal(const policy::LogicalType& type) {
  std::string zero = "0";
  if (type.scale > 0) zero += '.' + std::string(type.scale, '0');
  return zero;
}

}  // namespace

std::optional<std::string_view> ShownText(const policy::LogicalType& type,
                                          const SessionFacts& facts, std::string_view canonical,
                                          std::string& scratch) {
  if (policy::IsText(type.kind)) return ShowText(type, facts, canonical, scratch);
  if (policy::IsInteger(type.kind) || type.kind == TypeKind::kYear) {
    return ShowInteger(type, canonical, scratch);
  }
  Moment moment;
  if ((type.kind == TypeKind::kDecimal && !IsCanonicalDecimal(type, canonical)) ||
      (IsReadableTemporal(type.kind) && !ReadShown(type, facts, canonical, moment))) {
    return std::nullopt;
  }
  if (type.kind != TypeKind::kTimestamp || facts.utc_offset == 0) return canonical;
  scratch.clear();
  AppendTemporal(type, moment, scratch);
  return scratch;
}

bool CanonicalToText(const policy::LogicalType& type, const SessionFacts& facts,
                     std::string_view canonical, std::string& out) {
  std::string scratch;
  const auto text = ShownText(type, facts, canonical, scratch);
  if (text) out.append(*text);
  return text.has_value();
}

bool CanonicalToBinary(const policy::LogicalType& type, const SessionFacts& facts,
                       std::string_view canonical, std::string& out) {
  const std::size_t start = out.size();
  bool done = false;
  if (policy::IsInteger(type.kind) || type.kind == TypeKind::kYear) {
    done = AppendIntegerBinary(type, canonical, out);
  } else if (IsReadableTemporal(type.kind)) {
    done = AppendTemporalBinary(type, facts, canonical, out);
  } else {
    std::string scratch;
    const auto text = ShownText(type, facts, canonical, scratch);
    done = text.has_value();
    if (done) wire::Writer(out).LenencString(*text);
  }
  if (!done) out.resize(start);
  return done;
}

std::string MaskCanonical(const policy::LogicalType& type, const policy::Mask& mask,
                          std::string_view canonical) {
  if (policy::IsText(type.kind)) return MaskText(type, mask, canonical);
  if (policy::IsBinary(type.kind)) return {};
  const std::string fraction =
      type.fraction > 0 ? '.' + std::string(type.fraction, '0') : std::string();
  std::string out;
  switch (type.kind) {
    case TypeKind::kDecimal:
      return MaskDecimal(type);
    case TypeKind::kDate:
      return "1970-01-01";
    case TypeKind::kDatetime:
    case TypeKind::kTimestamp:
      return "1970-01-01 00:00:01" + fraction;
    case TypeKind::kTime:
      return "00:00:00" + fraction;
    case TypeKind::kYear:
      AppendInteger(true, 1970, out);
      return out;
    default:
      AppendInteger(type.is_unsigned, 0, out);
      return out;
  }
}

}  // namespace sealgate::rewrite
