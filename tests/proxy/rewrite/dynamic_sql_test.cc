// Which dynamic SQL is asked for, and what may leave once its text is known;
// which statements have the catalog read again.
#include <gtest/gtest.h>

#include <string>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class DynamicSqlTest : public testing::Test {
 protected:
  DynamicSqlTest()
      : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {}

  std::string Ask(const std::string& sql) {
    const Decision decision = rewriter_.Query(world_.snapshot(), facts_, sql);
    EXPECT_FALSE(decision.statement.has_value());
    return decision.ask;
  }

  /// What leaves, or "refused".
  std::string Leaves(const std::string& sql, const DynamicText& text) {
    const Decision decision = rewriter_.QueryDynamic(world_.snapshot(), facts_, sql, text);
    return decision.statement ? std::string(decision.statement->text()) : "refused";
  }

  bool ReadsCatalogAgain(const std::string& sql) {
    const Decision decision = rewriter_.Query(world_.snapshot(), facts_, sql);
    EXPECT_TRUE(decision.statement.has_value()) << sql;
    return decision.plan->changes_schema;
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
};

TEST_F(DynamicSqlTest, WhatTheServerCanTellIsAskedFor) {
  for (const char* sql :
       {"PREPARE s FROM @q", "EXECUTE IMMEDIATE @q USING 1, @b", "prepare `s` from @`q`;",
        "EXECUTE IMMEDIATE CONCAT(@a, UPPER(@b))", "PREPARE s FROM @@sql_mode",
        "EXECUTE IMMEDIATE CONCAT(@a, @@global.port)"}) {
    EXPECT_NE(Ask(sql), "") << sql;
  }
}

TEST_F(DynamicSqlTest, WhatCouldDoMoreIsNot) {
  for (const char* sql :
       {"EXECUTE IMMEDIATE (SELECT 1)", "EXECUTE IMMEDIATE f()", "EXECUTE IMMEDIATE shop.concat(1)",
        "EXECUTE IMMEDIATE @q) FROM t WHERE (1", "PREPARE s FROM @q, @r", "PREPARE s FROM ?",
        "PREPARE s FROM @q; SELECT 1", "BEGIN NOT ATOMIC PREPARE s FROM @q; END",
        "CREATE PROCEDURE p() PREPARE s FROM @q", "PREPARE s FROM @q := 'SELECT 1'",
        "EXECUTE IMMEDIATE CONCAT(customers.email, 1)", "PREPARE s FROM /*! @q */",
        "EXECUTE IMMEDIATE CONCAT('SELECT email FROM customers')", "PREPARE s FROM 'x' 'y"}) {
    EXPECT_EQ(Ask(sql).find("customers.email"), std::string::npos) << sql;
  }
  for (const char* sql : {"EXECUTE IMMEDIATE (SELECT 1)", "EXECUTE IMMEDIATE f()",
                          "EXECUTE IMMEDIATE shop.concat(1)", "PREPARE s FROM @q, @r",
                          "EXECUTE IMMEDIATE @q) FROM t WHERE (1", "PREPARE s FROM @q; SELECT 1"}) {
    EXPECT_EQ(Ask(sql), "") << sql;
  }
}

TEST_F(DynamicSqlTest, ALiteralIsNotShownInAQuestion) {
  for (const char* sql :
       {"EXECUTE IMMEDIATE CONCAT('INSERT INTO cust', 'omers (email) VALUES (1)')",
        "PREPARE s FROM CONCAT(@a, 'x')", "EXECUTE IMMEDIATE CONCAT(@a, 1)",
        "EXECUTE IMMEDIATE CONCAT(@a, X'41')", "EXECUTE IMMEDIATE CONCAT(@a, N'x')"}) {
    EXPECT_EQ(Ask(sql), "") << sql;
  }
}

TEST_F(DynamicSqlTest, PreparingItThroughTheDriverStaysRefused) {
  EXPECT_FALSE(rewriter_.Prepare(world_.snapshot(), facts_, "EXECUTE IMMEDIATE @q").statement);
}

TEST_F(DynamicSqlTest, TheTextDecides) {
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 1"}), "PREPARE s FROM @q");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {}), "PREPARE s FROM @q");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 1 FROM customers"}), "refused");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 1 FROM cust/*!omers*/"}),
            "PREPARE s FROM @q");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "/*! SELECT 1 FROM customers */"}), "refused");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "PREPARE t FROM @r"}), "refused");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SET session_track_schema = 0"}), "refused");
}

TEST_F(DynamicSqlTest, AnExpressionGivesWayToItsText) {
  EXPECT_EQ(Leaves("EXECUTE IMMEDIATE CONCAT(@a, @b) USING 2", {.text = "DO 1"}),
            "EXECUTE IMMEDIATE CONVERT(X'444F2031' USING utf8mb4) USING 2");
  EXPECT_EQ(Leaves("EXECUTE IMMEDIATE CONCAT(NULL)", {}), "EXECUTE IMMEDIATE NULL");
  EXPECT_EQ(Leaves("EXECUTE IMMEDIATE CONCAT(@a)", {.text = ""}), "EXECUTE IMMEDIATE ''");
}

// The server turns what character_set_client lacks into question marks.
TEST_F(DynamicSqlTest, ATextThatTheServerMightReadOtherwiseIsRefused) {
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT '\xC3\xA9'"}), "PREPARE s FROM @q");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT '\xC3\xA9'", .is_binary = true}),
            "refused");
  facts_.client = std::nullopt;
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT '\xC3\xA9'"}), "refused");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 'e'"}), "PREPARE s FROM @q");
}

TEST_F(DynamicSqlTest, ACharacterSetThatIsNotReadPassesWithoutHotNames) {
  facts_.client = std::nullopt;
  const auto passes = [this](const char* sql) {
    return rewriter_.Query(world_.snapshot(), facts_, sql).statement.has_value();
  };
  EXPECT_FALSE(passes("SELECT '\xB1\x5C'"));
  facts_.client_extends_ascii = true;
  EXPECT_TRUE(passes("SELECT '\xB1\x5C'"));
  EXPECT_FALSE(passes("SELECT '\xB1\x5C' FROM Customers"));
  EXPECT_FALSE(passes("SELECT '\xB1\x5C', ' FROM customers -- '"));
  EXPECT_FALSE(passes("SELECT * FROM cu\xDDtomers"));
  EXPECT_FALSE(passes("PREPARE s FROM '\xB1\x5C'"));
  // To the server, which reads gbk, the first string ends where it should.
  EXPECT_FALSE(
      passes("SELECT '\xB1\x5C', ' ; UPDATE customers SET name = ' ; "
             "UPDATE customers SET email = 1 -- '"));
  EXPECT_FALSE(passes("SET session_track_system_variables = '\xB1\x5C'; SET @a = 1 -- '"));
}

TEST_F(DynamicSqlTest, ANameThatHoldsTheWordIsNoDynamicSql) {
  const auto passes = [this](const char* sql) {
    return rewriter_.Query(world_.snapshot(), facts_, sql).statement.has_value();
  };
  EXPECT_TRUE(
      passes("CREATE PROCEDURE prepare_data() BEGIN SELECT 1; SELECT executed FROM t; END"));
  EXPECT_FALSE(passes("CREATE PROCEDURE p() BEGIN SELECT 1; PREPARE s FROM @q; END"));
  EXPECT_FALSE(passes("CREATE PROCEDURE p() BEGIN SELECT 1; EXECUTE IMMEDIATE @q; END"));
  EXPECT_FALSE(passes("SELECT 1;prepare\xA0s from @q"));
}

TEST_F(DynamicSqlTest, OnlyWhatMayChangeTheCatalogHasItReadAgain) {
  for (const char* sql : {"CREATE TABLE t (a INT)", "ALTER TABLE t ADD b INT",
                          "CREATE VIEW v AS SELECT 1", "/*!50001 CREATE VIEW v AS SELECT 1 */"}) {
    EXPECT_FALSE(ReadsCatalogAgain(sql)) << sql;
  }
  for (const char* sql :
       {"DROP TABLE t", "RENAME TABLE t TO u", "ALTER TABLE t RENAME u", "CREATE DATABASE d",
        "DROP SCHEMA d", "ALTER DATABASE d CHARACTER SET latin1",
        "CREATE TABLE t (a INT COMMENT 'sealgate:1')", "IMPORT TABLE FROM 't.sdi'",
        "/*!80000 IMPORT TABLE FROM 't.sdi' */", "/*!80000 CREATE DATABASE d */",
        "DROP TABLE customers", "CREATE TABLE t (a INT); SELECT 1", "WHATEVER x"}) {
    EXPECT_TRUE(ReadsCatalogAgain(sql)) << sql;
  }
}

}  // namespace
}  // namespace sealgate::rewrite
