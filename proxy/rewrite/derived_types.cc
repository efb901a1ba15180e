#include "proxy/rewrite/derived_types.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "proxy/wire/charset_id.h"

namespace sealgate::rewrite {
namespace {

constexpr std::uint16_t kErNeedsReprepare = 1615;

Refusal RefuseChanged() {
  return TypeRefusal(
      kErNeedsReprepare, "HY000",
      "the statement has to be prepared again: since it was, the schema has changed");
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool ReadsAscii(const SessionFacts& facts) {
  return facts.client && *facts.client != policy::Charset::kBinary && facts.connection &&
         *facts.connection != policy::Charset::kBinary;
}

// Whether texts come to the server as they are.
bool KeepsTexts(const SessionFacts& facts) {
  return ReadsAscii(facts) && facts.client == facts.connection;
}

// Whether a text for such a column is the same as what it is converted to.
bool IsSameText(DerivedType own, ColumnPlace place, std::string_view text,
                const SessionFacts& facts) {
  switch (own) {
    case DerivedType::kSigned:
      return IsIntegerText(text);
    case DerivedType::kUnsigned:
      return IsIntegerText(text) && text.front() != '-';
    case DerivedType::kDecimal:
      // Compared as texts with a number, both are floats.
      return place == ColumnPlace::kStored && IsNumberText(text);
    case DerivedType::kFloat:
      return IsNumberText(text);
    case DerivedType::kDate:
      return IsDateText(text);
    case DerivedType::kDateTime:
      return IsDateTimeText(text) || IsDateText(text);
    case DerivedType::kTime:
      return IsTimeText(text);
    case DerivedType::kText:
      return place == ColumnPlace::kStored && IsAscii(text) && ReadsAscii(facts);
    case DerivedType::kBytes:
      return place == ColumnPlace::kStored &&
             (KeepsTexts(facts) || (IsAscii(text) && ReadsAscii(facts)));
    case DerivedType::kJson:
      return place == ColumnPlace::kStored && facts.connection == policy::Charset::kUtf8mb4 &&
             KeepsTexts(facts);
    default:
      return false;
  }
}

bool IsSmallInteger(const wire::ParamValue& value) {
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  const auto number =
      wire::DecodeInteger({.type = value.type, .is_unsigned = value.is_unsigned}, value.bytes);
  return number && *number > -kMost && *number < kMost;
}

bool IsCount(const wire::ParamValue& value) {
  if (!IsInteger(TypeOf(value))) return false;
  if (value.is_unsigned) return true;
  const auto number = wire::DecodeInteger({.type = value.type, .is_unsigned = false}, value.bytes);
  return number && *number >= 0;
}

// That is not made another one, as 70 is.
bool IsYear(const wire::ParamValue& value) {
  if (!IsInteger(TypeOf(value))) return false;
  const auto number =
      wire::DecodeInteger({.type = value.type, .is_unsigned = value.is_unsigned}, value.bytes);
  return number && *number > 1901 && *number < 2155;
}

// Whether the value for a column of type `own` is the same as what it is converted to.
bool IsSame(DerivedType own, ColumnPlace place, const SessionFacts& facts,
            const wire::ParamValue& value) {
  const DerivedType sent = TypeOf(value);
  if (sent == DerivedType::kText || sent == DerivedType::kBytes) {
    const bool json_of_bytes = own == DerivedType::kJson && sent == DerivedType::kBytes;
    return !json_of_bytes && IsSameText(own, place, value.bytes, facts);
  }
  switch (own) {
    case DerivedType::kDecimal:
      return IsInteger(sent);
    case DerivedType::kFloat:
      return IsInteger(sent) ? IsSmallInteger(value)
                             : sent == DerivedType::kDecimal && IsNumberText(value.bytes);
    case DerivedType::kYear:
      return IsYear(value);
    case DerivedType::kDateTime:
      return sent == DerivedType::kDate;
    default:
      return false;
  }
}

// Whether none of the types that a NULL may have makes the column another one to compare.
bool IsSameNull(DerivedTypeSet types, DerivedType own, ColumnPlace place) {
  if (place == ColumnPlace::kStored || types == Bit(own)) return true;
  if (place != ColumnPlace::kCompared) return false;
  return !Any(types, [&](DerivedType type) {
    return !IsString(type) && (IsString(own) || IsTemporal(own) != IsTemporal(type));
  });
}

}  // namespace

void DerivedTypes::Add(const wire::ColumnDefinition41& definition) {
  const bool is_binary = definition.collation == wire::kCharsetBinary;
  parameters_.push_back({.own = TypeOf(definition),
                         .of_column = is_binary,
                         .is_long = IsBlob(definition.type),
                         .sent = 0});
}

// It may have any type that a value was sent as, and the one that stands around it.
DerivedTypeSet DerivedTypes::PossibleOf(const Plan& plan, const PhysicalParameter& planned,
                                        const Parameter& parameter,
                                        const SessionFacts& facts) const {
  const bool sealed = planned.seal != SealAs::kPlain && planned.seal != SealAs::kNullOnly;
  if (!sealed) return parameter.sent | Bit(parameter.own);
  DerivedTypeSet types = parameter.sent;
  if (parameter.of_column) types |= Bit(TypeOf(plan.targets[planned.target].column->type));
  // Beside no column it is a text of the connection's character set, which may be binary.
  if (!parameter.of_column || facts.connection == policy::Charset::kBinary) {
    types |= Bit(DerivedType::kText);
  }
  return types;
}

// Whatever type of those that it may have it is converted to.
bool DerivedTypes::MeansTheSame(const PhysicalParameter& planned, const Parameter& parameter,
                                const SessionFacts& facts, const wire::ParamValue& value) const {
  const DerivedTypeSet types = parameter.sent | Bit(parameter.own);
  if (value.is_null) return IsSameNull(types, parameter.own, planned.place);
  const DerivedType sent = TypeOf(value);
  if (planned.place == ColumnPlace::kNone) {
    // It may be a result, whose type would be a longer one.
    return types == Bit(sent) && !parameter.is_long && !IsBlob(value.type);
  }
  if (planned.place == ColumnPlace::kCount) return IsCount(value);
  return !Any(types, [&](DerivedType type) {
    if (type == sent || !MayConvert(type, value)) return false;
    const bool of_column = type == parameter.own ||
                           (type == DerivedType::kDate && parameter.own == DerivedType::kDateTime);
    return !of_column || !IsSame(type, planned.place, facts, value);
  });
}

tl::expected<void, Refusal> DerivedTypes::Check(const Plan& plan, const SessionFacts& facts,
                                                const std::vector<wire::ParamValue>& logical) {
  if (parameters_.empty()) return {};  // of MariaDB
  if (parameters_.size() != plan.parameters.size()) return tl::unexpected(RefuseChanged());
  bool differ = differ_;
  const PhysicalParameter* by = nullptr;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const PhysicalParameter& planned = plan.parameters[i];
    const wire::ParamValue& value = logical[planned.logical];
    if (planned.seal == SealAs::kPlain || value.is_null) continue;
    const DerivedTypeSet types = PossibleOf(plan, planned, parameters_[i], facts);
    const bool anew = Any(types, [&](DerivedType type) { return !SurelyConverts(type, value); });
    if (!anew) continue;
    differ = true;
    by = &planned;
  }
  for (std::size_t i = 0; differ && i < parameters_.size(); ++i) {
    const PhysicalParameter& planned = plan.parameters[i];
    if (planned.seal != SealAs::kPlain) continue;
    if (!known_) {
      return tl::unexpected(RefuseChanged());
    }
    if (MeansTheSame(planned, parameters_[i], facts, logical[planned.logical])) continue;
    return tl::unexpected(Unsupported(
        "parameter " + std::to_string(planned.logical + 1) +
        ": MySQL might read its value as of another type than it would without Sealgate, because " +
        (by != nullptr ? "parameter " + std::to_string(by->logical + 1) : "one") +
        " for a protected column is or was of a type that is not the column's; prepare the "
        "statement again, and send both values as of the types of their columns"));
  }
  differ_ = differ;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const wire::ParamValue& value = logical[plan.parameters[i].logical];
    if (value.is_null) continue;
    Parameter& parameter = parameters_[i];
    parameter.sent |= Bit(TypeOf(value));
    if ((PossibleOf(plan, plan.parameters[i], parameter, facts) & kMoments) != 0) {
      parameter.sent |= MomentsOf(value);
    }
  }
  return {};
}

}  // namespace sealgate::rewrite
