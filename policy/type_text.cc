// Type texts, and the physical types that hold envelopes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "policy/ascii.h"
#include "policy/logical_type.h"
#include "policy/type_names.h"

namespace sealgate::policy {
namespace {

constexpr std::uint64_t kMaxVarbinary = 16'000;
constexpr std::uint32_t kMaxScale = 38;

/// "name", "(1,2)", " unsigned" of a lower-case type text.
struct TypeText {
  std::string_view name;
  std::optional<std::uint32_t> first;
  std::optional<std::uint32_t> second;
  std::string_view attributes;  // after the parentheses
};

bool ReadNumber(std::string_view& text, std::optional<std::uint32_t>& number) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) {
    return false;
  }
  number = value;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool SkipChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<TypeText> Split(std::string_view text) {
  TypeText split;
  const auto name_end =
      std::find_if(text.begin(), text.end(), [](char c) { return c < 'a' || c > 'z'; });
  split.name = text.substr(0, static_cast<std::size_t>(name_end - text.begin()));
  text.remove_prefix(split.name.size());
  if (SkipChar(text, '(')) {
    if (!ReadNumber(text, split.first) ||
        (SkipChar(text, ',') && !ReadNumber(text, split.second)) || !SkipChar(text, ')')) {
      return std::nullopt;
    }
  }
  split.attributes = text;
  return split;
}

bool ReadLength(const TypeName& name, const TypeText& text, LogicalType& type) {
  type.length = text.first.value_or(name.default_argument);
  return (text.first || name.default_argument != 0) && !text.second &&
         type.length <= name.max_argument;
}

bool ReadDecimal(const TypeName& name, const TypeText& text, LogicalType& type) {
  const std::uint32_t precision = text.first.value_or(name.default_argument);
  const std::uint32_t scale = text.second.value_or(0);
  if (precision == 0 || precision > name.max_argument || scale > kMaxScale || scale > precision) {
    return false;
  }
  type.precision = static_cast<std::uint8_t>(precision);
  type.scale = static_cast<std::uint8_t>(scale);
  return true;
}

bool ReadFraction(const TypeName& name, const TypeText& text, LogicalType& type) {
  if (text.second || text.first.value_or(0) > name.max_argument) {
    return false;
  }
  type.fraction = static_cast<std::uint8_t>(text.first.value_or(0));
  return true;
}

/// YEAR(2) has other values than YEAR; the widths of integers mean nothing but (1).
bool ReadWidth(const TypeName& name, const TypeText& text, LogicalType& type) {
  if (type.kind == TypeKind::kYear) {
    return !text.second && text.first.value_or(4) == 4;
  }
  type.one_digit = type.kind == TypeKind::kTinyint && text.first == 1u;
  return !text.second && text.first.value_or(0) <= name.max_argument;
}

bool ReadArguments(const TypeName& name, const TypeText& text, LogicalType& type) {
  switch (name.arguments) {
    case TypeArguments::kNone:
      return !text.first;
    case TypeArguments::kLength:
      return ReadLength(name, text, type);
    case TypeArguments::kDisplayWidth:
      return ReadWidth(name, text, type);
    case TypeArguments::kDecimal:
      return ReadDecimal(name, text, type);
    case TypeArguments::kFraction:
      return ReadFraction(name, text, type);
  }
  return false;
}

/// ZEROFILL is refused: it changes how a number is shown.
bool ReadAttributes(std::string_view attributes, LogicalType& type) {
  if (attributes.empty()) {
    return true;
  }
  type.is_unsigned = true;
  type.one_digit = false;
  return attributes == " unsigned" && (IsInteger(type.kind) || type.kind == TypeKind::kDecimal);
}

std::uint64_t FractionBytes(const LogicalType& type) {
  return type.fraction == 0 ? 0 : type.fraction + 1u;
}

}  // namespace

std::optional<LogicalType> TypeFromText(std::string_view column_type) {
  const std::string lower = ascii::ToLower(column_type);
  const std::optional<TypeText> text = Split(lower);
  if (!text) {
    return std::nullopt;
  }
  const auto name = std::find_if(std::begin(kTypeNames), std::end(kTypeNames),
                                 [&](const TypeName& each) { return each.name == text->name; });
  if (name == std::end(kTypeNames)) {
    return std::nullopt;
  }
  LogicalType type;
  type.kind = name->kind;
  if (!ReadArguments(*name, *text, type) || !ReadAttributes(text->attributes, type)) {
    return std::nullopt;
  }
  return type;
}

std::uint64_t MaxCanonicalBytes(const LogicalType& type) {
  const TypeName& name = NameOf(type.kind);
  switch (name.arguments) {
    case TypeArguments::kLength:
      return std::uint64_t{type.length} *
             (IsText(type.kind) ? MaxBytesPerCharacter(type.charset) : 1);
    case TypeArguments::kDecimal:  // sign, point, and the zero before it
      return type.precision + 3u;
    case TypeArguments::kFraction:
      return name.max_canonical + FractionBytes(type);
    default:
      return name.max_canonical;
  }
}

std::string PhysicalType(const LogicalType& type, crypto::Mode mode) {
  const std::uint64_t bytes = MaxCanonicalBytes(type) + crypto::EnvelopeOverhead(mode);
  if (bytes <= kMaxVarbinary) {
    return fmt::format("varbinary({})", bytes);
  }
  for (TypeKind kind : {TypeKind::kBlob, TypeKind::kMediumBlob}) {
    if (bytes <= NameOf(kind).max_canonical) {
      return std::string(NameOf(kind).name);
    }
  }
  // A LONGTEXT's last bytes do not fit with their overhead; no packet of
  // either server (1 GiB at most) can bring such a value.
  return "longblob";
}

std::optional<std::uint64_t> PhysicalCapacity(std::string_view column_type) {
  const std::optional<LogicalType> type = TypeFromText(column_type);
  // BINARY(n) pads with zero bytes, and so would change every envelope.
  if (!type || !IsBinary(type->kind) || type->kind == TypeKind::kBinary) {
    return std::nullopt;
  }
  return MaxCanonicalBytes(*type);
}

}  // namespace sealgate::policy
