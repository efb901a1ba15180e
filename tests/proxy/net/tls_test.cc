// TLS with clients: what may follow the request for it.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <string>

#include "tests/proxy/net/fake_backend.h"
#include "tests/proxy/net/running_proxy.h"

namespace sealgate::net {
namespace {

std::string MakeCertificate() {
  const std::string file = testing::TempDir() + "certificate.pem";
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  std::FILE* out = std::fopen(file.c_str(), "w");
  PEM_write_X509(out, certificate.get());
  PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  return file;
}

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { certificate_ = MakeCertificate(); }

  TlsTest()
      : backend_(ServeOk(statements_)), proxy_(backend_.port(), [](policy::Config& config) {
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
  TlsClient() : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
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

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

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
