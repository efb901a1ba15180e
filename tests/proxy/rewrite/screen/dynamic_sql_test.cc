// Which dynamic SQL is asked for, and what may leave once its text is known.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/catalog.h"
#include "policy/dynamic_guard.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/rewrite/screen/guarded_text.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/sql/lexer.h"
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
  // Of swe7, the text's own signs may be letters.
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 'e'"}), "refused");
  facts_.client_extends_ascii = true;
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT '\xC3\xA9'"}), "refused");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 'e'"}), "PREPARE s FROM @q");
}

// MySQL reads the bytes that the text has in the character set of collation_connection.
TEST_F(DynamicSqlTest, OnMySqlTheConnectionsCharacterSetMakesTheBytes) {
  facts_.connection = policy::Charset::kLatin1;
  EXPECT_NE(Ask("PREPARE s FROM @q").find("USING latin1"), std::string::npos);
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT '\xE9'"}), "refused");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 'e'"}), "PREPARE s FROM @q");
  facts_.connection = std::nullopt;
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 'e'"}), "refused");
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {}), "PREPARE s FROM @q");
  world_.BecomeMariadb();
  EXPECT_NE(Ask("PREPARE s FROM @q").find("USING utf8mb4"), std::string::npos);
  EXPECT_EQ(Leaves("PREPARE s FROM @q", {.text = "SELECT 'e'"}), "PREPARE s FROM @q");
}

// What a literal loses on its way may have been a quote.
TEST_F(DynamicSqlTest, ALiteralArrivesAsItWasWritten) {
  // On MariaDB, a guard looks at what became of it.
  const auto passes = [this](const char* sql) {
    const Decision decision = rewriter_.Query(world_.snapshot(), facts_, sql);
    return decision.statement && decision.statement->text() == sql;
  };
  const char* ascii = "PREPARE s FROM 'SELECT \"a\"'";
  const char* high = "PREPARE s FROM 'SELECT \"\u00E9\u4E2D\"'";
  EXPECT_TRUE(passes(ascii));
  EXPECT_TRUE(passes(high));
  facts_.connection = policy::Charset::kLatin1;
  EXPECT_TRUE(passes(high));  // MySQL makes no such step
  world_.BecomeMariadb();
  EXPECT_TRUE(passes(ascii));
  EXPECT_FALSE(passes(high));
  EXPECT_TRUE(passes("PREPARE s FROM 'SELECT \"\u00E9\"'"));
  facts_.connection = std::nullopt;
  EXPECT_TRUE(passes(ascii));
  EXPECT_FALSE(passes("PREPARE s FROM 'SELECT \"\u00A5\"'"));  // a backslash in sjis
  facts_.connection_has_ascii = false;
  EXPECT_FALSE(passes(ascii));
  EXPECT_FALSE(passes("EXECUTE IMMEDIATE CONCAT('DO ', @a)"));
  EXPECT_TRUE(passes("SELECT 1"));
}

TEST_F(DynamicSqlTest, OnMySqlALiteralIsMadeUtf8) {
  facts_.client = facts_.connection = policy::Charset::kLatin1;
  EXPECT_FALSE(
      rewriter_.Query(world_.snapshot(), facts_, "PREPARE s FROM 'SELECT \"\xE0\"'").statement);
  EXPECT_TRUE(rewriter_.Query(world_.snapshot(), facts_, "PREPARE s FROM 'SELECT 1'").statement);
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
  EXPECT_TRUE(passes("SELECT '\xC4\xB0 \xC5\xBF \xE2\x84\xAA'"));  // of no UTF-8
  EXPECT_FALSE(passes("SELECT * FROM customer\xC5\xBF"));
  EXPECT_FALSE(passes("PREPARE s FROM '\xB1\x5C'"));
  // To the server, which reads gbk, the first string ends where it should.
  EXPECT_FALSE(
      passes("SELECT '\xB1\x5C', ' ; UPDATE customers SET name = ' ; "
             "UPDATE customers SET email = 1 -- '"));
  EXPECT_FALSE(passes("SET session_track_system_variables = '\xB1\x5C'; SET @a = 1 -- '"));
}

class GuardTest : public DynamicSqlTest {
 protected:
  GuardTest() { world_.BecomeMariadb(); }

  std::string Sent(const std::string& sql) {
    const Decision decision = rewriter_.Query(world_.snapshot(), facts_, sql);
    return decision.statement ? std::string(decision.statement->text()) : "refused";
  }

  std::string Guard(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& [name, entries] : world_.snapshot().catalog->hot()) names.push_back(name);
    return policy::GuardExpression(text, policy::GuardPattern(std::move(names), true).value());
  }
};

TEST_F(GuardTest, AroundATextThatCannotBeAskedFor) {
  EXPECT_EQ(Sent("EXECUTE IMMEDIATE CONCAT('DO ', @a) USING 1"),
            "EXECUTE IMMEDIATE " + Guard("(CONCAT('DO ', @a))") + " USING 1");
  EXPECT_EQ(Sent("prepare s from concat(@a, 'x');"),
            "PREPARE s FROM " + Guard("(concat(@a, 'x'))") + ";");
}

TEST_F(GuardTest, InsideCompoundStatementsAndProcedures) {
  const std::string guard = Guard("@sealgate_text");
  EXPECT_EQ(Sent("BEGIN NOT ATOMIC EXECUTE IMMEDIATE REPLACE('DO 1', '1', i); EXECUTE s; END"),
            "BEGIN NOT ATOMIC BEGIN NOT ATOMIC SET @sealgate_text = (REPLACE('DO 1', '1', i)); "
            "EXECUTE IMMEDIATE " +
                guard + "; END; EXECUTE s; END");
  EXPECT_EQ(Sent("CREATE OR REPLACE PROCEDURE p(x INT) execute immediate 'DO ?' using x"),
            "CREATE OR REPLACE PROCEDURE p(x INT) BEGIN NOT ATOMIC SET @sealgate_text = ('DO ?'); "
            "EXECUTE IMMEDIATE " +
                guard + " USING x; END");
  EXPECT_EQ(
      Sent("CREATE PROCEDURE p() BEGIN PREPARE s FROM @q; EXECUTE s; DEALLOCATE PREPARE s; "
           "END"),
      "CREATE PROCEDURE p() BEGIN BEGIN NOT ATOMIC SET @sealgate_text = (@q); PREPARE s FROM " +
          guard + "; END; EXECUTE s; DEALLOCATE PREPARE s; END");
}

TEST_F(GuardTest, CommentsThatMentionDynamicSqlAreLeftOut) {
  const std::string guard = Guard("@sealgate_text");
  EXPECT_EQ(
      Sent("CREATE PROCEDURE p() /* kept */ BEGIN\n-- to prepare it\nPREPARE s FROM @q; # kept "
           "\nEXECUTE s; -- IMMEDIATE"),
      "CREATE PROCEDURE p() /* kept */ BEGIN\nBEGIN NOT ATOMIC SET @sealgate_text = (@q); "
      "PREPARE s FROM " +
          guard + "; END; # kept \nEXECUTE s;\n");
}

TEST_F(GuardTest, WhatHasGuardsGetsThePresentOnes) {
  const std::string old =
      policy::GuardExpression("@sealgate_text", policy::GuardPattern({"customers"}, false).value());
  EXPECT_EQ(
      Sent("CREATE PROCEDURE p() BEGIN NOT ATOMIC SET @sealgate_text = (@q); PREPARE s FROM " +
           old + "; END"),
      "CREATE PROCEDURE p() BEGIN NOT ATOMIC SET @sealgate_text = (@q); PREPARE s FROM " +
          Guard("@sealgate_text") + "; END");
  EXPECT_EQ(Sent("CREATE PROCEDURE p() BEGIN PREPARE s FROM " + old + "; PREPARE t FROM @q; END"),
            "refused");
}

TEST_F(GuardTest, AsciiReadsTheSameInEverySupersetOfIt) {
  facts_.client = std::nullopt;
  facts_.client_extends_ascii = true;
  EXPECT_NE(Sent("BEGIN NOT ATOMIC PREPARE s FROM @q; END"), "refused");
  EXPECT_EQ(Sent("BEGIN NOT ATOMIC SELECT '\xB1\x5C'; PREPARE s FROM @q; END"), "refused");
  facts_.client_extends_ascii = false;
  EXPECT_EQ(Sent("BEGIN NOT ATOMIC PREPARE s FROM @q; END"), "refused");
}

// The server refuses it, with its own error.
TEST_F(GuardTest, InAFunction) {
  EXPECT_EQ(Sent("CREATE FUNCTION f() RETURNS INT BEGIN EXECUTE IMMEDIATE 'DO 1'; RETURN 1; END"),
            "CREATE FUNCTION f() RETURNS INT BEGIN BEGIN NOT ATOMIC SET @sealgate_text = ('DO 1'); "
            "EXECUTE IMMEDIATE " +
                Guard("@sealgate_text") + "; END; RETURN 1; END");
}

TEST_F(GuardTest, NoGuardWhereItWouldProveNothing) {
  for (const char* sql :
       {"EXECUTE IMMEDIATE CONCAT('INSERT INTO customers VALUES (', @a, ')')",
        "EXECUTE IMMEDIATE CONCAT('INSERT INTO cust', 'omers (email) VALUES (1)')",
        "BEGIN NOT ATOMIC EXECUTE IMMEDIATE CONCAT('DELETE FROM CUST\\omers', i); END",
        "BEGIN NOT ATOMIC SET session_track_schema = 0; EXECUTE IMMEDIATE 'DO 1'; END",
        "BEGIN NOT ATOMIC BINLOG @a; EXECUTE IMMEDIATE 'DO 1'; END",
        "BEGIN NOT ATOMIC EXECUTE IMMEDIATE @a, @b; END",
        "BEGIN NOT ATOMIC EXECUTE IMMEDIATE @a); END",
        "BEGIN NOT ATOMIC EXECUTE IMMEDIATE (@a; END)", "BEGIN NOT ATOMIC PREPARE `s` FROM @a; END",
        "BEGIN NOT ATOMIC SELECT immediate; END", "SELECT 1; EXECUTE IMMEDIATE CONCAT('DO ', 1)",
        "BEGIN; EXECUTE IMMEDIATE @a",
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW EXECUTE IMMEDIATE 'DO 1'",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO EXECUTE IMMEDIATE CONCAT('DO ', 1)"}) {
    EXPECT_EQ(Sent(sql), "refused") << sql;
  }
  EXPECT_FALSE(rewriter_.Prepare(world_.snapshot(), facts_, "EXECUTE IMMEDIATE CONCAT('DO ', @a)")
                   .statement);
  facts_.unsupported_mode = true;
  EXPECT_EQ(Sent("EXECUTE IMMEDIATE CONCAT('DO ', @a)"), "refused");
}

// Without routines over protected tables.
class GuardOfTablesTest : public ::testing::Test {
 protected:
  GuardOfTablesTest() {
    catalog_.is_mariadb = true;
    catalog_.AddHot({policy::NameKind::kTable, "shop", "customers"});
  }

  std::string Made(std::string_view sql) {
    sql::TokenList tokens;
    sql::Lex(sql, LexModeOf(facts_), tokens);
    return WithGuards(catalog_, facts_, tokens).value_or("refused");
  }

  const std::string pattern_ = policy::GuardPattern({"customers"}, false).value();
  policy::Catalog catalog_;
  SessionFacts facts_;
};

TEST_F(GuardOfTablesTest, BehindAListOfVariables) {
  const std::string guard = policy::GuardExpression("('DO 1')", pattern_);
  EXPECT_EQ(Made("SET STATEMENT max_statement_time = IF(1, 2, 3) FOR EXECUTE IMMEDIATE 'DO 1'"),
            "SET STATEMENT max_statement_time = IF(1, 2, 3) FOR EXECUTE IMMEDIATE " + guard);
  EXPECT_EQ(Made("SET STATEMENT sql_mode = 'ANSI' FOR PREPARE s FROM 'DO 1'"),
            "SET STATEMENT sql_mode = 'ANSI' FOR PREPARE s FROM " + guard);
  EXPECT_EQ(Made("SET STATEMENT a = 1 FOR PREPARE s FROM 'DO 1'; PREPARE t FROM 'DO 2'"),
            "refused");
  const std::string inside = policy::GuardExpression(
      policy::kGuardedText, policy::GuardPattern({"customers"}, false).value());
  const std::string guarded = Made(
      "CREATE PROCEDURE p() BEGIN SET STATEMENT a = (b) FOR PREPARE s FROM 'DO 1'; SET @c = 1; "
      "END");
  EXPECT_EQ(guarded,
            "CREATE PROCEDURE p() BEGIN BEGIN NOT ATOMIC SET @sealgate_text = ('DO 1'); "
            "SET STATEMENT a = (b) FOR PREPARE s FROM " +
                inside + "; END; SET @c = 1; END");
  EXPECT_FALSE(policy::MayHaveDynamicSql(policy::TakeOutGuards(guarded).text));
  // What the list could change, and what is no list.
  for (const char* sql :
       {"CREATE PROCEDURE p() BEGIN SET STATEMENT a = 1 FOR PREPARE s FROM @q; END",
        "CREATE PROCEDURE p() BEGIN SET STATEMENT a = 1 FOR PREPARE s FROM _utf8'DO 1'; END",
        "CREATE PROCEDURE p() BEGIN SET STATEMENT a = (1 FOR PREPARE s FROM 'DO 1'; END",
        "CREATE PROCEDURE p() BEGIN SET STATEMENT a = 1; FOR PREPARE s FROM 'DO 1'; END"}) {
    EXPECT_EQ(Made(sql), "refused") << sql;
  }
}

TEST_F(GuardOfTablesTest, AsWrittenWhereUnicodeMayLackCharacters) {
  facts_.client = std::nullopt;
  facts_.client_extends_ascii = true;
  const std::string& pattern = pattern_;
  EXPECT_EQ(Made("EXECUTE IMMEDIATE CONCAT('DO ', @a)"),
            "EXECUTE IMMEDIATE " + policy::GuardExpressionForBytes("(CONCAT('DO ', @a))", pattern));
  for (const char* expression : {"CONCAT('DO ', RAND())", "CONCAT('DO ', @@global.init_file)",
                                 "CONCAT('DO ', f())", "CONCAT('DO ', @a := 1)"}) {
    EXPECT_EQ(Made(std::string("EXECUTE IMMEDIATE ") + expression),
              "EXECUTE IMMEDIATE " +
                  policy::GuardExpression("(" + std::string(expression) + ")", pattern));
  }
}

TEST_F(GuardOfTablesTest, InOracleModeAlone) {
  facts_.unsupported_mode = true;
  EXPECT_EQ(Made("EXECUTE IMMEDIATE CONCAT('DO ', @a)"), "refused");
  facts_.oracle_mode = true;
  EXPECT_NE(Made("EXECUTE IMMEDIATE CONCAT('DO ', @a)"), "refused");
  EXPECT_EQ(Made("BEGIN NOT ATOMIC EXECUTE IMMEDIATE @a; END"), "refused");
  catalog_.AddHot({policy::NameKind::kRoutine, "shop", "add_customer"});
  EXPECT_NE(Made("EXECUTE IMMEDIATE CONCAT('DO ', @a)"), "refused");
}

TEST_F(GuardOfTablesTest, InFrontOfOtherStatements) {
  const std::string first = "PREPARE s FROM " + policy::GuardExpression("('DO ?')", pattern_);
  EXPECT_EQ(Made("PREPARE s FROM 'DO ?'; SET @a = 6"), first + "; SET @a = 6");
  EXPECT_EQ(Made("PREPARE s FROM 'DO ?'; CREATE PROCEDURE p() PREPARE t FROM @q"),
            first +
                "; CREATE PROCEDURE p() BEGIN NOT ATOMIC SET @sealgate_text = (@q); PREPARE t "
                "FROM " +
                policy::GuardExpression("@sealgate_text", pattern_) + "; END");
  for (const char* rest :
       {"EXECUTE s; PREPARE t FROM @q", "SET @a = 6; PREPARE t FROM @q",
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; PREPARE t FROM @q; -- '",
        "SELECT 1; EXECUTE IMMEDIATE @q", "EXECUTE IMMEDIATE 'SET sql_mode = 1'; DO 1"}) {
    EXPECT_EQ(Made(std::string("PREPARE s FROM 'DO ?'; ") + rest), "refused") << rest;
  }
}

// To the server, which has another mode by then, the string ends before it.
TEST_F(GuardOfTablesTest, AStringThatMayBeDynamicSql) {
  EXPECT_EQ(Made("CREATE PROCEDURE p() PREPARE s FROM 'DO 1'; SET sql_mode = 'ORACLE'; "
                 "SELECT 'a\\'; PREPARE t FROM @q; -- '"),
            "refused");
}

TEST_F(DynamicSqlTest, MysqlHasNoGuard) {
  EXPECT_FALSE(
      rewriter_
          .Query(world_.snapshot(), facts_, "CREATE PROCEDURE p() BEGIN PREPARE s FROM @q; END")
          .statement);
}

TEST_F(DynamicSqlTest, RowEventsAreRefused) {
  EXPECT_FALSE(rewriter_.Query(world_.snapshot(), facts_, "BINLOG 'AAAA'").statement);
  EXPECT_FALSE(rewriter_.Query(world_.snapshot(), facts_, "BINLOG @a, @b").statement);
  EXPECT_TRUE(rewriter_.Query(world_.snapshot(), facts_, "SHOW BINLOG EVENTS").statement);
}

// Alone, and by a role that is trusted with it; not where others would run it.
TEST_F(DynamicSqlTest, RowEventsByARoleOfReplication) {
  policy::Role trusted = *facts_.role;
  trusted.replication = true;
  facts_.role = &trusted;
  const auto passes = [this](std::string_view sql) {
    const Decision decision = rewriter_.Query(world_.snapshot(), facts_, sql);
    return decision.statement && decision.statement->text() == sql;
  };
  EXPECT_TRUE(passes("BINLOG 'AAAA'"));
  EXPECT_TRUE(passes("binlog\n\t\"AAAA\" "));
  EXPECT_TRUE(passes("BINLOG @a, @b"));
  for (const char* sql :
       {"BINLOG 'AAAA'; SELECT 1", "SELECT 1; BINLOG 'AAAA'", "/*!50000 BINLOG 'AAAA' */",
        "BEGIN NOT ATOMIC BINLOG 'AAAA'; END", "CREATE PROCEDURE p() BINLOG 'AAAA'",
        "PREPARE s FROM 'BINLOG \\'AAAA\\''", "EXECUTE IMMEDIATE 'BINLOG \"AAAA\"'"}) {
    EXPECT_FALSE(passes(sql)) << sql;
  }
}

TEST(RawText, RowEventsAreFound) {
  policy::Catalog catalog;
  catalog.AddHot({policy::NameKind::kTable, "shop", "customers"});
  const auto names = [&](const char* text) { return RawTextNamesProtected(catalog, text); };
  EXPECT_FALSE(names("SELECT '| io/file/sql/binlog | YES |'"));
  EXPECT_FALSE(names("SELECT binlog FROM t"));
  EXPECT_FALSE(names("SELECT `binlog`.x, binlog + 1"));
  EXPECT_TRUE(names("SELECT binlog FROM customers"));
  for (const char* text :
       {"BINLOG 'AAAA'", "binlog\n\t\"AAAA\"", "BINLOG/**/'AAAA'", "BINLOG -- x\n 'AAAA'",
        "BINLOG#\n'AAAA'", "BINLOG N'AAAA'", "BINLOG @a, @b", "/*!50000 BINLOG */ 'AAAA'",
        "BINLOG\xC2\xA0'AAAA'", "SET @a = 'BINLOG'", "SET @a = 'BINLOG \\'AAAA\\''",
        "SELECT binlog FROM t; BINLOG 'AAAA'"}) {
    EXPECT_TRUE(names(text)) << text;
  }
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
  EXPECT_TRUE(passes("CREATE PROCEDURE made() BEGIN EXECUTE s; DEALLOCATE PREPARE s; END"));
  EXPECT_FALSE(
      passes("CREATE PROCEDURE made() BEGIN SELECT 1; DEALLOCATE\nPREPARE s FROM @q; END"));
}

}  // namespace
}  // namespace sealgate::rewrite
