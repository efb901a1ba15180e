// From the server's greeting to the client's login.

#include <array>
#include <string>
#include <utility>

#include "proxy/relay/account_name.h"
#include "proxy/relay/relay.h"
#include "proxy/wire/handshake.h"

namespace sealgate::relay {
namespace {

using wire::Has;

constexpr std::uint16_t kErHandshake = 1043;
constexpr std::uint16_t kErUnknown = 1105;
constexpr std::uint16_t kErNotSupportedAuthMode = 1251;
constexpr std::uint16_t kErSecureTransportRequired = 3159;

// What the backend's leg always needs: SESSION_TRACK tells when a session's
// modes change, and only under DEPRECATE_EOF do results tell it, too.
constexpr wire::Capabilities kBackendNeeds =
    wire::kClientProtocol41 | wire::kClientSecureConnection | wire::kClientPluginAuth |
    wire::kClientSessionTrack | wire::kClientDeprecateEof;

// In bytes. MySQL cuts what is longer where it tells the account, in the midst of a character.
constexpr std::size_t kLongestMysqlName = 95;
constexpr wire::Capabilities kClientNeeds = wire::kClientProtocol41 | wire::kClientSecureConnection;

}  // namespace

void Relay::OnGreeting(std::string_view payload) {
  if (!payload.empty() && static_cast<std::uint8_t>(payload.front()) == wire::kErrHeader) {
    services_.metrics.backend_errors.Add();
    services_.metrics.logins_failed.Add();
    SendToClient(payload);
    return Close();
  }
  auto greeting = wire::DecodeHandshakeV10(payload);
  if (!greeting) return FailProtocol(metrics::Leg::kBackend, "greeting cannot be read");
  if (!CheckServerOffer(greeting->capabilities)) return;

  s_.is_mariadb = greeting->server_version.find("MariaDB") != std::string_view::npos;
  s_.server_thread = greeting->thread_id;
  s_.server_offer = greeting->capabilities;
  s_.offered = greeting->capabilities & wire::kHandledCapabilities & ~wire::kClientSsl;
  s_.offered |= settings_.client_compression;
  if (settings_.client_tls != policy::TlsMode::kDisabled) s_.offered |= wire::kClientSsl;
  s_.auth.nonce = greeting->Scramble();
  greeting->capabilities = s_.offered;
  std::string encoded;
  wire::Writer writer(encoded);
  wire::Encode(*greeting, writer);
  if (!writer.ok()) return FailProtocol(metrics::Leg::kBackend, "greeting cannot be read");
  SendToClient(encoded);
  s_.greeted = true;
  s_.phase = Phase::kLogin;
}

bool Relay::CheckServerOffer(wire::Capabilities offer) {
  if (!Has(offer, kBackendNeeds)) {
    Fail(kErUnknown, "HY000",
         "sealgate: the database server is too old; MariaDB 10.2 or MySQL 5.7 is needed");
    return false;
  }
  if (settings_.backend_tls == policy::TlsMode::kRequired && !Has(offer, wire::kClientSsl)) {
    Fail(kErUnknown, "HY000",
         "sealgate: the database server does not offer TLS, but backend.tls.mode is 'required'");
    return false;
  }
  return true;
}

void Relay::OnLogin(std::string_view payload) {
  if (wire::IsSslRequest(payload)) {
    if (!Has(s_.offered, wire::kClientSsl) || s_.client_tls) {
      return Fail(kErHandshake, "08S01", "sealgate: bad handshake");
    }
    s_.client_tls = true;
    step_.action = Action::kStartClientTls;
    return;
  }
  if (settings_.client_tls == policy::TlsMode::kRequired && !ClientIsPrivate()) {
    return Fail(kErSecureTransportRequired, "HY000",
                "sealgate: connections without TLS are refused (listen.tls.mode is 'required')");
  }
  auto login = wire::DecodeHandshakeResponse41(payload, s_.offered);
  if (!login) {
    services_.metrics.protocol_errors.Add();
    return Fail(kErHandshake, "08S01", "sealgate: bad handshake");
  }
  s_.client_caps = login->capabilities & s_.offered;
  if (!Has(s_.client_caps, kClientNeeds)) {
    return Fail(kErNotSupportedAuthMode, "08004",
                "sealgate: the client speaks a protocol older than MySQL 4.1's");
  }
  s_.auth.plugin = FindAuthPlugin(login->plugin);
  // The server then asks again, and the answer goes by the rules of auth.cc.
  if (!login->plugin.empty() && !SendsHashFirst(s_.auth.plugin)) {
    login->plugin = kNoPlugin;
    login->auth_response = {};
  }

  s_.client_zstd_level = login->zstd_level;
  if (Has(s_.client_caps, wire::kClientZstdCompression) &&
      (login->zstd_level < wire::kLowestZstdLevel || login->zstd_level > wire::kHighestZstdLevel)) {
    return Fail(kErHandshake, "08S01", "sealgate: bad handshake");
  }
  const bool offers_tls = Has(s_.server_offer, wire::kClientSsl);
  const bool as_client = settings_.backend_tls == policy::TlsMode::kAsClient;
  if (as_client && s_.client_tls && !offers_tls) {
    return Fail(kErUnknown, "HY000",
                "sealgate: the database server does not offer TLS, but backend.tls.mode is "
                "'as_client' and the client has it");
  }
  const bool tls = offers_tls && (as_client ? s_.client_tls
                                            : settings_.backend_tls != policy::TlsMode::kDisabled);
  // TLS and compression are each leg's own business.
  s_.server_caps = (s_.client_caps & ~(wire::kClientSsl | wire::kCompressionCapabilities)) |
                   wire::kClientSessionTrack | wire::kClientDeprecateEof |
                   (tls ? wire::kClientSsl : 0) | (settings_.backend_compression & s_.server_offer);
  if (!TakeUser(login->user, login->collation, NameOf::kLogin)) return;
  s_.login_schema = login->database;
  login->capabilities = s_.server_caps;
  login->zstd_level = wire::kDefaultZstdLevel;
  s_.login.clear();
  wire::Writer writer(s_.login);
  wire::Encode(*login, s_.server_offer, writer);
  if (!writer.ok()) return Fail(kErHandshake, "08S01", "sealgate: bad handshake");
  if (!tls) {
    SendLogin(s_.login);
    s_.login.clear();
    return;
  }
  std::string request;
  wire::Writer request_writer(request);
  wire::Encode(wire::SslRequest{.capabilities = s_.server_caps,
                                .max_packet = login->max_packet,
                                .collation = login->collation},
               request_writer);
  SendToServer(request);
  s_.phase = Phase::kServerTls;
  step_.action = Action::kStartServerTls;
}

bool Relay::TakeUser(std::string_view name, std::uint16_t collation, NameOf use) {
  const SnapshotPointer& snapshot = *current_;
  auto account =
      AccountName(snapshot == nullptr ? nullptr : snapshot->catalog.get(), collation, use, name);
  if (!account) {
    Fail(kErUnknown, "HY000",
         "sealgate: this user's name is read only by a client whose character set is utf8mb4, "
         "utf8mb3, latin1 or ascii");
    return false;
  }
  if (!s_.is_mariadb && account->size() > kLongestMysqlName) {
    Fail(kErUnknown, "HY000", "sealgate: user names of more than 95 bytes are not supported");
    return false;
  }
  s_.user = *std::move(account);
  s_.login_collation = collation;
  return true;
}

void Relay::SendLogin(std::string_view login_payload) {
  SendToServer(login_payload);
  s_.phase = Phase::kAuthServer;
}

}  // namespace sealgate::relay
