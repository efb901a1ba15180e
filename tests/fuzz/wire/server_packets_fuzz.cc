// Everything that a server can send. The first two bytes choose the decoder
// and its context; the rest is the payload.
#include <cstdint>
#include <optional>
#include <vector>

#include "proxy/wire/binary_value.h"
#include "proxy/wire/column_definition.h"
#include "proxy/wire/generic_response.h"
#include "proxy/wire/handshake.h"
#include "proxy/wire/prepare_response.h"
#include "proxy/wire/row.h"
#include "tests/fuzz/wire/round_trip.h"

namespace sealgate::wire {
namespace {

template <auto kDecode>
void Plain(std::string_view bytes) {
  RoundTrip(
      bytes, [](std::string_view in) { return kDecode(in); },
      [](const auto& value, Writer& out) { Encode(value, out); });
}

void Ok(std::string_view bytes, Capabilities negotiated) {
  RoundTrip(
      bytes, [&](std::string_view in) { return DecodeOk(in, negotiated); },
      [&](const OkPacket& value, Writer& out) { Encode(value, negotiated, out); });
  const auto ok = DecodeOk(bytes, negotiated);
  if (!ok) return;
  SessionStateReader changes(ok->state_changes);
  while (const auto change = changes.Next()) {
    SystemVariableReader variables(change->data);
    while (variables.Next()) {
    }
    (void)DecodeSessionStateText(change->data);
  }
  // For a client that does not track, the rest of the message stays the same.
  std::string stripped;
  Writer writer(stripped);
  Encode(*ok, 0, writer);
  const auto plain = DecodeOk(stripped, 0);
  Require(plain && plain->affected_rows == ok->affected_rows && plain->info == ok->info);
}

using Values = std::vector<std::optional<std::string_view>>;

void TextRow(std::string_view bytes, std::size_t columns) {
  RoundTrip(
      bytes,
      [&](std::string_view in) -> Decoded<Values> {
        TextRowReader reader(in);
        Values values;
        std::size_t tiled = 0;
        for (std::size_t i = 0; i < columns; ++i) {
          values.push_back(reader.Next());
          tiled += reader.last_encoded().size();
        }
        if (const auto error = reader.Finish()) return tl::unexpected(*error);
        Require(tiled == in.size());
        return values;
      },
      [](const Values& values, Writer& out) {
        for (const auto& value : values) WriteTextValue(value, out);
      });
}

const FieldType kTypes[] = {FieldType::kTiny,       FieldType::kShort,     FieldType::kLong,
                            FieldType::kLongLong,   FieldType::kFloat,     FieldType::kDouble,
                            FieldType::kDate,       FieldType::kDateTime,  FieldType::kTime,
                            FieldType::kNewDecimal, FieldType::kVarString, FieldType::kBlob,
                            FieldType::kYear};

void BinaryRow(std::string_view bytes, std::size_t columns) {
  const std::span<const FieldType> types(kTypes, columns % (std::size(kTypes) + 1));
  RoundTrip(
      bytes,
      [&](std::string_view in) -> Decoded<Values> {
        BinaryRowReader reader(in, types);
        Values values;
        for (std::size_t i = 0; i < types.size(); ++i) values.push_back(reader.Next());
        if (const auto error = reader.Finish()) return tl::unexpected(*error);
        return values;
      },
      [&](const Values& values, Writer& out) {
        std::string row;
        BinaryRowWriter writer(types.size(), row);
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (values[i]) {
            writer.Append(types[i], *values[i]);
          } else {
            writer.AppendNull();
          }
        }
        if (!writer.Finish()) out.Fail();
        out.Bytes(row);
      });
}

void Column(std::string_view bytes, ColumnUse use, Capabilities negotiated) {
  RoundTrip(
      bytes, [&](std::string_view in) { return DecodeColumnDefinition41(in, use, negotiated); },
      [&](const ColumnDefinition41& value, Writer& out) { Encode(value, negotiated, out); });
}

void Prepared(std::string_view bytes, Capabilities negotiated) {
  RoundTrip(
      bytes, [&](std::string_view in) { return DecodePrepareOk(in, negotiated); },
      [&](const PrepareOk& value, Writer& out) { Encode(value, negotiated, out); });
}

void Run(std::uint8_t target, std::uint8_t context, std::string_view bytes) {
  const Capabilities negotiated = ((context & 1) != 0 ? kClientSessionTrack : 0) |
                                  ((context & 2) != 0 ? kClientOptionalResultsetMetadata : 0);
  switch (target % 12) {
    case 0:
      return Plain<DecodeHandshakeV10>(bytes);
    case 1:
      return Plain<DecodeAuthSwitchRequest>(bytes);
    case 2:
      return Plain<DecodeAuthMoreData>(bytes);
    case 3:
      return Ok(bytes, negotiated);
    case 4:
      return Plain<DecodeEof>(bytes);
    case 5:
      return Plain<DecodeErr>(bytes);
    case 6:
      return Column(bytes, (context & 1) != 0 ? ColumnUse::kFieldList : ColumnUse::kResult,
                    (context & 4) != 0 ? kMariaDbExtendedMetadata : 0);
    case 7:
      return Prepared(bytes, negotiated);
    case 8:
      return TextRow(bytes, context);
    case 9:
      return BinaryRow(bytes, context);
    case 10:
      return Plain<DecodeDateTime>(bytes);
    default:
      return Plain<DecodeTime>(bytes);
  }
}

}  // namespace
}  // namespace sealgate::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  sealgate::wire::Run(data[0], data[1], bytes);
  return 0;
}
