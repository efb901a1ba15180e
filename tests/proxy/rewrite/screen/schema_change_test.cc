// What statements that name nothing protected do to what is known of the schema.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class SchemaChangeTest : public testing::Test {
 protected:
  SchemaChangeTest()
      : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {}

  std::shared_ptr<const Plan> PlanOf(const std::string& sql) {
    Decision decision = rewriter_.Query(world_.snapshot(), facts_, sql);
    EXPECT_TRUE(decision.statement.has_value()) << sql;
    EXPECT_FALSE(decision.plan->changes_schema && !decision.plan->name_change.empty()) << sql;
    return decision.plan;
  }
  bool Mentions(const std::string& sql, const std::string& name) {
    const auto plan = PlanOf(sql);
    const auto& names = plan->name_change.mentioned;
    return std::find(names.begin(), names.end(), name) != names.end();
  }
  std::string Made(const std::string& sql) {
    const auto made = PlanOf(sql)->name_change.made;
    return made ? made->schema + "." + made->table : "";
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
};

// The rest of the text may be anything.
TEST_F(SchemaChangeTest, WhatCannotBeReadToItsEnd) {
  EXPECT_TRUE(PlanOf("SELECT /*+ \\ */ 1; TRUNCATE TABLE t")->writes);
  EXPECT_TRUE(PlanOf("SELECT /*+ \\ */ 1; DROP TABLE t")->changes_schema);
  EXPECT_FALSE(PlanOf("SELECT /*+ \\ */ 1")->changes_schema);
  // Of other modes, it may have no end.
  const std::string mode = "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; ";
  EXPECT_TRUE(PlanOf(mode + "SELECT '\\'; DROP TABLE t -- '")->changes_schema);
  facts_.client.reset();
  facts_.client_extends_ascii = true;
  EXPECT_FALSE(PlanOf("SELECT '\xBF\xBF', 'drop'")->changes_schema);
  facts_.client_trails_may_be_signs = true;
  EXPECT_TRUE(PlanOf("SELECT '\xBF\\'; DROP TABLE t -- '")->changes_schema);
}

TEST_F(SchemaChangeTest, WhatCannotBeNamedHasTheSchemaReadAgain) {
  for (const char* sql :
       {"CREATE DATABASE shop", "DROP SCHEMA IF EXISTS `Shop`",
        "ALTER DATABASE CHARACTER SET latin1", "CREATE OR REPLACE DATABASE shop",
        "CREATE TABLE t (a INT COMMENT 'sealgate:1')", "IMPORT TABLE FROM 't.sdi'",
        "ALTER TABLE t IMPORT TABLESPACE", "/*!80000 IMPORT TABLE FROM 't.sdi' */",
        "/*!80000 CREATE DATABASE d */", "/*!50001 DROP VIEW IF EXISTS v */",
        "/*!99999 DROP TABLE t */", "DROP TABLE customers", "CREATE TABLE t (a INT); SELECT 1",
        "WHATEVER x", "BEGIN NOT ATOMIC DROP TABLE t; END"}) {
    EXPECT_TRUE(PlanOf(sql)->changes_schema) << sql;
  }
}

TEST_F(SchemaChangeTest, OtherwiseTheNamesThatItMentionsAreTaken) {
  for (const char* sql : {"DROP TABLE a, `T`",
                          "DROP TABLE IF EXISTS other.t",
                          "RENAME TABLE a TO x, t TO y",
                          "ALTER TABLE t RENAME TO x",
                          "ALTER TABLE x RENAME t",
                          "CREATE VIEW t AS SELECT 1",
                          "CREATE OR REPLACE VIEW t AS TABLE x",
                          "ALTER VIEW t AS SELECT 1",
                          "ALTER VIEW t AS TABLE x",
                          "ALTER TABLE x CONVERT TABLE t TO PARTITION p VALUES LESS THAN (9)",
                          "ALTER TABLE x ADD a INT, CONVERT PARTITION p TO TABLE t",
                          "DROP VIEW t",
                          "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW SET @a = 1",
                          "CREATE TABLE t LIKE x",
                          "CREATE OR REPLACE TABLE T (a INT)",
                          "DROP PROCEDURE t",
                          "CREATE PROCEDURE t() SELECT 1",
                          "ALTER TABLE t MODIFY a INT COMMENT 'x'",
                          "ALTER TABLE t ENGINE=MERGE",
                          "ALTER TABLE t ADD a INT, ENGINE MRG_MyISAM",
                          "ALTER TABLE t UNION (x)",
                          "ALTER TABLE t TABNAME='x'",
                          "CREATE TEMPORARY TABLE t (a INT)",
                          "DROP TEMPORARY TABLE t",
                          "DROP INDEX i ON t",
                          "DROP TABLE \"t\"",
                          "CREATE TABLE /*!40000 t (a INT) */",
                          "/*!50001 CREATE */ /*!50001 VIEW t AS SELECT 1 */"}) {
    EXPECT_TRUE(Mentions(sql, "t")) << sql;
    EXPECT_FALSE(PlanOf(sql)->changes_schema) << sql;
  }
  const auto plan = PlanOf("CREATE DATABASE d");
  EXPECT_FALSE(plan->changes_schema);
  const auto& schemas = plan->name_change.schemas;
  EXPECT_NE(std::find(schemas.begin(), schemas.end(), "d"), schemas.end());
}

TEST_F(SchemaChangeTest, WhatAnEventMayUse) {
  for (const char* sql :
       {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO INSERT INTO T VALUES (1)",
        "CREATE OR REPLACE DEFINER=`a`@`b` EVENT e ON SCHEDULE EVERY 1 DAY DO TRUNCATE t",
        "ALTER EVENT e DO INSERT INTO `t` VALUES (1)",
        "/*!50106 CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO TRUNCATE t */"}) {
    EXPECT_TRUE(PlanOf(sql)->name_change.by_event) << sql;
    EXPECT_TRUE(Mentions(sql, "t")) << sql;
  }
  EXPECT_FALSE(PlanOf("DROP TABLE events")->name_change.by_event);
  for (const char* sql :
       {"CREATE PROCEDURE p() INSERT INTO t VALUES (1)",
        "CREATE DEFINER=`a`@`b` TRIGGER r AFTER INSERT ON t FOR EACH ROW SET @a = 1",
        "CREATE OR REPLACE FUNCTION f() RETURNS INT RETURN (SELECT MAX(a) FROM t)"}) {
    EXPECT_TRUE(PlanOf(sql)->name_change.by_program) << sql;
    EXPECT_FALSE(PlanOf(sql)->name_change.by_event) << sql;
    EXPECT_TRUE(Mentions(sql, "t")) << sql;
  }
}

TEST_F(SchemaChangeTest, InACharacterSetThatIsNotReadAsciiIsRead) {
  facts_.client = std::nullopt;
  EXPECT_TRUE(PlanOf("DROP TABLE t")->changes_schema);
  facts_.client_extends_ascii = true;
  EXPECT_TRUE(Mentions("DROP TABLE t", "t"));
  EXPECT_FALSE(PlanOf("DROP TABLE t")->changes_schema);
  EXPECT_TRUE(PlanOf("DROP TABLE t\xE4")->changes_schema);
}

TEST_F(SchemaChangeTest, NothingChangesByTheRest) {
  for (const char* sql :
       {"ALTER TABLE t ADD b INT", "ALTER TABLE t DROP COLUMN b", "ALTER ONLINE TABLE t FORCE",
        "ALTER TABLE other.t ADD a INT DEFAULT (1 + 2), ADD KEY k (a, b), DROP b",
        "ALTER TABLE t ENGINE=InnoDB", "ALTER TABLE t ADD b INT, ENGINE MyISAM, DROP c",
        "INSERT INTO items (id) VALUES (1)", "TRUNCATE items", "/*!40101 SET NAMES utf8mb4 */",
        "/*!40000 ALTER TABLE t DISABLE KEYS */"}) {
    EXPECT_FALSE(PlanOf(sql)->changes_schema) << sql;
    EXPECT_TRUE(PlanOf(sql)->name_change.empty()) << sql;
  }
}

TEST_F(SchemaChangeTest, WhatAProgramDoesToNames) {
  policy::Snapshot snapshot = world_.snapshot();
  auto objects = std::make_shared<policy::ObjectNames>();
  objects->AddTable("shop", "items");
  const auto effect = [&](const char* body, const char* sql) {
    auto with = std::make_shared<policy::ObjectNames>(*objects);
    with->AddRoutine("shop", "p");
    with->AddProgram("p", {"shop", body});
    with->AddRoutine("shop", "wrapper");
    with->AddProgram("wrapper", {"shop", "IF 1 THEN CALL p(); END IF"});
    snapshot.objects = with;
    const auto plan = rewriter_.Query(snapshot, facts_, sql).plan;
    std::string names = plan->changes_schema ? "whole" : "";
    for (const std::string& name : plan->name_change.mentioned) names += name + " ";
    return names;
  };
  for (const char* call : {"CALL p()", "call Wrapper()", "/*!50000 CALL p() */"}) {
    EXPECT_EQ(effect("BEGIN SELECT 1 FROM items; UPDATE items SET a = 1; END", call), "") << call;
    EXPECT_EQ(effect("BEGIN DROP TEMPORARY TABLE t; CREATE TEMPORARY TABLE t (a INT); END", call),
              "");
    EXPECT_EQ(effect("BEGIN INSERT INTO items VALUES (1); DROP TABLE scratch, `Other`; END", call),
              "other scratch ")
        << call;
    EXPECT_EQ(effect("CREATE TABLE made SELECT a FROM items", call), "made ") << call;
    EXPECT_EQ(effect("RENAME TABLE a1 TO a2", call), "a1 a2 ") << call;
    EXPECT_EQ(effect("ALTER DATABASE shop CHARACTER SET latin1", call), "whole") << call;
    EXPECT_EQ(effect("BEGIN PREPARE s FROM @q; EXECUTE s; END", call), "whole") << call;
  }
}

TEST_F(SchemaChangeTest, PluginsChangeNoNames) {
  for (const char* sql : {"INSTALL PLUGIN example SONAME 'ha_example'", "UNINSTALL SONAME 'x'"}) {
    EXPECT_FALSE(PlanOf(sql)->changes_schema) << sql;
    EXPECT_TRUE(PlanOf(sql)->name_change.empty()) << sql;
  }
}

TEST_F(SchemaChangeTest, APlainTableIsKnownOnceItIsMade) {
  EXPECT_EQ(Made("CREATE TABLE Fresh (a INT)"), "shop.Fresh");
  EXPECT_EQ(Made("CREATE TABLE `other`.`Fresh one` (a INT, KEY (a)) ENGINE=InnoDB"),
            "other.Fresh one");
  EXPECT_EQ(Made("CREATE TABLE t (a INT CHECK (a = 1)) ENGINE innodb, DEFAULT CHARSET=utf8mb4 "
                 "COLLATE utf8mb4_bin AUTO_INCREMENT = 7 ROW_FORMAT=dynamic"),
            "shop.t");
  for (const char* options : {"ENGINE=MERGE", "engine 'MERGE'", "TABLE_TYPE=MYSQL TABNAME='x'",
                              "ENGINE = InnoDB TABNAME = 'x'", "PARTITION BY HASH (a)"}) {
    EXPECT_EQ(Made(std::string("CREATE TABLE t (a INT) ") + options), "") << options;
  }
  EXPECT_EQ(Made("create or replace table t (a varchar(10) default 'select')"), "shop.t");
  for (const char* sql :
       {"CREATE TABLE IF NOT EXISTS t (a INT)", "CREATE TEMPORARY TABLE t (a INT)",
        "CREATE TABLE t LIKE items", "CREATE TABLE t (LIKE items)", "CREATE TABLE t SELECT 1",
        "CREATE TABLE t (a INT) SELECT 1 AS a", "CREATE TABLE t (a INT) AS TABLE items",
        "CREATE TABLE t (a INT) VALUES ROW(1)", "CREATE TABLE t (a INT COMMENT 'x')",
        "CREATE TABLE t (a INT) WITH SYSTEM VERSIONING", "CREATE TABLE t AS (SELECT 1)",
        "CREATE TABLE t (a INT) ENGINE=MERGE UNION=(items)", "CREATE TABLE t\xC3\xA4 (a INT)",
        "CREATE VIEW t AS SELECT 1", "CREATE TABLE", "CREATE TABLE t", "CREATE TABLE t.",
        "CREATE SEQUENCE t"}) {
    EXPECT_EQ(Made(sql), "") << sql;
  }
  const auto prepared =
      rewriter_.Prepare(world_.snapshot(), facts_, "CREATE TABLE fresh (a INT)").plan;
  EXPECT_FALSE(prepared->name_change.made);
  EXPECT_FALSE(prepared->name_change.empty());
}

}  // namespace
}  // namespace sealgate::rewrite
