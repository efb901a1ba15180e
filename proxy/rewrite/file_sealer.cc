#include "proxy/rewrite/file_sealer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "proxy/rewrite/sealer.h"

namespace sealgate::rewrite {
namespace {

using policy::TypeKind;

// A bound of what a value of the type can be written with, well above it: characters
// of the file may be longer than the column's, spaces at the end are cut, and numbers
// may have zeros in front.
std::size_t MostBytes(const policy::LogicalType& type) {
  constexpr std::size_t kShort = 0xFFFF;
  switch (type.kind) {
    case TypeKind::kMediumText:
    case TypeKind::kMediumBlob:
      return std::size_t{4} * 0xFFFFFF;
    case TypeKind::kLongText:
    case TypeKind::kLongBlob:
      return std::numeric_limits<std::size_t>::max();
    default:
      return 4 * std::max<std::size_t>(kShort, type.length);
  }
}

std::string NameOf(const Target& target) { return target.protection->QualifiedName(); }

}  // namespace

FileSealer::FileSealer(std::shared_ptr<const Plan> plan, const SessionFacts& facts,
                       std::size_t max_value)
    : plan_(std::move(plan)),
      facts_(facts),
      max_value_(max_value),
      reader_(plan_->file_load->format, plan_->file_load->fields.size()) {
  facts_.client = facts_.connection = plan_->file_load->charset;
}

tl::expected<void, Refusal> FileSealer::Write(std::string_view bytes, bool last, Sealer& sealer,
                                              std::string& out) {
  if (refusal_) return tl::unexpected(*refusal_);
  sealer_ = &sealer;
  out_ = &out;
  const auto read = reader_.Read(bytes, last, *this);
  if (!read && !refusal_) {
    const bool unclosed = read.error() == load::FileError::kUnclosed;
    Fail(unclosed ? Unsupported("the file ends inside of an enclosed field")
                  : TypeRefusal(1300, "HY000",
                                "the file has bytes that are not valid in its character set; say "
                                "CHARACTER SET binary if they are not meant to be"));
  }
  if (refusal_) writer_.EndWithFailure(plan_->file_load->fields.size(), out);
  sealer_ = nullptr;
  out_ = nullptr;
  if (refusal_) return tl::unexpected(*refusal_);
  return {};
}

bool FileSealer::OnBytes(std::string_view bytes) {
  const Target* target = TargetHere();
  if (target == nullptr) {
    writer_.Bytes(bytes, *out_);
    return true;
  }
  const std::size_t most = std::min(max_value_, MostBytes(target->column->type));
  if (bytes.size() > most - value_.size()) {
    return Fail(RefuseValue(*target, ValueError::kTooLong));
  }
  value_.append(bytes);
  return true;
}

bool FileSealer::OnField(bool is_null) {
  const Target* target = TargetHere();
  if (target == nullptr) {
    writer_.EndBytes(is_null, *out_);
  } else if (!is_null) {
    if (!SealValue(*target)) return false;
  } else if (target->column->nullable) {
    writer_.Sealed({}, *out_);
  } else {
    return Fail(TypeRefusal(1263, "22004", "column " + NameOf(*target) + " cannot be null"));
  }
  value_.clear();
  ++field_;
  return true;
}

bool FileSealer::SealValue(const Target& target) {
  sealed_.clear();
  const SourceValue source{SourceValue::Kind::kString, false, value_};
  const auto done = sealer_->Seal(facts_, target, SealAs::kEnvelope, source, sealed_);
  if (!done) return Fail(done.error());
  writer_.Sealed(sealed_, *out_);
  return true;
}

// The server would fill what is missing with its implicit default, which is no sealed
// value.
bool FileSealer::OnRow(bool cut) {
  for (; field_ < plan_->file_load->fields.size(); ++field_) {
    if (const Target* target = TargetHere()) {
      return Fail(TypeRefusal(1261, "01000", "the row has no field for column " + NameOf(*target)));
    }
  }
  writer_.EndRow(cut, *out_);
  field_ = 0;
  ++row_;
  return true;
}

const Target* FileSealer::TargetHere() const {
  const auto& target = plan_->file_load->fields[field_];
  return target ? &plan_->targets[*target] : nullptr;
}

bool FileSealer::Fail(Refusal refusal) {
  refusal.message += " (in row " + std::to_string(row_) + " of the file)";
  refusal_ = std::move(refusal);
  return false;
}

}  // namespace sealgate::rewrite
