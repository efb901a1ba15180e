// The annotated examples are good, and say the defaults that the code has.
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "policy/config.h"
#include "policy/file_text.h"
#include "policy/policy.h"

namespace sealgate::policy {
namespace {

/// With the comment sign of optional keys taken away.
std::string Uncommented(const std::string& text) {
  std::istringstream lines(text);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t sign = line.find("# ");
    const bool is_key =
        sign != std::string::npos && line.find_first_not_of(' ') == sign &&
        line.find(':') != std::string::npos &&
        line.find_first_of(" .`", line.find_first_not_of(' ', sign + 1)) >= line.find(':');
    all += (is_key ? line.erase(sign, 2) : line) + "\n";
  }
  return all;
}

TEST(Examples, ConfigurationIsGood) {
  const auto config = LoadConfig("configs/sealgate.yaml");
  ASSERT_TRUE(config) << ToText(config.error().front());
  EXPECT_EQ(config->policy_file, "configs/policy.yaml");
}

TEST(Examples, CommentedKeysShowTheDefaults) {
  const auto text = ReadFileText("configs/sealgate.yaml");
  ASSERT_TRUE(text);
  const auto config = ParseConfig(Uncommented(*text), "sealgate.yaml");
  ASSERT_TRUE(config) << ToText(config.error().front());
  EXPECT_EQ(config->listen.certificate, "server.pem");  // the comments were taken away
  const Limits& limits = config->limits;
  const Limits defaults;
  EXPECT_EQ(config->catalog.refresh, CatalogConfig{}.refresh);
  EXPECT_EQ(limits.threads, defaults.threads);
  EXPECT_EQ(limits.max_packet, defaults.max_packet);
  EXPECT_EQ(limits.max_connections, defaults.max_connections);
  EXPECT_EQ(limits.connect_timeout, defaults.connect_timeout);
  EXPECT_EQ(limits.login_timeout, defaults.login_timeout);
  EXPECT_EQ(limits.plan_cache_entries, defaults.plan_cache_entries);
  EXPECT_EQ(limits.max_connections_per_user, defaults.max_connections_per_user);
  EXPECT_EQ(limits.idle_timeout, defaults.idle_timeout);
  EXPECT_EQ(limits.write_timeout, defaults.write_timeout);
  EXPECT_EQ(limits.keepalive, defaults.keepalive);
  EXPECT_EQ(limits.session_memory, 8 * defaults.max_packet);
  EXPECT_EQ(limits.memory, defaults.memory);
  EXPECT_EQ(config->backend.check_interval, BackendConfig{}.check_interval);
  EXPECT_EQ(limits.hold.max_held, defaults.hold.max_held);
  EXPECT_EQ(limits.hold.max_held_bytes, defaults.hold.max_held_bytes);
  EXPECT_EQ(limits.hold.max_age, defaults.hold.max_age);
  EXPECT_EQ(limits.hold.max_duration, defaults.hold.max_duration);
  EXPECT_EQ(limits.hold.default_duration, defaults.hold.default_duration);
  EXPECT_EQ(limits.hold.drain_deadline, defaults.hold.drain_deadline);
  EXPECT_EQ(limits.hold.release_concurrency, defaults.hold.release_concurrency);
}

TEST(Examples, PolicyIsGood) {
  const auto policy = LoadPolicy("configs/policy.yaml");
  ASSERT_TRUE(policy) << ToText(policy.error().front());
  EXPECT_EQ(policy->columns.size(), 3u);
  EXPECT_EQ(policy->domains.size(), 2u);
  EXPECT_EQ(policy->roles.size(), 3u);
}

}  // namespace
}  // namespace sealgate::policy
