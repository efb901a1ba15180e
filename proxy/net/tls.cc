#include "proxy/net/tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

namespace sealgate::net {
namespace {

namespace ssl = boost::asio::ssl;
using ErrorCode = boost::system::error_code;

std::string Problem(const char* what, const std::string& file, const ErrorCode& error,
                    const char* advice) {
  return fmt::format("{} '{}': {}\n  {}", what, file, error.message(), advice);
}

void SetVersions(ssl::context& context) {
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  // Buffers of connections that are idle go back.
  SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
}

tl::expected<void, std::string> LoadCertificate(ssl::context& context,
                                                const policy::ListenConfig& listen) {
  ErrorCode error;
  context.use_certificate_chain_file(listen.certificate, error);
  if (error) {
    return tl::unexpected(
        Problem("cannot use the certificate listen.tls.certificate", listen.certificate, error,
                "It must be a readable PEM file, the server's certificate first."));
  }
  context.use_private_key_file(listen.key, ssl::context::pem, error);
  if (error) {
    return tl::unexpected(Problem("cannot use the private key listen.tls.key", listen.key, error,
                                  "It must be a readable PEM file without a passphrase that "
                                  "belongs to listen.tls.certificate."));
  }
  return {};
}

}  // namespace

tl::expected<TlsContexts, std::string> LoadTls(const policy::ListenConfig& listen,
                                               const policy::BackendConfig& backend) {
  TlsContexts contexts;
  if (listen.tls != policy::TlsMode::kDisabled) {
    contexts.clients.emplace(ssl::context::tls_server);
    SetVersions(*contexts.clients);
    // Sessions are resumed by tickets; a context of ours needs an id of its own.
    static constexpr unsigned char kSessionContext[] = "sealgate";
    SSL_CTX_set_session_id_context(contexts.clients->native_handle(), kSessionContext,
                                   sizeof(kSessionContext) - 1);
    if (auto loaded = LoadCertificate(*contexts.clients, listen); !loaded) {
      return tl::unexpected(loaded.error());
    }
  }
  if (backend.tls != policy::TlsMode::kDisabled) {
    contexts.backend.emplace(ssl::context::tls_client);
    SetVersions(*contexts.backend);
    ErrorCode error;
    if (!backend.ca.empty()) {
      contexts.backend->load_verify_file(backend.ca, error);
      if (error) {
        return tl::unexpected(Problem("cannot use the CA file backend.tls.ca", backend.ca, error,
                                      "It must be a readable PEM file of the CA that signed the "
                                      "database server's certificate."));
      }
      contexts.backend->set_verify_mode(ssl::verify_peer);
    }
  }
  return contexts;
}

}  // namespace sealgate::net
