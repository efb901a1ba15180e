#include "policy/tls_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "policy/address.h"

namespace sealgate::policy {
namespace {

struct BackendMode {
  TlsMode tls;
  TlsVerify verify;
};

const Words<TlsMode> kListenModes = {{"disabled", TlsMode::kDisabled},
                                     {"preferred", TlsMode::kPreferred},
                                     {"required", TlsMode::kRequired}};
const Words<BackendMode> kBackendModes = {
    {"disabled", {TlsMode::kDisabled, TlsVerify::kNothing}},
    {"preferred", {TlsMode::kPreferred, TlsVerify::kNothing}},
    {"as_client", {TlsMode::kAsClient, TlsVerify::kNothing}},
    {"required", {TlsMode::kRequired, TlsVerify::kNothing}},
    {"verify_ca", {TlsMode::kRequired, TlsVerify::kCa}},
    {"verify_identity", {TlsMode::kRequired, TlsVerify::kIdentity}}};
const Words<ClientCertificates> kClientCertificates = {{"none", ClientCertificates::kNone},
                                                       {"request", ClientCertificates::kRequest},
                                                       {"require", ClientCertificates::kRequire}};

const YamlNode* Get(Fields& fields, bool required, std::string_view key) {
  return required ? fields.Required(key) : fields.Optional(key);
}

void CheckClientCertificates(const YamlNode* asked, const YamlNode* ca, Report& report,
                             const ListenConfig& listen) {
  if (listen.client_certificates == ClientCertificates::kNone) {
    if (ca != nullptr) {
      report.Add(ca->at, "'client_ca' is not used where clients are asked for no certificate",
                 "Add client_certificates: require (or request), or remove client_ca");
    }
    return;
  }
  // A client that does without TLS would do without a certificate, too.
  if (listen.client_certificates == ClientCertificates::kRequire &&
      listen.tls != TlsMode::kRequired) {
    report.Add(asked->at, "a client without TLS has no certificate",
               "Write mode: required, or client_certificates: request");
  }
}

bool IsLocal(const std::string& host) {
  const std::optional<AddressBytes> address = ParseAddress(host);
  return address ? IsLoopback(*address) : host == "localhost";
}

void Warn(const std::string& file, Position at, std::string problem, std::string advice,
          Diagnostics& out) {
  out.push_back({file, at.line, at.column, std::move(problem), std::move(advice)});
}

void WarnOfListen(const ListenConfig& listen, const std::string& file, Diagnostics& out) {
  const bool local =
      std::all_of(listen.more_addresses.begin(), listen.more_addresses.end(), IsLocal) &&
      IsLocal(listen.socket.address);
  if (listen.tls == TlsMode::kRequired || !listen.tcp || local) {
    return;
  }
  Warn(file, listen.tls_at,
       listen.tls == TlsMode::kDisabled
           ? "clients connect without TLS: the values of protected columns cross the network in "
             "the clear"
           : "clients may connect without TLS (listen.tls.mode is 'preferred'), and whoever is in "
             "between can make them",
       "Set listen.tls.mode: required", out);
}

void WarnOfBackend(const BackendConfig& backend, const std::string& file, Diagnostics& out) {
  const std::vector<SocketAddress> servers = ServersOf(backend);
  if (std::all_of(servers.begin(), servers.end(), [](const SocketAddress& server) {
        return server.is_unix() || IsLocal(server.address);
      })) {
    return;
  }
  if (backend.tls == TlsMode::kDisabled) {
    Warn(file, backend.tls_at, "the database server is reached without TLS",
         "Set backend.tls.mode: verify_identity, with backend.tls.ca", out);
  } else if (backend.tls == TlsMode::kPreferred) {
    Warn(file, backend.tls_at,
         "whoever is between here and the database server can switch TLS off "
         "(backend.tls.mode is 'preferred')",
         "Set backend.tls.mode: verify_identity, with backend.tls.ca", out);
  } else if (backend.tls == TlsMode::kAsClient) {
    Warn(file, backend.tls_at,
         "the database server is reached without TLS for clients that have none "
         "(backend.tls.mode is 'as_client')",
         "Set backend.tls.mode: verify_identity, with backend.tls.ca", out);
  } else if (backend.verify == TlsVerify::kNothing) {
    Warn(file, backend.tls_at,
         "TLS with the database server encrypts, but anybody may pose as the server: its "
         "certificate is not verified",
         "Set backend.tls.mode: verify_identity, with backend.tls.ca", out);
  }
}

}  // namespace

void ReadListenTls(Fields& fields, Report& report, const std::filesystem::path& directory,
                   ListenConfig& listen) {
  const YamlNode* mode = fields.Required("mode");
  if (mode != nullptr) {
    listen.tls_at = mode->at;
  }
  ReadWord(mode, report, kListenModes, listen.tls);
  const bool on = listen.tls != TlsMode::kDisabled;
  ReadPath(Get(fields, on, "certificate"), report, directory, listen.certificate);
  ReadPath(Get(fields, on, "key"), report, directory, listen.key);
  const YamlNode* asked = fields.Optional("client_certificates");
  ReadWord(asked, report, kClientCertificates, listen.client_certificates);
  const bool verifies = listen.client_certificates != ClientCertificates::kNone;
  const YamlNode* ca = Get(fields, verifies, "client_ca");
  ReadPath(ca, report, directory, listen.client_ca);
  CheckClientCertificates(asked, ca, report, listen);
}

void ReadBackendTls(Fields& fields, Report& report, const std::filesystem::path& directory,
                    BackendConfig& backend) {
  const YamlNode* mode = fields.Required("mode");
  if (mode != nullptr) {
    backend.tls_at = mode->at;
  }
  BackendMode read{backend.tls, backend.verify};
  ReadWord(mode, report, kBackendModes, read);
  backend.tls = read.tls;
  backend.verify = read.verify;
  ReadPath(Get(fields, backend.verify != TlsVerify::kNothing, "ca"), report, directory, backend.ca);
  if (!backend.ca.empty() && backend.verify == TlsVerify::kNothing) {
    backend.verify = TlsVerify::kIdentity;
  }
  const YamlNode* certificate = fields.Optional("certificate");
  const YamlNode* key = Get(fields, certificate != nullptr, "key");
  ReadPath(certificate, report, directory, backend.certificate);
  ReadPath(key, report, directory, backend.key);
  if (key != nullptr && certificate == nullptr) {
    report.Add(key->at, "'key' is of no use without 'certificate'",
               "Add backend.tls.certificate, or remove the key");
  }
}

Diagnostics TlsWarnings(const Config& config, const std::string& file) {
  Diagnostics warnings;
  WarnOfListen(config.listen, file, warnings);
  WarnOfBackend(config.backend, file, warnings);
  return warnings;
}

}  // namespace sealgate::policy
