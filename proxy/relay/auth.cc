// The authentication, relayed: the server decides, the client's credentials
// pass through. A password is seen here only where the plugin sends it and the
// legs differ, one private and one not; it is wiped as soon as it is sent on.
// docs/authentication.md has the table of plugins and legs.
// Sources: MySQL manual, "Caching SHA-2 Pluggable Authentication" and
// "Authentication Method"; MariaDB knowledge base, "ed25519".

#include <string>

#include "proxy/relay/relay.h"
#include "proxy/wire/handshake.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErAccessDenied = 1045;
constexpr std::uint16_t kErUnknown = 1105;
constexpr std::uint16_t kErHandshake = 1043;
constexpr std::uint16_t kErTooManyUserConnections = 1203;
constexpr std::uint16_t kErPluginNotLoaded = 1524;

// sha256_password's answer where there is no password.
constexpr std::string_view kEmptyPassword("\0", 1);

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

bool Relay::CheckPlugin(std::string_view name, const AuthPlugin* plugin) {
  if (plugin == nullptr) return MayPass(name);
  if (plugin->proof == Proof::kWeakHash && ClientIsPrivate() && !ServerIsPrivate()) {
    Fail(kErAccessDenied, "28000",
         "sealgate: this account's plugin, mysql_old_password, needs TLS to the database server "
         "where the client has it: its hashes are too weak to be seen");
    return false;
  }
  if (plugin->proof != Proof::kClear || (ClientIsPrivate() && ServerIsPrivate())) return true;
  Fail(kErAccessDenied, "28000",
       "sealgate: this account's plugin, " + std::string(plugin->name) +
           ", sends the password in the clear, and the connection " +
           (ClientIsPrivate() ? "to the database server" : "from the client") + " has no TLS");
  return false;
}

// Who speaks a plugin that is not known here sends over its own leg what it would
// send to the server over one of that kind; so the other leg has to be like it.
// Nothing of it can become a command: the server takes those with number 0 only, and
// what passes has the numbers of the authentication, which max_opaque_messages keeps
// from coming round.
bool Relay::MayPass(std::string_view unknown_plugin) {
  const policy::OtherPlugins rule = settings_.other_plugins;
  const bool alike = ClientIsPrivate() == ServerIsPrivate();
  if (rule != policy::OtherPlugins::kRefused && alike &&
      (ClientIsPrivate() || rule == policy::OtherPlugins::kAlike)) {
    return true;
  }
  Fail(kErPluginNotLoaded, "HY000",
       "sealgate: authentication plugin '" + Printable(unknown_plugin) + "' is not supported " +
           (rule == policy::OtherPlugins::kRefused ? "(backend.other_plugins is 'refuse')"
            : alike                                ? "without TLS (backend.other_plugins)"
                    : "where one of the connections to and from Sealgate has TLS and the other "
                      "has not") +
           "; use mysql_native_password, caching_sha2_password, sha256_password, ed25519, or "
           "mysql_clear_password over TLS");
  return false;
}

bool Relay::CountOpaque(std::string_view payload, metrics::Leg leg) {
  if (!s_.auth.opaque) return true;
  s_.auth.opaque_bytes += payload.size();
  if (++s_.auth.opaque_messages <= settings_.max_opaque_messages &&
      s_.auth.opaque_bytes <= settings_.max_opaque_bytes) {
    return true;
  }
  if (leg == metrics::Leg::kBackend) {
    FailProtocol(leg, "authentication does not end");
  } else {
    services_.metrics.protocol_errors.Add();
    Fail(kErHandshake, "08S01", "sealgate: the authentication does not end");
  }
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
      if (s_.auth.opaque || (s_.auth.plugin != nullptr && s_.auth.plugin->asks_again)) {
        return AskClient(payload);
      }
      return FailProtocol(metrics::Leg::kBackend, "authentication cannot be followed");
  }
}

void Relay::OnAuthSwitch(std::string_view payload) {
  if (payload.size() == 1) return OnOldAuthSwitch(payload);
  const auto request = wire::DecodeAuthSwitchRequest(payload);
  if (!request) return FailProtocol(metrics::Leg::kBackend, "authentication cannot be followed");
  const AuthPlugin* const plugin = FindAuthPlugin(request->plugin);
  if (!CheckPlugin(request->plugin, plugin)) return;
  s_.auth.plugin = plugin;
  s_.auth.opaque = plugin == nullptr;
  s_.auth.nonce = request->data;
  if (!s_.auth.nonce.empty() && s_.auth.nonce.back() == '\0') s_.auth.nonce.pop_back();
  s_.auth.full = plugin != nullptr && plugin->proof == Proof::kPassword;
  AskClient(payload);
}

// It names no plugin and has no nonce: the client uses the first 8 bytes of the one
// that it has.
void Relay::OnOldAuthSwitch(std::string_view payload) {
  const AuthPlugin* const plugin = FindAuthPlugin(kOldPassword);
  if (!CheckPlugin(kOldPassword, plugin)) return;
  s_.auth.plugin = plugin;
  s_.auth.opaque = false;
  s_.auth.full = false;
  AskClient(payload);
}

void Relay::AskClient(std::string_view payload) {
  if (!CountOpaque(payload, metrics::Leg::kBackend)) return;
  SendToClient(payload);
  s_.phase = Phase::kAuthClient;
}

void Relay::OnAuthMoreData(std::string_view payload) {
  if (s_.auth.opaque) return AskClient(payload);
  const auto more = wire::DecodeAuthMoreData(payload);
  if (!more || s_.auth.plugin == nullptr || s_.auth.plugin->proof == Proof::kHash ||
      s_.auth.plugin->proof == Proof::kWeakHash) {
    return FailProtocol(metrics::Leg::kBackend, "authentication cannot be followed");
  }
  if (s_.auth.password.size() > 0) return SendEncryptedPassword(more->data);
  if (s_.auth.plugin->proof == Proof::kHashThenPassword && more->data.size() == 1) {
    if (more->data.front() == wire::kCachingSha2FastAuthOk) return SendToClient(payload);
    if (more->data.front() == wire::kCachingSha2FullAuth) s_.auth.full = true;
  }
  AskClient(payload);
}

void Relay::OnAuthClient(std::string_view payload) {
  if (!CountOpaque(payload, metrics::Leg::kClient)) return;
  s_.phase = Phase::kAuthServer;
  if (s_.auth.full && ClientIsPrivate() != ServerIsPrivate()) return OnFullAuthentication(payload);
  SendToServer(payload);
}

// The client answers as its own leg wants it: with the password where that is
// private, else by asking for a public key and encrypting with it.
void Relay::OnFullAuthentication(std::string_view payload) {
  if (payload.empty() || payload == kEmptyPassword) return SendToServer(payload);
  if (ClientIsPrivate()) {
    if (payload == s_.auth.plugin->request_key) {
      s_.auth.full = false;  // the client will encrypt, although it need not
      return SendToServer(payload);
    }
    s_.auth.password = crypto::SecretBytes::CopyOf(payload);
    return SendToServer(s_.auth.plugin->request_key);
  }
  if (payload == s_.auth.plugin->request_key) {
    std::string answer;
    wire::Writer writer(answer);
    const std::string key = services_.rsa.PublicKeyPem();
    wire::Encode(wire::AuthMoreData{.data = key}, writer);
    return AskClient(answer);
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
  s_.auth.opaque = false;
  s_.auth.password = {};
  s_.user = s_.auth.user_before;
  ForgetModes(Anew::kFailedChange);
  s_.client.in.ExpectSequence(0);
  s_.phase = Phase::kReady;
}

void Relay::OnAuthOk(std::string_view payload) {
  s_.auth.full = false;
  s_.auth.opaque = false;
  s_.auth.password = {};
  const auto ok = wire::DecodeOk(payload, s_.server_caps);
  if (!ok) return FailProtocol(metrics::Leg::kBackend, "answer to the login cannot be read");
  if (!CountUser()) return;
  ForgetModes(Anew::kLogin);
  OnServerStatus(ok->status);
  StartCompression(Side::kServer);
  ForwardOk(payload, *ok);
  if (!s_.logged_in) {
    s_.client.in = wire::MessageAssembler(settings_.max_frame, settings_.max_packet);
  }
  s_.logged_in = true;
  s_.client.in.ExpectSequence(0);
  s_.phase = Phase::kReady;
  StartCompression(Side::kClient);
}

// Only who has proven to be a user counts as one, or strangers could keep that
// user out.
bool Relay::CountUser() {
  if (services_.users == nullptr) return true;
  if (user_is_counted_) services_.users->Leave(counted_user_);
  user_is_counted_ = services_.users->Enter(s_.user);
  counted_user_ = s_.user;
  if (user_is_counted_) return true;
  services_.metrics.connections_refused.Add();
  Fail(kErTooManyUserConnections, "42000",
       "sealgate: this user has as many connections as it may have "
       "(limits.max_connections_per_user)");
  return false;
}

}  // namespace sealgate::relay
