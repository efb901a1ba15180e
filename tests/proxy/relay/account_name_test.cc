#include "proxy/relay/account_name.h"

#include <gtest/gtest.h>

namespace sealgate::relay {
namespace {

policy::Catalog Server() {
  policy::Catalog catalog;
  for (const auto& [id, charset] : {std::pair(45, "utf8mb4"), std::pair(8, "latin1"),
                                    std::pair(10, "swe7"), std::pair(63, "binary")}) {
    policy::CollationInfo info;
    info.name = charset;
    info.charset = charset;
    catalog.AddCollation(static_cast<std::uint16_t>(id), std::move(info));
  }
  return catalog;
}

std::string Name(std::string_view name, std::uint16_t collation, NameOf use = NameOf::kLogin) {
  const policy::Catalog server = Server();
  return AccountName(&server, collation, use, name).value_or("(unknown)");
}

TEST(AccountName, QuotesOfALoginDoNotCount) {
  EXPECT_EQ(Name("'support'", 45), "support");
  EXPECT_EQ(Name("''support''", 45), "'support'");
  EXPECT_EQ(Name("''", 45), "");
  for (const char* name : {"support", "'", "'support", "support'", "\"support\"", ""}) {
    EXPECT_EQ(Name(name, 45), name);
  }
  EXPECT_EQ(Name("'support'", 45, NameOf::kChangeUser), "'support'");
}

TEST(AccountName, IsConverted) {
  EXPECT_EQ(Name("s\xFCp", 8), "s\xC3\xBCp");
  EXPECT_EQ(Name("'s\xFCp'", 8), "s\xC3\xBCp");
  EXPECT_EQ(Name("s\xC3\xBCp", 45), "s\xC3\xBCp");
}

TEST(AccountName, WhatTheServerMakesOfItMustBeKnown) {
  for (const auto& [name, collation] :
       {std::pair("s\xFCp", 45), std::pair("s\xC3\xBCp", 63), std::pair("s`p", 10),
        std::pair("s p", 999), std::pair("s\xF0\x9F\x98\x80p", 45)}) {
    EXPECT_EQ(Name(name, static_cast<std::uint16_t>(collation)), "(unknown)") << name;
  }
  // The same in all of them.
  EXPECT_EQ(Name("App_1-x.y", 10), "App_1-x.y");
  EXPECT_EQ(Name("app", 999), "app");
  EXPECT_EQ(AccountName(nullptr, 45, NameOf::kLogin, "'app'"), "app");
  EXPECT_EQ(AccountName(nullptr, 45, NameOf::kLogin, "s p"), std::nullopt);
}

}  // namespace
}  // namespace sealgate::relay
