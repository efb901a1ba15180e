// sealgate.yaml, parsed once at start into an immutable object.
// docs/policy.md lists every key with its default; configs/sealgate.yaml is an
// annotated example. Thread rule: const access from any thread.
#ifndef SEALGATE_POLICY_CONFIG_H_
#define SEALGATE_POLICY_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "policy/diagnostic.h"
#include "policy/policy.h"
#include "policy/write_gate.h"

namespace sealgate::policy {

enum class TlsMode : std::uint8_t {
  kDisabled,
  kPreferred,
  kRequired,
  kAsClient,  // of the backend only: a session has TLS there when its client has it here
};
/// What of the server's certificate must be right where TLS is used: nothing;
/// signed by the CA; also made out for the address in the configuration.
enum class TlsVerify : std::uint8_t { kNothing, kCa, kIdentity };
/// Whether a client is asked for a certificate, and whether it must have one.
/// One that is shown must be signed by the client CA.
enum class ClientCertificates : std::uint8_t { kNone, kRequest, kRequire };
/// Authentication plugins whose packets mean nothing to the proxy, where they may
/// pass: nowhere; where both legs are private; also where neither is.
enum class OtherPlugins : std::uint8_t { kRefused, kPrivate, kAlike };
enum class Compression : std::uint8_t { kNone, kZlib, kZstd };
enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarning, kError };
std::string_view LogLevelName(LogLevel level);

/// An IP address without brackets, or where it says so a host name, and a TCP
/// port; or a Unix socket.
struct SocketAddress {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string path = {};  // of a Unix socket; then the others mean nothing

  bool is_unix() const { return !path.empty(); }
  bool operator==(const SocketAddress&) const = default;
};
/// "127.0.0.1:3306", "[::1]:3306", "/run/mysqld/mysqld.sock".
std::string ToText(const SocketAddress& socket);

/// A Unix socket to listen on.
struct UnixListenConfig {
  std::string path;  // "": none
  std::uint32_t mode = 0666;
  std::string owner;  // as chown's: "user", "user:group", ":group"; "": as it is made
};

/// Who must send a PROXY header, and nobody else may connect.
struct ProxyProtocolConfig {
  bool required = false;
  std::vector<AddressRange> from;
  bool from_unix = false;  // whoever connects to the Unix socket
};

struct ListenConfig {
  SocketAddress socket{"127.0.0.1", 3307};
  std::vector<std::string> more_addresses;  // on the same port
  bool tcp = true;                          // false: the Unix socket alone
  UnixListenConfig local;
  ProxyProtocolConfig proxy_protocol;
  TlsMode tls = TlsMode::kDisabled;
  std::string certificate;  // PEM file; set unless TLS is disabled
  std::string key;          // PEM file; likewise
  ClientCertificates client_certificates = ClientCertificates::kNone;
  std::string client_ca;  // PEM file; set unless kNone
  Position tls_at;        // of the mode; line 0 when it is not in the file
  bool zlib = true;       // compression that clients are offered
  bool zstd = true;
};

struct BackendConfig {
  SocketAddress socket{"127.0.0.1", 3306};  // the address may be a host name
  /// Several servers, of which one is the primary; then `socket` means nothing.
  std::vector<SocketAddress> addresses;
  Milliseconds check_interval{1'000};  // between two looks for the primary
  TlsMode tls = TlsMode::kDisabled;
  TlsVerify verify = TlsVerify::kNothing;
  std::string ca;                                // PEM file; set unless nothing is verified
  std::string certificate;                       // PEM file, shown to the server; "": none
  std::string key;                               // PEM file; set with the certificate
  Position tls_at;                               // of the mode; line 0 when it is not in the file
  Compression compression = Compression::kNone;  // used if the server offers it
  OtherPlugins other_plugins = OtherPlugins::kPrivate;
};

/// All servers, at least one.
std::vector<SocketAddress> ServersOf(const BackendConfig& backend);

/// The account that reads the schema.
struct CatalogConfig {
  std::string user;
  std::string password_file;
  Milliseconds refresh{2'000};  // between two looks for schema changes
  /// After which an unused connection is closed; 0: after each use.
  Milliseconds idle_timeout{60'000};
  /// Directory for collation weights; "": none.
  std::string cache = "/var/cache/sealgate";
};

struct KeysConfig {
  std::string ring;
  std::string master_key_file;
};

struct AdminConfig {
  SocketAddress listen{"127.0.0.1", 9090};  // loopback always
  std::string token_file;
};

struct MetricsConfig {
  SocketAddress listen{"127.0.0.1", 9104};
};

struct LogConfig {
  std::string file = "-";  // "-": standard error
  LogLevel level = LogLevel::kInfo;
};

struct Limits {
  std::uint32_t threads = 0;               // 0: one per core
  std::uint64_t max_packet = 64ull << 20;  // bytes of one payload, either way
  std::uint32_t max_connections = 1'000;
  Milliseconds connect_timeout{5'000};
  Milliseconds login_timeout{10'000};
  std::uint32_t max_connections_per_user = 0;  // 0: no limit
  Milliseconds idle_timeout{0};                // 0: the server's own alone
  Milliseconds write_timeout{60'000};          // 0: none
  Milliseconds keepalive{60'000};              // 0: the system's
  std::uint64_t session_memory = 0;            // bytes; 0: eight times max_packet
  std::uint64_t memory = 2ull << 30;           // bytes of all sessions; 0: no limit
  std::uint32_t plan_cache_entries = 4'096;    // 0: no cache
  GateLimits hold;
};

/// Every path is absolute or relative to the working directory: those of the
/// file were relative to the file.
struct Config {
  ListenConfig listen;
  BackendConfig backend;
  CatalogConfig catalog;
  KeysConfig keys;
  std::string policy_file;
  AdminConfig admin;
  MetricsConfig metrics;
  LogConfig log;
  Limits limits;
};

/// Parses the text of `file`. Reports every mistake, unknown keys included.
tl::expected<Config, Diagnostics> ParseConfig(std::string_view yaml, const std::string& file);
/// Reads and parses.
tl::expected<Config, Diagnostics> LoadConfig(const std::string& file);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CONFIG_H_
