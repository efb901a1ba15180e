#include "proxy/rewrite/schema/stored_in_message.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::rewrite {
namespace {

TEST(StoredInMessage, IsTakenOut) {
  const std::pair<const char*, const char*> rows[] = {
      {R"(Duplicate entry '\xFE\x02\x00\x00Ana' for key 't.two')",
       "Duplicate entry '(sealed)' for key 't.two'"},
      {R"(Duplicate entry 'it's-\xFE\x03\x00' for key 'x' for key 'k')",
       "Duplicate entry '(sealed)' for key 'k'"},
      {R"(Doppelter Eintrag '\xFE\x03\x00' f)", "Doppelter Eintrag '(sealed)'"},
      {R"(\xFE\x01 for key)", "'(sealed)'"},
  };
  for (const auto& [message, without] : rows) EXPECT_EQ(WithoutStored(message), without);
}

TEST(StoredInMessage, OthersStayAsTheyAre) {
  for (const char* message : {"", "Duplicate entry '1' for key 'PRIMARY'", R"('\xFE\x1')"}) {
    EXPECT_EQ(WithoutStored(message), std::nullopt) << message;
  }
}

TEST(StoredInMessage, OfRoles) {
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
