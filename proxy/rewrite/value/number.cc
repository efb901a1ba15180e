// Integers, YEAR and DECIMAL.
#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "policy/ascii.h"
#include "proxy/rewrite/value/canonical.h"

namespace sealgate::rewrite {
namespace {

using Kind = SourceValue::Kind;
using policy::TypeKind;

constexpr std::size_t kMaxDigits = 65;    // of a DECIMAL
constexpr std::size_t kMaxScale = 30;     // of an expression's value
constexpr std::size_t kFloatDigits = 15;  // no two numbers of so many are the same float
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

std::string_view TakeDigits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), ascii::IsDigit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool AllZeros(std::string_view digits) {
  return digits.find_first_not_of('0') == std::string_view::npos;
}

unsigned Bits(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyint:
      return 8;
    case TypeKind::kSmallint:
      return 16;
    case TypeKind::kMediumint:
      return 24;
    case TypeKind::kInt:
      return 32;
    default:
      return 64;
  }
}

// Magnitude, rounded half away from zero.
std::optional<std::uint64_t> Magnitude(const Number& number) {
  std::uint64_t value = 0;
  if (!number.whole.empty()) {
    const char* const end = number.whole.data() + number.whole.size();
    if (std::from_chars(number.whole.data(), end, value).ec != std::errc{}) return std::nullopt;
  }
  if (!number.fraction.empty() && number.fraction[0] >= '5') {
    if (value == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    ++value;
  }
  return value;
}

// The greatest magnitude that the type holds on that side of zero.
std::uint64_t Limit(const policy::LogicalType& type, bool negative, Purpose purpose) {
  // Comparing looks at the canonical bytes, which are as wide for every type:
  // a value out of the column's range equals nothing stored.
  const unsigned bits = purpose == Purpose::kCompare ? 64 : Bits(type.kind);
  if (type.is_unsigned) return negative ? 0 : ~std::uint64_t{0} >> (64 - bits);
  const std::uint64_t below = std::uint64_t{1} << (bits - 1);
  return negative ? below : below - 1;
}

Outcome AppendRounded(const policy::LogicalType& type, const Number& number, Purpose purpose,
                      std::string& out) {
  if (purpose == Purpose::kCompare && !number.IsWhole()) {
    return tl::unexpected(ValueError::kNotComparable);
  }
  const std::optional<std::uint64_t> magnitude = Magnitude(number);
  // Both servers look at the sign before they round: -0.4 is out of range.
  const bool negative = number.negative && !number.IsZero();
  if (!magnitude || *magnitude > Limit(type, negative, purpose) || (negative && type.is_unsigned)) {
    return tl::unexpected(purpose == Purpose::kStore ? ValueError::kOutOfRange
                                                     : ValueError::kNotComparable);
  }
  AppendInteger(type.is_unsigned, negative ? 0 - *magnitude : *magnitude, out);
  return {};
}

bool InRange(const policy::LogicalType& type, const Number& number) {
  const std::optional<std::uint64_t> magnitude = Magnitude(number);
  const bool negative = number.negative && !number.IsZero();
  return magnitude && *magnitude <= Limit(type, negative, Purpose::kStore) &&
         !(negative && type.is_unsigned);
}

// Why an integer column does not take a text: what the servers say about the number
// that it begins with. One that they would take is refused by name.
ValueError NotAnInteger(const policy::LogicalType& type, std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::string_view rest = text;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  TakeDigits(rest);
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    TakeDigits(rest);
  }
  Number number;
  if (!ReadNumber(text.substr(0, text.size() - rest.size()), number)) {
    return ValueError::kBadInteger;
  }
  if (!rest.empty() && (rest[0] == 'e' || rest[0] == 'E')) return ValueError::kUnsupported;
  if (!InRange(type, number)) return ValueError::kOutOfRange;
  const bool blank = rest.find_first_not_of(' ') == std::string_view::npos;
  return blank ? ValueError::kUnsupported : ValueError::kTruncated;
}

// What an integer column takes, as a number.
tl::expected<Number, ValueError> WholeOrDecimal(const policy::LogicalType& type,
                                                const SourceValue& source, Purpose purpose) {
  Number number;
  if (source.kind == Kind::kInteger || source.kind == Kind::kDecimal) {
    if (ReadNumber(source, number)) return number;
    return tl::unexpected(ValueError::kBadInteger);
  }
  if (source.kind != Kind::kString) return tl::unexpected(NotConverted(purpose));
  // The servers disagree on spaces and line ends around a number.
  if (ReadNumber(source.bytes, number) && source.bytes.find('.') == std::string_view::npos) {
    return number;
  }
  return tl::unexpected(purpose == Purpose::kStore ? NotAnInteger(type, source.bytes)
                                                   : ValueError::kNotComparable);
}

tl::expected<std::uint32_t, ValueError> Year(const SourceValue& source) {
  Number number;
  if (source.kind == Kind::kInteger) {
    if (!ReadNumber(source, number)) return tl::unexpected(ValueError::kBadInteger);
    if (number.negative && !number.IsZero()) return tl::unexpected(ValueError::kOutOfRange);
    if (number.whole.size() > 4) return tl::unexpected(ValueError::kOutOfRange);
  } else {
    if (source.kind != Kind::kString) return tl::unexpected(ValueError::kUnsupported);
    if (!std::all_of(source.bytes.begin(), source.bytes.end(), ascii::IsDigit) ||
        !ReadNumber(source.bytes, number)) {
      return tl::unexpected(ValueError::kBadInteger);
    }
    if (source.bytes.size() != 4) return tl::unexpected(ValueError::kUnsupported);
  }
  std::uint32_t year = 0;
  for (const char c : number.whole) year = year * 10 + static_cast<std::uint32_t>(c - '0');
  if (year > 0 && year < 100) return tl::unexpected(ValueError::kUnsupported);
  if (year != 0 && (year < 1901 || year > 2155)) return tl::unexpected(ValueError::kOutOfRange);
  return year;
}

// Adds one to the last digit of `digits`, a run of digits and perhaps a point.
void AddOne(std::string& digits) {
  for (std::size_t i = digits.size(); i > 0; --i) {
    char& digit = digits[i - 1];
    if (digit == '.') continue;
    if (digit != '9') {
      ++digit;
      return;
    }
    digit = '0';
  }
  digits.insert(0, 1, '1');
}

// Digits with exactly `scale` after the point, at least one before it.
std::string RoundedDigits(const Number& number, std::size_t scale) {
  std::string digits(number.whole.empty() ? "0" : number.whole);
  const std::string_view kept = number.fraction.substr(0, scale);
  if (scale > 0) {
    digits += '.';
    digits += kept;
    digits.append(scale - kept.size(), '0');
  }
  if (number.fraction.size() > scale && number.fraction[scale] >= '5') AddOne(digits);
  return digits;
}

Outcome AppendDecimal(const policy::LogicalType& type, const Number& number, Purpose purpose,
                      std::string& out) {
  if (purpose == Purpose::kCompare && number.fraction.size() > type.scale &&
      !AllZeros(number.fraction.substr(type.scale))) {
    return tl::unexpected(ValueError::kNotComparable);
  }
  if (number.negative && type.is_unsigned && !number.IsZero()) {
    return tl::unexpected(purpose == Purpose::kStore ? ValueError::kOutOfRange
                                                     : ValueError::kNotComparable);
  }
  const std::string digits = RoundedDigits(number, type.scale);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t whole = digits[0] == '0' ? 0 : point;
  if (purpose == Purpose::kStore && whole > std::size_t{type.precision} - type.scale) {
    return tl::unexpected(ValueError::kOutOfRange);
  }
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  if (number.negative && !is_zero) out += '-';
  out += digits;
  return {};
}

}  // namespace

bool Number::IsZero() const { return whole.empty() && IsWhole(); }
bool Number::IsWhole() const { return AllZeros(fraction); }

bool ReadNumber(std::string_view text, Number& number) {
  number = {};
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  number.whole = TakeDigits(text);
  bool any = !number.whole.empty();
  number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    number.fraction = TakeDigits(text);
    any = any || !number.fraction.empty();
  }
  return any && text.empty();
}

bool ReadNumber(const SourceValue& source, Number& number) {
  if (!ReadNumber(source.bytes, number)) return false;
  number.negative = source.negative;
  return ascii::IsDigit(source.bytes[0]) || source.bytes[0] == '.';
}

bool AppendNumberText(const Number& number, std::string& out) {
  if (number.fraction.size() > kMaxScale ||
      number.whole.size() + number.fraction.size() > kMaxDigits) {
    return false;
  }
  if (number.negative && !number.IsZero()) out += '-';
  out += number.whole.empty() ? "0" : number.whole;
  if (!number.fraction.empty()) {
    out += '.';
    out += number.fraction;
  }
  return true;
}

void AppendInteger(bool is_unsigned, std::uint64_t bits, std::string& out) {
  if (!is_unsigned) bits ^= kSignBit;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(bits >> shift));
}

bool ReadInteger(const policy::LogicalType& type, std::string_view canonical, std::uint64_t& bits) {
  if (canonical.size() != 8) return false;
  bits = 0;
  for (const char c : canonical) bits = bits << 8 | static_cast<std::uint8_t>(c);
  if (type.kind == TypeKind::kYear) return bits == 0 || (bits >= 1901 && bits <= 2155);
  if (!type.is_unsigned) bits ^= kSignBit;
  const bool negative = !type.is_unsigned && (bits & kSignBit) != 0;
  return (negative ? 0 - bits : bits) <= Limit(type, negative, Purpose::kStore);
}

bool IsCanonicalDecimal(const policy::LogicalType& type, std::string_view canonical) {
  const bool negative = !canonical.empty() && canonical[0] == '-';
  const std::string_view text = canonical.substr(negative ? 1 : 0);
  Number number;
  if (text.empty() || !ascii::IsDigit(text[0]) || !ReadNumber(text, number)) return false;
  // One spelling: "0" before the point, no other leading zero, no "-0", no "1.".
  const std::size_t whole = std::max<std::size_t>(number.whole.size(), 1);
  const std::size_t point = type.scale > 0 ? 1 : 0;
  if (number.fraction.size() != type.scale || text.size() != whole + point + type.scale) {
    return false;
  }
  if (negative && (type.is_unsigned || number.IsZero())) return false;
  return number.whole.size() <= std::size_t{type.precision} - type.scale;
}

bool IsExactAsFloat(const policy::LogicalType& type, std::string_view digits) {
  if (type.kind == TypeKind::kDecimal) return type.precision <= kFloatDigits;
  Number number;
  if (!ReadNumber(digits, number)) return true;
  const std::size_t fraction = number.IsWhole() ? 0 : number.fraction.size();
  return number.whole.size() + fraction <= kFloatDigits;
}

Outcome IntegerToCanonical(const policy::LogicalType& type, const SourceValue& source,
                           Purpose purpose, std::string& out) {
  const auto number = WholeOrDecimal(type, source, purpose);
  if (!number) return tl::unexpected(number.error());
  return AppendRounded(type, *number, purpose, out);
}

Outcome YearToCanonical(const SourceValue& source, Purpose purpose, std::string& out) {
  const auto year = Year(source);
  if (!year) {
    return tl::unexpected(purpose == Purpose::kStore ? year.error() : ValueError::kNotComparable);
  }
  AppendInteger(true, *year, out);
  return {};
}

Outcome DecimalToCanonical(const policy::LogicalType& type, const SourceValue& source,
                           Purpose purpose, std::string& out) {
  Number number;
  bool read = false;
  if (source.kind == Kind::kInteger || source.kind == Kind::kDecimal) {
    read = ReadNumber(source, number);
  } else if (source.kind == Kind::kString) {
    read = ReadNumber(source.bytes, number);
  } else {
    return tl::unexpected(NotConverted(purpose));
  }
  if (!read) {
    return tl::unexpected(purpose == Purpose::kStore ? ValueError::kBadDecimal
                                                     : ValueError::kNotComparable);
  }
  if (purpose == Purpose::kStore && number.whole.size() > kMaxDigits) {
    return tl::unexpected(ValueError::kOutOfRange);
  }
  // Longer ones are read differently by the two servers.
  if (number.whole.size() + number.fraction.size() > kMaxDigits) {
    return tl::unexpected(NotConverted(purpose));
  }
  return AppendDecimal(type, number, purpose, out);
}

}  // namespace sealgate::rewrite
