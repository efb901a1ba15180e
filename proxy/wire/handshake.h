// Messages of the connection phase: greeting, login, change of user.
//
// Sources: MySQL manual, "Connection Phase Packets" (HandshakeV10,
// HandshakeResponse41, SSLRequest, AuthSwitchRequest, AuthMoreData,
// AuthSwitchResponse) and "COM_CHANGE_USER"; MariaDB knowledge base,
// "Connection". Only protocol 4.1 with 20-byte scrambles exists here; older
// forms are kUnsupported.
//
// Views as decode_error.h says. Every function is pure and thread-safe.
#ifndef SEALGATE_PROXY_WIRE_HANDSHAKE_H_
#define SEALGATE_PROXY_WIRE_HANDSHAKE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/wire/capabilities.h"
#include "proxy/wire/decode_error.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

/// HandshakeV10, the server's greeting.
///
///   field                 type          note
///   protocol version      int<1>        10
///   server version        string<NUL>
///   thread id             int<4>
///   scramble head         string[8]
///   filler                int<1>        0
///   capabilities, low     int<2>
///   collation             int<1>
///   status flags          int<2>
///   capabilities, high    int<2>
///   auth data length      int<1>        head and tail; 0 without PLUGIN_AUTH
///   reserved              string[6]     0
///   MariaDB capabilities  int<4>        0 if LONG_PASSWORD is set
///   scramble tail         string[n]     n = max(13, length - 8), ends with NUL
///   plugin name           string<NUL>   if PLUGIN_AUTH; NUL missing in old 5.5
struct HandshakeV10 {
  std::string_view server_version = {};
  std::uint32_t thread_id = 0;
  std::string_view scramble_head = {};
  /// With its final NUL, as sent.
  std::string_view scramble_tail = {};
  Capabilities capabilities = 0;
  std::uint8_t collation = 0;
  std::uint16_t status = 0;
  std::string_view plugin = {};

  bool operator==(const HandshakeV10&) const = default;

  /// Head and tail without the final NUL: what a plugin hashes with.
  std::string Scramble() const;
};

/// An ERR packet instead of a greeting is kUnsupported; look for it first.
Decoded<HandshakeV10> DecodeHandshakeV10(std::string_view payload);
void Encode(const HandshakeV10& greeting, Writer& out);

/// SSLRequest: the first 32 bytes of a HandshakeResponse41 with CLIENT_SSL.
///
///   capabilities          int<4>
///   greatest packet       int<4>
///   collation             int<1>
///   filler                string[19]    0
///   MariaDB capabilities  int<4>        if LONG_PASSWORD is clear, else 0
struct SslRequest {
  Capabilities capabilities = 0;
  std::uint32_t max_packet = 0;
  std::uint8_t collation = 0;

  bool operator==(const SslRequest&) const = default;
};

/// Tells the SSLRequest from the login, which is always longer.
bool IsSslRequest(std::string_view payload);
Decoded<SslRequest> DecodeSslRequest(std::string_view payload);
void Encode(const SslRequest& request, Writer& out);

/// HandshakeResponse41, the client's login.
///
///   the fields of SSLRequest
///   user                  string<NUL>
///   auth response         string<lenenc>  if PLUGIN_AUTH_LENENC_CLIENT_DATA,
///                         else int<1> and string
///   database              string<NUL>     if CONNECT_WITH_DB
///   plugin name           string<NUL>     if PLUGIN_AUTH
///   connect attributes    string<lenenc>  if CONNECT_ATTRS, see ConnectAttributeReader
///   zstd level            int<1>          if ZSTD_COMPRESSION
///
/// Which form applies follows from the flags that the client sent and the
/// greeting offered (clients may set flags that were not offered and then
/// leave the field away), so both functions take the offered flags.
struct HandshakeResponse41 {
  /// As sent, not yet reduced to what was offered.
  Capabilities capabilities = 0;
  std::uint32_t max_packet = 0;
  std::uint8_t collation = 0;
  std::string_view user = {};
  std::string_view auth_response = {};
  std::string_view database = {};
  std::string_view plugin = {};
  std::string_view connect_attributes = {};
  std::uint8_t zstd_level = 0;

  bool operator==(const HandshakeResponse41&) const = default;
};

Decoded<HandshakeResponse41> DecodeHandshakeResponse41(std::string_view payload,
                                                       Capabilities offered);
void Encode(const HandshakeResponse41& response, Capabilities offered, Writer& out);

/// Iterates over connect attributes: pairs of string<lenenc>.
class ConnectAttributeReader {
 public:
  explicit ConnectAttributeReader(std::string_view attributes) : reader_(attributes) {}
  /// nullopt at the end or at the first malformed pair; ok() tells which.
  std::optional<std::pair<std::string_view, std::string_view>> Next();
  bool ok() const { return reader_.ok(); }

 private:
  Reader reader_;
};

void AppendConnectAttribute(std::string_view name, std::string_view value, std::string& out);

/// AuthSwitchRequest: int<1> 0xFE, string<NUL> plugin, string<EOF> data (the
/// native plugins end it with NUL). A lone 0xFE asks for the hash of 4.0 and
/// is kUnsupported.
struct AuthSwitchRequest {
  std::string_view plugin = {};
  std::string_view data = {};
  bool operator==(const AuthSwitchRequest&) const = default;
};

Decoded<AuthSwitchRequest> DecodeAuthSwitchRequest(std::string_view payload);
void Encode(const AuthSwitchRequest& request, Writer& out);

/// AuthMoreData: int<1> 0x01, string<EOF> data.
struct AuthMoreData {
  std::string_view data = {};
  bool operator==(const AuthMoreData&) const = default;
};

/// The only data byte of caching_sha2_password's AuthMoreData.
inline constexpr char kCachingSha2FastAuthOk = '\x03';
inline constexpr char kCachingSha2FullAuth = '\x04';
/// The client's message that asks caching_sha2_password for its public key.
inline constexpr char kCachingSha2RequestPublicKey = '\x02';

Decoded<AuthMoreData> DecodeAuthMoreData(std::string_view payload);
void Encode(const AuthMoreData& more, Writer& out);

/// AuthSwitchResponse and every later client message of an authentication:
/// string<EOF>, whose contents are the plugin's business. May be empty.
struct AuthSwitchResponse {
  std::string_view data = {};
  bool operator==(const AuthSwitchResponse&) const = default;
};

Decoded<AuthSwitchResponse> DecodeAuthSwitchResponse(std::string_view payload);
void Encode(const AuthSwitchResponse& response, Writer& out);

/// COM_CHANGE_USER.
///
///   command               int<1>          0x11
///   user                  string<NUL>
///   auth response         int<1>, string
///   database              string<NUL>
///   collation             int<2>          from here on optional
///   plugin name           string<NUL>     if PLUGIN_AUTH
///   connect attributes    string<lenenc>  if CONNECT_ATTRS
struct ComChangeUser {
  std::string_view user = {};
  std::string_view auth_response = {};
  std::string_view database = {};
  /// Absent from old clients; then plugin and attributes are empty too.
  std::optional<std::uint16_t> collation = {};
  std::string_view plugin = {};
  std::string_view connect_attributes = {};
  bool operator==(const ComChangeUser&) const = default;
};

Decoded<ComChangeUser> DecodeComChangeUser(std::string_view payload, Capabilities negotiated);
void Encode(const ComChangeUser& change, Capabilities negotiated, Writer& out);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_HANDSHAKE_H_
