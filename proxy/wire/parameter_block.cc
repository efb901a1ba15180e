#include "proxy/wire/parameter_block.h"

#include <cstddef>

namespace sealgate::wire {
namespace {

bool BitAt(std::string_view bitmap, std::size_t index) {
  return ((static_cast<unsigned char>(bitmap[index / 8]) >> (index % 8)) & 1) != 0;
}

void ReadTypes(bool named, Reader& reader, std::vector<Param>& params) {
  for (Param& param : params) {
    const ParamType type = ReadParamType(reader);
    param.value.type = type.type;
    param.value.is_unsigned = type.is_unsigned;
    if (named) param.name = reader.LenencString();
    if (!reader.ok()) return;
  }
}

void TakePreviousTypes(std::span<const ParamType> types, Reader& reader,
                       std::vector<Param>& params) {
  if (types.size() < params.size()) return reader.Fail(DecodeError::kMalformed);
  for (std::size_t i = 0; i < params.size(); ++i) {
    params[i].value.type = types[i].type;
    params[i].value.is_unsigned = types[i].is_unsigned;
  }
}

void ReadValue(ParamValue& value, Reader& reader) {
  if (!IsParameterType(value.type)) return reader.Fail(DecodeError::kUnsupported);
  if (value.is_null || value.long_data) return;
  // MySQL calls a NULL type without its bit malformed; clients set both.
  if (value.type == FieldType::kNull) return reader.Fail(DecodeError::kMalformed);
  value.bytes = ReadBinaryValue(value.type, reader);
}

}  // namespace

bool ReadParameterBlock(std::uint64_t count, const ParameterContext& context, Reader& reader,
                        std::vector<Param>& params) {
  params.clear();
  if (count > kMaxParameters) {
    reader.Fail(DecodeError::kMalformed);
    return false;
  }
  const std::string_view null_bitmap = reader.Bytes((count + 7) / 8);
  const std::uint8_t bind_flag = reader.U8();
  if (bind_flag > 1) reader.Fail(DecodeError::kMalformed);
  if (!reader.ok()) return false;
  const bool types_sent = bind_flag == 1;
  params.resize(count);
  if (types_sent) {
    ReadTypes(context.named, reader, params);
  } else {
    TakePreviousTypes(context.previous_types, reader, params);
  }
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    ParamValue& value = params[i].value;
    value.is_null = BitAt(null_bitmap, i);
    value.long_data = i < context.long_data.size() && context.long_data[i] != 0;
    ReadValue(value, reader);
  }
  return types_sent;
}

void WriteParameterBlock(bool types_sent, std::span<const Param> params, bool named, Writer& out) {
  if (params.size() > kMaxParameters) return out.Fail();
  std::uint8_t bits = 0;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (params[i].value.is_null) bits = static_cast<std::uint8_t>(bits | 1u << (i % 8));
    if (i % 8 == 7 || i + 1 == params.size()) {
      out.U8(bits);
      bits = 0;
    }
  }
  out.U8(types_sent ? 1 : 0);
  for (const Param& param : params) {
    if (!IsParameterType(param.value.type)) out.Fail();
    if (!types_sent) continue;
    WriteParamType({param.value.type, param.value.is_unsigned}, out);
    if (named) out.LenencString(param.name);
  }
  for (const Param& param : params) {
    if (param.value.is_null || param.value.long_data) continue;
    if (param.value.type == FieldType::kNull) return out.Fail();
    WriteBinaryValue(param.value.type, param.value.bytes, out);
  }
}

}  // namespace sealgate::wire
