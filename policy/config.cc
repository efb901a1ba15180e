#include "policy/config.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>

#include "policy/address.h"
#include "policy/file_text.h"
#include "policy/tls_config.h"
#include "policy/yaml_reader.h"

namespace sealgate::policy {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kMaxThreads = 64;
constexpr std::uint64_t kSmallestPacket = 64 << 10;
constexpr std::uint64_t kLargestPacket = 1 << 30;  // the servers' own bound
constexpr std::uint32_t kMostConnections = 1'000'000;
constexpr std::uint32_t kMostPlans = 1'000'000;
constexpr std::size_t kMostBackends = 16;
constexpr std::uint64_t kMostMemory = 1ull << 40;
// A statement is there as it came, as it goes, and between.
constexpr std::uint64_t kPacketsInSession = 4;
constexpr std::uint32_t kMostHeld = 1'000'000;
constexpr std::uint64_t kMostHeldBytes = 64ull << 30;
// The system's bound, less what the name has while the socket is being made.
constexpr std::size_t kLongestSocketPath = 90;

const Words<Compression> kCompressions = {
    {"none", Compression::kNone}, {"zlib", Compression::kZlib}, {"zstd", Compression::kZstd}};
const Words<Compression> kOfferedCompressions = {{"zlib", Compression::kZlib},
                                                 {"zstd", Compression::kZstd}};
const Words<OtherPlugins> kOtherPlugins = {{"refuse", OtherPlugins::kRefused},
                                           {"private", OtherPlugins::kPrivate},
                                           {"alike", OtherPlugins::kAlike}};
const Words<LogLevel> kLogLevels = {{"trace", LogLevel::kTrace},
                                    {"debug", LogLevel::kDebug},
                                    {"info", LogLevel::kInfo},
                                    {"warning", LogLevel::kWarning},
                                    {"error", LogLevel::kError}};

class ConfigReader {
 public:
  ConfigReader(const std::string& file, Diagnostics& mistakes)
      : directory_(std::filesystem::path(file).parent_path()), report_(file, mistakes) {}

  Config Read(const YamlNode& root) {
    Config config;
    Fields fields(root, report_, "the configuration");
    std::uint32_t version = 0;
    ReadUnsigned32(fields.Required("version"), report_, 1, 1, version);
    Section(fields.Required("listen"), "'listen'",
            [&](Fields& section) { ReadListen(section, config.listen); });
    Section(fields.Required("backend"), "'backend'",
            [&](Fields& section) { ReadBackend(section, config.backend); });
    Section(fields.Required("catalog"), "'catalog'", [&](Fields& section) {
      ReadText(section.Required("user"), report_, config.catalog.user);
      ReadPath(section.Required("password_file"), config.catalog.password_file);
      ReadDuration(section.Optional("refresh"), report_, 100ms, 1h, config.catalog.refresh);
      ReadDuration(section.Optional("idle_timeout"), report_, 0ms, 1h, config.catalog.idle_timeout);
      ReadCache(section.Optional("cache"), config.catalog.cache);
    });
    Section(fields.Required("keys"), "'keys'", [&](Fields& section) {
      ReadPath(section.Required("ring"), config.keys.ring);
      ReadPath(section.Required("master_key_file"), config.keys.master_key_file);
    });
    ReadPath(fields.Required("policy"), config.policy_file);
    Section(fields.Required("admin"), "'admin'",
            [&](Fields& section) { ReadAdmin(section, config.admin); });
    Section(fields.Optional("metrics"), "'metrics'", [&](Fields& section) {
      ReadSocket(section.Optional("listen"), config.metrics.listen);
    });
    Section(fields.Optional("log"), "'log'", [&](Fields& section) {
      ReadPath(section.Optional("file"), config.log.file);
      ReadWord(section.Optional("level"), report_, kLogLevels, config.log.level);
    });
    Section(fields.Optional("limits"), "'limits'",
            [&](Fields& section) { ReadLimits(section, config.limits); });
    fields.Finish();
    return config;
  }

 private:
  template <typename Body>
  void Section(const YamlNode* node, const char* what, Body body) {
    if (node == nullptr) {
      return;
    }
    Fields fields(*node, report_, what);
    if (fields.is_map()) {
      body(fields);
      fields.Finish();
    }
  }

  void ReadPath(const YamlNode* node, std::string& path) {
    sealgate::policy::ReadPath(node, report_, directory_, path);
  }

  /// A directory, or "none".
  void ReadCache(const YamlNode* node, std::string& directory) {
    ReadPath(node, directory);
    if (node != nullptr && node->text == "none") directory.clear();
  }

  void ReadIp(const YamlNode* node, std::string& address) {
    std::string text;
    if (!ReadText(node, report_, text)) {
      return;
    }
    if (!ParseAddress(text)) {
      report_.Add(node->at, fmt::format("'{}' is not an IP address", text),
                  "Write one, such as 127.0.0.1 or ::1");
      return;
    }
    address = text;
  }

  void ReadPort(const YamlNode* node, std::uint16_t& port) {
    std::uint32_t number = 0;
    if (ReadUnsigned32(node, report_, 1, 65'535, number)) {
      port = static_cast<std::uint16_t>(number);
    }
  }

  /// "address:port". False when there is nothing or a mistake.
  bool ReadSocket(const YamlNode* node, SocketAddress& socket) {
    std::string text;
    if (!ReadText(node, report_, text)) {
      return false;
    }
    const auto split = SplitHostPort(text);
    if (!split) {
      report_.Add(node->at, fmt::format("'{}' is not an address with a port", text),
                  "Write both, such as 127.0.0.1:9090 or \"[::1]:9090\"");
      return false;
    }
    YamlNode host = *node;
    host.text = split->first;
    YamlNode port = *node;
    port.text = split->second;
    ReadIp(&host, socket.address);
    ReadPort(&port, socket.port);
    return true;
  }

  /// One address, a list of them, or "none".
  void ReadListenAddresses(const YamlNode* node, ListenConfig& listen) {
    if (node == nullptr) {
      return;
    }
    if (node->kind == YamlNode::Kind::kScalar && node->text == "none") {
      listen.tcp = false;
      return;
    }
    std::vector<std::string> addresses;
    for (const YamlNode* item : ItemsOf(node)) {
      std::string address;
      ReadIp(item, address);
      if (!address.empty()) {
        addresses.push_back(std::move(address));
      }
    }
    if (addresses.empty()) {
      NoteEmptyList(*node);
      return;
    }
    listen.socket.address = addresses.front();
    listen.more_addresses.assign(addresses.begin() + 1, addresses.end());
  }

  void ReadUnixPath(const YamlNode* node, std::string& path) {
    ReadPath(node, path);
    if (path.size() > kLongestSocketPath) {
      report_.Add(node->at,
                  fmt::format("the path of a Unix socket has at most {} bytes", kLongestSocketPath),
                  "Use a shorter one, such as /run/sealgate/mysql.sock");
    }
  }

  void ReadUnixListen(Fields& fields, UnixListenConfig& local) {
    ReadUnixPath(fields.Optional("socket"), local.path);
    const YamlNode* mode = fields.Optional("socket_mode");
    std::string digits;
    if (ReadText(mode, report_, digits)) {
      std::uint32_t bits = 0;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), bits, 8);
      if (error != std::errc{} || end != digits.data() + digits.size() || bits > 0777) {
        report_.Add(mode->at, fmt::format("'{}' is not a file mode", digits),
                    "Write three octal digits in quotes, such as \"660\"");
      } else {
        local.mode = bits;
      }
    }
    ReadText(fields.Optional("socket_owner"), report_, local.owner);
  }

  void NoteEmptyList(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kSequence && node.items.empty()) {
      report_.Add(node.at, "the list is empty", "Write an address, or remove the key");
    }
  }

  void ReadProxyProtocol(const YamlNode* node, ProxyProtocolConfig& proxy) {
    if (node != nullptr) {
      NoteEmptyList(*node);
    }
    for (const YamlNode* item : ItemsOf(node)) {
      std::string text;
      if (!ReadText(item, report_, text)) {
        continue;
      }
      proxy.required = true;
      if (text == "unix") {
        proxy.from_unix = true;
      } else if (auto range = ParseAddressRange(text)) {
        proxy.from.push_back(*range);
      } else {
        report_.Add(item->at, fmt::format("'{}' {}", text, range.error()),
                    "Write the load balancer's address or range, such as 10.0.0.5 or 10.0.0.0/24, "
                    "or unix");
      }
    }
  }

  void ReadListen(Fields& fields, ListenConfig& listen) {
    const YamlNode* address = fields.Optional("address");
    ReadListenAddresses(address, listen);
    ReadPort(fields.Optional("port"), listen.socket.port);
    ReadUnixListen(fields, listen.local);
    ReadProxyProtocol(fields.Optional("proxy_protocol"), listen.proxy_protocol);
    if (!listen.tcp && listen.local.path.empty()) {
      report_.Add(address->at, "there is nothing to listen on",
                  "Write an IP address, or add listen.socket");
    }
    ReadOfferedCompression(fields.OptionalOrNull("compression"), listen);
    const YamlNode* tls = fields.Optional("tls");
    Section(tls, "'listen.tls'",
            [&](Fields& section) { ReadListenTls(section, report_, directory_, listen); });
  }

  /// "name:port" or "address:port".
  bool ReadServer(const YamlNode& node, SocketAddress& server) {
    std::string text;
    if (!ReadText(&node, report_, text)) {
      return false;
    }
    const auto split = SplitHostPort(text);
    if (!split || split->first.empty()) {
      report_.Add(node.at, fmt::format("'{}' is not a name or address with a port", text),
                  "Write both, such as db1.example.org:3306 or \"[2001:db8::1]:3306\"");
      return false;
    }
    YamlNode port = node;
    port.text = split->second;
    server.address = split->first;
    ReadPort(&port, server.port);
    return true;
  }

  void CheckServers(const YamlNode& node, const std::vector<SocketAddress>& servers) {
    if (servers.size() > kMostBackends) {
      report_.Add(node.at, fmt::format("there may be at most {} servers", kMostBackends),
                  "Remove some");
    }
    for (std::size_t i = 0; i < servers.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (servers[i] == servers[j]) {
          report_.Add(node.at, fmt::format("{} stands here twice", ToText(servers[i])),
                      "Remove one");
        }
      }
    }
  }

  /// A list; an empty one or null offers none.
  void ReadOfferedCompression(const YamlNode* node, ListenConfig& listen) {
    if (node == nullptr) {
      return;
    }
    listen.zlib = listen.zstd = false;
    for (const YamlNode* item : ItemsOf(node)) {
      Compression offered{};
      if (ReadWord(item, report_, kOfferedCompressions, offered)) {
        listen.zlib = listen.zlib || offered == Compression::kZlib;
        listen.zstd = listen.zstd || offered == Compression::kZstd;
      }
    }
  }

  void ReadBackend(Fields& fields, BackendConfig& backend) {
    ReadWord(fields.Optional("compression"), report_, kCompressions, backend.compression);
    ReadWord(fields.Optional("other_plugins"), report_, kOtherPlugins, backend.other_plugins);
    const YamlNode* address = fields.Optional("address");
    const YamlNode* port = fields.Optional("port");
    const YamlNode* path = fields.Optional("socket");
    ReadText(address, report_, backend.socket.address);
    ReadPort(port, backend.socket.port);
    ReadUnixPath(path, backend.socket.path);
    const YamlNode* addresses = fields.Optional("addresses");
    for (const YamlNode* item : ItemsOf(addresses)) {
      SocketAddress server;
      if (ReadServer(*item, server)) {
        backend.addresses.push_back(std::move(server));
      }
    }
    if (addresses != nullptr) {
      NoteEmptyList(*addresses);
      CheckServers(*addresses, backend.addresses);
      if (address != nullptr || port != nullptr || path != nullptr) {
        report_.Add(addresses->at, "'backend' has both one server and a list of them",
                    "Remove 'address', 'port' and 'socket', or 'addresses'");
      }
    }
    ReadDuration(fields.Optional("check_interval"), report_, 100ms, 1min, backend.check_interval);
    if (path != nullptr && (address != nullptr || port != nullptr)) {
      report_.Add(path->at, "'backend' has both a Unix socket and an address", "Remove one");
    }
    const YamlNode* tls = fields.Optional("tls");
    Section(tls, "'backend.tls'",
            [&](Fields& section) { ReadBackendTls(section, report_, directory_, backend); });
    if (backend.socket.is_unix() && backend.tls != TlsMode::kDisabled) {
      report_.Add(tls->at, "there is no TLS over a Unix socket",
                  "Remove backend.tls, or use backend.address");
    }
  }

  void ReadAdmin(Fields& fields, AdminConfig& admin) {
    const YamlNode* node = fields.Optional("listen");
    if (ReadSocket(node, admin.listen)) {
      const std::optional<AddressBytes> address = ParseAddress(admin.listen.address);
      if (address && !IsLoopback(*address)) {
        report_.Add(node->at,
                    fmt::format("the admin API may not listen on {}", admin.listen.address),
                    "It has no encryption: use a loopback address, such as 127.0.0.1");
      }
    }
    ReadPath(fields.Required("token_file"), admin.token_file);
  }

  void ReadLimits(Fields& fields, Limits& limits) {
    ReadUnsigned32(fields.Optional("threads"), report_, 0, kMaxThreads, limits.threads);
    ReadSize(fields.Optional("max_packet"), report_, kSmallestPacket, kLargestPacket,
             limits.max_packet);
    ReadUnsigned32(fields.Optional("max_connections"), report_, 1, kMostConnections,
                   limits.max_connections);
    ReadDuration(fields.Optional("connect_timeout"), report_, 100ms, 10min, limits.connect_timeout);
    ReadDuration(fields.Optional("login_timeout"), report_, 100ms, 10min, limits.login_timeout);
    ReadUnsigned32(fields.Optional("plan_cache_entries"), report_, 0, kMostPlans,
                   limits.plan_cache_entries);
    ReadUnsigned32(fields.Optional("max_connections_per_user"), report_, 0, kMostConnections,
                   limits.max_connections_per_user);
    ReadDuration(fields.Optional("idle_timeout"), report_, 0ms, 168h, limits.idle_timeout);
    ReadDuration(fields.Optional("write_timeout"), report_, 0ms, 24h, limits.write_timeout);
    ReadDuration(fields.Optional("keepalive"), report_, 0ms, 8h, limits.keepalive);
    const YamlNode* session = fields.Optional("session_memory");
    ReadSize(session, report_, kSmallestPacket, kMostMemory, limits.session_memory);
    if (limits.session_memory != 0 &&
        limits.session_memory < kPacketsInSession * limits.max_packet) {
      report_.Add(session->at,
                  fmt::format("session_memory ({}) is less than four times max_packet ({})",
                              SizeText(limits.session_memory), SizeText(limits.max_packet)),
                  "Raise it, or lower max_packet");
    }
    ReadSize(fields.Optional("memory"), report_, 0, kMostMemory, limits.memory);
    const YamlNode* hold = fields.Optional("hold");
    Section(hold, "'limits.hold'",
            [&](Fields& section) { ReadHold(section, hold->at, limits.hold); });
  }

  void ReadHold(Fields& fields, Position at, GateLimits& hold) {
    ReadUnsigned32(fields.Optional("max_count"), report_, 0, kMostHeld, hold.max_held);
    ReadSize(fields.Optional("max_bytes"), report_, 0, kMostHeldBytes, hold.max_held_bytes);
    ReadDuration(fields.Optional("max_age"), report_, 100ms, 24h, hold.max_age);
    const YamlNode* longest = fields.Optional("max_duration");
    ReadDuration(longest, report_, 1s, 168h, hold.max_duration);
    const YamlNode* usual = fields.Optional("default_duration");
    ReadDuration(usual, report_, 1s, 168h, hold.default_duration);
    ReadDuration(fields.Optional("drain"), report_, 0ms, 1h, hold.drain_deadline);
    ReadUnsigned32(fields.Optional("release_concurrency"), report_, 1, 65'535,
                   hold.release_concurrency);
    if (hold.default_duration > hold.max_duration) {
      report_.Add(usual != nullptr     ? usual->at
                  : longest != nullptr ? longest->at
                                       : at,
                  fmt::format("default_duration ({}) is longer than max_duration ({})",
                              DurationText(hold.default_duration), DurationText(hold.max_duration)),
                  "Make max_duration the longer one");
    }
  }

  std::filesystem::path directory_;
  Report report_;
};

}  // namespace

std::string ToText(const SocketAddress& socket) {
  if (socket.is_unix()) return socket.path;
  const bool is_ipv6 = socket.address.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", socket.address, socket.port)
                 : fmt::format("{}:{}", socket.address, socket.port);
}

std::vector<SocketAddress> ServersOf(const BackendConfig& backend) {
  if (!backend.addresses.empty()) return backend.addresses;
  return {backend.socket};
}

std::string_view LogLevelName(LogLevel level) { return kLogLevels[static_cast<int>(level)].first; }

tl::expected<Config, Diagnostics> ParseConfig(std::string_view yaml, const std::string& file) {
  Diagnostics mistakes;
  const std::optional<YamlNode> root = ParseYaml(yaml, file, mistakes);
  if (root) {
    Config config = ConfigReader(file, mistakes).Read(*root);
    if (mistakes.empty()) {
      return config;
    }
  }
  return tl::make_unexpected(std::move(mistakes));
}

tl::expected<Config, Diagnostics> LoadConfig(const std::string& file) {
  const tl::expected<std::string, Diagnostic> text = ReadFileText(file);
  if (!text) {
    return tl::make_unexpected(Diagnostics{text.error()});
  }
  return ParseConfig(*text, file);
}

}  // namespace sealgate::policy
