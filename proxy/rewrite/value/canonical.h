// From a source value to canonical bytes, one function per family of types, and
// what these share. Internal to rewrite: value.h is the contract.
#ifndef SEALGATE_PROXY_REWRITE_VALUE_CANONICAL_H_
#define SEALGATE_PROXY_REWRITE_VALUE_CANONICAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/rewrite/value/value.h"

namespace sealgate::rewrite {

using Outcome = tl::expected<void, ValueError>;

/// A conversion that the proxy leaves out, named after what was asked for.
inline ValueError NotConverted(Purpose purpose) {
  return purpose == Purpose::kStore ? ValueError::kUnsupported : ValueError::kNotComparable;
}

/// Bytes that a TEXT or BLOB of this size holds; no limit for other types.
std::size_t ByteLimit(policy::TypeKind kind);

// Each appends to `out`, or fails and leaves `out` as it was.
Outcome TextToCanonical(const policy::LogicalType& type, const SessionFacts& facts,
                        const SourceValue& source, Purpose purpose, std::string& out);
Outcome BinaryToCanonical(const policy::LogicalType& type, const SessionFacts& facts,
                          const SourceValue& source, Purpose purpose, std::string& out);
Outcome IntegerToCanonical(const policy::LogicalType& type, const SourceValue& source,
                           Purpose purpose, std::string& out);
Outcome YearToCanonical(const SourceValue& source, Purpose purpose, std::string& out);
Outcome DecimalToCanonical(const policy::LogicalType& type, const SourceValue& source,
                           Purpose purpose, std::string& out);
Outcome TemporalToCanonical(const policy::LogicalType& type, const SessionFacts& facts,
                            const SourceValue& source, Purpose purpose, std::string& out);

/// Fixed-size form of integers and YEAR (which is unsigned): 8 bytes.
void AppendInteger(bool is_unsigned, std::uint64_t bits, std::string& out);

/// Reads it back: the value's bits. False when `canonical` is not of the type.
bool ReadInteger(const policy::LogicalType& type, std::string_view canonical, std::uint64_t& bits);
bool IsCanonicalDecimal(const policy::LogicalType& type, std::string_view canonical);

/// A date, a time, or both.
struct Moment {
  bool negative = false;  // TIME only
  std::uint32_t year = 0;
  std::uint32_t month = 0;
  std::uint32_t day = 0;
  std::uint32_t hour = 0;  // of a TIME: up to 838
  std::uint32_t minute = 0;
  std::uint32_t second = 0;
  std::uint32_t microsecond = 0;

  bool operator==(const Moment&) const = default;
};

/// Whether the month or the day of a date is 0, as in 2024-00-00 and 0000-00-00.
bool HasZeroPart(const Moment& moment);
/// Moves a date and time, without such a part, by seconds.
void Shift(std::int32_t seconds, Moment& moment);
/// Whether a TIMESTAMP can hold a date and time of the session's. False when its time zone
/// is not known.
bool FitsTimestamp(const SessionFacts& facts, Moment moment);
/// A TIMESTAMP in the session's time zone. False when `canonical` is not of the type,
/// or the zone is not known.
bool ReadTimestamp(const policy::LogicalType& type, const SessionFacts& facts,
                   std::string_view canonical, Moment& moment);
/// Appends the text of a temporal type.
void AppendTemporal(const policy::LogicalType& type, const Moment& moment, std::string& out);

/// Of DATE, DATETIME, TIMESTAMP (in UTC) and TIME. False when `canonical` is not of the type.
bool ReadTemporal(const policy::LogicalType& type, std::string_view canonical, Moment& moment);

/// A number's digits. Views into what it was read from.
struct Number {
  bool negative = false;
  std::string_view whole;     // without leading zeros; "" for 0
  std::string_view fraction;  // as written

  bool IsZero() const;
  /// No digit after the point but zeros.
  bool IsWhole() const;
};

/// [+-]digits[.digits], at least one digit, nothing else.
bool ReadNumber(std::string_view text, Number& number);
/// Of a kInteger or kDecimal.
bool ReadNumber(const SourceValue& source, Number& number);
/// Appends a number as both servers turn a literal into a string: "-0.50".
/// False when it has more digits than a DECIMAL can.
bool AppendNumberText(const Number& number, std::string& out);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_VALUE_CANONICAL_H_
