// DATE, DATETIME, TIMESTAMP and TIME. A TIMESTAMP is canonical in UTC.
//
// Only what both servers read alike is read: no two-digit years, no other
// delimiters, no offsets, no spaces around. A date may have a zero month or day, or
// be 0000-00-00, where sql_mode has neither NO_ZERO_IN_DATE nor NO_ZERO_DATE.
#include <algorithm>
#include <chrono>
#include <tuple>

#include "proxy/rewrite/value/canonical.h"

namespace sealgate::rewrite {
namespace {

using Kind = SourceValue::Kind;
using policy::TypeKind;

constexpr std::uint32_t kMaxYear = 9999;
constexpr std::uint32_t kMaxHour = 838;
constexpr std::uint32_t kSecond = 1'000'000;  // in microseconds

// A text as it was written: the fraction may be longer than six digits.
struct Written {
  Moment moment;  // its fraction cut to microseconds
  std::string_view fraction;
  bool of_parameter = false;
};

bool TakeNumber(std::string_view& text, std::size_t min_digits, std::size_t max_digits,
                std::uint32_t& value) {
  std::size_t digits = 0;
  value = 0;
  while (digits < text.size() && digits < max_digits && text[digits] >= '0' &&
         text[digits] <= '9') {
    value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
    ++digits;
  }
  text.remove_prefix(digits);
  return digits >= min_digits;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view& text, Moment& moment) {
  return TakeNumber(text, 4, 4, moment.year) && TakeChar(text, '-') &&
         TakeNumber(text, 1, 2, moment.month) && TakeChar(text, '-') &&
         TakeNumber(text, 1, 2, moment.day);
}

bool TakeFraction(std::string_view& text, Written& written) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  written.fraction = text.substr(0, end);
  text.remove_prefix(end);
  for (std::size_t i = 0; i < 6; ++i) {
    const char digit = i < end ? written.fraction[i] : '0';
    written.moment.microsecond =
        written.moment.microsecond * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return end > 0;
}

// hours:minutes[:seconds[.fraction]]
bool TakeClock(std::string_view& text, std::size_t hour_digits, Written& written) {
  Moment& moment = written.moment;
  if (!TakeNumber(text, 1, hour_digits, moment.hour) || !TakeChar(text, ':') ||
      !TakeNumber(text, 1, 2, moment.minute)) {
    return false;
  }
  if (text.empty()) return true;
  if (!TakeChar(text, ':') || !TakeNumber(text, 1, 2, moment.second)) return false;
  return TakeChar(text, '.') ? TakeFraction(text, written) : true;
}

std::uint32_t DaysOf(std::uint32_t year, std::uint32_t month) {
  constexpr std::uint32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  // The servers' year 0 is none, against the rule.
  const bool leap = year % 4 == 0 && (year % 100 != 0 || (year % 400 == 0 && year != 0));
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool IsZeroDate(const Moment& moment) {
  return moment.year == 0 && moment.month == 0 && moment.day == 0;
}

// Of a month that is none, any day may be.
bool IsValidDate(const Moment& moment) {
  if (moment.month > 12) return false;
  return moment.day <= (moment.month == 0 ? 31 : DaysOf(moment.year, moment.month));
}

bool HasClock(const Moment& moment) {
  return moment.hour != 0 || moment.minute != 0 || moment.second != 0 || moment.microsecond != 0;
}

bool IsValidClock(const Moment& moment, std::uint32_t max_hour) {
  return moment.hour <= max_hour && moment.minute <= 59 && moment.second <= 59;
}

bool ReadDateTime(std::string_view text, Written& written) {
  if (!TakeDate(text, written.moment) || !IsValidDate(written.moment)) return false;
  if (text.empty()) return true;
  if (!TakeChar(text, ' ') && !TakeChar(text, 'T')) return false;
  return TakeClock(text, 2, written) && text.empty() && IsValidClock(written.moment, 23);
}

bool HasDigits(std::string_view fraction) {
  return fraction.find_first_not_of('0') != std::string_view::npos;
}

bool ReadTime(std::string_view text, Written& written) {
  Moment& moment = written.moment;
  moment.negative = TakeChar(text, '-');
  if (!TakeClock(text, 3, written) || !text.empty() || !IsValidClock(moment, kMaxHour)) {
    return false;
  }
  const bool last = moment.hour == kMaxHour && moment.minute == 59 && moment.second == 59;
  return !last || !HasDigits(written.fraction);
}

bool Read(TypeKind kind, std::string_view text, Written& written) {
  return kind == TypeKind::kTime ? ReadTime(text, written) : ReadDateTime(text, written);
}

void NextDay(Moment& moment) {
  if (++moment.day <= DaysOf(moment.year, moment.month)) return;
  moment.day = 1;
  if (++moment.month <= 12) return;
  moment.month = 1;
  ++moment.year;
}

void NextSecond(TypeKind kind, Moment& moment) {
  if (++moment.second < 60) return;
  moment.second = 0;
  if (++moment.minute < 60) return;
  moment.minute = 0;
  if (++moment.hour < 24 || kind == TypeKind::kTime) return;
  moment.hour = 0;
  NextDay(moment);
}

// Microseconds of one unit of the column's last digit.
std::uint32_t Unit(std::uint8_t fraction) {
  std::uint32_t unit = kSecond;
  for (; fraction > 0; --fraction) unit /= 10;
  return unit;
}

Moment Truncated(Moment moment, std::uint32_t unit) {
  moment.microsecond -= moment.microsecond % unit;
  return moment;
}

// First to microseconds, then to the column's digits, as MySQL does: .4999995
// is a whole second.
Moment Rounded(TypeKind kind, const Written& written, std::uint32_t unit) {
  Moment moment = written.moment;
  if (written.fraction.size() > 6 && written.fraction[6] >= '5') ++moment.microsecond;
  moment.microsecond += unit / 2;
  moment.microsecond -= moment.microsecond % unit;
  if (moment.microsecond >= kSecond) {
    moment.microsecond -= kSecond;
    NextSecond(kind, moment);
  }
  return moment;
}

void DropClock(Moment& moment) {
  moment.hour = moment.minute = moment.second = moment.microsecond = 0;
}

// A DATE has no clock, and zero has no sign.
void Normalise(TypeKind kind, Moment& moment) {
  if (kind == TypeKind::kDate) DropClock(moment);
  if (!HasClock(moment)) moment.negative = false;
}

// Whether the column and sql_mode take a date's zeros. Of 0000-00-00 with a clock, the
// servers do not all think alike.
bool TakesZeros(const policy::LogicalType& type, const SessionFacts& facts, const Moment& moment) {
  if (type.kind == TypeKind::kTime || !HasZeroPart(moment)) return true;
  if (IsZeroDate(moment)) return facts.zero_date && !HasClock(moment);
  return facts.zero_in_date && type.kind != TypeKind::kTimestamp;
}

// Whether it has digits beyond the column's.
bool HasExtraDigits(const policy::LogicalType& type, const Written& written) {
  const std::size_t digits = type.kind == TypeKind::kDate ? 0 : type.fraction;
  return written.fraction.size() > digits && HasDigits(written.fraction.substr(digits));
}

// MySQL looks at the last digit of a text for a TIME, however many there are, where it looks
// at the seventh of others.
bool RoundsByItsLastDigit(TypeKind kind, const Written& written) {
  const std::string_view digits = written.fraction;
  if (kind != TypeKind::kTime || digits.size() <= 7) return false;
  return (digits[6] >= '5') != (digits.back() >= '5');
}

tl::expected<Moment, ValueError> Fit(const policy::LogicalType& type, const SessionFacts& facts,
                                     const Written& written) {
  const std::uint32_t unit = Unit(type.kind == TypeKind::kDate ? 0 : type.fraction);
  Moment truncated = Truncated(written.moment, unit);
  if (type.kind != TypeKind::kTime && HasZeroPart(truncated)) {
    // There is no next day.
    if (HasExtraDigits(type, written)) return tl::unexpected(ValueError::kUnsupported);
    Normalise(type.kind, truncated);
    return truncated;
  }
  Moment rounded = Rounded(type.kind, written, unit);
  Normalise(type.kind, truncated);
  Normalise(type.kind, rounded);
  const bool truncates =
      facts.extra_fraction == ExtraFraction::kTruncate ||
      (facts.extra_fraction == ExtraFraction::kRoundClocks && type.kind == TypeKind::kDate);
  if (truncates) {
    // MySQL makes microseconds of a parameter first, and rounds for that.
    Moment microseconds = Truncated(Rounded(type.kind, written, 1), unit);
    Normalise(type.kind, microseconds);
    if (microseconds == truncated || !written.of_parameter) return truncated;
    return tl::unexpected(ValueError::kUnsupported);
  }
  if (RoundsByItsLastDigit(type.kind, written)) return tl::unexpected(ValueError::kUnsupported);
  if (truncated == rounded) return truncated;
  if (facts.extra_fraction == ExtraFraction::kUnknown) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  if (rounded.year > kMaxYear) return tl::unexpected(ValueError::kBadTemporal);
  return rounded;
}

// Comparing converts nothing: the value has to have the column's precision.
tl::expected<Moment, ValueError> Exact(const policy::LogicalType& type, const Written& written) {
  Moment moment = written.moment;
  Normalise(type.kind, moment);
  const bool has_clock =
      written.moment.hour != 0 || written.moment.minute != 0 || written.moment.second != 0;
  // MariaDB has a note of digits beyond the sixth, be they zeros.
  const bool too_long = written.fraction.size() > 6;
  if (too_long || HasExtraDigits(type, written) || (type.kind == TypeKind::kDate && has_clock)) {
    return tl::unexpected(ValueError::kNotComparable);
  }
  return moment;
}

void AppendPadded(std::uint32_t value, std::size_t width, std::string& out) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void AppendClock(const policy::LogicalType& type, const Moment& moment, std::string& out) {
  if (moment.negative) out += '-';
  AppendPadded(moment.hour, 2, out);
  out += ':';
  AppendPadded(moment.minute, 2, out);
  out += ':';
  AppendPadded(moment.second, 2, out);
  if (type.fraction == 0) return;
  out += '.';
  AppendPadded(moment.microsecond / Unit(type.fraction), type.fraction, out);
}

void Append(const policy::LogicalType& type, const Moment& moment, std::string& out) {
  if (type.kind != TypeKind::kTime) {
    AppendPadded(moment.year, 4, out);
    out += '-';
    AppendPadded(moment.month, 2, out);
    out += '-';
    AppendPadded(moment.day, 2, out);
  }
  if (type.kind == TypeKind::kDatetime || type.kind == TypeKind::kTimestamp) out += ' ';
  if (type.kind != TypeKind::kDate) AppendClock(type, moment, out);
}

// What a TIMESTAMP can hold, in UTC. (MariaDB also takes the second before the
// first, without its beginning.)
bool IsTimestamp(const Moment& utc) {
  const Moment last{false, 2038, 1, 19, 3, 14, 7, kSecond - 1};
  const auto order = [](const Moment& m) {
    return std::tie(m.year, m.month, m.day, m.hour, m.minute, m.second, m.microsecond);
  };
  return order(utc) >= order(Moment{false, 1970, 1, 1, 0, 0, 1, 0}) && order(utc) <= order(last);
}

// Which sources a column takes without involving today's date.
bool Takes(TypeKind kind, Kind source) {
  switch (source) {
    case Kind::kString:
      return true;
    case Kind::kDate:
    case Kind::kDatetime:
      return kind != TypeKind::kTime;
    case Kind::kTime:
      return kind == TypeKind::kTime;
    default:
      return false;
  }
}

}  // namespace

bool HasZeroPart(const Moment& moment) { return moment.month == 0 || moment.day == 0; }

void Shift(std::int32_t seconds, Moment& moment) {
  using namespace std::chrono;
  const year_month_day date{year(static_cast<int>(moment.year)), month(moment.month),
                            day(moment.day)};
  const auto at = sys_days(date) + hours(moment.hour) + minutes(moment.minute) +
                  std::chrono::seconds(static_cast<std::int64_t>(moment.second) + seconds);
  const auto midnight = floor<days>(at);
  const year_month_day moved(midnight);
  const hh_mm_ss clock(at - midnight);
  moment.year = static_cast<std::uint32_t>(static_cast<int>(moved.year()));
  moment.month = static_cast<unsigned>(moved.month());
  moment.day = static_cast<unsigned>(moved.day());
  moment.hour = static_cast<std::uint32_t>(clock.hours().count());
  moment.minute = static_cast<std::uint32_t>(clock.minutes().count());
  moment.second = static_cast<std::uint32_t>(clock.seconds().count());
}

bool FitsTimestamp(const SessionFacts& facts, Moment moment) {
  const bool valid = !HasZeroPart(moment) && IsValidDate(moment) && IsValidClock(moment, 23);
  if (!valid || !facts.utc_offset) return false;
  Shift(-*facts.utc_offset, moment);
  return IsTimestamp(moment);
}

bool ReadTimestamp(const policy::LogicalType& type, const SessionFacts& facts,
                   std::string_view canonical, Moment& moment) {
  if (!facts.utc_offset || !ReadTemporal(type, canonical, moment)) return false;
  if (!HasZeroPart(moment)) Shift(*facts.utc_offset, moment);
  return true;
}

void AppendTemporal(const policy::LogicalType& type, const Moment& moment, std::string& out) {
  Append(type, moment, out);
}

bool ReadTemporal(const policy::LogicalType& type, std::string_view canonical, Moment& moment) {
  Written written;
  if (!Read(type.kind, canonical, written)) return false;
  moment = written.moment;
  Normalise(type.kind, moment);
  std::string again;
  Append(type, moment, again);
  return again == canonical;
}

Outcome TemporalToCanonical(const policy::LogicalType& type, const SessionFacts& facts,
                            const SourceValue& source, Purpose purpose, std::string& out) {
  if (!Takes(type.kind, source.kind)) return tl::unexpected(NotConverted(purpose));
  Written written;
  written.of_parameter = source.of_parameter;
  if (!Read(type.kind, source.bytes, written) || !TakesZeros(type, facts, written.moment)) {
    return tl::unexpected(ValueError::kBadTemporal);
  }
  auto moment = purpose == Purpose::kStore ? Fit(type, facts, written) : Exact(type, written);
  if (!moment) return tl::unexpected(moment.error());
  if (type.kind == TypeKind::kTimestamp && !HasZeroPart(*moment)) {
    if (!facts.utc_offset) return tl::unexpected(NotConverted(purpose));
    Shift(-*facts.utc_offset, *moment);
    if (purpose == Purpose::kStore && !IsTimestamp(*moment)) {
      return tl::unexpected(ValueError::kBadTemporal);
    }
  }
  Append(type, *moment, out);
  return {};
}

}  // namespace sealgate::rewrite
