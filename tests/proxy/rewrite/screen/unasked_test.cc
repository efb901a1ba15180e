#include "proxy/rewrite/screen/unasked.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "policy/snapshot.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/sql/lexer.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

bool IsPlain(std::string_view sql, bool schema_known = true) {
  sql::TokenList tokens;
  sql::Lex(sql, {}, tokens);
  return MayGoUnasked(tokens, schema_known);
}

TEST(Unasked, BytesThatReadAlike) {
  const std::string_view alike =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
      " \t\n\r!#$%&'()*+,-./:;<=>?@_";
  for (int c = 0; c < 256; ++c) {
    const std::string text(1, static_cast<char>(c));
    const Alike expected = alike.find(text) != std::string_view::npos ? Alike::kYes
                           : text == "\""                             ? Alike::kButQuotes
                                                                      : Alike::kNo;
    EXPECT_EQ(ReadsAlike("SELECT 1" + text), expected) << c;
  }
}

TEST(Unasked, AnAtThatSwe7TakesIntoAName) {
  for (const char* text : {"SELECT @a, @@b.c, user@host", "'u'@'h'", "@", "@@a @b", "a@b.c"}) {
    EXPECT_EQ(ReadsAlike(text), Alike::kYes) << text;
  }
  for (const char* text : {"@a@b", "@@a@b", "@@@a", "u@h@x", "@a.b$c_1@", "@@@"}) {
    EXPECT_EQ(ReadsAlike(text), Alike::kNo) << text;
  }
}

TEST(Unasked, APasswordThatIsPrepared) {
  const auto prepares = [](std::string_view sql) {
    sql::TokenList tokens;
    sql::Lex(sql, {}, tokens);
    return PreparesPassword(tokens);
  };
  for (const char* sql :
       {"PREPARE s FROM \"SET password=password('')\"", "EXECUTE s",
        "PREPARE s FROM 'set password = \"x\"'", "DEALLOCATE PREPARE s", "DROP PREPARE s"}) {
    EXPECT_TRUE(prepares(sql)) << sql;
  }
  for (const char* sql :
       {"PREPARE s FROM 'SELECT 1'", "PREPARE s FROM @a", "EXECUTE s USING @a", "DROP TABLE s",
        "EXECUTE IMMEDIATE 'SET PASSWORD = 1'", "EXECUTE IMMEDIATE",
        "PREPARE s FROM `set password`", "EXECUTE s;", "EXECUTE s; SELECT 1",
        "PREPARE s FROM 'set password = 1, session sql_mode = 1'",
        "PREPARE s FROM 'set password_x = 1'", "SELECT 1",
        "PREPARE s FROM CONCAT('set password')"}) {
    EXPECT_FALSE(prepares(sql)) << sql;
  }
}

TEST(Unasked, KindsOfStatements) {
  for (const char* sql :
       {"SELECT * FROM t", "select 1", "SHOW STATUS", "BEGIN", "BEGIN WORK", "START TRANSACTION",
        "COMMIT", "ROLLBACK", "SET autocommit=0", "SET sql_mode=''", "SET @a=1, sql_mode='ANSI'",
        "SET PASSWORD=PASSWORD('')", "ALTER USER USER() IDENTIFIED BY 'x'", "KILL 5",
        "GET DIAGNOSTICS @a=NUMBER", "SELECT 1;", "SELECT /* x */ 1 # y"}) {
    EXPECT_TRUE(IsPlain(sql)) << sql;
  }
  for (const char* sql : {"",
                          "INSERT INTO t VALUES (1)",
                          "UPDATE t SET a=1",
                          "DELETE FROM t",
                          "CALL p()",
                          "CREATE TABLE t (a INT)",
                          "ALTER TABLE t ADD b INT",
                          "USE x",
                          "PREPARE s FROM 'DO 1'",
                          "EXECUTE s",
                          "EXECUTE IMMEDIATE 'DO 1'",
                          "LOCK TABLES t READ",
                          "XA START 'x'",
                          "DO 1",
                          "BEGIN NOT ATOMIC SELECT 1",
                          "START SLAVE",
                          "SET NAMES latin1",
                          "SET CHARACTER SET latin1",
                          "SET CHARSET latin1",
                          "SET time_zone='UTC'",
                          "SET SESSION profiling = 1",
                          "SET character_set_results=NULL",
                          "SET @@session.collation_connection=latin1_bin",
                          "SET STATEMENT sql_mode='' FOR SELECT 1",
                          "SET TRANSACTION READ ONLY",
                          "SET SESSION TRANSACTION READ ONLY",
                          "SET session_track_schema=OFF",
                          "SET @@session_track_system_variables=''",
                          "SELECT 1; SELECT 2",
                          "SELECT /*! 1 */",
                          "SELECT /*M! 1 */ 2",
                          "SELECT 'a",
                          "(SELECT 1)",
                          "HANDLER t OPEN",
                          "LOAD DATA INFILE 'x' INTO TABLE t",
                          "WITH c AS (SELECT 1) SELECT 2",
                          "EXPLAIN SELECT 1",
                          "VALUES (1)",
                          "TABLE t",
                          "FLUSH STATUS"}) {
    EXPECT_FALSE(IsPlain(sql)) << sql;
  }
}

TEST(Unasked, WithoutASchemaNoTableIsNamed) {
  EXPECT_TRUE(IsPlain("SELECT @a, 1", false));
  EXPECT_TRUE(IsPlain("SHOW PROFILES", false));
  for (const char* sql : {"SELECT * FROM t", "SELECT 1 FROM a JOIN b", "SHOW COLUMNS IN t",
                          "SET @a=(SELECT 1 from t)", "SHOW CREATE TABLE t"}) {
    EXPECT_FALSE(IsPlain(sql, false)) << sql;
  }
}

TEST(Unasked, WhatAskingDisturbs) {
  const Disturbed all{true, true, true};
  for (const char* sql :
       {"SELECT FOUND_ROWS()", "select found_rows /* x */ ()", "SELECT Row_Count ( )",
        "SHOW WARNINGS", "show count(*) errors", "SELECT @@warning_count", "SELECT @@error_count",
        "GET DIAGNOSTICS @a=NUMBER", "SELECT `found_rows`()", "SELECT ROW_COUNT-- x\n()"}) {
    EXPECT_TRUE(AsksFor(sql, all)) << sql;
    EXPECT_FALSE(AsksFor(sql, {})) << sql;
  }
  for (const char* sql :
       {"SELECT 1", "INSERT INTO t (row_count) VALUES (1)", "SELECT warning_count FROM errors",
        "SELECT LAST_INSERT_ID()", "SHOW TABLES", "SELECT t.found_rows, 1 FROM t"}) {
    EXPECT_FALSE(AsksFor(sql, all)) << sql;
  }
  EXPECT_FALSE(AsksFor("SELECT FOUND_ROWS()", {.row_count = true, .diagnostics = true}));
  EXPECT_FALSE(AsksFor("SELECT ROW_COUNT()", {.found_rows = true, .diagnostics = true}));
  EXPECT_FALSE(AsksFor("SHOW WARNINGS", {.found_rows = true, .row_count = true}));
}

class Decisions : public testing::Test {
 protected:
  Decisions() : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {
    facts_.asked = false;
    facts_.schema_known = SchemaKnown::kByLogin;
  }
  std::string Of(std::string_view sql) {
    const Decision decision = rewriter_.Query(Snapshot(), facts_, sql);
    if (decision.needs_modes) return "asks";
    if (!decision.statement) return decision.statement.error().message;
    EXPECT_EQ(decision.statement->text(), sql);
    return "goes";
  }
  policy::Snapshot Snapshot() const {
    policy::Snapshot snapshot = world_.snapshot();
    auto catalog = std::make_shared<policy::Catalog>(*snapshot.catalog);
    catalog->logins_run_sql = logins_run_sql_;
    catalog->programs_read_counts = programs_read_counts_;
    snapshot.catalog = std::move(catalog);
    return snapshot;
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
  bool logins_run_sql_ = false;
  bool programs_read_counts_ = false;
};

TEST_F(Decisions, OnlyWhatNamesNothingProtectedGoes) {
  for (int round = 0; round < 2; ++round) {  // then from the cache of plans
    EXPECT_EQ(Of("SELECT x FROM items WHERE x = 'v'"), "goes");
    EXPECT_EQ(Of("SELECT @@version_comment LIMIT 1"), "goes");
    EXPECT_EQ(Of("SELECT \"a\", 'b'"), "goes");
    for (const char* sql :
         {"SELECT email FROM customers", "SELECT 1 FROM v_customers", "SELECT \"customers\"",
          "SELECT 1 FROM \"customers\"", "SELECT '\\'', 1", "SELECT 'a' || 'b'", "SELECT `x`",
          "SELECT 'caf\xC3\xA9'", "SELECT {d '2020-01-01'}",
          "SELECT column_name FROM "
          "information_schema.columns",
          "SET @a = 'customers'", "SELECT add_customer()"}) {
      EXPECT_EQ(Of(sql), "asks") << sql;
    }
  }
}

TEST_F(Decisions, AHotNameCountsInEverySchema) {
  facts_.schema = "elsewhere";
  EXPECT_EQ(Of("SELECT email FROM customers"), "asks");
  facts_.asked = true;
  EXPECT_EQ(Of("SELECT email FROM customers"), "goes");
  facts_.asked = false;
  EXPECT_EQ(Of("SELECT email FROM customers"), "asks");
}

TEST_F(Decisions, WhereLoginsRunSqlTheSchemaIsUnknown) {
  logins_run_sql_ = true;
  EXPECT_EQ(Of("SELECT x FROM items"), "asks");
  EXPECT_EQ(Of("SELECT @a"), "goes");
  facts_.schema_known = SchemaKnown::kYes;
  EXPECT_EQ(Of("SELECT x FROM items"), "goes");
  logins_run_sql_ = false;
  facts_.schema_known = SchemaKnown::kNo;
  EXPECT_EQ(Of("SELECT x FROM items"), "asks");
}

TEST_F(Decisions, NothingGoesWhereARoutineCouldReadWhatAskingDisturbs) {
  programs_read_counts_ = true;
  EXPECT_EQ(Of("SELECT 1"), "asks");
}

// What goes unasked is what each session would send, whatever its modes are.
TEST_F(Decisions, APasswordIsSetByWhatIsPrepared) {
  const char* prepare = "PREPARE s FROM \"SET password=password('')\"";
  EXPECT_EQ(Of(prepare), "asks");
  EXPECT_EQ(Of("EXECUTE s"), "asks");
  facts_.must_change_password = true;
  EXPECT_EQ(Of(prepare), "goes");
  EXPECT_EQ(Of("PREPARE s FROM 'SET PASSWORD = PASSWORD(\"\")'"), "goes");
  EXPECT_EQ(Of("EXECUTE s"), "goes");
  EXPECT_EQ(Of("DEALLOCATE PREPARE s"), "goes");
  for (const char* sql : {"PREPARE s FROM 'SELECT 1'", "SELECT email FROM \"customers\"",
                          "PREPARE s FROM \"SET password = (SELECT email FROM customers)\""}) {
    EXPECT_EQ(Of(sql), "asks") << sql;
  }
}

TEST_F(Decisions, GoesInEveryMode) {
  constexpr std::string_view kSql = "SELECT x, \"y\", 'z' FROM items WHERE x = 1 -- 'a'";
  EXPECT_EQ(Of(kSql), "goes");
  for (int modes = 0; modes < 8; ++modes) {
    SessionFacts facts = world_.Facts("app");
    facts.lex.ansi_quotes = (modes & 1) != 0;
    facts.lex.no_backslash_escapes = (modes & 2) != 0;
    facts.lex.pipes_as_concat = (modes & 4) != 0;
    const Decision decision = rewriter_.Query(world_.snapshot(), facts, kSql);
    ASSERT_TRUE(decision.statement) << modes;
    EXPECT_EQ(decision.statement->text(), kSql) << modes;
  }
}

}  // namespace
}  // namespace sealgate::rewrite
