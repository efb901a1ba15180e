#include "policy/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "policy/address.h"

namespace sealgate::policy {
namespace {

const std::string kShop =
    "version: 1\n"
    "columns:\n"
    "  - {column: shop.customers.email, mode: searchable, domain: email}\n"
    "  - {column: shop.customers.card, mode: random}\n"
    "  - {column: shop.orders.email, mode: searchable, domain: email, plaintext: allow}\n";

Policy Parsed(const std::string& yaml) {
  auto policy = ParsePolicy(yaml, "p.yaml");
  EXPECT_TRUE(policy) << (policy ? "" : ToText(policy.error().front()));
  return policy.value_or(Policy{});
}

std::string Mistakes(const std::string& yaml) {
  const auto policy = ParsePolicy(yaml, "p.yaml");
  std::string all;
  if (!policy) {
    for (const Diagnostic& each : policy.error()) {
      all += ToText(each) + "\n";
    }
  }
  return all;
}

const Role& RoleOf(const Policy& policy, std::string_view user, std::string_view from) {
  const AddressBytes address = ParseAddress(from).value();
  std::uint8_t bytes[16];
  std::copy(address.begin(), address.end(), bytes);
  return policy.RoleOf(user, bytes);
}

TEST(Policy, ColumnsAndDomains) {
  PolicySource source;
  const auto policy = ParsePolicy(kShop, "p.yaml", &source);
  ASSERT_TRUE(policy);
  ASSERT_EQ(policy->domains.size(), 2u);
  EXPECT_EQ(policy->domains[0].name, "email");
  EXPECT_EQ(policy->domains[0].mode, crypto::Mode::kSearchable);
  EXPECT_EQ(policy->domains[1].name, "shop.customers.card");
  ASSERT_EQ(policy->columns.size(), 3u);
  EXPECT_EQ(policy->columns[0].domain, policy->columns[2].domain);
  EXPECT_FALSE(policy->columns[0].plaintext_allowed);
  EXPECT_TRUE(policy->columns[2].plaintext_allowed);
  EXPECT_EQ(policy->Find("SHOP", "Customers", "CARD"), 1u);
  EXPECT_EQ(policy->Find("shop", "customers", "id"), std::nullopt);
  EXPECT_EQ(source.file, "p.yaml");
  ASSERT_EQ(source.columns.size(), 3u);
  EXPECT_EQ(source.columns[1].line, 4u);
  EXPECT_EQ(source.columns[1].column, 14u);
}

TEST(Policy, AnEmptyPolicyProtectsNothing) {
  const Policy policy = Parsed("version: 1\n");
  EXPECT_TRUE(policy.columns.empty());
  EXPECT_EQ(RoleOf(policy, "anyone", "10.0.0.1").name, "none");
}

TEST(Policy, FirstMatchingRoleWins) {
  const Policy policy = Parsed(kShop +
                               "roles:\n"
                               "  - name: local\n"
                               "    match: [{user: app, from: [127.0.0.0/8, '::1']}]\n"
                               "  - name: app\n"
                               "    match: [{user: [app, batch]}, {from: 10.1.2.0/23}]\n"
                               "  - {name: rest, match: any}\n");
  EXPECT_EQ(RoleOf(policy, "app", "127.9.9.9").name, "local");
  EXPECT_EQ(RoleOf(policy, "app", "::1").name, "local");
  EXPECT_EQ(RoleOf(policy, "app", "192.168.0.1").name, "app");
  EXPECT_EQ(RoleOf(policy, "batch", "::1").name, "app");
  EXPECT_EQ(RoleOf(policy, "other", "10.1.3.255").name, "app");
  EXPECT_EQ(RoleOf(policy, "other", "10.1.4.0").name, "rest");
  EXPECT_EQ(RoleOf(policy, "APP", "127.0.0.1").name, "rest");
}

TEST(Policy, RulesPerColumn) {
  const Policy policy = Parsed(kShop +
                               "roles:\n"
                               "  - name: app\n"
                               "    match: any\n"
                               "    default: {reveal: clear, write: true}\n"
                               "    replication: true\n"
                               "    columns:\n"
                               "      shop.customers.card: {reveal: {mask: {keep_last: 4, with: "
                               "\"\u2022\"}}, search: true}\n"
                               "      Shop.Orders.Email: {reveal: null}\n"
                               "  - {name: silent, match: any}\n");
  EXPECT_TRUE(policy.roles[0].replication);
  EXPECT_FALSE(policy.roles[1].replication || policy.fallback.replication);
  const std::vector<ColumnRule>& app = policy.roles[0].columns;
  ASSERT_EQ(app.size(), 3u);
  EXPECT_EQ(app[0].reveal, Reveal::kClear);
  EXPECT_TRUE(app[0].write && app[0].search);
  EXPECT_EQ(app[1].reveal, Reveal::kMask);
  EXPECT_EQ(app[1].mask, (Mask{0, 4, U'\u2022'}));
  EXPECT_TRUE(app[1].search);
  EXPECT_FALSE(app[1].write);
  EXPECT_EQ(app[2].reveal, Reveal::kNull);
  EXPECT_FALSE(app[2].search);
  for (const ColumnRule& rule : policy.roles[1].columns) {
    EXPECT_EQ(rule.reveal, Reveal::kDeny);
    EXPECT_FALSE(rule.write || rule.search);
  }
  for (const ColumnRule& rule : policy.fallback.columns) {
    EXPECT_EQ(rule.reveal, Reveal::kDeny);
  }
  EXPECT_EQ(policy.fallback.columns.size(), 3u);
}

TEST(Policy, EveryReveal) {
  const std::pair<std::string, Reveal> rows[] = {{"clear", Reveal::kClear},
                                                 {"mask", Reveal::kMask},
                                                 {"'null'", Reveal::kNull},
                                                 {"null", Reveal::kNull},
                                                 {"deny", Reveal::kDeny},
                                                 {"{mask: {}}", Reveal::kMask},
                                                 {"ciphertext", Reveal::kCiphertext}};
  for (const auto& [text, reveal] : rows) {
    const Policy policy =
        Parsed(kShop + "roles: [{name: a, match: any, default: {reveal: " + text + "}}]\n");
    ASSERT_EQ(policy.roles.size(), 1u) << text;
    EXPECT_EQ(policy.roles[0].columns[0].reveal, reveal) << text;
  }
  EXPECT_EQ(RevealName(Reveal::kCiphertext), "ciphertext");
}

struct Broken {
  std::string extra;  // after kShop, from line 6 on
  std::string diagnostics;
};

TEST(Policy, EachMistakeIsExplained) {
  const Broken rows[] = {
      {"  - {column: a.b.c, mod: random}\n",
       "p.yaml:6:5: a column lacks the key 'mode'. Add it\n"
       "p.yaml:6:21: unknown key 'mod' in a column. Did you mean 'mode'?\n"},
      {"  - {column: a.b.c, mode: secret}\n",
       "p.yaml:6:27: 'secret' is not valid here. Write 'random', 'searchable' or "
       "'deterministic'\n"},
      {"  - {column: a.b, mode: random}\n",
       "p.yaml:6:14: 'a.b' is not a column's full name. Write schema.table.column\n"},
      {"  - {column: a.b.c.d, mode: random}\n",
       "p.yaml:6:14: 'a.b.c.d' is not a column's full name. Write schema.table.column\n"},
      {"  - {column: a..c, mode: random}\n",
       "p.yaml:6:14: 'a..c' has an empty name in it. Write schema.table.column\n"},
      {"  - {column: a.b., mode: random}\n",
       "p.yaml:6:14: 'a.b.' has an empty name in it. Write schema.table.column\n"},
      {"  - {column: a.b\u00fc.c, mode: random}\n",
       "p.yaml:6:14: 'a.b\u00fc.c' has a character that no protected name may have. Names of ASCII "
       "letters, digits, '_', '$', '-' and inner spaces only: servers fold other letters in ways "
       "that would let a name pass unseen\n"},
      {"  - {column: SHOP.customers.Email, mode: searchable, domain: email}\n",
       "p.yaml:6:14: column SHOP.customers.Email stands here twice. Remove one; the other is in "
       "line 3\n"},
      {"  - {column: a.b.c, mode: random, domain: email}\n",
       "p.yaml:6:27: domain 'email' has mode searchable in line 3 and random here. Columns of one "
       "domain have one mode; change it, or name another domain\n"},
      {"  - {column: a.b.c, mode: random, plaintext: yes}\n",
       "p.yaml:6:46: 'yes' is not valid here. Write 'allow' or 'refuse'\n"},
      {"  - email\n",
       "p.yaml:6:5: a column must be a mapping, but is 'email'. Write 'key: value' lines\n"},
      {"roles: x\n", "p.yaml:6:8: a list is expected, not a value. Begin each item with '- '\n"},
      {"roles: [{name: a}]\n", "p.yaml:6:9: a role lacks the key 'match'. Add it\n"},
      {"roles: [{name: none, match: any}]\n",
       "p.yaml:6:16: 'none' is no name for a role. Use up to 64 ASCII letters, digits, '_', '-', "
       "'$' or '.'; 'none' is taken\n"},
      {"roles: [{name: a, match: any}, {name: a, match: any}]\n",
       "p.yaml:6:39: role 'a' stands here twice. Rename one, or join their 'match' lists\n"},
      {"roles: [{name: a, match: []}]\n",
       "p.yaml:6:26: an empty 'match' matches nobody. Add an item, or write match: any\n"},
      {"roles: [{name: a, match: [{}]}]\n",
       "p.yaml:6:27: an empty item of 'match'. Name a user or an address\n"},
      {"roles: [{name: a, match: [{user: []}]}]\n",
       "p.yaml:6:34: 'user' is an empty list. Add an item, or remove the key to match any\n"},
      {"roles: [{name: a, match: [{from: localhost}]}]\n",
       "p.yaml:6:34: 'localhost' is not an IP address or range. Write an address or a range, such "
       "as 10.0.0.0/8 or \"::1/128\"\n"},
      {"roles: [{name: a, match: [{from: 10.0.0.1/8}]}]\n",
       "p.yaml:6:34: '10.0.0.1/8' has bits set after its prefix. Write an address or a range, such "
       "as 10.0.0.0/8 or \"::1/128\"\n"},
      {"roles: [{name: a, match: [{from: 10.0.0.0/33}]}]\n",
       "p.yaml:6:34: '10.0.0.0/33' has no prefix length from 0 to 32. Write an address or a range, "
       "such as 10.0.0.0/8 or \"::1/128\"\n"},
      {"roles: [{name: a, match: any, default: {reveal: all}}]\n",
       "p.yaml:6:49: 'all' is not valid here. Write 'clear', 'mask', 'null', 'ciphertext' or "
       "'deny'\n"},
      {"roles: [{name: a, match: any, default: {write: 1}}]\n",
       "p.yaml:6:48: '1' is not valid here. Write 'true' or 'false'\n"},
      {"roles: [{name: a, match: any, default: {reveal: {mask: {with: '**'}}}}]\n",
       "p.yaml:6:63: 'with' has more than one character. Write one, such as \"*\"\n"},
      {"roles: [{name: a, match: any, columns: {shop.customers.cart: {}}}]\n",
       "p.yaml:6:41: column shop.customers.cart is not protected. Did you mean "
       "'shop.customers.card'?\n"},
      {"roles: [{name: a, match: any, columns: {shop.orders.email: {}, shop.orders.EMAIL: {}}}]\n",
       "p.yaml:6:64: column shop.orders.EMAIL stands here twice. Remove one\n"},
  };
  for (const Broken& row : rows) {
    EXPECT_EQ(Mistakes(kShop + row.extra), row.diagnostics) << row.extra;
  }
}

TEST(Policy, TheVersionIsRequired) {
  EXPECT_EQ(Mistakes("columns: []\n"), "p.yaml:1:1: the policy lacks the key 'version'. Add it\n");
  EXPECT_EQ(Mistakes("version: 3\n"),
            "p.yaml:1:10: '3' is out of range. Write a value from 1 to 1\n");
  EXPECT_EQ(Mistakes(""),
            "p.yaml: the policy must be a mapping, but is nothing. Write 'key: "
            "value' lines\n");
}

TEST(Address, Ranges) {
  for (const char* text : {"", "1.2.3", "1.2.3.4/", "1.2.3.4/x", "1.2.3.4/+8", "::/129", "::1/64",
                           "fe80::1%eth0", "1.2.3.4/8 "}) {
    EXPECT_FALSE(ParseAddressRange(text)) << text;
  }
  EXPECT_TRUE(ParseAddressRange("0.0.0.0/0"));
  EXPECT_TRUE(IsLoopback(*ParseAddress("127.3.2.1")));
  EXPECT_TRUE(IsLoopback(*ParseAddress("::1")));
  EXPECT_FALSE(IsLoopback(*ParseAddress("::")));
  EXPECT_FALSE(IsLoopback(*ParseAddress("128.0.0.1")));
  EXPECT_FALSE(SplitHostPort("::1:80"));
}

}  // namespace
}  // namespace sealgate::policy
