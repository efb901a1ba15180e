#include "proxy/rewrite/sealer.h"

#include <variant>

#include "policy/ascii.h"

namespace sealgate::rewrite {
namespace {

// Above every envelope with the same prefix: a key id of 0xFFFFFFFF is never given.
constexpr std::string_view kRangeEnd = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

bool MayStand(Literals literals, const SessionFacts& facts, const policy::LogicalType& type,
              const SourceValue& source) {
  using Kind = SourceValue::Kind;
  const bool string = source.kind == Kind::kString || source.kind == Kind::kBinaryString;
  if (literals == Literals::kExactAsFloat) return !string || IsExactAsFloat(type, source.bytes);
  if (literals != Literals::kUnconverted) return true;
  if (!policy::IsText(type.kind)) {
    return policy::IsBinary(type.kind) || IsExactAsFloat(type, source.bytes);
  }
  return type.charset == facts.connection || ascii::IsAscii(source.bytes);
}

}  // namespace

void MakeUpperEnd(std::string& lower) { lower += kRangeEnd; }

Refusal RefuseValue(const Target& target, ValueError error) {
  std::string message = "column " + target.protection->QualifiedName() + ": the value ";
  message += Describe(error);
  return TypeRefusal(ErrorNumber(error), SqlState(error), std::move(message));
}

tl::expected<void, Refusal> Sealer::Seal(const SessionFacts& facts, const Target& target, SealAs as,
                                         const SourceValue& source, std::string& out) {
  if (const auto prepared = Prepare(facts, target, as, source); !prepared) {
    return tl::unexpected(RefuseValue(target, prepared.error()));
  }
  Append(target, as, out);
  metrics_.domains[target.domain].sealed.Add();
  return {};
}

tl::expected<void, ValueError> Sealer::Prepare(const SessionFacts& facts, const Target& target,
                                               SealAs as, const SourceValue& source) {
  canonical_.clear();
  equality_.clear();
  const Purpose stored = target.literals == Literals::kUncut ? Purpose::kMix : Purpose::kStore;
  const Purpose purpose = as == SealAs::kEnvelope ? stored : Purpose::kCompare;
  const policy::LogicalType& type = target.column->type;
  if (!MayStand(target.literals, facts, type, source)) {
    return tl::unexpected(ValueError::kNotComparable);
  }
  if (const auto done = ToCanonical(type, facts, source, purpose, canonical_); !done) return done;
  if (crypto::ModeOf(*target.cipher) != crypto::Mode::kSearchable) return {};
  return EqualityInput(type, target.column->weights.get(), canonical_, equality_);
}

void Sealer::Append(const Target& target, SealAs as, std::string& out) {
  if (const auto* random = std::get_if<crypto::RandomCipher>(target.cipher)) {
    random->Seal(canonical_, random_, out);
  } else if (const auto* fixed = std::get_if<crypto::DeterministicCipher>(target.cipher)) {
    fixed->Seal(canonical_, out);
  } else {
    const auto& searchable = std::get<crypto::SearchableCipher>(*target.cipher);
    if (as == SealAs::kEnvelope) {
      searchable.Seal(canonical_, equality_, random_, out);
    } else {
      searchable.AppendEqualityPrefix(equality_, out);
      if (as == SealAs::kHigh) MakeUpperEnd(out);
    }
  }
}

}  // namespace sealgate::rewrite
