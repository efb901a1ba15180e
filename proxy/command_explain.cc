// sealgate explain: what would become of a statement. Reads configuration,
// policy, keys and the live schema itself, as 'sealgate check' does, so that it
// also answers before the proxy runs or takes a changed policy.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <utility>

#include "crypto/random_source.h"
#include "policy/address.h"
#include "policy/ascii.h"
#include "policy/catalog_reader.h"
#include "policy/file_text.h"
#include "proxy/commands.h"
#include "proxy/explain/explain.h"
#include "proxy/net/backend/protection.h"
#include "proxy/relay/session_values.h"

namespace sealgate {
namespace {

constexpr int kRefused = 3;

int Fail(const net::Mistakes& mistakes) {
  PrintMistakes(mistakes);
  return kFailed;
}

// Where snapshots come from.
struct Source {
  net::Protection protection;
  policy::CatalogReader reader;
};

tl::expected<Source, net::Mistakes> OpenSource(const policy::Config& config) {
  auto protection = net::LoadProtection(config);
  if (!protection) return tl::unexpected(std::move(protection.error()));
  auto password = policy::ReadSecretLine(config.catalog.password_file);
  if (!password) return tl::unexpected(net::Mistakes{policy::ToText(password.error())});
  return Source{std::move(*protection),
                policy::CatalogReader({config.backend, config.catalog.user, std::move(*password),
                                       config.limits.connect_timeout},
                                      config.catalog.cache)};
}

tl::expected<policy::Snapshot, net::Mistakes> ReadSnapshot(Source& source) {
  const net::Protection& protection = source.protection;
  auto reading = source.reader.Read(*protection.policy);
  if (!reading) return tl::unexpected(net::Mistakes{std::move(reading.error())});
  return policy::Snapshot{protection.policy, reading->catalog, protection.keys, reading->objects,
                          1};
}

tl::expected<explain::Explanation, net::Mistakes> Explain(Source& source,
                                                          const policy::Snapshot& snapshot,
                                                          const rewrite::SessionFacts& facts,
                                                          std::string_view statement) {
  crypto::SystemRandom random;
  explain::Explanation explanation = explain::Explain(snapshot, facts, random, statement);
  if (explanation.unknown_collations.empty()) return explanation;
  // As the proxy does it.
  for (const std::string& name : explanation.unknown_collations) source.reader.Want(name);
  const auto fuller = ReadSnapshot(source);
  if (!fuller) return tl::unexpected(fuller.error());
  return explain::Explain(*fuller, facts, random, statement);
}

const policy::Role* RoleNamed(const policy::Policy& policy, const std::string& name) {
  for (const policy::Role& role : policy.roles) {
    if (role.name == name) return &role;
  }
  return name == policy.fallback.name ? &policy.fallback : nullptr;
}

std::string RoleNames(const policy::Policy& policy) {
  std::string names;
  for (const policy::Role& role : policy.roles) names += role.name + ", ";
  return names + policy.fallback.name;
}

// By name, by login, or the only one that there is.
tl::expected<const policy::Role*, std::string> PickRole(const policy::Policy& policy,
                                                        const ExplainArguments& arguments) {
  if (!arguments.role.empty()) {
    if (const policy::Role* role = RoleNamed(policy, arguments.role)) return role;
    return tl::unexpected(fmt::format("there is no role '{}'; the policy has: {}", arguments.role,
                                      RoleNames(policy)));
  }
  if (arguments.user.empty()) {
    if (policy.roles.size() == 1) return &policy.roles.front();
    return tl::unexpected(
        fmt::format("whose statement is it? Give --role ({}) or --user", RoleNames(policy)));
  }
  const auto range = policy::ParseAddressRange(arguments.from.empty() ? "::1" : arguments.from);
  if (!range) return tl::unexpected(fmt::format("'{}' is not an IP address", arguments.from));
  return &policy.RoleOf(arguments.user, range->bytes);
}

std::string UpperCase(std::string text) {
  std::string upper;
  for (const char c : text) {
    if (c != ' ') upper += ascii::ToUpper(c);
  }
  return upper;
}

rewrite::SessionFacts FactsOf(const policy::Snapshot& snapshot, const policy::Role* role,
                              const ExplainArguments& arguments) {
  rewrite::SessionFacts facts;
  facts.schema = arguments.schema;
  facts.role = role;
  facts.file_charset = "utf8mb4";  // of a LOAD DATA that does not say it
  std::string modes = UpperCase(arguments.sql_mode);
  if (("," + modes + ",").find(",ANSI,") != std::string::npos) {
    modes += ",ANSI_QUOTES,PIPES_AS_CONCAT";  // as the server expands it
  }
  relay::ReadSqlMode(modes, snapshot.catalog->is_mariadb, facts);
  return facts;
}

std::string StatementOf(const ExplainArguments& arguments) {
  if (arguments.statement != "-" && !arguments.statement.empty()) return arguments.statement;
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

}  // namespace

int ExplainStatement(const std::string& config_file, const ExplainArguments& arguments) {
  const auto config = LoadConfigOrExplain(config_file);
  if (!config) return kFailed;
  auto source = OpenSource(*config);
  if (!source) return Fail(source.error());
  const auto snapshot = ReadSnapshot(*source);
  if (!snapshot) return Fail(snapshot.error());
  const auto role = PickRole(*snapshot->policy, arguments);
  if (!role) return Fail({role.error()});
  std::string statement = StatementOf(arguments);
  while (!statement.empty() && (statement.back() == '\n' || statement.back() == ' ')) {
    statement.pop_back();
  }
  if (statement.empty()) return Fail({"there is no statement; give one, or write it to stdin"});
  const auto explanation =
      Explain(*source, *snapshot, FactsOf(*snapshot, *role, arguments), statement);
  if (!explanation) return Fail(explanation.error());
  if (arguments.json) {
    fmt::print("{}\n", explain::ToJson(*explanation)
                           .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", explain::ToText(*explanation, statement));
  }
  return explanation->outcome == explain::Explanation::Outcome::kRefused ? kRefused : kDone;
}

}  // namespace sealgate
