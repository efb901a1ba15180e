// A connection of the proxy's own to the backend, for reading the schema. The
// only user of Connector/C++ here, with catalog_reader.cc.
//
// Thread rule: one thread at a time.
#ifndef SEALGATE_POLICY_SERVER_CONNECTION_H_
#define SEALGATE_POLICY_SERVER_CONNECTION_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "policy/config.h"
#include "policy/schema_rows.h"

namespace sql {
class Connection;
}

namespace sealgate::policy {

class TlsPassage;

/// Where and as whom to connect.
struct ServerAccess {
  BackendConfig backend;
  std::string user;
  std::string password;
  Milliseconds connect_timeout{5'000};
  /// Longest silence of the server while it is asked something.
  Milliseconds reply_timeout{60'000};
};

class ServerConnection {
 public:
  /// With `disabled` TLS, caching_sha2_password encrypts the password with the
  /// server's public key, which is asked for and not verified. `preferred`
  /// tries TLS first. A server that must have TLS and does not offer it gets no
  /// login. The certificate is verified as the configuration says; the
  /// files are read here.
  /// The error names the server and says what it said, without the password.
  static tl::expected<ServerConnection, std::string> Open(const ServerAccess& access);

  ServerConnection(ServerConnection&&) noexcept;
  ServerConnection& operator=(ServerConnection&&) noexcept;
  ~ServerConnection();

  tl::expected<Rows, std::string> Query(const std::string& sql);
  /// Gives the rows one by one; the row is the callee's only during the call.
  tl::expected<void, std::string> Query(const std::string& sql,
                                        const std::function<void(const Row&)>& on_row);
  tl::expected<void, std::string> Execute(const std::string& sql);

 private:
  ServerConnection(std::unique_ptr<TlsPassage> passage,
                   std::unique_ptr<::sql::Connection> connection);
  std::unique_ptr<TlsPassage> passage_;  // the connection may go through it
  std::unique_ptr<::sql::Connection> connection_;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SERVER_CONNECTION_H_
