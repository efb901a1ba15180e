#include "policy/server_connection.h"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <fmt/format.h>
#include <mysql_driver.h>

#include <exception>
#include <utility>

#include "policy/tls_passage.h"

namespace sealgate::policy {
namespace {

constexpr int kTlsError = 2026;  // CR_SSL_CONNECTION_ERROR

struct ConnectError {
  int code;
  std::string text;
};

struct Connected {
  std::unique_ptr<TlsPassage> passage;
  std::unique_ptr<sql::Connection> connection;
};

std::string HostName(const SocketAddress& socket) {
  return (socket.is_unix() ? "unix://" : "tcp://") + ToText(socket);
}

int WholeSeconds(Milliseconds duration) {
  return static_cast<int>((duration + std::chrono::milliseconds(999)) / std::chrono::seconds(1));
}

// The connector makes it at the first call, which may come from any thread.
sql::Driver& TheDriver() {
  static sql::Driver* const driver = sql::mysql::get_mysql_driver_instance();
  return *driver;
}

sql::ConnectOptionsMap OptionsOf(const ServerAccess& access, bool tls) {
  sql::ConnectOptionsMap options;
  options["hostName"] = sql::SQLString(HostName(access.backend.socket));
  options["userName"] = sql::SQLString(access.user);
  options["password"] = sql::SQLString(access.password);
  options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  options["OPT_CONNECT_TIMEOUT"] = WholeSeconds(access.connect_timeout);
  options["OPT_READ_TIMEOUT"] = WholeSeconds(access.reply_timeout);
  options["OPT_WRITE_TIMEOUT"] = WholeSeconds(access.reply_timeout);
  // libmariadb knows no OPT_SSL_MODE: it is taken and does nothing.
  if (tls) {
    options["sslEnforce"] = true;
    if (!access.backend.ca.empty()) {
      options["sslCA"] = sql::SQLString(access.backend.ca);
      options["sslVerify"] = access.backend.verify == TlsVerify::kIdentity;
    }
    if (!access.backend.certificate.empty()) {
      options["sslCert"] = sql::SQLString(access.backend.certificate);
      options["sslKey"] = sql::SQLString(access.backend.key);
    }
  }
  return options;
}

// libmariadb insists on TLS by itself only when it verifies the server's name.
bool Insists(const BackendConfig& backend) {
  return !backend.ca.empty() && backend.verify == TlsVerify::kIdentity;
}

tl::expected<Connected, ConnectError> Connect(const ServerAccess& access, bool tls) {
  sql::ConnectOptionsMap options = OptionsOf(access, tls);
  Connected made;
  if (tls && !Insists(access.backend) && !access.backend.socket.is_unix()) {
    auto passage = TlsPassage::Open(access.backend.socket, access.connect_timeout);
    if (!passage) {
      return tl::make_unexpected(
          ConnectError{passage.error().no_tls ? kTlsError : 0, std::move(passage.error().text)});
    }
    made.passage = std::move(*passage);
    options["hostName"] = sql::SQLString("unix://" + made.passage->socket());
  }
  try {
    made.connection.reset(TheDriver().connect(options));
    return made;
  } catch (const sql::SQLException& error) {
    return tl::make_unexpected(ConnectError{error.getErrorCode(), error.what()});
  } catch (const std::exception& error) {
    return tl::make_unexpected(ConnectError{0, error.what()});
  }
}

Row ReadRow(sql::ResultSet& result, unsigned fields) {
  Row row(fields);
  for (unsigned i = 0; i < fields; ++i) {
    if (!result.isNull(i + 1)) {
      row[i] = result.getString(i + 1).asStdString();
    }
  }
  return row;
}

}  // namespace

ServerConnection::ServerConnection(std::unique_ptr<TlsPassage> passage,
                                   std::unique_ptr<sql::Connection> connection)
    : passage_(std::move(passage)), connection_(std::move(connection)) {}
ServerConnection::ServerConnection(ServerConnection&&) noexcept = default;
// The connection ends before the way that it took.
ServerConnection& ServerConnection::operator=(ServerConnection&& other) noexcept {
  connection_ = std::move(other.connection_);
  passage_ = std::move(other.passage_);
  return *this;
}
ServerConnection::~ServerConnection() = default;

tl::expected<ServerConnection, std::string> ServerConnection::Open(const ServerAccess& access) {
  auto connected = Connect(access, access.backend.tls != TlsMode::kDisabled);
  const bool optional =
      access.backend.tls == TlsMode::kPreferred || access.backend.tls == TlsMode::kAsClient;
  if (!connected && connected.error().code == kTlsError && optional) {
    connected = Connect(access, false);
  }
  if (!connected) {
    return tl::make_unexpected(fmt::format("cannot connect to {} as {}: {} ({})",
                                           HostName(access.backend.socket), access.user,
                                           connected.error().text, connected.error().code));
  }
  ServerConnection opened(std::move(connected->passage), std::move(connected->connection));
  // What is set for all, or by init_connect, must not change what a query means, or how much
  // of its answer comes.
  constexpr const char* kOwn[] = {
      "SET NAMES utf8mb4",
      "SET SESSION sql_mode = '', sql_select_limit = 18446744073709551615, sql_big_selects = 1, "
      "max_join_size = 18446744073709551615, sql_quote_show_create = 1"};
  for (const char* sql : kOwn) {
    if (auto done = opened.Execute(sql); !done) {
      return tl::make_unexpected(std::move(done.error()));
    }
  }
  return opened;
}

tl::expected<void, std::string> ServerConnection::Query(
    const std::string& sql, const std::function<void(const Row&)>& on_row) {
  try {
    const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
    const std::unique_ptr<sql::ResultSet> result(statement->executeQuery(sql));
    const unsigned fields = result->getMetaData()->getColumnCount();
    while (result->next()) {
      on_row(ReadRow(*result, fields));
    }
    return {};
  } catch (const sql::SQLException& error) {
    return tl::make_unexpected(fmt::format("the server refused a schema query: {} ({})",
                                           error.what(), error.getErrorCode()));
  } catch (const std::exception& error) {
    return tl::make_unexpected(fmt::format("a schema query failed: {}", error.what()));
  }
}

tl::expected<Rows, std::string> ServerConnection::Query(const std::string& sql) {
  Rows rows;
  auto done = Query(sql, [&rows](const Row& row) { rows.push_back(row); });
  if (!done) {
    return tl::make_unexpected(std::move(done.error()));
  }
  return rows;
}

tl::expected<void, std::string> ServerConnection::Execute(const std::string& sql) {
  try {
    const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
    statement->execute(sql);
    return {};
  } catch (const sql::SQLException& error) {
    return tl::make_unexpected(
        fmt::format("the server refused a statement: {} ({})", error.what(), error.getErrorCode()));
  } catch (const std::exception& error) {
    return tl::make_unexpected(fmt::format("a statement failed: {}", error.what()));
  }
}

}  // namespace sealgate::policy
