// Everything that a client can send. The first three bytes choose the decoder,
// the capabilities and the statement's context; the rest is the payload.
#include <cstdint>
#include <vector>

#include "proxy/wire/com_query.h"
#include "proxy/wire/com_stmt_bulk_execute.h"
#include "proxy/wire/com_stmt_execute.h"
#include "proxy/wire/command.h"
#include "proxy/wire/handshake.h"
#include "tests/fuzz/wire/round_trip.h"

namespace sealgate::wire {
namespace {

template <auto kDecode>
void Plain(std::string_view bytes) {
  RoundTrip(
      bytes, [](std::string_view in) { return kDecode(in); },
      [](const auto& value, Writer& out) { Encode(value, out); });
}

Capabilities Choose(std::uint8_t bits) {
  Capabilities chosen = kHandledCapabilities;
  const Capabilities optional[] = {
      kClientQueryAttributes,      kClientPluginAuth,   kClientConnectAttrs, kClientConnectWithDb,
      kClientPluginAuthLenencData, kClientSessionTrack, kClientDeprecateEof};
  for (std::size_t i = 0; i < std::size(optional); ++i) {
    if (((bits >> i) & 1) != 0) chosen &= ~optional[i];
  }
  if ((bits & 0x80) != 0) chosen |= kClientZstdCompression;
  return chosen;
}

void Query(std::string_view bytes, Capabilities negotiated) {
  RoundTrip(
      bytes, [&](std::string_view in) { return DecodeComQuery(in, negotiated); },
      [&](const ComQuery& value, Writer& out) { Encode(value, negotiated, out); });
  const auto query = DecodeComQuery(bytes, negotiated);
  if (!query) return;
  // The statement is the message's tail, and the parts tile the message.
  Require(1 + query->attributes.size() + query->statement.size() == bytes.size());
  Require(query->statement.data() + query->statement.size() == bytes.data() + bytes.size());
  RoundTrip(
      query->attributes, [](std::string_view in) { return DecodeQueryAttributes(in); },
      [](const std::vector<Param>& value, Writer& out) { EncodeQueryAttributes(value, out); });
}

void Execute(std::string_view bytes, Capabilities negotiated, std::uint8_t context) {
  const ParamType types[] = {{FieldType::kVarString, false}, {FieldType::kLongLong, true},
                             {FieldType::kDateTime, false},  {FieldType::kTime, false},
                             {FieldType::kBlob, false},      {FieldType::kDouble, false}};
  const std::uint8_t long_data[] = {static_cast<std::uint8_t>(context & 0x40),
                                    static_cast<std::uint8_t>(context & 0x80)};
  const StatementContext statement{.num_params = static_cast<std::uint16_t>(context & 0x0F),
                                   .previous_types = types,
                                   .long_data = long_data};
  RoundTrip(
      bytes, [&](std::string_view in) { return DecodeComStmtExecute(in, negotiated, statement); },
      [&](const ComStmtExecute& value, Writer& out) {
        Encode(value, negotiated, statement.num_params, out);
      });
}

// Head and rows, encoded again, are equal when read.
void BulkExecute(std::string_view bytes, std::uint8_t context) {
  const ParamType types[] = {
      {FieldType::kVarString, false}, {FieldType::kLongLong, true}, {FieldType::kDateTime, false}};
  const auto count = static_cast<std::uint16_t>(context & 0x07);
  const auto read = [&](std::string_view in, std::vector<std::vector<BulkParam>>& rows) {
    auto bulk = DecodeComStmtBulkExecute(in, count, types);
    if (!bulk) return bulk;
    BulkRowReader reader(bulk->rows, bulk->types);
    std::vector<BulkParam> row;
    while (reader.Next(row)) rows.push_back(row);
    if (!reader.ok()) bulk = tl::unexpected(DecodeError::kMalformed);
    return bulk;
  };
  std::vector<std::vector<BulkParam>> rows;
  const auto bulk = read(bytes, rows);
  if (!bulk) return;
  std::string out;
  Writer writer(out);
  EncodeBulkHead(*bulk, writer);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) EncodeBulkParam(bulk->types[i], row[i], writer);
  }
  Require(writer.ok());
  std::vector<std::vector<BulkParam>> again;
  const auto second = read(out, again);
  Require(second.has_value() && second->types == bulk->types && second->flags == bulk->flags);
  Require(again == rows);
}

void Login(std::string_view bytes, Capabilities offered) {
  RoundTrip(
      bytes, [&](std::string_view in) { return DecodeHandshakeResponse41(in, offered); },
      [&](const HandshakeResponse41& value, Writer& out) { Encode(value, offered, out); });
  const auto login = DecodeHandshakeResponse41(bytes, offered);
  if (!login) return;
  ConnectAttributeReader attributes(login->connect_attributes);
  while (attributes.Next()) {
  }
}

void ChangeUser(std::string_view bytes, Capabilities negotiated) {
  RoundTrip(
      bytes, [&](std::string_view in) { return DecodeComChangeUser(in, negotiated); },
      [&](const ComChangeUser& value, Writer& out) { Encode(value, negotiated, out); });
}

void Run(std::uint8_t target, Capabilities capabilities, std::uint8_t context,
         std::string_view bytes) {
  switch (target % 19) {
    case 0:
      return Login(bytes, capabilities);
    case 1:
      return Plain<DecodeSslRequest>(bytes);
    case 2:
      return Plain<DecodeAuthSwitchResponse>(bytes);
    case 3:
      return ChangeUser(bytes, capabilities);
    case 4:
      return Plain<DecodePlainCommand>(bytes);
    case 5:
      return Plain<DecodeComInitDb>(bytes);
    case 6:
      return Plain<DecodeComFieldList>(bytes);
    case 7:
      return Plain<DecodeComProcessKill>(bytes);
    case 8:
      return Plain<DecodeComSetOption>(bytes);
    case 9:
      return Plain<DecodeComStmtPrepare>(bytes);
    case 10:
      return Plain<DecodeComStmtSendLongData>(bytes);
    case 11:
      return Plain<DecodeComStmtClose>(bytes);
    case 12:
      return Plain<DecodeComStmtReset>(bytes);
    case 13:
      return Plain<DecodeComStmtFetch>(bytes);
    case 14:
    case 15:
      return Query(bytes, capabilities);
    case 16:
      return BulkExecute(bytes, context);
    default:
      return Execute(bytes, capabilities, context);
  }
}

}  // namespace
}  // namespace sealgate::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  sealgate::wire::Run(data[0], sealgate::wire::Choose(data[1]), data[2], bytes);
  return 0;
}
