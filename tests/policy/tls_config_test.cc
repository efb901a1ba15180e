#include "policy/tls_config.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::policy {
namespace {

std::string Yaml(const std::string& listen, const std::string& backend) {
  return "version: 1\n"
         "listen: {" +
         listen +
         "}\n"
         "backend: {" +
         backend +
         "}\n"
         "catalog: {user: sealgate, password_file: catalog.password}\n"
         "keys: {ring: keys.ring, master_key_file: master.key}\n"
         "policy: policy.yaml\n"
         "admin: {token_file: admin.token}\n";
}

Config Parsed(const std::string& listen, const std::string& backend) {
  const auto config = ParseConfig(Yaml(listen, backend), "conf/s.yaml");
  if (!config) {
    ADD_FAILURE() << ToText(config.error().front());
    return {};
  }
  return *config;
}

std::string Mistakes(const std::string& listen, const std::string& backend) {
  const auto config = ParseConfig(Yaml(listen, backend), "s.yaml");
  std::string all;
  if (!config) {
    for (const Diagnostic& each : config.error()) {
      all += ToText(each) + "\n";
    }
  }
  return all;
}

std::string Warnings(const std::string& listen, const std::string& backend) {
  std::string all;
  for (const Diagnostic& each : TlsWarnings(Parsed(listen, backend), "s.yaml")) {
    all += ToText(each) + "\n";
  }
  return all;
}

TEST(TlsConfig, BackendModes) {
  struct Row {
    std::string yaml;
    TlsMode tls;
    TlsVerify verify;
  };
  const Row rows[] = {
      {"", TlsMode::kDisabled, TlsVerify::kNothing},
      {"tls: {mode: disabled}", TlsMode::kDisabled, TlsVerify::kNothing},
      {"tls: {mode: preferred}", TlsMode::kPreferred, TlsVerify::kNothing},
      {"tls: {mode: as_client}", TlsMode::kAsClient, TlsVerify::kNothing},
      {"tls: {mode: as_client, ca: ca.pem}", TlsMode::kAsClient, TlsVerify::kIdentity},
      {"tls: {mode: required}", TlsMode::kRequired, TlsVerify::kNothing},
      // As before there were modes that say so.
      {"tls: {mode: preferred, ca: ca.pem}", TlsMode::kPreferred, TlsVerify::kIdentity},
      {"tls: {mode: required, ca: ca.pem}", TlsMode::kRequired, TlsVerify::kIdentity},
      {"tls: {mode: verify_ca, ca: ca.pem}", TlsMode::kRequired, TlsVerify::kCa},
      {"tls: {mode: verify_identity, ca: ca.pem}", TlsMode::kRequired, TlsVerify::kIdentity},
  };
  for (const Row& row : rows) {
    const Config config = Parsed("", row.yaml);
    EXPECT_EQ(config.backend.tls, row.tls) << row.yaml;
    EXPECT_EQ(config.backend.verify, row.verify) << row.yaml;
    EXPECT_EQ(config.backend.ca, row.yaml.find("ca.pem") == std::string::npos ? "" : "conf/ca.pem");
  }
}

TEST(TlsConfig, Certificates) {
  const Config config = Parsed(
      "tls: {mode: required, certificate: c, key: k, client_ca: a, client_certificates: require}",
      "tls: {mode: required, certificate: cc, key: kk}");
  EXPECT_EQ(config.listen.client_certificates, ClientCertificates::kRequire);
  EXPECT_EQ(config.listen.client_ca, "conf/a");
  EXPECT_EQ(config.listen.certificate, "conf/c");
  EXPECT_EQ(config.backend.certificate, "conf/cc");
  EXPECT_EQ(config.backend.key, "conf/kk");
  EXPECT_EQ(Parsed("tls: {mode: preferred, certificate: c, key: k, client_ca: a, "
                   "client_certificates: request}",
                   "")
                .listen.client_certificates,
            ClientCertificates::kRequest);
}

TEST(TlsConfig, EachMistakeIsExplained) {
  struct Row {
    std::string listen;
    std::string backend;
    std::string mistakes;
  };
  const Row rows[] = {
      {"", "tls: {mode: verify}",
       "s.yaml:3:23: 'verify' is not valid here. Write 'disabled', 'preferred', 'as_client', "
       "'required', "
       "'verify_ca' or 'verify_identity'\n"},
      {"", "tls: {mode: verify_ca}", "s.yaml:3:16: 'backend.tls' lacks the key 'ca'. Add it\n"},
      {"", "tls: {mode: verify_identity}",
       "s.yaml:3:16: 'backend.tls' lacks the key 'ca'. Add it\n"},
      {"", "tls: {mode: required, certificate: c}",
       "s.yaml:3:16: 'backend.tls' lacks the key 'key'. Add it\n"},
      {"", "tls: {mode: required, key: k}",
       "s.yaml:3:38: 'key' is of no use without 'certificate'. Add backend.tls.certificate, or "
       "remove the key\n"},
      {"tls: {mode: verify_ca, certificate: c, key: k}", "",
       "s.yaml:2:22: 'verify_ca' is not valid here. Write 'disabled', 'preferred' or "
       "'required'\n"},
      {"tls: {mode: required, certificate: c, key: k, client_certificates: require}", "",
       "s.yaml:2:15: 'listen.tls' lacks the key 'client_ca'. Add it\n"},
      {"tls: {mode: required, certificate: c, key: k, client_ca: a}", "",
       "s.yaml:2:67: 'client_ca' is not used where clients are asked for no certificate. Add "
       "client_certificates: require (or request), or remove client_ca\n"},
      {"tls: {mode: preferred, certificate: c, key: k, client_ca: a, client_certificates: "
       "require}",
       "",
       "s.yaml:2:92: a client without TLS has no certificate. Write mode: required, or "
       "client_certificates: request\n"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Mistakes(row.listen, row.backend), row.mistakes) << row.listen << row.backend;
  }
}

TEST(TlsConfig, WarnsOfALegThatDoesNotVerify) {
  struct Row {
    std::string listen;
    std::string backend;
    std::string warnings;
  };
  const Row rows[] = {
      {"", "", ""},
      {"", "tls: {mode: required}", ""},
      {"address: '::1'", "address: localhost", ""},
      {"address: none, socket: s", "socket: s", ""},
      {"address: [127.0.0.1, '::']", "",
       "s.yaml: clients connect without TLS: the values of protected columns cross the network in "
       "the clear. Set listen.tls.mode: required\n"},
      {"address: 0.0.0.0", "",
       "s.yaml: clients connect without TLS: the values of protected columns cross the network in "
       "the clear. Set listen.tls.mode: required\n"},
      {"address: 0.0.0.0, tls: {mode: preferred, certificate: c, key: k}", "",
       "s.yaml:2:40: clients may connect without TLS (listen.tls.mode is 'preferred'), and whoever "
       "is in between can make them. Set listen.tls.mode: required\n"},
      {"address: 0.0.0.0, tls: {mode: required, certificate: c, key: k}", "", ""},
      {"", "address: db.example.net",
       "s.yaml: the database server is reached without TLS. Set backend.tls.mode: "
       "verify_identity, with backend.tls.ca\n"},
      {"", "addresses: ['127.0.0.1:1', 'localhost:2']", ""},
      {"", "addresses: ['127.0.0.1:1', '10.0.0.1:2']",
       "s.yaml: the database server is reached without TLS. Set backend.tls.mode: "
       "verify_identity, with backend.tls.ca\n"},
      {"", "address: db.example.net, tls: {mode: preferred, ca: a}",
       "s.yaml:3:48: whoever is between here and the database server can switch TLS off "
       "(backend.tls.mode is 'preferred'). Set backend.tls.mode: verify_identity, with "
       "backend.tls.ca\n"},
      {"", "address: db.example.net, tls: {mode: required}",
       "s.yaml:3:48: TLS with the database server encrypts, but anybody may pose as the server: "
       "its certificate is not verified. Set backend.tls.mode: verify_identity, with "
       "backend.tls.ca\n"},
      {"", "address: db.example.net, tls: {mode: required, ca: a}", ""},
      {"", "address: db.example.net, tls: {mode: verify_ca, ca: a}", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Warnings(row.listen, row.backend), row.warnings) << row.listen << row.backend;
  }
}

}  // namespace
}  // namespace sealgate::policy
