// TLS with clients: what may follow the request for it.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <fstream>
#include <string>

#include "tests/proxy/net/certificate.h"
#include "tests/proxy/net/fake_backend.h"
#include "tests/proxy/net/running_proxy.h"

namespace sealgate::net {
namespace {

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { certificate_ = testing::TempDir() + "certificate.pem"; }

  TlsTest()
      : backend_(ServeOk(statements_)), proxy_(backend_.port(), [](policy::Config& config) {
          WriteCertificate(certificate_, 1);
          config.listen.tls = policy::TlsMode::kPreferred;
          config.listen.certificate = certificate_;
          config.listen.key = certificate_;
        }) {}

  static inline std::string certificate_;
  Statements statements_;
  FakeBackend backend_;
  RunningProxy proxy_;
};

// A TLS client whose bytes go through the test's hands.
class TlsClient {
 public:
  /// `certificate`: shown to the server if it asks.
  explicit TlsClient(const std::string& certificate = "")
      : context_(SSL_CTX_new(TLS_client_method())) {
    if (!certificate.empty()) {
      SSL_CTX_use_certificate_file(context_, certificate.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(context_, certificate.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_ = SSL_new(context_);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }

  std::string Outgoing() {
    std::string bytes(BIO_pending(SSL_get_wbio(ssl_)), '\0');
    BIO_read(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  bool Handshake() { return SSL_do_handshake(ssl_) == 1; }
  void Incoming(const std::string& bytes) {
    BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
  }
  void Write(const std::string& bytes) {
    SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string Read() {
    std::string bytes(4096, '\0');
    const int size = SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }
  /// Of the server's certificate.
  long serial() const {
    return ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(ssl_)));
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

// The login over TLS, until the answer to it; "" when the connection ended.
std::string LogInOverTls(Peer& peer, TlsClient& tls) {
  if (!peer.Receive() || !peer.SendMessage(1, SslRequestPacket())) return {};
  const auto exchange = [&] {
    const bool sent = peer.Send(tls.Outgoing());
    const std::string bytes = sent ? peer.ReceiveSome() : std::string();
    tls.Incoming(bytes);
    return !bytes.empty();
  };
  while (!tls.Handshake()) {
    if (!exchange()) return {};
  }
  tls.Write(Framed(2, LoginPacket()));
  std::string answer;
  while (answer.empty()) {
    if (!exchange()) return {};
    answer = tls.Read();
  }
  return answer;
}

TEST_F(TlsTest, HandshakeMayComeWithTheRequest) {
  Peer peer = Peer::Connect(proxy_.port());
  ASSERT_TRUE(peer.Receive());
  TlsClient tls;
  tls.Handshake();
  ASSERT_TRUE(peer.Send(Framed(1, SslRequestPacket()) + tls.Outgoing()));
  while (!tls.Handshake()) {
    const std::string bytes = peer.ReceiveSome();
    ASSERT_FALSE(bytes.empty());
    tls.Incoming(bytes);
  }
  tls.Write(Framed(2, LoginPacket()));
  ASSERT_TRUE(peer.Send(tls.Outgoing()));
  std::string answer;
  while (answer.empty()) {
    const std::string bytes = peer.ReceiveSome();
    ASSERT_FALSE(bytes.empty());
    tls.Incoming(bytes);
    answer = tls.Read();
  }
  EXPECT_EQ(answer, Framed(3, OkPacketBytes()));
}

TEST_F(TlsTest, PlaintextBehindTheRequestIsNotTakenForTheClients) {
  Peer peer = Peer::Connect(proxy_.port());
  ASSERT_TRUE(peer.Receive());
  ASSERT_TRUE(peer.Send(Framed(1, SslRequestPacket()) + Framed(2, LoginPacket()) +
                        Framed(0, QueryPacket("DO 666"))));
  EXPECT_TRUE(peer.AwaitEnd());
  EXPECT_TRUE(Eventually([&] { return proxy_.metrics().connections.Value() == 0; }));
  EXPECT_EQ(statements_.size(), 0u);
  EXPECT_EQ(proxy_.metrics().logins_failed.Value(), 1u);
}

TEST_F(TlsTest, ClientsWithoutTlsMayComeWhenItIsPreferred) {
  Peer peer = Peer::Connect(proxy_.port());
  ASSERT_TRUE(LogIn(peer));
  EXPECT_TRUE(Execute(peer, "DO 1"));
}

TEST_F(TlsTest, ANewCertificateIsShownAfterAReload) {
  Peer first = Peer::Connect(proxy_.port());
  TlsClient before;
  EXPECT_EQ(LogInOverTls(first, before), Framed(3, OkPacketBytes()));
  EXPECT_EQ(before.serial(), 1);
  EXPECT_EQ(proxy_.ReloadTls(), false);  // the same as before

  WriteCertificate(certificate_, 2);
  EXPECT_EQ(proxy_.ReloadTls(), true);
  Peer second = Peer::Connect(proxy_.port());
  TlsClient after;
  EXPECT_EQ(LogInOverTls(second, after), Framed(3, OkPacketBytes()));
  EXPECT_EQ(after.serial(), 2);

  // The connection from before goes on.
  before.Write(Framed(0, QueryPacket("DO 1")));
  ASSERT_TRUE(first.Send(before.Outgoing()));
  before.Incoming(first.ReceiveSome());
  EXPECT_EQ(before.Read(), Framed(1, OkPacketBytes()));
}

TEST_F(TlsTest, ABadCertificateLeavesTheOldOne) {
  std::ofstream(certificate_) << "-----BEGIN CERTIFICATE-----\nAAAA\n";
  const auto reloaded = proxy_.ReloadTls();
  ASSERT_FALSE(reloaded);
  EXPECT_NE(reloaded.error().find(certificate_), std::string::npos);
  Peer peer = Peer::Connect(proxy_.port());
  TlsClient tls;
  EXPECT_EQ(LogInOverTls(peer, tls), Framed(3, OkPacketBytes()));
  EXPECT_EQ(tls.serial(), 1);
}

TEST(ClientCertificates, AreAskedForAndVerified) {
  const std::string server = testing::TempDir() + "server.pem";
  const std::string client = testing::TempDir() + "client.pem";
  const std::string stranger = testing::TempDir() + "stranger.pem";
  WriteCertificate(server, 1);
  WriteCertificate(client, 2);
  WriteCertificate(stranger, 3);
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  using policy::ClientCertificates;
  for (const auto asked : {ClientCertificates::kRequest, ClientCertificates::kRequire}) {
    RunningProxy proxy(backend.port(), [&](policy::Config& config) {
      config.listen.tls = policy::TlsMode::kRequired;
      config.listen.certificate = server;
      config.listen.key = server;
      config.listen.client_certificates = asked;
      config.listen.client_ca = client;
    });
    const auto may_log_in = [&](const std::string& certificate) {
      Peer peer = Peer::Connect(proxy.port());
      TlsClient tls(certificate);
      return LogInOverTls(peer, tls) == Framed(3, OkPacketBytes());
    };
    EXPECT_TRUE(may_log_in(client));
    EXPECT_FALSE(may_log_in(stranger));
    EXPECT_EQ(may_log_in(""), asked == ClientCertificates::kRequest);
    EXPECT_EQ(proxy.metrics().tls[0].failed.Value(),
              asked == ClientCertificates::kRequest ? 1u : 2u);
  }
}

TEST(TlsContexts, MistakesNameTheFile) {
  policy::ListenConfig listen;
  listen.tls = policy::TlsMode::kRequired;
  listen.certificate = "/nowhere/certificate.pem";
  listen.key = "/nowhere/key.pem";
  const auto loaded = LoadTls(listen, {});
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().find("/nowhere/certificate.pem"), std::string::npos);
  policy::BackendConfig backend;
  backend.tls = policy::TlsMode::kRequired;
  backend.ca = "/nowhere/ca.pem";
  const auto other = LoadTls({}, backend);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace sealgate::net
