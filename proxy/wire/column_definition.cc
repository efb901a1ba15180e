#include "proxy/wire/column_definition.h"

#include "proxy/wire/reader.h"

namespace sealgate::wire {
namespace {
constexpr std::uint64_t kFixedSize = 0x0C;
}

Decoded<ColumnDefinition41> DecodeColumnDefinition41(std::string_view payload, ColumnUse use,
                                                     Capabilities negotiated) {
  Reader reader(payload);
  ColumnDefinition41 column;
  column.catalog = reader.LenencString();
  column.schema = reader.LenencString();
  column.table = reader.LenencString();
  column.org_table = reader.LenencString();
  column.name = reader.LenencString();
  column.org_name = reader.LenencString();
  if (Has(negotiated, kMariaDbExtendedMetadata)) column.extended = reader.LenencString();
  const std::uint64_t fixed_size = reader.LenencInt();
  if (reader.ok() && fixed_size != kFixedSize) reader.Fail(DecodeError::kMalformed);
  column.collation = reader.U16();
  column.column_length = reader.U32();
  column.type = static_cast<FieldType>(reader.U8());
  column.flags = reader.U16();
  column.decimals = reader.U8();
  reader.Skip(2);
  if (use == ColumnUse::kFieldList && !reader.AtEnd()) {
    const std::size_t start = reader.position();
    reader.LenencStringOrNull();
    column.default_value = reader.Since(start);
  }
  return reader.Finish(column);
}

void Encode(const ColumnDefinition41& column, Writer& out) { Encode(column, 0, out); }

void Encode(const ColumnDefinition41& column, Capabilities negotiated, Writer& out) {
  out.LenencString(column.catalog);
  out.LenencString(column.schema);
  out.LenencString(column.table);
  out.LenencString(column.org_table);
  out.LenencString(column.name);
  out.LenencString(column.org_name);
  if (Has(negotiated, kMariaDbExtendedMetadata)) out.LenencString(column.extended);
  out.LenencInt(kFixedSize);
  out.U16(column.collation);
  out.U32(column.column_length);
  out.U8(static_cast<std::uint8_t>(column.type));
  out.U16(column.flags);
  out.U8(column.decimals);
  out.U16(0);
  out.Bytes(column.default_value);
}

}  // namespace sealgate::wire
