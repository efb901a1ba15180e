#include "proxy/wire/com_stmt_bulk_execute.h"

#include "proxy/wire/command.h"

namespace sealgate::wire {
namespace {

constexpr std::uint16_t kKnownFlags = kBulkUnitResults | kBulkTypesSent;

}  // namespace

Decoded<ComStmtBulkExecute> DecodeComStmtBulkExecute(std::string_view payload,
                                                     std::uint16_t num_params,
                                                     std::span<const ParamType> previous_types) {
  Reader reader(payload);
  ComStmtBulkExecute bulk;
  reader.Expect(static_cast<std::uint8_t>(Command::kMariaDbStmtBulkExecute));
  bulk.statement_id = reader.U32();
  bulk.flags = reader.U16();
  if ((bulk.flags & ~kKnownFlags) != 0) reader.Fail(DecodeError::kUnsupported);
  if (num_params == 0) reader.Fail(DecodeError::kMalformed);
  if ((bulk.flags & kBulkTypesSent) != 0) {
    for (std::uint16_t i = 0; i < num_params && reader.ok(); ++i) {
      bulk.types.push_back(ReadParamType(reader));
    }
  } else if (previous_types.size() < num_params) {
    reader.Fail(DecodeError::kMalformed);
  } else {
    bulk.types.assign(previous_types.begin(), previous_types.begin() + num_params);
  }
  for (const ParamType& type : bulk.types) {
    if (!IsParameterType(type.type)) reader.Fail(DecodeError::kUnsupported);
  }
  bulk.rows = reader.Rest();
  if (bulk.rows.empty()) reader.Fail(DecodeError::kTruncated);
  return reader.Finish(bulk);
}

void EncodeBulkHead(const ComStmtBulkExecute& bulk, Writer& out) {
  out.U8(static_cast<std::uint8_t>(Command::kMariaDbStmtBulkExecute));
  out.U32(bulk.statement_id);
  out.U16(bulk.flags);
  if ((bulk.flags & kBulkTypesSent) == 0) return;
  for (const ParamType& type : bulk.types) WriteParamType(type, out);
}

void EncodeBulkParam(ParamType type, const BulkParam& param, Writer& out) {
  out.U8(static_cast<std::uint8_t>(param.indicator));
  if (param.indicator == BulkIndicator::kNone) WriteBinaryValue(type.type, param.bytes, out);
}

bool BulkRowReader::Next(std::vector<BulkParam>& row) {
  if (!reader_.ok() || reader_.AtEnd()) return false;
  row.clear();
  for (const ParamType& type : types_) {
    const std::uint8_t indicator = reader_.U8();
    if (indicator > static_cast<std::uint8_t>(BulkIndicator::kIgnore)) {
      reader_.Fail(DecodeError::kMalformed);
    }
    BulkParam param{.indicator = static_cast<BulkIndicator>(indicator), .bytes = {}};
    if (param.indicator == BulkIndicator::kNone) {
      // As elsewhere: a NULL type has no value.
      if (type.type == FieldType::kNull) reader_.Fail(DecodeError::kMalformed);
      param.bytes = ReadBinaryValue(type.type, reader_);
    }
    if (!reader_.ok()) return false;
    row.push_back(param);
  }
  return true;
}

}  // namespace sealgate::wire
