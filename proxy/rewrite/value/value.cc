#include "proxy/rewrite/value/value.h"

#include "proxy/rewrite/value/canonical.h"
#include "proxy/rewrite/value/charset.h"

namespace sealgate::rewrite {

std::uint16_t ErrorNumber(ValueError error) {
  switch (error) {
    case ValueError::kTooLong:
      return 1406;
    case ValueError::kOutOfRange:
      return 1264;
    case ValueError::kBadInteger:
    case ValueError::kBadDecimal:
    case ValueError::kBadString:
      return 1366;
    case ValueError::kBadTemporal:
      return 1292;
    case ValueError::kTruncated:
      return 1265;
    case ValueError::kUnsupported:
    case ValueError::kNotComparable:
    case ValueError::kNoWeights:
    case ValueError::kWider:
      break;
  }
  return 1235;
}

const char* SqlState(ValueError error) {
  switch (error) {
    case ValueError::kTooLong:
      return "22001";
    case ValueError::kOutOfRange:
      return "22003";
    case ValueError::kBadInteger:
    case ValueError::kBadDecimal:
    case ValueError::kBadString:
      return "HY000";
    case ValueError::kBadTemporal:
      return "22007";
    case ValueError::kTruncated:
      return "01000";
    case ValueError::kUnsupported:
    case ValueError::kNotComparable:
    case ValueError::kNoWeights:
    case ValueError::kWider:
      break;
  }
  return "42000";
}

std::string_view Describe(ValueError error) {
  switch (error) {
    case ValueError::kTooLong:
      return "is too long for the column";
    case ValueError::kOutOfRange:
      return "is out of range";
    case ValueError::kBadInteger:
      return "is not an integer";
    case ValueError::kTruncated:
      return "is not only an integer";
    case ValueError::kBadDecimal:
      return "is not a decimal number";
    case ValueError::kBadTemporal:
      return "is not a valid date or time";
    case ValueError::kBadString:
      return "has characters that the character set of the column or session lacks";
    case ValueError::kUnsupported:
      return "would need a conversion that Sealgate does not do";
    case ValueError::kNotComparable:
      return "cannot be compared with the encrypted column without converting it";
    case ValueError::kNoWeights:
      return "has a character whose collation weight is not known";
    case ValueError::kWider:
      return "is longer than the column's values that it stands beside";
  }
  return "cannot be used";
}

namespace {

// Kinds that behave as another one, by the column. A DECIMAL is compared with a
// float as a float, of which many decimals are the same.
tl::expected<SourceValue, ValueError> ForColumn(const policy::LogicalType& type, SourceValue source,
                                                Purpose purpose) {
  const bool bytes = policy::IsText(type.kind) || policy::IsBinary(type.kind);
  if (source.kind == SourceValue::Kind::kBinaryString) {
    source.kind = bytes ? SourceValue::Kind::kBytes : SourceValue::Kind::kString;
  } else if (source.kind == SourceValue::Kind::kWholeFloat) {
    const bool whole = policy::IsInteger(type.kind) || purpose == Purpose::kStore;
    if (!whole) return tl::unexpected(ValueError::kNotComparable);
    source.kind = SourceValue::Kind::kInteger;
  }
  return source;
}

}  // namespace

tl::expected<void, ValueError> ToCanonical(const policy::LogicalType& type,
                                           const SessionFacts& facts, const SourceValue& given,
                                           Purpose purpose, std::string& out) {
  const auto fitting = ForColumn(type, given, purpose);
  if (!fitting) return tl::unexpected(fitting.error());
  const SourceValue& source = *fitting;
  if (source.kind == SourceValue::Kind::kNull || source.kind == SourceValue::Kind::kFloat) {
    return tl::unexpected(NotConverted(purpose));
  }
  if (policy::IsText(type.kind)) return TextToCanonical(type, facts, source, purpose, out);
  if (policy::IsBinary(type.kind)) return BinaryToCanonical(type, facts, source, purpose, out);
  if (policy::IsInteger(type.kind)) return IntegerToCanonical(type, source, purpose, out);
  switch (type.kind) {
    case policy::TypeKind::kDecimal:
      return DecimalToCanonical(type, source, purpose, out);
    case policy::TypeKind::kYear:
      return YearToCanonical(source, purpose, out);
    case policy::TypeKind::kDate:
    case policy::TypeKind::kDatetime:
    case policy::TypeKind::kTimestamp:
    case policy::TypeKind::kTime:
      return TemporalToCanonical(type, facts, source, purpose, out);
    default:
      return tl::unexpected(NotConverted(purpose));
  }
}

tl::expected<void, ValueError> EqualityInput(const policy::LogicalType& type,
                                             const policy::CollationWeights* weights,
                                             std::string_view canonical, std::string& out) {
  if (!policy::IsText(type.kind)) {
    out.append(canonical);
    return {};
  }
  if (weights == nullptr) return tl::unexpected(ValueError::kNoWeights);
  std::string converted;
  if (type.charset != policy::Charset::kUtf8mb4) {
    if (!Convert(type.charset, policy::Charset::kUtf8mb4, canonical, converted)) {
      return tl::unexpected(ValueError::kBadString);
    }
    canonical = converted;
  }
  if (!weights->Append(canonical, out)) return tl::unexpected(ValueError::kNoWeights);
  return {};
}

}  // namespace sealgate::rewrite
