#include "proxy/rewrite/value/derived_type.h"

#include <chrono>

#include "proxy/rewrite/value/canonical.h"
#include "proxy/wire/charset_id.h"

namespace sealgate::rewrite {
namespace {

using wire::FieldType;

DerivedType TypeOf(FieldType type, bool is_unsigned, bool is_binary) {
  switch (type) {
    case FieldType::kTiny:
    case FieldType::kShort:
    case FieldType::kLong:
    case FieldType::kInt24:
    case FieldType::kLongLong:
      return is_unsigned ? DerivedType::kUnsigned : DerivedType::kSigned;
    case FieldType::kDecimal:
    case FieldType::kNewDecimal:
      return DerivedType::kDecimal;
    case FieldType::kFloat:
    case FieldType::kDouble:
      return DerivedType::kFloat;
    case FieldType::kYear:
      return DerivedType::kYear;
    case FieldType::kBit:
      return DerivedType::kBits;
    case FieldType::kDate:
      return DerivedType::kDate;
    case FieldType::kTime:
      return DerivedType::kTime;
    case FieldType::kDateTime:
    case FieldType::kTimestamp:
      return DerivedType::kDateTime;
    case FieldType::kVarchar:
    case FieldType::kVarString:
    case FieldType::kString:
    case FieldType::kTinyBlob:
    case FieldType::kBlob:
    case FieldType::kMediumBlob:
    case FieldType::kLongBlob:
      return is_binary ? DerivedType::kBytes : DerivedType::kText;
    case FieldType::kJson:
      return DerivedType::kJson;
    default:
      return DerivedType::kOther;
  }
}

// Whether a value of type `sent` is converted; if not, the statement is prepared anew.
bool Converts(DerivedType derived, DerivedType sent) {
  const bool number = sent <= DerivedType::kFloat;
  if (IsString(sent)) return true;
  switch (derived) {
    case DerivedType::kSigned:
      return sent == DerivedType::kSigned;
    case DerivedType::kUnsigned:
    case DerivedType::kBits:
      return sent == DerivedType::kUnsigned;
    case DerivedType::kYear:
      return IsInteger(sent);
    case DerivedType::kDecimal:
      return IsInteger(sent) || sent == DerivedType::kDecimal;
    case DerivedType::kFloat:
      return number;
    case DerivedType::kDate:
      return number || sent == DerivedType::kDate;
    case DerivedType::kTime:
      return sent != DerivedType::kDate;
    case DerivedType::kDateTime:
      return true;
    default:
      return false;
  }
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Of at most nine digits.
unsigned ToNumber(std::string_view digits) {
  unsigned number = 0;
  for (const char c : digits) number = number * 10 + static_cast<unsigned>(c - '0');
  return number;
}

bool IsShortCount(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;
  return text.size() <= kMostDigits && IsDigits(text);
}

}  // namespace

bool IsBlob(FieldType type) {
  return type == FieldType::kTinyBlob || type == FieldType::kBlob ||
         type == FieldType::kMediumBlob || type == FieldType::kLongBlob;
}

DerivedType TypeOf(const wire::ColumnDefinition41& definition) {
  return TypeOf(definition.type, (definition.flags & wire::kFieldUnsigned) != 0,
                definition.collation == wire::kCharsetBinary);
}

DerivedType TypeOf(const wire::ParamValue& value) {
  return TypeOf(value.type, value.is_unsigned, IsBlob(value.type));
}

DerivedType TypeOf(const policy::LogicalType& type) {
  using policy::TypeKind;
  switch (type.kind) {
    case TypeKind::kDecimal:
      return DerivedType::kDecimal;
    case TypeKind::kDate:
      return DerivedType::kDate;
    case TypeKind::kDatetime:
    case TypeKind::kTimestamp:
      return DerivedType::kDateTime;
    case TypeKind::kTime:
      return DerivedType::kTime;
    case TypeKind::kYear:
      return DerivedType::kYear;
    default:
      break;
  }
  if (policy::IsText(type.kind)) return DerivedType::kText;
  if (policy::IsBinary(type.kind)) return DerivedType::kBytes;
  return type.is_unsigned ? DerivedType::kUnsigned : DerivedType::kSigned;
}

bool IsNumberText(std::string_view text) {
  constexpr std::size_t kExactDigits = 15;
  Number number;
  if (!ReadNumber(text, number) || text.front() == '+') return false;
  if (number.negative) text.remove_prefix(1);
  return number.whole.size() + number.fraction.size() <= kExactDigits &&
         text.starts_with(number.whole.empty() ? "0" : number.whole) &&
         !(number.negative && number.IsZero());
}

bool IsIntegerText(std::string_view text) {
  return IsNumberText(text) && text.find('.') == std::string_view::npos;
}

bool IsDateText(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const std::string_view year = text.substr(0, 4);
  const std::string_view month = text.substr(5, 2);
  const std::string_view day = text.substr(8);
  if (!IsDigits(year) || !IsDigits(month) || !IsDigits(day) || ToNumber(year) == 0) return false;
  return std::chrono::year_month_day{std::chrono::year(static_cast<int>(ToNumber(year))),
                                     std::chrono::month(ToNumber(month)),
                                     std::chrono::day(ToNumber(day))}
      .ok();
}

bool IsTimeText(std::string_view text) {
  constexpr std::size_t kWhole = 8;
  if (text.size() < kWhole || text[2] != ':' || text[5] != ':') return false;
  const std::string_view hour = text.substr(0, 2);
  const std::string_view minute = text.substr(3, 2);
  const std::string_view second = text.substr(6, 2);
  if (!IsDigits(hour) || !IsDigits(minute) || !IsDigits(second)) return false;
  if (ToNumber(hour) > 23 || ToNumber(minute) > 59 || ToNumber(second) > 59) return false;
  if (text.size() == kWhole) return true;
  return text.size() <= kWhole + 7 && text[kWhole] == '.' && IsDigits(text.substr(kWhole + 1));
}

bool IsDateTimeText(std::string_view text) {
  return text.size() > 11 && text[10] == ' ' && IsDateText(text.substr(0, 10)) &&
         IsTimeText(text.substr(11));
}

DerivedTypeSet MomentsOf(const wire::ParamValue& value) {
  const DerivedType sent = TypeOf(value);
  if (IsTemporal(sent)) return Bit(sent);
  if (IsString(sent)) {
    if (IsDateText(value.bytes)) return Bit(DerivedType::kDate);
    if (IsDateTimeText(value.bytes)) return Bit(DerivedType::kDateTime);
    if (IsTimeText(value.bytes)) return Bit(DerivedType::kTime);
  }
  return kMoments;
}

bool SurelyConverts(DerivedType derived, const wire::ParamValue& value) {
  const DerivedType sent = TypeOf(value);
  if (!Converts(derived, sent)) return false;
  if (derived == DerivedType::kDate) return MomentsOf(value) == Bit(DerivedType::kDate);
  const bool whole =
      IsInteger(derived) || derived == DerivedType::kYear || derived == DerivedType::kBits;
  return !IsString(sent) || !whole || IsShortCount(value.bytes);
}

bool MayConvert(DerivedType derived, const wire::ParamValue& value) {
  if (!Converts(derived, TypeOf(value))) return false;
  return derived != DerivedType::kDate || (MomentsOf(value) & Bit(DerivedType::kDate)) != 0;
}

}  // namespace sealgate::rewrite
