// Handshakes in memory between our context towards the server and a server's
// that is OpenSSL's own.
#include "proxy/net/transport/tls_sessions.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>

#include <list>
#include <stdexcept>
#include <string>

#include "tests/proxy/net/certificate.h"

namespace sealgate::net {
namespace {

class DatabaseServer {
 public:
  DatabaseServer(const std::string& certificate, int version)
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate_chain_file(context_, certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context_, certificate.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_min_proto_version(context_, 0);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_security_level(context_, 0);
  }
  ~DatabaseServer() { SSL_CTX_free(context_); }
  SSL_CTX* context() { return context_; }

 private:
  SSL_CTX* context_;
};

/// One connection: its two ends talk until both are satisfied.
class Connection {
 public:
  Connection(DatabaseServer& server, const TlsPointer& contexts, TlsSessions& sessions,
             const std::string& name)
      : client_(SSL_new(contexts->backend->native_handle())), server_(SSL_new(server.context())) {
    BIO* client_side = nullptr;
    BIO* server_side = nullptr;
    BIO_new_bio_pair(&client_side, 0, &server_side, 0);
    SSL_set_bio(client_, client_side, client_side);
    SSL_set_bio(server_, server_side, server_side);
    SSL_set_connect_state(client_);
    SSL_set_accept_state(server_);
    sessions.Attach(client_, contexts, name);
  }
  // As a Stream does.
  ~Connection() {
    SSL_set_shutdown(client_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(client_);
    SSL_free(server_);
  }

  bool Handshake() {
    int client = 0;
    int server = 0;
    for (int i = 0; i < 20 && (client != 1 || server != 1); ++i) {
      if (client != 1) client = SSL_do_handshake(client_);
      if (server != 1) server = SSL_do_handshake(server_);
    }
    return client == 1 && server == 1;
  }
  bool resumed() const { return SSL_session_reused(client_) == 1; }
  /// Tickets of TLS 1.3 come behind the handshake, before the first data.
  void ReadTickets() {
    char byte = 0;
    SSL_write(server_, "x", 1);
    ASSERT_EQ(SSL_read(client_, &byte, 1), 1);
  }

 private:
  SSL* client_;
  SSL* server_;
};

class BackendVersionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    certificate_ = testing::TempDir() + "sessions.pem";
    WriteCertificate(certificate_, 1);
  }

  static TlsPointer Contexts() {
    policy::BackendConfig backend;
    backend.tls = policy::TlsMode::kRequired;
    backend.verify = policy::TlsVerify::kCa;
    backend.ca = certificate_;
    auto contexts = LoadTls({}, backend);
    if (!contexts) throw std::runtime_error(contexts.error());
    return *contexts;
  }

  static inline std::string certificate_;
  TlsSessions sessions_;
};

class TlsSessionsTest : public BackendVersionTest, public testing::WithParamInterface<int> {
 protected:
  /// Whether a new connection goes on with an earlier session.
  bool Resumes(const TlsPointer& contexts, const std::string& name = "db") {
    Connection connection(server_, contexts, sessions_, name);
    EXPECT_TRUE(connection.Handshake());
    connection.ReadTickets();
    return connection.resumed();
  }

  DatabaseServer server_{certificate_, GetParam()};
};

TEST_P(TlsSessionsTest, AreResumedAgainAndAgain) {
  const TlsPointer contexts = Contexts();
  EXPECT_FALSE(Resumes(contexts));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Resumes(contexts)) << i;
}

TEST_P(TlsSessionsTest, AreOfferedToTheirServerOnly) {
  const TlsPointer contexts = Contexts();
  EXPECT_FALSE(Resumes(contexts, "db1"));
  EXPECT_FALSE(Resumes(contexts, "db2"));
  EXPECT_TRUE(Resumes(contexts, "db1"));
  EXPECT_TRUE(Resumes(contexts, "db2"));
}

TEST_P(TlsSessionsTest, GoWithTheContexts) {
  const TlsPointer before = Contexts();
  EXPECT_FALSE(Resumes(before));
  const TlsPointer after = Contexts();
  EXPECT_FALSE(Resumes(after));
  EXPECT_TRUE(Resumes(after));
}

TEST_P(TlsSessionsTest, OfAnOlderConnectionAreNotKeptAfterAReload) {
  const TlsPointer before = Contexts();
  Connection old(server_, before, sessions_, "db");
  ASSERT_TRUE(old.Handshake());
  const TlsPointer after = Contexts();
  Connection second(server_, after, sessions_, "db");
  old.ReadTickets();
  ASSERT_TRUE(second.Handshake());
  Connection third(server_, after, sessions_, "db");
  ASSERT_TRUE(third.Handshake());
  // Under TLS 1.2 the second one's session came with its handshake.
  EXPECT_EQ(third.resumed(), GetParam() == TLS1_2_VERSION);
}

TEST_P(TlsSessionsTest, ManyAtATime) {
  const TlsPointer contexts = Contexts();
  for (int i = 0; i < 50; ++i) Resumes(contexts);
  std::list<Connection> open;
  int resumed = 0;
  for (int i = 0; i < 40; ++i) {
    Connection& connection = open.emplace_back(server_, contexts, sessions_, "db");
    ASSERT_TRUE(connection.Handshake());
    resumed += connection.resumed() ? 1 : 0;
  }
  // One of TLS 1.3 is used once, one of TLS 1.2 as often as one likes.
  if (GetParam() == TLS1_3_VERSION) {
    EXPECT_GT(resumed, 0);
    EXPECT_LE(resumed, static_cast<int>(TlsSessions::kMostPerServer));
  } else {
    EXPECT_EQ(resumed, 40);
  }
}

TEST_F(BackendVersionTest, OlderThanTls12IsRefused) {
  for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION}) {
    DatabaseServer server(certificate_, version);
    Connection connection(server, Contexts(), sessions_, "db");
    EXPECT_EQ(connection.Handshake(), version == TLS1_2_VERSION);
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsSessionsTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& info) {
                           return info.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

}  // namespace
}  // namespace sealgate::net
