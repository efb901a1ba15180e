#include "proxy/wire/prepare_response.h"

#include "proxy/wire/reader.h"

namespace sealgate::wire {

Decoded<PrepareOk> DecodePrepareOk(std::string_view payload, Capabilities negotiated) {
  Reader reader(payload);
  PrepareOk prepared;
  reader.Expect(0);
  prepared.statement_id = reader.U32();
  prepared.num_columns = reader.U16();
  prepared.num_params = reader.U16();
  reader.Skip(1);
  prepared.warnings = reader.U16();
  if (Has(negotiated, kClientOptionalResultsetMetadata)) {
    const std::uint8_t follows = reader.U8();
    if (follows > 1) reader.Fail(DecodeError::kMalformed);
    prepared.metadata_follows = follows == 1;
  }
  return reader.Finish(prepared);
}

void Encode(const PrepareOk& prepared, Capabilities negotiated, Writer& out) {
  out.U8(0);
  out.U32(prepared.statement_id);
  out.U16(prepared.num_columns);
  out.U16(prepared.num_params);
  out.U8(0);
  out.U16(prepared.warnings);
  if (Has(negotiated, kClientOptionalResultsetMetadata)) {
    out.U8(prepared.metadata_follows ? 1 : 0);
  }
}

}  // namespace sealgate::wire
