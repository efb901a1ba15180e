#include "proxy/wire/com_query.h"

#include <utility>

#include "proxy/wire/command.h"

namespace sealgate::wire {
namespace {

constexpr std::string_view kNoAttributes("\x00\x01", 2);

std::vector<Param> ReadAttributes(Reader& reader) {
  const std::uint64_t count = reader.LenencInt();
  const std::uint64_t sets = reader.LenencInt();
  if (reader.ok() && sets != 1) reader.Fail(DecodeError::kMalformed);
  if (!reader.ok() || count == 0) return {};
  ParameterContext context;
  context.named = true;
  std::vector<Param> params;
  // There is no earlier execution whose types could still hold.
  if (!ReadParameterBlock(count, context, reader, params)) reader.Fail(DecodeError::kMalformed);
  return params;
}

}  // namespace

Decoded<ComQuery> DecodeComQuery(std::string_view payload, Capabilities negotiated) {
  Reader reader(payload);
  ComQuery query;
  reader.Expect(static_cast<std::uint8_t>(Command::kQuery));
  if (Has(negotiated, kClientQueryAttributes)) {
    const std::size_t start = reader.position();
    ReadAttributes(reader);
    query.attributes = reader.Since(start);
  }
  query.statement = reader.Rest();
  return reader.Finish(query);
}

void Encode(const ComQuery& query, Capabilities negotiated, Writer& out) {
  const bool has_attributes = !query.attributes.empty() && query.attributes != kNoAttributes;
  out.U8(static_cast<std::uint8_t>(Command::kQuery));
  if (Has(negotiated, kClientQueryAttributes)) {
    out.Bytes(query.attributes.empty() ? kNoAttributes : query.attributes);
  } else if (has_attributes) {
    return out.Fail();
  }
  out.Bytes(query.statement);
}

Decoded<std::vector<Param>> DecodeQueryAttributes(std::string_view attributes) {
  if (attributes.empty()) return std::vector<Param>();
  Reader reader(attributes);
  std::vector<Param> params = ReadAttributes(reader);
  return reader.Finish(std::move(params));
}

void EncodeQueryAttributes(std::span<const Param> params, Writer& out) {
  out.LenencInt(params.size());
  out.LenencInt(1);
  if (!params.empty()) WriteParameterBlock(true, params, true, out);
}

}  // namespace sealgate::wire
