// Hot names with letters above ASCII or quotes in them, where tokens prove nothing.
#include <gtest/gtest.h>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class HighNamesTest : public testing::Test {
 protected:
  HighNamesTest() : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {}

  void AddView(const char* name) {
    auto catalog = std::make_shared<policy::Catalog>(*snapshot_.catalog);
    catalog->AddHot({policy::NameKind::kView, "shop", name});
    snapshot_.catalog = std::move(catalog);
    ++snapshot_.version;
  }
  bool Passes(std::string_view sql) {
    return rewriter_.Query(snapshot_, facts_, sql).statement.has_value();
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
  policy::Snapshot snapshot_ = world_.snapshot();
};

TEST_F(HighNamesTest, InExecutableComments) {
  const char* insert = "/*!50000 INSERT INTO gr\u00F6\u00DFe (a) VALUES ('x') */";
  EXPECT_TRUE(Passes(insert));
  EXPECT_FALSE(Passes("/*!50000 SELECT \u00E4dd_customer('x') */"));
  EXPECT_FALSE(Passes("SELECT add_cust\u00F6mer('x')"));
  EXPECT_TRUE(Passes("SELECT f\u00FCnc('x')"));
  AddView("v\u00E9");
  EXPECT_FALSE(Passes("/*!50000 INSERT INTO `V\u00C9` */ (a) VALUES ('x')"));
  EXPECT_TRUE(Passes("/*!50000 INSERT INTO items (a) VALUES ('\u00E9') */"));
}

TEST_F(HighNamesTest, InBothCases) {
  AddView("v\u00E9");
  EXPECT_FALSE(Passes("INSERT INTO V\u00C9 (a) VALUES ('x')"));
  EXPECT_TRUE(Passes("INSERT INTO items (a) VALUES ('v\u00E9')"));
}

TEST_F(HighNamesTest, InCharacterSetsThatAreNotRead) {
  const char* insert = "INSERT INTO \xC3\xA9 (a) VALUES ('x')";
  facts_.client.reset();
  facts_.client_extends_ascii = true;
  EXPECT_TRUE(Passes(insert));
  AddView("\u8336");
  EXPECT_FALSE(Passes(insert));
  EXPECT_TRUE(Passes("INSERT INTO items (a) VALUES ('x')"));
}

// `{` is a letter in swe7.
TEST_F(HighNamesTest, SignsThatMayBeLetters) {
  const char* insert = "INSERT INTO `kunden{` (a) VALUES ('x')";
  facts_.client.reset();
  EXPECT_TRUE(Passes(insert));
  AddView("kunden\u00E4");
  EXPECT_FALSE(Passes(insert));
  EXPECT_TRUE(Passes("INSERT INTO items (a) VALUES ('x')"));
  EXPECT_TRUE(Passes("SET NAMES utf8mb4"));
  facts_.client_extends_ascii = true;
  EXPECT_TRUE(Passes(insert));
}

TEST_F(HighNamesTest, LettersOfOtherScriptsAreNoLatinOnes) {
  // In cp1251 an event's name of Cyrillic letters.
  const char* create = "CREATE EVENT \xF0\xF3\xF1\xF1\xEA\xE8\xE9_\xEA\xEE\xE4\xE8\xF0 DO SELECT 1";
  facts_.client.reset();
  facts_.client_extends_ascii = true;
  EXPECT_FALSE(Passes(create));
  facts_.client_latin_is_ascii = true;
  EXPECT_TRUE(Passes(create));
  EXPECT_FALSE(Passes("INSERT INTO customers (email) VALUES ('\xF0')"));
  AddView("\u8336");
  EXPECT_FALSE(Passes(create));
}

TEST_F(HighNamesTest, BytesThatAreNoTokens) {
  facts_.client = policy::Charset::kLatin1;
  EXPECT_TRUE(Passes("DROP PREPARE `\xFC`"));
  EXPECT_TRUE(Passes("DO `\xFC\xFC`"));
  // add_customer
  for (const char* name : {"`\xE4"
                           "dd_customer`",
                           "`add_cust\xF6m\xEAr`", "`\xE4\xDD\xDD_\xE7\xFC\x9A\xDE\xF6m\xEAr`"}) {
    EXPECT_FALSE(Passes("DO " + std::string(name) + "('x')")) << name;
  }
}

TEST_F(HighNamesTest, NamesBeyondTheBmpAreOthersToMysql) {
  const std::vector<const char*> named = {"INSERT INTO `s\U0001F600` (a) VALUES ('x')",
                                          "SELECT a FROM s\U0001F600 WHERE a = 'x'"};
  for (const char* sql : named) EXPECT_FALSE(Passes(sql)) << sql;
  EXPECT_TRUE(Passes("INSERT INTO items (a) VALUES ('\U0001F600')"));
  const char* comment = "/*!50000 INSERT INTO `s\U0001F600` (a) VALUES ('x') */";
  AddView("s?");
  EXPECT_FALSE(Passes(comment));
  facts_.client = policy::Charset::kLatin1;
  EXPECT_TRUE(Passes("INSERT INTO items (a) VALUES ('\xF0')"));
}

TEST_F(HighNamesTest, QuotesInAName) {
  for (const char* sql : {"/*!50000 INSERT INTO `v``x` (a) VALUES ('x') */",
                          "/*!50000 INSERT INTO \"w\"\"x\" (a) VALUES ('x') */"}) {
    EXPECT_TRUE(Passes(sql)) << sql;
    AddView("v`x");
    AddView("w\"x");
    EXPECT_FALSE(Passes(sql)) << sql;
    snapshot_ = world_.snapshot();
    snapshot_.version += 10;
  }
}

}  // namespace
}  // namespace sealgate::rewrite
