// The authentication, relayed: the server decides, the client's credentials
// pass through. The only password that is ever seen here is that of
// caching_sha2_password's full authentication when exactly one leg is private; it
// is wiped as soon as it is sent on.
// Sources: MySQL manual, "Caching SHA-2 Pluggable Authentication" and
// "Authentication Method"; MariaDB knowledge base, "ed25519".

#include <array>
#include <string>

#include "proxy/relay/relay.h"
#include "proxy/wire/handshake.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErAccessDenied = 1045;
constexpr std::uint16_t kErUnknown = 1105;
constexpr std::uint16_t kErPluginNotLoaded = 1524;

constexpr std::string_view kCachingSha2 = "caching_sha2_password";
constexpr std::string_view kRequestPublicKey("\x02", 1);

// Plugins whose exchange is the same with and without TLS, and
// caching_sha2_password, whose difference is bridged. Others might send a
// password in the clear because one of the legs has TLS.
constexpr std::array<std::string_view, 3> kPlugins = {"mysql_native_password", kCachingSha2,
                                                      "client_ed25519"};

bool Listed(std::string_view plugin) {
  for (const std::string_view known : kPlugins) {
    if (known == plugin) return true;
  }
  return false;
}

// Names come from the network and go into a message.
std::string Printable(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, 64)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    text.push_back(plain ? c : '?');
  }
  return text;
}

}  // namespace

bool Relay::CheckPlugin(std::string_view plugin) {
  if (Listed(plugin)) return true;
  Fail(kErPluginNotLoaded, "HY000",
       "sealgate: authentication plugin '" + Printable(plugin) +
           "' is not supported; use mysql_native_password, caching_sha2_password or ed25519");
  return false;
}

void Relay::OnAuthServer(std::string_view payload) {
  switch (payload.empty() ? 0x02 : static_cast<std::uint8_t>(payload.front())) {
    case wire::kOkHeader:
      return OnAuthOk(payload);
    case wire::kErrHeader:
      services_.metrics.logins_failed.Add();
      services_.metrics.backend_errors.Add();
      SendToClient(payload);
      return s_.auth.change_user ? KeepUser() : Close();
    case wire::kEofHeader:
      return OnAuthSwitch(payload);
    case 0x01:
      return OnAuthMoreData(payload);
    default:
      return FailProtocol(metrics::Leg::kBackend, "authentication cannot be followed");
  }
}

void Relay::OnAuthSwitch(std::string_view payload) {
  const auto request = wire::DecodeAuthSwitchRequest(payload);
  if (!request) {
    return FailProtocol(metrics::Leg::kBackend, "authentication is older than MySQL 4.1's");
  }
  if (!CheckPlugin(request->plugin)) return;
  s_.auth.plugin = request->plugin;
  s_.auth.nonce = request->data;
  if (!s_.auth.nonce.empty() && s_.auth.nonce.back() == '\0') s_.auth.nonce.pop_back();
  s_.auth.full = false;
  SendToClient(payload);
  s_.phase = Phase::kAuthClient;
}

void Relay::OnAuthMoreData(std::string_view payload) {
  const auto more = wire::DecodeAuthMoreData(payload);
  if (!more || s_.auth.plugin != kCachingSha2) {
    return FailProtocol(metrics::Leg::kBackend, "authentication cannot be followed");
  }
  if (s_.auth.password.size() > 0) return SendEncryptedPassword(more->data);
  SendToClient(payload);
  const bool one_byte = more->data.size() == 1;
  if (one_byte && more->data.front() == wire::kCachingSha2FastAuthOk) return;
  if (one_byte && more->data.front() == wire::kCachingSha2FullAuth) s_.auth.full = true;
  s_.phase = Phase::kAuthClient;
}

void Relay::OnAuthClient(std::string_view payload) {
  s_.phase = Phase::kAuthServer;
  if (s_.auth.full && ClientIsPrivate() != ServerIsPrivate()) return OnFullAuthentication(payload);
  SendToServer(payload);
}

// The client answers "full authentication" as its own leg wants it: with the
// password where the leg is private (TLS or a Unix socket), else by asking for a public key and
// encrypting with it.
void Relay::OnFullAuthentication(std::string_view payload) {
  if (ClientIsPrivate()) {
    if (payload.empty()) return SendToServer(payload);
    s_.auth.password = crypto::SecretBytes::CopyOf(payload);
    return SendToServer(kRequestPublicKey);
  }
  if (payload == kRequestPublicKey) {
    std::string answer;
    wire::Writer writer(answer);
    const std::string key = services_.rsa.PublicKeyPem();
    wire::Encode(wire::AuthMoreData{.data = key}, writer);
    SendToClient(answer);
    s_.phase = Phase::kAuthClient;
    return;
  }
  const auto password = services_.rsa.DecryptPassword(payload, s_.auth.nonce);
  if (!password) {
    return Fail(kErAccessDenied, "28000",
                "sealgate: the password cannot be decrypted; let the client ask for the public "
                "key (--get-server-public-key) or use TLS");
  }
  SendToServer(password->Reveal());
}

void Relay::SendEncryptedPassword(std::string_view public_key) {
  const auto encrypted =
      crypto::EncryptPassword(public_key, s_.auth.password.Reveal(), s_.auth.nonce);
  s_.auth.password = {};
  if (!encrypted) {
    return Fail(kErUnknown, "HY000",
                "sealgate: the password cannot be encrypted for the database server; "
                "use TLS towards it (backend.tls.mode)");
  }
  SendToServer(*encrypted);
}

// The session goes on as the user that it had, if the server lets it: MariaDB
// does, with every variable at its default, MySQL ends it.
void Relay::KeepUser() {
  s_.auth.full = false;
  s_.auth.password = {};
  s_.user = s_.auth.user_before;
  StartProbe("", true);
}

void Relay::OnAuthOk(std::string_view payload) {
  s_.auth.full = false;
  s_.auth.password = {};
  const auto ok = wire::DecodeOk(payload, s_.server_caps);
  if (!ok) return FailProtocol(metrics::Leg::kBackend, "answer to the login cannot be read");
  OnServerStatus(ok->status);
  StartProbe(payload, false);
}

}  // namespace sealgate::relay
