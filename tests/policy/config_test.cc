#include "policy/config.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::policy {
namespace {

using namespace std::chrono_literals;

const std::string kMinimal =
    "version: 1\n"
    "listen: {port: 3307}\n"
    "backend: {port: 3306}\n"
    "catalog: {user: sealgate, password_file: catalog.password}\n"
    "keys: {ring: keys.ring, master_key_file: /run/master.key}\n"
    "policy: policy.yaml\n"
    "admin: {token_file: admin.token}\n";

std::string Mistakes(const std::string& yaml) {
  const auto config = ParseConfig(yaml, "s.yaml");
  std::string all;
  if (!config) {
    for (const Diagnostic& each : config.error()) {
      all += ToText(each) + "\n";
    }
  }
  return all;
}

TEST(Config, DefaultsAndRelativePaths) {
  const auto config = ParseConfig(kMinimal, "/etc/sealgate/sealgate.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->listen.socket, (SocketAddress{"127.0.0.1", 3307}));
  EXPECT_EQ(config->listen.tls, TlsMode::kDisabled);
  EXPECT_TRUE(config->listen.zlib && config->listen.zstd);
  EXPECT_EQ(config->backend.compression, Compression::kNone);
  EXPECT_EQ(config->backend.other_plugins, OtherPlugins::kPrivate);
  EXPECT_EQ(config->backend.socket, (SocketAddress{"127.0.0.1", 3306}));
  EXPECT_EQ(config->catalog.password_file, "/etc/sealgate/catalog.password");
  EXPECT_EQ(config->catalog.refresh, 2s);
  EXPECT_EQ(config->catalog.cache, "/var/cache/sealgate");
  EXPECT_EQ(config->keys.master_key_file, "/run/master.key");
  EXPECT_EQ(config->policy_file, "/etc/sealgate/policy.yaml");
  EXPECT_EQ(config->admin.listen, (SocketAddress{"127.0.0.1", 9090}));
  EXPECT_EQ(config->metrics.listen, (SocketAddress{"127.0.0.1", 9104}));
  EXPECT_EQ(config->log.file, "-");
  EXPECT_EQ(config->limits.max_packet, 64ull << 20);
  EXPECT_EQ(config->limits.hold.max_duration, 4h);
}

TEST(Config, EveryKey) {
  const auto config = ParseConfig(
      "version: 1\n"
      "listen: {address: ['::', 10.0.0.1], port: 1, socket: g.sock, socket_mode: 660,\n"
      "         socket_owner: ':mysql', proxy_protocol: [10.0.0.0/8, unix],\n"
      "         tls: {mode: required, certificate: c.pem, key: k.pem},\n"
      "         compression: [zstd]}\n"
      "backend: {address: db.example.net, port: 2, tls: {mode: preferred, ca: ca.pem}, "
      "compression: zlib, other_plugins: alike}\n"
      "catalog: {user: u, password_file: p, refresh: 500ms, idle_timeout: 0s, cache: kept}\n"
      "keys: {ring: r, master_key_file: m}\n"
      "policy: ../policy.yaml\n"
      "admin: {listen: '[::1]:3', token_file: t}\n"
      "metrics: {listen: 0.0.0.0:4}\n"
      "log: {file: sealgate.log, level: debug}\n"
      "limits:\n"
      "  threads: 2\n"
      "  max_packet: 1GiB\n"
      "  max_connections: 5\n"
      "  connect_timeout: 100ms\n"
      "  login_timeout: 2m\n"
      "  max_connections_per_user: 4\n"
      "  idle_timeout: 8h\n"
      "  write_timeout: 0s\n"
      "  keepalive: 30s\n"
      "  session_memory: 4GiB\n"
      "  memory: 0\n"
      "  plan_cache_entries: 0\n"
      "  hold: {max_count: 1, max_bytes: 1KiB, max_age: 1s, max_duration: 168h,\n"
      "         default_duration: 1h, drain: 0s, release_concurrency: 3}\n",
      "conf/s.yaml");
  ASSERT_TRUE(config) << ToText(config.error().front());
  EXPECT_EQ(config->listen.socket, (SocketAddress{"::", 1}));
  EXPECT_EQ(config->listen.more_addresses, std::vector<std::string>{"10.0.0.1"});
  EXPECT_TRUE(config->listen.tcp);
  EXPECT_EQ(config->listen.local.path, "conf/g.sock");
  EXPECT_EQ(config->listen.local.mode, 0660u);
  EXPECT_EQ(config->listen.local.owner, ":mysql");
  EXPECT_TRUE(config->listen.proxy_protocol.required);
  EXPECT_TRUE(config->listen.proxy_protocol.from_unix);
  EXPECT_EQ(config->listen.proxy_protocol.from.size(), 1u);
  EXPECT_EQ(config->listen.tls, TlsMode::kRequired);
  EXPECT_FALSE(config->listen.zlib);
  EXPECT_TRUE(config->listen.zstd);
  EXPECT_EQ(config->backend.compression, Compression::kZlib);
  EXPECT_EQ(config->backend.other_plugins, OtherPlugins::kAlike);
  EXPECT_EQ(config->listen.certificate, "conf/c.pem");
  EXPECT_EQ(config->listen.key, "conf/k.pem");
  EXPECT_EQ(config->backend.socket, (SocketAddress{"db.example.net", 2}));
  EXPECT_EQ(config->backend.tls, TlsMode::kPreferred);
  EXPECT_EQ(config->backend.ca, "conf/ca.pem");
  EXPECT_EQ(config->catalog.refresh, 500ms);
  EXPECT_EQ(config->catalog.idle_timeout, 0s);
  EXPECT_EQ(config->catalog.cache, "conf/kept");
  EXPECT_EQ(config->policy_file, "policy.yaml");
  EXPECT_EQ(config->admin.listen, (SocketAddress{"::1", 3}));
  EXPECT_EQ(config->metrics.listen, (SocketAddress{"0.0.0.0", 4}));
  EXPECT_EQ(config->log.file, "conf/sealgate.log");
  EXPECT_EQ(config->log.level, LogLevel::kDebug);
  EXPECT_EQ(config->limits.threads, 2u);
  EXPECT_EQ(config->limits.max_packet, 1ull << 30);
  EXPECT_EQ(config->limits.max_connections, 5u);
  EXPECT_EQ(config->limits.connect_timeout, 100ms);
  EXPECT_EQ(config->limits.login_timeout, 2min);
  EXPECT_EQ(config->limits.max_connections_per_user, 4u);
  EXPECT_EQ(config->limits.idle_timeout, 8h);
  EXPECT_EQ(config->limits.write_timeout, 0ms);
  EXPECT_EQ(config->limits.keepalive, 30s);
  EXPECT_EQ(config->limits.session_memory, 4ull << 30);
  EXPECT_EQ(config->limits.memory, 0u);
  EXPECT_EQ(config->limits.plan_cache_entries, 0u);
  EXPECT_EQ(config->limits.hold.max_held, 1u);
  EXPECT_EQ(config->limits.hold.max_held_bytes, 1024u);
  EXPECT_EQ(config->limits.hold.max_age, 1s);
  EXPECT_EQ(config->limits.hold.max_duration, 168h);
  EXPECT_EQ(config->limits.hold.default_duration, 1h);
  EXPECT_EQ(config->limits.hold.drain_deadline, 0ms);
  EXPECT_EQ(config->limits.hold.release_concurrency, 3u);
}

struct Broken {
  std::string extra;  // after kMinimal, from line 8 on
  std::string diagnostics;
};

TEST(Config, ACacheMayBeNone) {
  std::string yaml = kMinimal;
  const std::size_t user = yaml.find("{user:");
  ASSERT_NE(user, std::string::npos);
  yaml.insert(user + 1, "cache: none, ");
  const auto config = ParseConfig(yaml, "s.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->catalog.cache, "");
}

TEST(Config, EachMistakeIsExplained) {
  const Broken rows[] = {
      {"limit: {}\n",
       "s.yaml:8:1: unknown key 'limit' in the configuration. Did you mean "
       "'limits'?\n"},
      {"metrics: {port: 1}\n",
       "s.yaml:8:11: unknown key 'port' in 'metrics'. Known here: "
       "'listen'\n"},
      {"log: {level: loud}\n",
       "s.yaml:8:14: 'loud' is not valid here. Write 'trace', 'debug', "
       "'info', 'warning' or 'error'\n"},
      {"limits: {threads: -1}\n",
       "s.yaml:8:19: '-1' is not a whole number. Write a number from 0 "
       "to 64\n"},
      {"limits: {threads: 65}\n",
       "s.yaml:8:19: '65' is out of range. Write a value from 0 to "
       "64\n"},
      {"limits: {max_packet: 64MB}\n",
       "s.yaml:8:22: '64MB' is not a size. Write a number with "
       "KiB, MiB or GiB, such as 64MiB\n"},
      {"limits: {max_packet: 2GiB}\n",
       "s.yaml:8:22: '2GiB' is out of range. Write a value from "
       "64KiB to 1GiB\n"},
      {"limits: {max_packet: 99999999999999GiB}\n",
       "s.yaml:8:22: '99999999999999GiB' is not a size. Write a number with KiB, MiB or GiB, such "
       "as 64MiB\n"},
      {"limits: {login_timeout: 10}\n",
       "s.yaml:8:25: '10' is not a duration. Write a number with "
       "ms, s, m or h, such as 30s\n"},
      {"limits: {login_timeout: 1h}\n",
       "s.yaml:8:25: '1h' is out of range. Write a value from "
       "100ms to 10m\n"},
      {"limits: {session_memory: 1MiB}\n",
       "s.yaml:8:26: session_memory (1MiB) is less than four times max_packet (64MiB). Raise it, "
       "or lower max_packet\n"},
      {"limits: [1]\n",
       "s.yaml:8:9: 'limits' must be a mapping, but is a list. Write 'key: "
       "value' lines\n"},
      {"limits:\n", "s.yaml:8:1: key 'limits' has no value. Write one, or remove the key\n"},
      {"limits: {hold: {default_duration: 5h}}\n",
       "s.yaml:8:35: default_duration (5h) is longer than max_duration (4h). Make max_duration the "
       "longer one\n"},
      {"metrics: {listen: 9104}\n",
       "s.yaml:8:19: '9104' is not an address with a port. Write "
       "both, such as 127.0.0.1:9090 or \"[::1]:9090\"\n"},
      {"metrics: {listen: 'localhost:9104'}\n",
       "s.yaml:8:19: 'localhost' is not an IP address. Write one, such as 127.0.0.1 or ::1\n"},
      {"metrics: {listen: '127.0.0.1:99999'}\n",
       "s.yaml:8:19: '99999' is out of range. Write a value from 1 to 65535\n"},
      {"log: {file: [a]}\n",
       "s.yaml:8:13: a text is expected, not a list. Write one word, or a "
       "text in quotes\n"},
      {"log: {file: ''}\n",
       "s.yaml:8:13: the text is empty. Write one word, or a text in "
       "quotes\n"},
      {"version: 1\n",
       "s.yaml:8:1: key 'version' stands here twice. Remove one; the other is in "
       "line 1\n"},
  };
  for (const Broken& row : rows) {
    EXPECT_EQ(Mistakes(kMinimal + row.extra), row.diagnostics) << row.extra;
  }
}

TEST(Config, EveryMistakeAtOnce) {
  EXPECT_EQ(Mistakes("version: 2\nlisten: {port: 0, tls: {mode: required}}\nadmin: {listen: "
                     "'10.0.0.1:9', token_file: t}\npolice: x\n"),
            "s.yaml:1:10: '2' is out of range. Write a value from 1 to 1\n"
            "s.yaml:2:16: '0' is out of range. Write a value from 1 to 65535\n"
            "s.yaml:2:24: 'listen.tls' lacks the key 'certificate'. Add it\n"
            "s.yaml:2:24: 'listen.tls' lacks the key 'key'. Add it\n"
            "s.yaml:1:1: the configuration lacks the key 'backend'. Add it\n"
            "s.yaml:1:1: the configuration lacks the key 'catalog'. Add it\n"
            "s.yaml:1:1: the configuration lacks the key 'keys'. Add it\n"
            "s.yaml:1:1: the configuration lacks the key 'policy'. Add it\n"
            "s.yaml:3:17: the admin API may not listen on 10.0.0.1. It has no encryption: use a "
            "loopback address, such as 127.0.0.1\n"
            "s.yaml:4:1: unknown key 'police' in the configuration. Did you mean 'policy'?\n");
}

std::string WithSection(const std::string& line, const std::string& replacement) {
  std::string yaml = kMinimal;
  return yaml.replace(yaml.find(line), line.size(), replacement);
}

TEST(Config, MistakesOfSockets) {
  const auto listen = [](const std::string& text) {
    return Mistakes(WithSection("listen: {port: 3307}", "listen: {" + text + "}"));
  };
  EXPECT_EQ(listen("address: none, socket: /run/s"), "");
  EXPECT_EQ(listen("address: none"),
            "s.yaml:2:19: there is nothing to listen on. Write an IP address, or add "
            "listen.socket\n");
  EXPECT_EQ(listen("address: []"),
            "s.yaml:2:19: the list is empty. Write an address, or remove the key\n");
  EXPECT_EQ(listen("socket_mode: 888"),
            "s.yaml:2:23: '888' is not a file mode. Write three octal digits in quotes, such as "
            "\"660\"\n");
  EXPECT_EQ(listen("socket: /" + std::string(90, 'x')),
            "s.yaml:2:18: the path of a Unix socket has at most 90 bytes. Use a shorter one, such "
            "as /run/sealgate/mysql.sock\n");
  EXPECT_EQ(listen("proxy_protocol: balancer"),
            "s.yaml:2:26: 'balancer' is not an IP address or range. Write the load balancer's "
            "address or range, such as 10.0.0.5 or 10.0.0.0/24, or unix\n");
  EXPECT_EQ(listen("proxy_protocol: []"),
            "s.yaml:2:26: the list is empty. Write an address, or remove the key\n");
  const auto backend = [](const std::string& text) {
    return Mistakes(WithSection("backend: {port: 3306}", "backend: {" + text + "}"));
  };
  EXPECT_EQ(backend("socket: /run/s"), "");
  EXPECT_EQ(backend("socket: /run/s, port: 1"),
            "s.yaml:3:19: 'backend' has both a Unix socket and an address. Remove one\n");
  EXPECT_EQ(backend("socket: /run/s, tls: {mode: required}"),
            "s.yaml:3:32: there is no TLS over a Unix socket. Remove backend.tls, or use "
            "backend.address\n");
}

TEST(Config, SeveralServers) {
  const auto yaml = [](const std::string& text) {
    return WithSection("backend: {port: 3306}", "backend: {" + text + "}");
  };
  const auto one = ParseConfig(kMinimal, "s.yaml");
  EXPECT_EQ(ServersOf(one->backend), std::vector{one->backend.socket});
  const auto config =
      ParseConfig(yaml("addresses: ['db1:1', '[::1]:2'], check_interval: 5s"), "s.yaml");
  ASSERT_TRUE(config) << ToText(config.error().front());
  EXPECT_EQ(ServersOf(config->backend), (std::vector<SocketAddress>{{"db1", 1}, {"::1", 2}}));
  EXPECT_EQ(config->backend.check_interval, 5s);
  EXPECT_EQ(Mistakes(yaml("addresses: [db1]")),
            "s.yaml:3:23: 'db1' is not a name or address with a port. Write both, such as "
            "db1.example.org:3306 or \"[2001:db8::1]:3306\"\n");
  EXPECT_EQ(Mistakes(yaml("addresses: ['a:1', 'a:1']")),
            "s.yaml:3:22: a:1 stands here twice. Remove one\n");
  EXPECT_EQ(Mistakes(yaml("addresses: ['a:1'], port: 2")),
            "s.yaml:3:22: 'backend' has both one server and a list of them. Remove 'address', "
            "'port' and 'socket', or 'addresses'\n");
}

TEST(Config, AddressesAsText) {
  EXPECT_EQ(ToText(SocketAddress{"127.0.0.1", 1}), "127.0.0.1:1");
  EXPECT_EQ(ToText(SocketAddress{"::1", 1}), "[::1]:1");
  EXPECT_EQ(ToText(SocketAddress{.path = "/run/s"}), "/run/s");
}

TEST(Config, MissingFile) {
  const auto config = LoadConfig("/nonexistent/sealgate.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(ToText(config.error().front()),
            "/nonexistent/sealgate.yaml: cannot be read: No such file or directory. Check the path "
            "and the permissions");
}

}  // namespace
}  // namespace sealgate::policy
