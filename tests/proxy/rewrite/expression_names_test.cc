#include "proxy/rewrite/expression_names.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/rewrite/rewriter.h"
#include "proxy/wire/column_definition.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

std::string Shown(const ExpressionNames& names, std::string_view name) {
  wire::ColumnDefinition41 definition;
  definition.name = definition.org_name = name;
  names.Show(definition);
  EXPECT_EQ(definition.name, definition.org_name);
  return std::string(definition.name);
}

std::string Hidden(ExpressionNames& names, std::string_view text) {
  return names.Hide(SessionFacts(), true, text).value_or("none");
}

TEST(ExpressionNamesTest, AsMuchAsMySqlTakes) {
  const auto size_of = [](policy::Charset client, const std::string& text) {
    SessionFacts facts;
    facts.client = client;
    return ExpressionNames::Longest(facts, text).size();
  };
  using policy::Charset;
  const std::string ascii(300, 'a');
  std::string accents;
  std::string emoji;
  for (int i = 0; i < 300; ++i) accents += "\xC3\xA9";
  for (int i = 0; i < 300; ++i) emoji += "\xF0\x9F\x98\x80";
  EXPECT_EQ(size_of(Charset::kUtf8mb4, ascii), 255U);
  EXPECT_EQ(size_of(Charset::kLatin1, ascii), 255U);
  EXPECT_EQ(size_of(Charset::kUtf8mb3, ascii), 256U);
  EXPECT_EQ(size_of(Charset::kUtf8mb4, accents), 254U);
  EXPECT_EQ(size_of(Charset::kUtf8mb4, emoji), 4 * 255U);  // each becomes a "?"
  EXPECT_EQ(size_of(Charset::kLatin1, std::string(300, '\xE9')), 127U);
  EXPECT_EQ(size_of(Charset::kUtf8mb4, "a + 1"), 5U);
}

TEST(ExpressionNamesTest, OnlyWhatWasHiddenIsShown) {
  ExpressionNames names;
  EXPECT_TRUE(names.empty());
  EXPECT_EQ(names.bytes(), 0U);
  const std::string first = Hidden(names, "email = 'a'");
  const std::string second = Hidden(names, "");
  EXPECT_FALSE(names.empty());
  EXPECT_GE(names.bytes(), 2 * sizeof(std::string));
  EXPECT_EQ(Shown(names, first), "email = 'a'");
  EXPECT_EQ(Shown(names, second), "");
  for (const char* other :
       {"", "email", "sealgate expression ", "sealgate expression 0", "sealgate expression 3",
        "sealgate expression 1x", "sealgate expression -1",
        "sealgate expression 99999999999999999999", "Sealgate expression 1"}) {
    EXPECT_EQ(Shown(names, other), other);
  }
}

TEST(ExpressionNamesTest, NamesEndWhereTheServersEndThem) {
  ExpressionNames names;
  const auto shown = [&](const std::string& text) { return Shown(names, Hidden(names, text)); };
  EXPECT_EQ(shown(std::string(255, 'x')), std::string(255, 'x'));
  EXPECT_EQ(shown(std::string(256, 'x')), std::string(255, 'x'));
  EXPECT_EQ(shown(std::string(254, 'x') + "\u00E9"), std::string(254, 'x'));
  EXPECT_EQ(shown(std::string(253, 'x') + "\u00E9y"), std::string(253, 'x') + "\u00E9");
  EXPECT_EQ(shown("a\U0001F600b"), "a?b");
  EXPECT_EQ(shown("\x80"), "none");
}

// It takes what needs no conversion as it is.
TEST(ExpressionNamesTest, MySqlCutsUtf8mb3WithinACharacter) {
  ExpressionNames names;
  SessionFacts facts;
  facts.client = facts.results = policy::Charset::kUtf8mb3;
  const auto shown = [&](bool is_mariadb, const std::string& text) {
    return Shown(names, names.Hide(facts, is_mariadb, text).value_or("none"));
  };
  EXPECT_EQ(shown(false, std::string(257, 'x')), std::string(256, 'x'));
  EXPECT_EQ(shown(false, std::string(255, 'x') + "\u00E9"), std::string(255, 'x') + "\xC3");
  EXPECT_EQ(shown(true, std::string(257, 'x')), std::string(255, 'x'));
  facts.client = policy::Charset::kUtf8mb4;
  EXPECT_EQ(shown(false, std::string(257, 'x')), std::string(255, 'x'));
}

TEST(ExpressionNamesTest, OfATextInNoCharacterSet) {
  ExpressionNames names;
  SessionFacts facts;
  facts.client = policy::Charset::kBinary;
  facts.results_unconverted = true;
  const auto shown = [&](bool is_mariadb, const std::string& text) {
    return Shown(names, names.Hide(facts, is_mariadb, text).value_or("none"));
  };
  const std::string face = "\U0001F600";
  EXPECT_EQ(shown(true, "c = '\u00E9'"), "c = '\u00E9'");
  EXPECT_EQ(shown(true, "c = '" + face + "'"), "c = '\\xF0\\x9F\\x98\\x80'");
  EXPECT_EQ(shown(true, "c = '\xC3\xFF'"), "c = '\\xC3\\xFF'");
  EXPECT_EQ(shown(true, "a\xFF\xFE"), "a\\xFF");
  EXPECT_EQ(shown(true, "a" + face + face), "a\\xF0\\x9F\\x98\\x80\\xF0\\x9F");
  EXPECT_EQ(shown(true, std::string(248, 'x') + face), std::string(248, 'x') + "\\xF0");
  EXPECT_EQ(shown(true, std::string(256, 'x')), std::string(255, 'x'));
  EXPECT_EQ(shown(true, std::string(254, 'x') + "\u00E9"), std::string(254, 'x'));
  EXPECT_EQ(shown(false, "c = '" + face + "'"), "c = '" + face + "'");
  EXPECT_EQ(shown(false, "c = '\xF0\x9F'"), "c = '\\xf0\\x9f'");
  EXPECT_EQ(shown(false, std::string(253, 'x') + face), std::string(253, 'x') + "\\xf0\\x9f");
}

// What comes from the cache has this statement's values in its names.
TEST(ExpressionNamesTest, EachStatementHasItsOwn) {
  World world;
  Rewriter rewriter(world.random(), world.metrics(), {});
  SessionFacts facts = world.Facts("app");
  const auto names = [&](std::string_view sql) {
    const Decision decision = rewriter.Query(world.snapshot(), facts, sql);
    EXPECT_TRUE(decision.statement) << sql;
    return decision.names == nullptr ? "none"
                                     : Shown(*decision.names, "sealgate expression 1") + "; " +
                                           Shown(*decision.names, "sealgate expression 2");
  };
  const std::string no_second = "; sealgate expression 2";
  EXPECT_EQ(names("SELECT email FROM customers"), "none");
  EXPECT_EQ(names("SELECT email = 'a' FROM customers"), "email = 'a'" + no_second);
  EXPECT_EQ(names("SELECT email = 'bc' FROM customers"), "email = 'bc'" + no_second);
  EXPECT_EQ(names("SELECT email IN ('a', 'b', 'c') FROM customers"),
            "email IN ('a', 'b', 'c')" + no_second);
  EXPECT_EQ(names("SELECT email IN ('a', 'b', 'c', 'd', 'e') FROM customers"),
            "email IN ('a', 'b', 'c', 'd', 'e')" + no_second);
  EXPECT_EQ(names("SELECT email = 'a' FROM customers; SELECT tax_id = 'x' FROM customers"),
            "email = 'a'; tax_id = 'x'");
  EXPECT_EQ(names("SELECT id FROM customers WHERE email = 'a'"), "none");
  EXPECT_EQ(names("DELETE FROM customers WHERE email = 'a'"), "none");
  facts.results = policy::Charset::kLatin1;
  EXPECT_EQ(names("SELECT email = '\u00E9' FROM customers"), "email = '\xE9'" + no_second);
  facts.results = std::nullopt;
  EXPECT_FALSE(
      rewriter.Query(world.snapshot(), facts, "SELECT email = 'e' FROM customers").statement);
  facts.results_unconverted = true;
  EXPECT_EQ(names("SELECT email = '\u00E9' FROM customers"), "email = '\u00E9'" + no_second);
}

}  // namespace
}  // namespace sealgate::rewrite
