#include "proxy/rewrite/bound_values.h"

#include <string_view>

#include "proxy/rewrite/context/plan_context.h"
#include "proxy/rewrite/value/value.h"

namespace sealgate::rewrite {
namespace {

// Of the range whose lower end is the parameter before.
bool IsUpperEnd(const std::vector<PhysicalParameter>& parameters, std::size_t index) {
  if (index == 0 || parameters[index].seal != SealAs::kHigh) return false;
  const PhysicalParameter& before = parameters[index - 1];
  return before.seal == SealAs::kLow && before.logical == parameters[index].logical &&
         before.target == parameters[index].target;
}

bool IsNumberOrMoment(wire::FieldType type) {
  using wire::FieldType;
  switch (type) {
    case FieldType::kNull:
    case FieldType::kVarchar:
    case FieldType::kVarString:
    case FieldType::kString:
    case FieldType::kTinyBlob:
    case FieldType::kMediumBlob:
    case FieldType::kLongBlob:
    case FieldType::kBlob:
      return false;
    default:
      return true;
  }
}

bool IsMoment(wire::FieldType type) {
  using wire::FieldType;
  return type == FieldType::kDate || type == FieldType::kTime || type == FieldType::kDateTime ||
         type == FieldType::kTimestamp;
}

// Whether a NULL of this type makes the server compare the column as numbers or dates: with
// other values beside it, or, by MariaDB, with a warning for each text that is none.
bool NullConverts(const Target& target, wire::FieldType type, bool is_mariadb) {
  if (!IsNumberOrMoment(type)) return false;
  const policy::TypeKind kind = target.column->type.kind;
  const bool text = policy::IsText(kind) || policy::IsBinary(kind);
  const bool number = !text && !policy::IsTemporal(kind);
  if (target.literals == Literals::kUnconverted) return !number || IsMoment(type);
  return is_mariadb && (text || (number && IsMoment(type)));
}

}  // namespace

tl::expected<void, Refusal> BoundValues::Bind(const SessionFacts& facts, const Plan& plan,
                                              const std::vector<wire::ParamValue>& logical,
                                              std::vector<wire::ParamValue>& physical) {
  if (logical.size() != plan.logical_parameters) {
    return tl::unexpected(TypeRefusal(1210, "HY000", "wrong number of parameters"));
  }
  sealed_.clear();
  places_.clear();
  const std::size_t first = physical.size();
  for (const PhysicalParameter& parameter : plan.parameters) {
    const wire::ParamValue& value = logical[parameter.logical];
    places_.emplace_back();
    physical.push_back(value);
    if (parameter.seal == SealAs::kPlain) continue;
    if (parameter.seal == SealAs::kNullOnly) {
      physical.back().type = wire::FieldType::kVarString;  // a COLLATE may stand behind it
      physical.back().is_unsigned = false;
      physical.back().bytes = {};
      continue;
    }
    const auto done = BindOne(facts, plan, value, physical.back());
    if (!done) return done;
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Slice& place = places_[i];
    if (place.size == 0) continue;
    physical[first + i].bytes = std::string_view(sealed_).substr(place.begin, place.size);
  }
  return {};
}

tl::expected<void, Refusal> BoundValues::BindOne(const SessionFacts& facts, const Plan& plan,
                                                 const wire::ParamValue& value,
                                                 wire::ParamValue& bound) {
  const std::size_t index = places_.size() - 1;
  const PhysicalParameter& parameter = plan.parameters[index];
  const Target& target = plan.targets[parameter.target];
  if (value.long_data) {
    return tl::unexpected(Unsupported("column " + target.protection->QualifiedName() +
                                      ": a value sent in pieces (COM_STMT_SEND_LONG_DATA) is "
                                      "not supported for a protected column"));
  }
  bound.type = wire::FieldType::kBlob;  // the one type that no character set touches
  bound.is_unsigned = false;
  if (value.is_null) {
    const bool stored = parameter.seal == SealAs::kEnvelope;
    if (stored && !target.column->nullable) return tl::unexpected(NullRefusal(target));
    if (!stored && NullConverts(target, value.type, plan.snapshot.catalog->is_mariadb)) {
      return tl::unexpected(Unsupported("column " + target.protection->QualifiedName() +
                                        ": a NULL that is sent as a number or a date is not "
                                        "compared with it; send it as a string"));
    }
    return {};
  }
  const std::size_t begin = sealed_.size();
  if (IsUpperEnd(plan.parameters, index)) {
    const Slice& lower = places_[index - 1];
    sealed_.append(sealed_, lower.begin, lower.size);
    MakeUpperEnd(sealed_);
  } else {
    if (!IsTakenAsSent(value, facts, plan.snapshot.catalog->is_mariadb)) {
      return tl::unexpected(RefuseValue(target, ValueError::kUnsupported));
    }
    scratch_.clear();
    const auto source = FromParameter(value, scratch_);
    if (!source) return tl::unexpected(RefuseValue(target, source.error()));
    const auto done = sealer_.Seal(facts, target, parameter.seal, *source, sealed_);
    if (!done) return done;
  }
  places_.back() = {begin, sealed_.size() - begin};
  return {};
}

}  // namespace sealgate::rewrite
