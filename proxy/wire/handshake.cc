#include "proxy/wire/handshake.h"

#include <algorithm>

namespace sealgate::wire {
namespace {

constexpr std::uint8_t kProtocolVersion = 10;
constexpr std::size_t kScrambleHeadSize = 8;
constexpr std::size_t kLeastScrambleTail = 13;
constexpr std::size_t kSslRequestSize = 32;
constexpr std::uint8_t kAuthSwitchHeader = 0xFE;
constexpr std::uint8_t kAuthMoreDataHeader = 0x01;
constexpr std::uint8_t kChangeUserCommand = 0x11;

bool HasMariaDbWord(Capabilities capabilities) { return !Has(capabilities, kClientLongPassword); }

std::uint32_t MariaDbWord(Capabilities capabilities) {
  return HasMariaDbWord(capabilities) ? static_cast<std::uint32_t>(capabilities >> 32) : 0;
}

/// The part that SSLRequest and HandshakeResponse41 share.
template <typename Login>
void ReadLoginHead(Reader& reader, Login& login) {
  login.capabilities = reader.U32();
  if (reader.ok() && !Has(login.capabilities, kClientProtocol41)) {
    reader.Fail(DecodeError::kUnsupported);
  }
  login.max_packet = reader.U32();
  login.collation = reader.U8();
  reader.Skip(19);
  const Capabilities extended = reader.U32();
  if (HasMariaDbWord(login.capabilities)) login.capabilities |= extended << 32;
}

template <typename Login>
void WriteLoginHead(const Login& login, Writer& out) {
  out.U32(static_cast<std::uint32_t>(login.capabilities));
  out.U32(login.max_packet);
  out.U8(login.collation);
  out.Zeros(19);
  out.U32(MariaDbWord(login.capabilities));
}

}  // namespace

std::string HandshakeV10::Scramble() const {
  std::string result(scramble_head);
  result.append(scramble_tail);
  if (!scramble_tail.empty() && result.back() == '\0') result.pop_back();
  return result;
}

Decoded<HandshakeV10> DecodeHandshakeV10(std::string_view payload) {
  Reader reader(payload);
  HandshakeV10 greeting;
  const std::uint8_t version = reader.U8();
  if (reader.ok() && version != kProtocolVersion) reader.Fail(DecodeError::kUnsupported);
  greeting.server_version = reader.NulString();
  greeting.thread_id = reader.U32();
  greeting.scramble_head = reader.Bytes(kScrambleHeadSize);
  reader.Expect(0);
  greeting.capabilities = reader.U16();
  greeting.collation = reader.U8();
  greeting.status = reader.U16();
  greeting.capabilities |= Capabilities{reader.U16()} << 16;
  const std::uint8_t auth_data_length = reader.U8();
  reader.Skip(6);
  const Capabilities extended = reader.U32();
  if (HasMariaDbWord(greeting.capabilities)) greeting.capabilities |= extended << 32;
  if (reader.ok() && (!Has(greeting.capabilities, kClientProtocol41) ||
                      !Has(greeting.capabilities, kClientSecureConnection))) {
    reader.Fail(DecodeError::kUnsupported);
  }
  const bool has_plugin = Has(greeting.capabilities, kClientPluginAuth);
  const std::size_t tail = has_plugin && auth_data_length > kScrambleHeadSize
                               ? auth_data_length - kScrambleHeadSize
                               : std::size_t{0};
  greeting.scramble_tail = reader.Bytes(std::max(kLeastScrambleTail, tail));
  if (has_plugin) greeting.plugin = reader.NulStringOrRest();
  return reader.Finish(greeting);
}

void Encode(const HandshakeV10& greeting, Writer& out) {
  const std::size_t auth_data = kScrambleHeadSize + greeting.scramble_tail.size();
  const bool has_plugin = Has(greeting.capabilities, kClientPluginAuth);
  if (greeting.scramble_head.size() != kScrambleHeadSize || auth_data > 0xFF ||
      greeting.scramble_tail.size() < kLeastScrambleTail ||
      (!has_plugin && greeting.scramble_tail.size() != kLeastScrambleTail)) {
    return out.Fail();
  }
  out.U8(kProtocolVersion);
  out.NulString(greeting.server_version);
  out.U32(greeting.thread_id);
  out.Bytes(greeting.scramble_head);
  out.U8(0);
  out.U16(static_cast<std::uint16_t>(greeting.capabilities));
  out.U8(greeting.collation);
  out.U16(greeting.status);
  out.U16(static_cast<std::uint16_t>(greeting.capabilities >> 16));
  out.U8(has_plugin ? static_cast<std::uint8_t>(auth_data) : 0);
  out.Zeros(6);
  out.U32(MariaDbWord(greeting.capabilities));
  out.Bytes(greeting.scramble_tail);
  if (has_plugin) out.NulString(greeting.plugin);
}

bool IsSslRequest(std::string_view payload) {
  if (payload.size() != kSslRequestSize) return false;
  return Has(Reader(payload).U32(), kClientSsl);
}

Decoded<SslRequest> DecodeSslRequest(std::string_view payload) {
  Reader reader(payload);
  SslRequest request;
  ReadLoginHead(reader, request);
  if (reader.ok() && !Has(request.capabilities, kClientSsl)) {
    reader.Fail(DecodeError::kMalformed);
  }
  return reader.Finish(request);
}

void Encode(const SslRequest& request, Writer& out) { WriteLoginHead(request, out); }

Decoded<HandshakeResponse41> DecodeHandshakeResponse41(std::string_view payload,
                                                       Capabilities offered) {
  Reader reader(payload);
  HandshakeResponse41 response;
  ReadLoginHead(reader, response);
  const Capabilities effective = response.capabilities & offered;
  response.user = reader.NulString();
  response.auth_response = Has(effective, kClientPluginAuthLenencData) ? reader.LenencString()
                                                                       : reader.Bytes(reader.U8());
  if (Has(effective, kClientConnectWithDb)) response.database = reader.NulString();
  if (Has(effective, kClientPluginAuth)) response.plugin = reader.NulStringOrRest();
  if (Has(effective, kClientConnectAttrs)) response.connect_attributes = reader.LenencString();
  if (Has(effective, kClientZstdCompression)) response.zstd_level = reader.U8();
  return reader.Finish(response);
}

void Encode(const HandshakeResponse41& response, Capabilities offered, Writer& out) {
  WriteLoginHead(response, out);
  const Capabilities effective = response.capabilities & offered;
  out.NulString(response.user);
  if (Has(effective, kClientPluginAuthLenencData)) {
    out.LenencString(response.auth_response);
  } else {
    out.ShortString(response.auth_response);
  }
  if (Has(effective, kClientConnectWithDb)) out.NulString(response.database);
  if (Has(effective, kClientPluginAuth)) out.NulString(response.plugin);
  if (Has(effective, kClientConnectAttrs)) out.LenencString(response.connect_attributes);
  if (Has(effective, kClientZstdCompression)) out.U8(response.zstd_level);
}

std::optional<std::pair<std::string_view, std::string_view>> ConnectAttributeReader::Next() {
  if (reader_.AtEnd()) return std::nullopt;
  const std::string_view name = reader_.LenencString();
  const std::string_view value = reader_.LenencString();
  if (!reader_.ok()) return std::nullopt;
  return std::pair(name, value);
}

void AppendConnectAttribute(std::string_view name, std::string_view value, std::string& out) {
  Writer writer(out);
  writer.LenencString(name);
  writer.LenencString(value);
}

Decoded<AuthSwitchRequest> DecodeAuthSwitchRequest(std::string_view payload) {
  Reader reader(payload);
  AuthSwitchRequest request;
  reader.Expect(kAuthSwitchHeader);
  if (reader.ok() && reader.AtEnd()) reader.Fail(DecodeError::kUnsupported);
  request.plugin = reader.NulString();
  request.data = reader.Rest();
  return reader.Finish(request);
}

void Encode(const AuthSwitchRequest& request, Writer& out) {
  out.U8(kAuthSwitchHeader);
  out.NulString(request.plugin);
  out.Bytes(request.data);
}

Decoded<AuthMoreData> DecodeAuthMoreData(std::string_view payload) {
  Reader reader(payload);
  AuthMoreData more;
  reader.Expect(kAuthMoreDataHeader);
  more.data = reader.Rest();
  return reader.Finish(more);
}

void Encode(const AuthMoreData& more, Writer& out) {
  out.U8(kAuthMoreDataHeader);
  out.Bytes(more.data);
}

Decoded<AuthSwitchResponse> DecodeAuthSwitchResponse(std::string_view payload) {
  return AuthSwitchResponse{.data = payload};
}

void Encode(const AuthSwitchResponse& response, Writer& out) { out.Bytes(response.data); }

Decoded<ComChangeUser> DecodeComChangeUser(std::string_view payload, Capabilities negotiated) {
  Reader reader(payload);
  ComChangeUser change;
  reader.Expect(kChangeUserCommand);
  change.user = reader.NulString();
  change.auth_response = reader.Bytes(reader.U8());
  change.database = reader.NulString();
  if (!reader.ok() || reader.AtEnd()) return reader.Finish(change);
  change.collation = reader.U16();
  if (Has(negotiated, kClientPluginAuth)) change.plugin = reader.NulStringOrRest();
  // Clients that know plugins but have no attributes may leave the block away.
  if (Has(negotiated, kClientConnectAttrs) && !reader.AtEnd()) {
    change.connect_attributes = reader.LenencString();
  }
  return reader.Finish(change);
}

void Encode(const ComChangeUser& change, Capabilities negotiated, Writer& out) {
  out.U8(kChangeUserCommand);
  out.NulString(change.user);
  out.ShortString(change.auth_response);
  out.NulString(change.database);
  if (!change.collation) return;
  out.U16(*change.collation);
  if (Has(negotiated, kClientPluginAuth)) out.NulString(change.plugin);
  if (Has(negotiated, kClientConnectAttrs)) out.LenencString(change.connect_attributes);
}

}  // namespace sealgate::wire
