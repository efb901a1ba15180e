#include "proxy/net/transport/tls.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>

#include "policy/file_text.h"
#include "proxy/net/transport/tls_sessions.h"
#include "proxy/net/transport/tls_tickets.h"

namespace sealgate::net {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using ErrorCode = boost::system::error_code;
using Loaded = tl::expected<void, std::string>;

// Of TLS 1.2; those of 1.3 are all good.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
// Seconds. Servers of MySQL use the same.
constexpr long kSessionLife = 300;
// For the few clients that resume without tickets, under TLS 1.2.
constexpr long kMostServerSessions = 4'096;

/// A file's text, wiped when it goes: it may be a key.
class PemFile {
 public:
  PemFile() = default;
  explicit PemFile(std::string text) : text_(std::move(text)) {}
  PemFile(const PemFile&) = delete;
  PemFile& operator=(const PemFile&) = delete;
  ~PemFile() { OPENSSL_cleanse(text_.data(), text_.size()); }

  bool Read(const std::string& file, std::string& problem) {
    auto text = policy::ReadFileText(file);
    if (!text) {
      problem = text.error().problem;
      return false;
    }
    text_ = std::move(*text);
    return true;
  }
  asio::const_buffer buffer() const { return asio::buffer(text_); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Reads the files of one loading and remembers what they were.
class Loader {
 public:
  Loader() : digest_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(digest_, EVP_sha256(), nullptr); }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  ~Loader() { EVP_MD_CTX_free(digest_); }

  Loaded UseCertificate(ssl::context& context, const char* leg, const std::string& certificate,
                        const std::string& key) {
    return Use(fmt::format("certificate {}.certificate", leg), certificate,
               "It must be a readable PEM file, the certificate itself first, then those of the "
               "CAs between.",
               [&](const PemFile& file, ErrorCode& error) {
                 context.use_certificate_chain(file.buffer(), error);
               })
        .and_then([&] {
          return Use(fmt::format("private key {}.key", leg), key,
                     "It must be a readable PEM file without a passphrase that belongs to the "
                     "certificate beside it.",
                     [&](const PemFile& file, ErrorCode& error) {
                       context.use_private_key(file.buffer(), ssl::context::pem, error);
                     });
        });
  }

  Loaded UseAuthority(ssl::context& context, const char* name, const std::string& ca,
                      const char* advice) {
    return Use(fmt::format("CA file {}", name), ca, advice,
               [&](const PemFile& file, ErrorCode& error) {
                 context.add_certificate_authority(file.buffer(), error);
               });
  }

  std::string Fingerprint() {
    std::string text(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    EVP_DigestFinal_ex(digest_, reinterpret_cast<unsigned char*>(text.data()), &size);
    text.resize(size);
    return text;
  }

 private:
  template <typename Body>
  Loaded Use(const std::string& what, const std::string& file, const char* advice, Body body) {
    PemFile pem;
    ErrorCode error;
    std::string problem;
    if (pem.Read(file, problem)) {
      Remember(pem.text());
      body(pem, error);
      if (!error) return {};
      problem = error.message();
    }
    return tl::unexpected(
        fmt::format("cannot use the {} '{}': {}\n  {}", what, file, problem, advice));
  }

  // With its length, so that the end of one file is not the beginning of another.
  void Remember(const std::string& text) {
    const std::uint64_t size = text.size();
    EVP_DigestUpdate(digest_, &size, sizeof(size));
    EVP_DigestUpdate(digest_, text.data(), text.size());
  }

  EVP_MD_CTX* digest_;
};

// A key with a passphrase would have OpenSSL ask for it on the terminal.
int RefusePassphrase(char*, int, int, void*) { return -1; }

void SetCommon(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_default_passwd_cb(context, RefusePassphrase);
  // Buffers of connections that are idle go back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

void ResumeClients(SSL_CTX* context) {
  // Sessions are bound to who issued them; OpenSSL wants it named.
  static constexpr unsigned char kSessionContext[] = "sealgate";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext) - 1);
  SSL_CTX_set_timeout(context, kSessionLife);
  SSL_CTX_sess_set_cache_size(context, kMostServerSessions);
  UseOwnTicketKeys(context);
}

// Clients with several certificates choose by the names that they are told.
void NameAuthorities(SSL_CTX* context) {
  const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    X509* const authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    if (authority != nullptr) SSL_CTX_add_client_CA(context, authority);
  }
}

Loaded AskForCertificates(ssl::context& context, const policy::ListenConfig& listen,
                          Loader& loader) {
  if (listen.client_certificates == policy::ClientCertificates::kNone) return {};
  auto loaded = loader.UseAuthority(context, "listen.tls.client_ca", listen.client_ca,
                                    "It must be a readable PEM file of the CA that signed the "
                                    "clients' certificates.");
  if (!loaded) return loaded;
  NameAuthorities(context.native_handle());
  const bool needed = listen.client_certificates == policy::ClientCertificates::kRequire;
  SSL_CTX_set_verify(context.native_handle(),
                     SSL_VERIFY_PEER | (needed ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  return {};
}

Loaded LoadListen(const policy::ListenConfig& listen, Loader& loader, TlsContexts& contexts) {
  if (listen.tls == policy::TlsMode::kDisabled) return {};
  ssl::context& context = contexts.clients.emplace(ssl::context::tls_server);
  SetCommon(context.native_handle());
  ResumeClients(context.native_handle());
  return loader.UseCertificate(context, "listen.tls", listen.certificate, listen.key).and_then([&] {
    return AskForCertificates(context, listen, loader);
  });
}

Loaded LoadBackend(const policy::BackendConfig& backend, Loader& loader, TlsContexts& contexts) {
  if (backend.tls == policy::TlsMode::kDisabled) return {};
  ssl::context& context = contexts.backend.emplace(ssl::context::tls_client);
  SetCommon(context.native_handle());
  TlsSessions::KeepThoseOf(context.native_handle());
  if (!backend.ca.empty()) {
    auto loaded = loader.UseAuthority(context, "backend.tls.ca", backend.ca,
                                      "It must be a readable PEM file of the CA that signed the "
                                      "database server's certificate.");
    if (!loaded) return loaded;
    SSL_CTX_set_verify(context.native_handle(), SSL_VERIFY_PEER, nullptr);
  }
  if (backend.certificate.empty()) return {};
  return loader.UseCertificate(context, "backend.tls", backend.certificate, backend.key);
}

}  // namespace

tl::expected<TlsPointer, std::string> LoadTls(const policy::ListenConfig& listen,
                                              const policy::BackendConfig& backend) {
  auto contexts = std::make_shared<TlsContexts>();
  Loader loader;
  auto loaded = LoadListen(listen, loader, *contexts).and_then([&] {
    return LoadBackend(backend, loader, *contexts);
  });
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  contexts->fingerprint = loader.Fingerprint();
  return contexts;
}

TlsPointer TlsBoard::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

tl::expected<bool, std::string> TlsBoard::Reload(const policy::ListenConfig& listen,
                                                 const policy::BackendConfig& backend) {
  auto loaded = LoadTls(listen, backend);
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  const std::lock_guard lock(mutex_);
  if ((*loaded)->fingerprint == current_->fingerprint) return false;
  current_ = std::move(*loaded);
  return true;
}

}  // namespace sealgate::net
