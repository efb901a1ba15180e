// Values of protected columns between the three forms they take: what a
// statement or a parameter says, the canonical bytes that are sealed, and what
// a text or binary row shows. docs/envelope_format.md defines the canonical
// bytes of each type.
//
// Pure. Errors carry the server's own error number; never a value.
#ifndef SEALGATE_PROXY_REWRITE_VALUE_VALUE_H_
#define SEALGATE_PROXY_REWRITE_VALUE_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "policy/collation.h"
#include "policy/logical_type.h"
#include "policy/policy.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"
#include "proxy/wire/binary_value.h"
#include "proxy/wire/column_definition.h"

namespace sealgate::rewrite {

/// A value as it came, before the column's type is applied.
struct SourceValue {
  enum class Kind : std::uint8_t {
    kNull,
    kString,        // bytes in the client's character set
    kBytes,         // hex or bit literal: a binary string, or a number
    kBinaryString,  // _binary'…', or a parameter of a BLOB type: never a number as such
    kInteger,       // digits in `bytes`, sign in `negative`
    kDecimal,       // digits with a point in `bytes`, sign in `negative`
    kFloat,         // never storable exactly: refused by every type
    kWholeFloat,    // one without a fraction, below 10^15: digits as of kInteger
    kDate,          // `bytes` is ISO text: YYYY-MM-DD
    kDatetime,      // YYYY-MM-DD HH:MM:SS[.ffffff]
    kTime,          // [-]HHH:MM:SS[.ffffff]
  };
  Kind kind{};
  bool negative = false;
  std::string_view bytes;
  bool of_parameter = false;  // a text that was sent as one
};

enum class Purpose : std::uint8_t {
  kStore,    // as a strict-mode server does: rounding, range, length
  kMix,      // as a result beside the column's values: a text that would be cut is refused
  kCompare,  // exactly: what would need a conversion of the column is refused
};

enum class ValueError : std::uint8_t {
  kTooLong,        // 1406, 22001
  kOutOfRange,     // 1264, 22003
  kBadInteger,     // 1366, HY000
  kTruncated,      // 1265, 01000: a number, and then something else
  kBadDecimal,     // 1366, HY000
  kBadTemporal,    // 1292, 22007
  kBadString,      // 1366, HY000: not valid in, or not convertible to, the character set
  kUnsupported,    // 1235, 42000: a conversion that the proxy does not do
  kNotComparable,  // 1235, 42000: the comparison would convert the column
  kNoWeights,      // 1235, 42000: a character whose collation weight is unknown
  kWider,          // 1235, 42000: a result that would be wider than the column's
};
/// Number and SQLSTATE as above.
std::uint16_t ErrorNumber(ValueError error);
const char* SqlState(ValueError error);
/// "is too long for the column", "is out of range", … for "value <text>".
std::string_view Describe(ValueError error);

/// The value of a literal's tokens: one token, or a sign and a number; strings
/// behind each other; a string, hex or bit literal with an introducer. (TRUE,
/// FALSE and NULL are words.) `scratch` backs the result where escapes had to
/// be resolved.
tl::expected<SourceValue, ValueError> FromLiteral(const sql::TokenList& tokens, std::uint32_t first,
                                                  std::uint32_t last, sql::LexMode mode,
                                                  std::string& scratch);
/// The value of a binary-protocol parameter. `scratch` backs numbers and times.
tl::expected<SourceValue, ValueError> FromParameter(const wire::ParamValue& parameter,
                                                    std::string& scratch);

/// Whether the server takes a parameter's date and time as it was sent. MariaDB makes one
/// of type TIMESTAMP a moment of its session's first: what is none becomes NULL, and a
/// zero day the last of the month before. MySQL takes no DATE that has a clock, be it zero.
bool IsTakenAsSent(const wire::ParamValue& parameter, const SessionFacts& facts, bool is_mariadb);

/// Whether a value of these digits, compared as a float with a number of the type, equals
/// no other number than it equals exactly. True of what is no number.
bool IsExactAsFloat(const policy::LogicalType& type, std::string_view digits);

/// Appends the canonical bytes. Never called for kNull.
tl::expected<void, ValueError> ToCanonical(const policy::LogicalType& type,
                                           const SessionFacts& facts, const SourceValue& source,
                                           Purpose purpose, std::string& out);
/// Appends what equality of the column looks at: collation weights of text
/// (of the canonical bytes, converted to UTF-8), else the canonical bytes.
tl::expected<void, ValueError> EqualityInput(const policy::LogicalType& type,
                                             const policy::CollationWeights* weights,
                                             std::string_view canonical, std::string& out);

/// The value as a text row shows it, without the length prefix: a view of
/// `canonical` when that is the same, else of `scratch`. nullopt when the bytes
/// are not canonical for the type or not representable in the results' character
/// set.
std::optional<std::string_view> ShownText(const policy::LogicalType& type,
                                          const SessionFacts& facts, std::string_view canonical,
                                          std::string& scratch);
/// Appends the value as a text row shows it, without the length prefix. False
/// when the bytes are not canonical for the type. A character that the results'
/// character set lacks becomes "?".
bool CanonicalToText(const policy::LogicalType& type, const SessionFacts& facts,
                     std::string_view canonical, std::string& out);
/// Appends the value as a binary row carries it, length prefix included.
bool CanonicalToBinary(const policy::LogicalType& type, const SessionFacts& facts,
                       std::string_view canonical, std::string& out);
/// Replaces canonical bytes by their masked form: text as `mask` says, other
/// types by a fixed value of the type (0, 1970-01-01, 00:00:00, empty bytes).
std::string MaskCanonical(const policy::LogicalType& type, const policy::Mask& mask,
                          std::string_view canonical);

/// Makes the definition of a physical column say the logical type: type code,
/// length, character set, decimals, flags. Key and NULL flags stay.
void DescribeLogical(const policy::LogicalType& type, const SessionFacts& facts,
                     wire::ColumnDefinition41& definition);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_VALUE_VALUE_H_
