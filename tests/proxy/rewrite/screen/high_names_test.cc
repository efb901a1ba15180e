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
  void AddRoutine(const char* name) {
    auto catalog = std::make_shared<policy::Catalog>(*snapshot_.catalog);
    catalog->AddHot({policy::NameKind::kRoutine, "shop", name});
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

// Servers find routines and variables without accents, by the character set's letters.
TEST_F(HighNamesTest, RoutinesAndVariablesInOtherCharacterSets) {
  const std::vector<const char*> named = {
      "CALL \xE4"
      "dd_customer('x')",
      "SELECT shop.add_cust\x94mer('x')",
      "SELECT \x81\x30\x94\x38"
      "dd_customer('x')",
      "CALL sys.execute_prepared_\x9Atmt('DO 1')",
      "SET \x9A"
      "ession_track_system_variables = ''",
      "SET GLOBAL \xA1nit_connect = 'DO 1'"};
  const auto none_passes = [&] {
    for (const char* sql : named) EXPECT_FALSE(Passes(sql)) << sql;
    EXPECT_TRUE(Passes("INSERT INTO items (a) VALUES ('\xE4\xE4\xE4\xE4\xE4\xE4\xE4\xE4\xE4')"));
    EXPECT_TRUE(Passes("SELECT f\xFCnc(a) FROM items"));
  };
  facts_.client = policy::Charset::kLatin1;
  none_passes();
  facts_.client.reset();
  facts_.client_extends_ascii = true;
  none_passes();
}

// Their own accents count as little as a call's.
TEST_F(HighNamesTest, RoutinesWithAccents) {
  const std::vector<const char*> calls = {
      "CALL survey('x')",           "SELECT shop.survey('x')",
      "SELECT `s\u00FArvey`('x')",  "/*!50000 SELECT survey('x') */",
      "/*!50000 DO s\u00FArvey */", "SELECT 1; CALL survey('x')"};
  for (const char* sql : calls) EXPECT_TRUE(Passes(sql)) << sql;
  AddRoutine("s\u00FCrvey");
  for (const char* sql : calls) EXPECT_FALSE(Passes(sql)) << sql;
  EXPECT_TRUE(Passes("CALL survex('x')"));
  EXPECT_TRUE(Passes("CALL surveys('x')"));
  facts_.client = policy::Charset::kLatin1;
  EXPECT_FALSE(Passes("CALL survey('x')"));
  EXPECT_FALSE(Passes("CALL s\xFArvey('x')"));
  facts_.client.reset();
  facts_.client_extends_ascii = true;
  EXPECT_FALSE(Passes("CALL survey('x')"));
}

// A package stands in front of a dot; in ORACLE mode a name alone is a call.
TEST_F(HighNamesTest, NamesAloneInExecutableComments) {
  for (const char* sql :
       {"/*!50000 BEGIN \u00E4dd_customer.p('x'); END */",
        "/*!50000 BEGIN \u00E4dd_customer; END */", "DO /*! \u00E4dd_customer */ .f('x')"}) {
    EXPECT_FALSE(Passes(sql)) << sql;
  }
}

TEST_F(HighNamesTest, LettersThatFoldToAsciiInATextThatSetsItsOwnCharacterSet) {
  EXPECT_FALSE(
      Passes("SET NAMES latin5; INSERT INTO arch\xDDve (a) VALUES ('x'), "
             "(arch\xDDve.cu\xFEtomers)"));
  EXPECT_FALSE(Passes("SET NAMES latin5; INSERT INTO cu\xFEtomers (a) VALUES ('x')"));
}

TEST_F(HighNamesTest, RoutinesInPiecesOfDynamicSql) {
  World mariadb;
  mariadb.BecomeMariadb();
  const auto snapshot = mariadb.snapshot();
  Rewriter rewriter(mariadb.random(), mariadb.metrics(), {});
  const auto decide = [&](std::string_view sql) {
    return rewriter.Query(snapshot, mariadb.Facts("app"), sql).statement.has_value();
  };
  EXPECT_TRUE(decide("PREPARE s FROM CONCAT('SELECT f\u00FC', 'nc(''x'')')"));
  EXPECT_FALSE(decide("PREPARE s FROM CONCAT('SELECT \u00E4dd', '_customer(''x'')')"));
  EXPECT_FALSE(decide("EXECUTE IMMEDIATE 'SELECT \u00E4dd_customer(''x'')'"));
}

// `{` is a letter in swe7.
TEST_F(HighNamesTest, SignsThatMayBeLetters) {
  const char* insert = "INSERT INTO `kunden{` (a) VALUES ('x')";
  facts_.client.reset();
  EXPECT_FALSE(Passes(insert));
  EXPECT_TRUE(Passes("INSERT INTO items (a) VALUES ('x')"));
  EXPECT_TRUE(Passes("SET NAMES utf8mb4"));
  EXPECT_TRUE(Passes("SET @@character_set_client = utf8mb4"));
  // Routines and variables of ASCII names are found by letters with accents.
  for (const char* sql :
       {"SELECT `{dd_customer`('x')", "SET \"session_tr{ck_system_variables\" = ''",
        "SET \"session_track_syst@m_variables\" = ''"}) {
    EXPECT_FALSE(Passes(sql)) << sql;
  }
  facts_.client_extends_ascii = true;
  EXPECT_TRUE(Passes(insert));
}

// A text that sets swe7 itself is read so from its second statement on.
TEST_F(HighNamesTest, SignsInATextThatChangesItsModes) {
  const std::string set = "SET character_set_client = swe7, sql_mode = 'ANSI_QUOTES'; ";
  EXPECT_TRUE(Passes(set + "SELECT `a` FROM items"));
  for (const char* sql :
       {"SELECT \"{dd_customer\"('x')", "SET \"session_tr{ck_system_variables\" = ''",
        "CALL sys.\"execut`_prepared_stmt\"('DO 1')"}) {
    EXPECT_FALSE(Passes(set + sql)) << sql;
  }
  const std::string insert = set + "INSERT INTO \"kunden{\" (a) VALUES ('x')";
  EXPECT_TRUE(Passes(insert));
  AddView("kunden\u00E4");
  EXPECT_FALSE(Passes(insert));
}

TEST_F(HighNamesTest, SignsOfAllSessionsThatExtendAscii) {
  const char* insert = "INSERT INTO `kunden{` (a) VALUES ('x')";
  AddView("kunden\u00E4");
  facts_.client.reset();
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
