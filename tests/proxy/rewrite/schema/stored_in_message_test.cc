#include "proxy/rewrite/schema/stored_in_message.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class StoredInMessage : public testing::Test {
 protected:
  StoredInMessage() {
    role_.columns.resize(1);
    role_.columns[0].reveal = policy::Reveal::kMask;
    facts_.role = &role_;
  }
  std::optional<std::string> Shown(std::string_view message) const {
    return ShownMessage({}, facts_, 1062, message);
  }

  policy::Role role_;
  SessionFacts facts_;
};

TEST_F(StoredInMessage, IsTakenOut) {
  const std::pair<const char*, const char*> rows[] = {
      {R"(Duplicate entry '\xFE\x02\x00\x00Ana' for key 't.two')",
       "Duplicate entry '(sealed)' for key 't.two'"},
      {R"(Duplicate entry 'it's-\xFE\x03\x00' for key 'x' for key 'k')",
       "Duplicate entry '(sealed)' for key 'k'"},
      {R"(Doppelter Eintrag '\xFE\x03\x00' f)", "Doppelter Eintrag '(sealed)'"},
      {R"(\xFE\x01 for key)", "'(sealed)'"},
  };
  for (const auto& [message, without] : rows) EXPECT_EQ(Shown(message), without);
}

TEST_F(StoredInMessage, OthersStayAsTheyAre) {
  for (const char* message : {"", "Duplicate entry '1' for key 'PRIMARY'", R"('\xFE\x1')"}) {
    EXPECT_EQ(Shown(message), std::nullopt) << message;
  }
}

constexpr std::string_view kNotShown = "sealgate: the server's message is not shown";

TEST_F(StoredInMessage, LiteralsOfTheStatementAreNotShown) {
  EXPECT_TRUE(
      Shown("/* select#1 */ select 1 where (`c` = 0xfe0200)").value().starts_with(kNotShown));
}

TEST_F(StoredInMessage, WhatCannotBeReadIsNotShown) {
  facts_.results = std::nullopt;
  EXPECT_EQ(Shown("any"), std::nullopt);
  facts_.results_have_ascii_bytes = false;
  EXPECT_TRUE(Shown("any").value().starts_with(kNotShown));
}

// Any message that may have a row's value, whatever column it is about.
TEST(StoredInMessages, OfPlaintext) {
  World world;
  const SessionFacts masked = world.Facts("mover");
  const policy::Catalog& catalog = *world.snapshot().catalog;
  for (const std::uint16_t code : {1062, 1292, 1366, 1411, 1526, 3819, 4025}) {
    const auto shown =
        ShownMessage(catalog, masked, code, "Duplicate entry '1-secret' for key 'u'");
    EXPECT_TRUE(shown.value().starts_with(kNotShown)) << code;
  }
  EXPECT_EQ(ShownMessage(catalog, masked, 1054, "Unknown column 'x'"), std::nullopt);
  EXPECT_EQ(ShownMessage(catalog, world.Facts("app"), 1062, "Duplicate entry '1'"), std::nullopt);
}

TEST(StoredInMessages, OfRoles) {
  policy::Role role;
  EXPECT_FALSE(HidesStored(role));
  role.columns.resize(2);
  role.columns[0].reveal = policy::Reveal::kClear;
  role.columns[1].reveal = policy::Reveal::kCiphertext;
  EXPECT_FALSE(HidesStored(role));
  role.columns[1].reveal = policy::Reveal::kMask;
  EXPECT_TRUE(HidesStored(role));
}

}  // namespace
}  // namespace sealgate::rewrite
