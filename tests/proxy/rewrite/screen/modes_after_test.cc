#include "proxy/rewrite/screen/modes_after.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

constexpr ModesAfter kKept = ModesAfter::kKept;
constexpr ModesAfter kKeptUnlessError = ModesAfter::kKeptUnlessError;
constexpr ModesAfter kReported = ModesAfter::kReported;
constexpr ModesAfter kUnknown = ModesAfter::kUnknown;

class After : public testing::Test {
 protected:
  After() {
    catalog_.programs_set_modes = false;
    catalog_.programs_set_modes_unseen = false;
  }
  ModesAfter Of(std::string_view sql, std::string_view schema = "shop") const {
    sql::TokenList tokens;
    sql::Lex(sql, {}, tokens);
    return ModesAfterOf(catalog_, catalog_.programs_set_modes, schema, tokens);
  }

  policy::Catalog catalog_;
};

TEST_F(After, WhereNoProgramSetsModesOnlySetDoes) {
  for (const bool mariadb : {false, true}) {
    catalog_.is_mariadb = mariadb;
    for (const char* sql :
         {"", "-- x", "SELECT f()", "(SELECT 1)", "INSERT INTO t VALUES (1)", "BEGIN",
          "begin work;", "COMMIT", "CREATE TABLE t (a INT)", "XA END 'x'", "USE s",
          "PREPARE s FROM 'SET @@sql_mode = 1'", "SET @a = @@time_zone", "SET @@a = 1",
          "SET STATEMENT a = 1, b = 2 FOR SELECT f()", "SET STATEMENT a = 1 FOR UPDATE t SET b = 1",
          "SET a = 1; SET b = 2", "SET a = 1; SELECT 1", "SELECT 1; BEGIN; DELETE FROM t;"}) {
      EXPECT_EQ(Of(sql), kKept) << sql;
    }
    for (const char* sql : {"SET NAMES latin1", "set time_zone = '+01:00', autocommit = 1",
                            "SET sql_mode = CONCAT(@@sql_mode, 'x')",
                            "SET a = 1, SESSION sql_mode = ''", "SET sql_mode = ''; SELECT 1"}) {
      EXPECT_EQ(Of(sql), kReported) << sql;
    }
    for (const char* sql :
         {"SET STATEMENT sql_mode = '' FOR SELECT 1", "SET STATEMENT a = 1 FOR EXECUTE s",
          "SET STATEMENT a = 1 FOR CALL p()", "SET STATEMENT a = 1 FOR SET b = 1", "EXECUTE s",
          "EXECUTE IMMEDIATE 'SELECT 1'", "BEGIN NOT ATOMIC SELECT 1; END",
          "IF 1 THEN SELECT 1; END IF", "x: LOOP", "CALL sys.p()", "CALL mysql.p",
          "SELECT 1; EXECUTE s", "SELECT 'x", "SELECT /*!1*/"}) {
      EXPECT_EQ(Of(sql), kUnknown) << sql;
    }
    EXPECT_EQ(Of("CALL p()", "sys"), kUnknown);
  }
}

TEST_F(After, MakingAProgramKeepsThem) {
  for (const char* sql :
       {"CREATE FUNCTION f() RETURNS INT BEGIN DECLARE a INT; SET a = 1; RETURN a; END",
        "CREATE OR REPLACE PROCEDURE p() BEGIN l: LOOP LEAVE l; END LOOP; CALL q(); END",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END"}) {
    EXPECT_EQ(Of(sql), kKept) << sql;
    EXPECT_EQ(Of(sql, "sys"),
              std::string_view(sql).find("CALL") != std::string_view::npos ? kUnknown : kKept);
  }
  for (const char* sql :
       {"CREATE PROCEDURE p() BEGIN DO 1; END; SET sql_mode = ''",
        "CREATE PROCEDURE p() DO 1; CALL sys.p()", "CREATE PROCEDURE p() DO 1; USE sys; CALL p()",
        "CREATE PROCEDURE p() BEGIN DO 1; END; EXECUTE s",
        "CREATE PROCEDURE p() BEGIN SET time_zone = '+01:00'; END"}) {
    EXPECT_EQ(Of(sql), kUnknown) << sql;
  }
  catalog_.programs_set_modes = true;
  EXPECT_EQ(Of("CREATE PROCEDURE p() DO 1; DO f()"), kUnknown);
}

TEST_F(After, MariadbDoesNotReportAtSigns) {
  for (const char* sql : {"SET @@sql_mode = ''", "SET a = 1, @@session.time_zone = '+01:00'",
                          "SELECT 1; SET @@sql_mode = ''"}) {
    EXPECT_EQ(Of(sql), kReported) << sql;
    catalog_.is_mariadb = true;
    EXPECT_EQ(Of(sql), kUnknown) << sql;
    catalog_.is_mariadb = false;
  }
}

TEST_F(After, ProgramsThatSetModesDoItUnseenOnAnError) {
  catalog_.programs_set_modes = true;
  for (const char* sql :
       {"SELECT f()", "INSERT INTO t VALUES (1)", "CALL p()", "SELECT 1; DO f()"}) {
    EXPECT_EQ(Of(sql), kKeptUnlessError) << sql;
  }
  EXPECT_EQ(Of("COMMIT"), kKept);
  EXPECT_EQ(Of("SET a = 1; DO f()"), kKeptUnlessError);
  EXPECT_EQ(Of("SET sql_mode = ''; DO f()"), kUnknown);
  catalog_.is_mariadb = true;
  EXPECT_EQ(Of("SELECT f()"), kKeptUnlessError);
  EXPECT_EQ(Of("CALL p()"), kUnknown);
}

TEST_F(After, OnMariadbAlsoWithout) {
  catalog_.programs_set_modes = true;
  catalog_.programs_set_modes_unseen = true;
  EXPECT_EQ(Of("SELECT f()"), kKeptUnlessError);
  catalog_.is_mariadb = true;
  for (const char* sql : {"SELECT f()", "INSERT INTO t VALUES (1)", "SET a = f()"}) {
    EXPECT_EQ(Of(sql), kUnknown) << sql;
  }
  EXPECT_EQ(Of("COMMIT"), kKept);
}

bool Sets(std::string_view body) {
  return SetsModes({.schema = "shop", .text = std::string(body), .may_set_modes = true});
}

TEST(ModeSetters, OfEachWayToSetOne) {
  for (const char* body :
       {"BEGIN SET time_zone = 'x'; RETURN 1; END", "SET SESSION time_zone = 'x'",
        "SET @@time_zone = 'x'", "SET @@session.time_zone = 'x'", "SET @@`time_zone` = 'x'",
        "SET @@LOCAL . `sql_mode` := ''", "SET @a = f(1, 2), @@local.character_set_results = 'x'",
        "IF 1 THEN SET @a = 1, @@session.collation_connection = 'x'; END IF", "SET NAMES latin1",
        "SET STATEMENT time_zone = 'x' FOR SELECT 1", "BEGIN time_zone := 'x'; RETURN 1; END",
        "BEGIN `sql_mode` := ''; END", "EXECUTE s"}) {
    EXPECT_TRUE(Sets(body)) << body;
  }
  for (const char* body :
       {"RETURN CONVERT_TZ(x, @@session.time_zone, 'UTC')", "SET @a = @@time_zone, b = 'sql_mode'",
        "SET NEW.time_zone = 'x'", "BEGIN NEW.time_zone := @@time_zone; END",
        "SET @time_zone := 'x'", "SET @@sql_select_limit = @@session.time_zone",
        "SET @a = 'x\\n', @b = 'it\\'s sql_mode'"}) {
    EXPECT_FALSE(Sets(body)) << body;
  }
}

// By other modes than those that it is looked at with.
TEST(ModeSetters, BehindAStringThatEndsElsewhere) {
  EXPECT_TRUE(Sets("SET @a = '\\'; SET time_zone = 'x'; SET @b = \"'\"; /* \" */ RETURN 1"));
  EXPECT_TRUE(Sets("SET @a = \"\\\"'\"; SET time_zone = 'x'; SET @b = '\"'; RETURN 1"));
}

}  // namespace
}  // namespace sealgate::rewrite
