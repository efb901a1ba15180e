// Which statements wait for the catalog: those that use a table or routine that
// it does not know.
#include <gtest/gtest.h>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class KnownNamesTest : public testing::Test {
 protected:
  KnownNamesTest() : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {
    List(false);
  }
  void List(bool exact_case) {
    auto objects = std::make_shared<policy::ObjectNames>(exact_case);
    for (const char* table : {"items", "Tags", "customers", "orders"}) {
      objects->AddTable("shop", table);
    }
    objects->AddTable("other", "facts");
    objects->AddTable("mysql", "user");
    objects->AddRoutine("shop", "Tidy");
    objects->AddRoutine("other", "counts");
    for (const char* routine : {"format_bytes", "ps_setup_save"}) {
      objects->AddRoutine("sys", routine);
    }
    snapshot_ = world_.snapshot();
    snapshot_.objects = std::move(objects);
  }
  void MakeMariadb() {
    auto catalog = std::make_shared<policy::Catalog>(*snapshot_.catalog);
    catalog->is_mariadb = true;
    catalog->server_version = "10.11.6-MariaDB";
    snapshot_.catalog = std::move(catalog);
    ++snapshot_.version;
  }
  bool Waits(std::string_view sql) {
    const Decision decision = rewriter_.Query(snapshot_, facts_, sql, CatalogAge::kMayBeOld);
    EXPECT_FALSE(decision.needs_catalog && decision.statement) << sql;
    EXPECT_EQ(decision.needs_catalog, !decision.unknown.empty()) << sql;
    unknown_ = decision.unknown;
    const bool after = rewriter_.Query(snapshot_, facts_, sql).needs_catalog;
    EXPECT_FALSE(after) << sql;
    return decision.needs_catalog;
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
  policy::Snapshot snapshot_;
  policy::UnknownNames unknown_;
};

TEST_F(KnownNamesTest, KnownNamesDoNotWait) {
  for (const char* sql : {
           "SELECT 1",
           "SELECT * FROM items",
           "SELECT * FROM `ITEMS` i, shop.tags AS t, other.facts WHERE i.a = t.b",
           "SELECT a, b, COUNT(*) FROM items GROUP BY a, b ORDER BY a, b LIMIT 1, 2",
           "SELECT * FROM (items, tags) JOIN (SELECT x, y FROM tags) d ON d.x = a, items i2",
           "SELECT * FROM items a LEFT JOIN tags b ON a.x = b.x AND a.y IN (1, 2), tags c",
           "SELECT EXTRACT(YEAR FROM made), TRIM(BOTH 'x' FROM note), SUBSTRING(note FROM 2) FROM "
           "items",
           "SELECT x INTO @a FROM items FOR UPDATE",
           "WITH a AS (SELECT 1), b (x, y) AS (SELECT 1, 2) SELECT * FROM a JOIN b",
           "WITH RECURSIVE n AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT * FROM n",
           "SELECT * FROM information_schema.tables, mysql.user, DUAL",
           "SELECT a.x FROM items a WHERE EXISTS (SELECT 1 FROM tags WHERE tags.x = a.x)",
           "INSERT INTO items (a, b) VALUES (1, 2), (3, 4) ON DUPLICATE KEY UPDATE a = 1, b = 2",
           "INSERT items SET a = 1, b = 2",
           "INSERT INTO items SELECT a, b FROM tags ON DUPLICATE KEY UPDATE a = 1, b = 2",
           "REPLACE DELAYED items VALUES (1)",
           "UPDATE LOW_PRIORITY items a, tags b SET a.x = REPLACE(b.x, 'a', 'b'), a.y = 2",
           "DELETE FROM items WHERE a = 1",
           "DELETE a, b FROM items a JOIN tags b",
           "DELETE FROM items USING items, tags WHERE items.a = tags.a",
           "LOAD DATA INFILE 'x' INTO TABLE items FIELDS TERMINATED BY ','",
           "CALL tidy(1)",
           "CALL shop.tidy",
           "CALL SHOP.tidy",
           "CALL other.counts('x')",
           "CALL sys.ps_setup_save(1)",
           "SELECT tidy(1), sys.format_bytes(2), COALESCE(a, b), ROW_NUMBER() OVER (ORDER BY a) "
           "FROM items",
           "SET NAMES utf8mb4",
           "SET @x = (SELECT MAX(a) FROM items), autocommit = 1",
           "CREATE TABLE brand_new (a VARCHAR(3), KEY k (a))",
           "CREATE TABLE brand_new SELECT * FROM items",
           "CREATE PROCEDURE p() BEGIN END",
           "DROP TABLE unseen",
           "SHOW TABLES",
           "COMMIT",
           "PREPARE s FROM 'INSERT INTO items VALUES (?)'",
           "EXECUTE s USING @x",
           "SELECT JSON_TABLE.x FROM JSON_TABLE('[]', '$[*]' COLUMNS (x INT PATH '$')) AS j",
           "EXPLAIN SELECT * FROM items",
           "EXPLAIN FOR SCHEMA other SELECT * FROM facts",
           "SELECT UUID_TO_BIN(a), ST_IsValid(b) FROM items",
           "SELECT 1 FROM INFORMATION_SCHEMA.tables",
           "VALUES ROW(1, 2), ROW(3, 4)",
           "TABLE items",
           "DO SLEEP(1)",
           "SELECT * FROM items USE INDEX FOR JOIN (k), tags USE INDEX FOR ORDER BY (k, l) "
           "WHERE a = 1",
           "SELECT * FROM {OJ items LEFT JOIN tags ON 1 = 1}",
           "SELECT * FROM items, LATERAL (SELECT a, b FROM tags) d",
           "SELECT * FROM items JOIN tags USING (a, b) WHERE CONVERT(a USING utf8mb4) = CHAR(1 "
           "USING latin1)",
           "SELECT COUNT(*), MAX(a) FROM items FOR SYSTEM_TIME FROM '2020-01-01' TO '2021-01-01'",
           "SHOW TABLES FROM unseen",
           "SHOW COLUMNS FROM unseen WHERE Field = 'x'",
           "SHOW TABLES WHERE (SELECT COUNT(*) FROM items) = 1",
           "CREATE PROCEDURE IF NOT EXISTS p(a INT, b DECIMAL(3,1)) BEGIN INSERT INTO items (a, b) "
           "VALUES (a, b); IF (a = 1) THEN UPDATE items SET a = 1, b = 2; END IF; END",
           "CREATE DEFINER=event@localhost FUNCTION other.f(a INT) RETURNS VARCHAR(3) RETURN "
           "(SELECT MAX(a) FROM facts)",
           "CREATE TRIGGER tr BEFORE UPDATE ON items FOR EACH ROW SET NEW.a = 1, NEW.b = 2",
           "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM items WHERE a = 1",
           "CREATE VIEW brand_new (a, b) AS SELECT a, b FROM items",
           "ALTER TABLE unseen ADD COLUMN a VARCHAR(3), ADD KEY k (a)",
           "ALTER EVENT e RENAME TO e2",
           "WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b, a, (SELECT 1 FROM a) c",
           "WITH a AS (SELECT 1), b AS (WITH c AS (SELECT * FROM a) SELECT * FROM c) SELECT * FROM "
           "b",
           "INSERT INTO items WITH a (x) AS (SELECT 1) SELECT x FROM a ON DUPLICATE KEY UPDATE a = "
           "1, b = 2",
           "SET STATEMENT max_statement_time = 1 FOR SELECT a FROM items",
       }) {
    EXPECT_FALSE(Waits(sql)) << sql;
  }
}

TEST_F(KnownNamesTest, UnknownNamesWait) {
  for (const char* sql : {
           "SELECT * FROM unseen",
           "SELECT * FROM other.items",
           "SELECT * FROM sys.unseen",
           "SELECT * FROM mysql.unseen",
           "SELECT * FROM mariadb_schema.items",
           "SELECT * FROM oracle_schema.items",
           "CALL sys.unseen('x')",
           "SELECT mysql.unseen('x')",
           "SELECT * FROM items, unseen",
           "SELECT * FROM items i JOIN unseen u ON i.a = u.a",
           "SELECT * FROM items STRAIGHT_JOIN unseen",
           "SELECT * FROM items a LEFT JOIN tags b ON a.x = b.x, unseen",
           "SELECT * FROM (items, unseen)",
           "SELECT * FROM items WHERE a IN (SELECT a FROM `unseen`)",
           "(SELECT 1) UNION (SELECT a FROM unseen)",
           "WITH a AS (SELECT * FROM unseen) SELECT * FROM a",
           "INSERT INTO unseen (email) VALUES ('x')",
           "INSERT unseen VALUES ('x')",
           "INSERT LOW_PRIORITY IGNORE unseen SET email = 'x'",
           "INSERT INTO items SELECT * FROM unseen",
           "REPLACE unseen VALUES (1)",
           "UPDATE unseen SET email = 'x'",
           "UPDATE items, unseen SET email = 'x'",
           "UPDATE items JOIN unseen SET email = 'x'",
           "DELETE FROM unseen",
           "DELETE FROM items USING items JOIN unseen",
           "LOAD DATA INFILE 'x' INTO TABLE unseen",
           "CALL unseen('x')",
           "CALL shop.unseen('x')",
           "SELECT unseen('x')",
           "SELECT shop.unseen ('x') FROM items",
           "DO unseen('x')",
           "SET @a = unseen('x')",
           "INSERT INTO items VALUES (unseen('x'))",
           "CREATE TABLE brand_new SELECT * FROM unseen",
           "EXPLAIN UPDATE unseen SET email = 'x'",
           "TABLE unseen",
           "/*! INSERT INTO unseen VALUES (1) */",
           "PREPARE s FROM 'INSERT INTO unseen VALUES (?)'",
           "EXECUTE IMMEDIATE 'CALL unseen(1)'",
           "SELECT 1; INSERT INTO unseen VALUES (1)",
           "UPDATE customers c JOIN unseen u SET u.email = 'x'",
           "SELECT * FROM items USE INDEX FOR JOIN (k), unseen",
           "SELECT * FROM items USE INDEX FOR ORDER BY (k), unseen",
           "SELECT * FROM items USE INDEX FOR GROUP BY (k), unseen",
           "UPDATE items i USE INDEX FOR JOIN (k), unseen SET unseen.a = 'x'",
           "SELECT * FROM {OJ unseen LEFT JOIN items ON 1 = 1}",
           "SELECT * FROM {x (items, unseen)}",
           "SELECT * FROM items value, unseen",
           "SELECT * FROM items returning, unseen",
           "SELECT * FROM items duplicate, unseen",
           "SELECT * FROM items JOIN tags ON duplicate, unseen",
           "SELECT * FROM items window, unseen",
           "SELECT * FROM .unseen",
           "UPDATE .unseen SET a = 'x'",
           "SELECT system_time FROM unseen",
           "SELECT * FROM quick",
           "SELECT * FROM only, items",
           "SELECT * FROM lateral WHERE a = 'x'",
           "INSERT INTO lateral (a) VALUES ('x')",
           "INSERT INTO json_table (a) VALUES ('x')",
           "INSERT INTO trim (SELECT a FROM unseen)",
           "DELETE FROM items USING (items, unseen) WHERE unseen.a = 'x'",
           "SHOW TABLES WHERE (SELECT COUNT(*) FROM unseen WHERE a = 'x') = 0",
           "SHOW STATUS WHERE unseen('x')",
           "KILL unseen('x')",
           "PURGE BINARY LOGS BEFORE unseen('x')",
           "IF 1 THEN INSERT INTO unseen VALUES ('x'); END IF",
           "CREATE PROCEDURE p() INSERT INTO unseen VALUES ('x')",
           "CREATE PROCEDURE p() BEGIN DELETE FROM items USING unseen; END",
           "CREATE PROCEDURE p() CALL unseen('x')",
           "CREATE PROCEDURE other.p() INSERT INTO items VALUES ('x')",
           "CREATE FUNCTION IF NOT EXISTS f() RETURNS INT RETURN (SELECT MAX(a) FROM unseen)",
           "CREATE DEFINER = event@localhost PROCEDURE other.p() INSERT INTO items VALUES (1)",
           "CREATE DEFINER=view@localhost TRIGGER tr BEFORE INSERT ON items FOR EACH ROW UPDATE "
           "unseen SET a = NEW.a",
           "CREATE EVENT e ON SCHEDULE EVERY unseen('x') DAY DO SET @a = 1",
           "ALTER EVENT e DO INSERT INTO unseen VALUES ('x')",
           "CREATE TABLE brand_new TABLE unseen",
           "CREATE TABLE brand_new AS VALUES ROW(unseen('x'))",
           "CREATE TABLE brand_new (a INT); INSERT INTO unseen VALUES ('x')",
           "USE other; INSERT INTO items VALUES ('x')",
           "EXECUTE q; INSERT INTO items VALUES ('x')",
           "SET STATEMENT max_statement_time = 1 FOR UPDATE unseen SET a = 'x'",
           "EXECUTE s USING unseen('x')",
           "INSERT INTO unseen WITH unseen AS (SELECT 1) SELECT * FROM unseen",
           "WITH unseen AS (SELECT * FROM unseen) SELECT * FROM unseen",
           "WITH unseen AS (SELECT 1) UPDATE unseen SET a = 'x'",
           "WITH unseen AS (SELECT 1) DELETE QUICK FROM unseen WHERE a = 'x'",
           "SELECT * FROM (WITH unseen AS (SELECT 1) SELECT * FROM unseen) d, unseen",
           "INSERT INTO items WITH unseen AS (SELECT 1) SELECT * FROM unseen ON DUPLICATE KEY "
           "UPDATE a = (SELECT 1 FROM unseen)",
           "WITH unseen AS (SELECT 1) SELECT unseen('x') FROM unseen",
           "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b",
           "WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b",
           "WITH unseen AS (SELECT 1) SELECT * FROM (WITH c AS (SELECT * FROM unseen) SELECT * "
           "FROM c) "
           "d",
           "WITH unseen AS (SELECT 1) (WITH c AS (SELECT * FROM unseen) SELECT * FROM c)",
           "(WITH unseen AS (SELECT 1) SELECT * FROM unseen) ORDER BY (SELECT 1 FROM unseen)",
           "SELECT counts('x')",
           "SELECT nvl2('x', 1, 2), median(a) FROM items",
           "EXPLAIN FOR SCHEMA other SELECT * FROM items",
           "EXPLAIN FORMAT=TREE FOR DATABASE other SELECT * FROM items",
           "SELECT * FROM information_\xC5\xBF"
           "chema.tables",
           "CALL other.tidy('x')",
           "CALL format_bytes('x')",
           "SELECT mid ('x')",
           "SELECT shop.concat('x')",
       }) {
    EXPECT_TRUE(Waits(sql)) << sql;
  }
}

// What a view, a routine or a trigger names counts as named by the statement.
TEST_F(KnownNamesTest, WhatProgramsUseIsUsed) {
  auto objects = std::make_shared<policy::ObjectNames>(*snapshot_.objects);
  const auto add = [&objects](const char* name, const char* text, bool is_view = false) {
    objects->AddProgram(name, {"shop", text, is_view});
  };
  for (const char* name : {"whole", "broken", "over_broken", "guarded"}) {
    objects->AddTable("shop", name);
  }
  for (const char* name : {"reads", "writes", "calls", "bare", "again", "quoted"}) {
    objects->AddRoutine("shop", name);
  }
  add("whole", "select `shop`.`items`.`a` AS `a` from `shop`.`items`", true);
  add("broken", "select `shop`.`gone`.`a` AS `a` from `shop`.`gone`", true);
  add("over_broken", "select `broken`.`a` AS `a` from `shop`.`broken`", true);
  add("guarded", "INSERT INTO other.gone VALUES (NEW.a)");
  add("reads", "BEGIN DECLARE x VARCHAR(20); SELECT a INTO x FROM items; RETURN x; END");
  add("writes", "BEGIN INSERT LOW_PRIORITY IGNORE INTO gone VALUES (1); END");
  add("calls", "IF (1) THEN CALL writes(); END IF");
  add("bare", "BEGIN writes; END");
  add("pack", "PACKAGE BODY pack AS PROCEDURE p AS BEGIN INSERT INTO gone VALUES (1); END; END");
  add("again", "CALL again()");
  add("quoted", "INSERT INTO items VALUES ('\\'); INSERT INTO \"gone\" VALUES ('x')");
  snapshot_.objects = std::move(objects);
  MakeMariadb();
  for (const char* sql : {"SELECT a FROM whole", "CALL reads()", "SELECT reads()", "CALL again()",
                          "CREATE TABLE made LIKE items", "CREATE TABLE made (a INT)",
                          "CREATE TABLE made (a VARCHAR(9) CHECK (a LIKE gone))"}) {
    EXPECT_FALSE(Waits(sql)) << sql;
  }
  const std::vector<policy::TableName> gone{{"shop", "gone"}};
  for (const char* sql :
       {"SELECT a FROM broken", "INSERT INTO Broken VALUES ('x')",
        "UPDATE items i JOIN over_broken o SET o.a = 'x'", "CALL writes()", "CALL calls()",
        "DO shop.calls()", "CALL quoted()", "CALL bare()", "CALL pack.p()", "SELECT shop.pack.f()",
        "CREATE TABLE made LIKE broken",
        "CREATE TEMPORARY TABLE IF NOT EXISTS shop.made LIKE shop.gone",
        "CREATE OR REPLACE TABLE made (LIKE gone)", "CREATE TEMPORARY TABLE .made LIKE gone",
        "CREATE TABLE IF NOT EXISTS .made LIKE gone"}) {
    EXPECT_TRUE(Waits(sql)) << sql;
    EXPECT_EQ(unknown_.tables, gone) << sql;
  }
  EXPECT_TRUE(Waits("INSERT INTO guarded VALUES ('x')"));
  EXPECT_EQ(unknown_.tables, (std::vector<policy::TableName>{{"other", "gone"}}));
  // A view does not see a session's temporary tables, a routine does.
  facts_.temporary_tables = {std::string("shop\0gone", 9)};
  EXPECT_TRUE(Waits("SELECT a FROM broken"));
  EXPECT_FALSE(Waits("CALL writes()"));
}

TEST_F(KnownNamesTest, TemporaryTablesOfTheSessionAreKnown) {
  EXPECT_TRUE(Waits("INSERT INTO scratch VALUES (1)"));
  for (const char* sql : {"CREATE TEMPORARY TABLE scratch (a INT)",
                          "create or replace temporary table shop.`Scratch` select 1",
                          "CREATE TEMPORARY TABLE IF NOT EXISTS scratch (a INT)"}) {
    Waits(sql);
    facts_.temporary_tables = {rewriter_.TemporaryTable(snapshot_, facts_)};
    EXPECT_FALSE(Waits("INSERT INTO scratch VALUES (1)")) << sql;
    EXPECT_TRUE(Waits("INSERT INTO other.scratch VALUES (1)")) << sql;
  }
  for (const char* sql : {"CREATE TABLE scratch (a INT)", "SELECT 1", "CREATE TEMPORARY TABLE",
                          "CREATE TEMPORARY TABLE a.", "CREATE", "CREATE OR", ""}) {
    Waits(sql);
    EXPECT_EQ(rewriter_.TemporaryTable(snapshot_, facts_), "") << sql;
  }
}

TEST_F(KnownNamesTest, WhatIsUnknownIsNamedAsItIsWritten) {
  using Tables = std::vector<policy::TableName>;
  using Routines = std::vector<std::string>;
  EXPECT_TRUE(Waits("SELECT F(1) FROM items, Unseen u JOIN `other`.`Un seen` WHERE unseen = 1"));
  EXPECT_EQ(unknown_.tables, (Tables{{"shop", "Unseen"}, {"other", "Un seen"}}));
  EXPECT_EQ(unknown_.routines, Routines{"f"});
  EXPECT_FALSE(unknown_.whole);
  EXPECT_TRUE(Waits("CALL Pack.put('x')"));
  EXPECT_EQ(unknown_.routines, (Routines{"pack", "put"}));
  EXPECT_TRUE(Waits("SELECT shop.pack.get(1)"));
  EXPECT_EQ(unknown_.routines, (Routines{"shop", "pack", "get"}));
  EXPECT_TRUE(Waits("PREPARE s FROM 'INSERT INTO unseen SELECT * FROM unseen_too'"));
  EXPECT_EQ(unknown_.tables, (Tables{{"shop", "unseen"}, {"shop", "unseen_too"}}));
  EXPECT_TRUE(Waits("SELECT 1 FROM a; INSERT INTO b VALUES (1)"));
  EXPECT_EQ(unknown_.tables, (Tables{{"shop", "a"}, {"shop", "b"}}));
}

TEST_F(KnownNamesTest, WhatCannotBeAskedByNameIsTheWholeSchema) {
  std::string many = "SELECT * FROM t0";
  for (int i = 1; i < 100; ++i) many += ", t" + std::to_string(i);
  for (const std::string& sql :
       {std::string("SELECT * FROM uns\xC3\xA9"
                    "en"),
        std::string("CALL f\xC3\xBCnc()"), std::string("SELECT * FROM `\xC3\xA9`.unseen"),
        std::string("SELECT 'unterminated"), many}) {
    EXPECT_TRUE(Waits(sql)) << sql;
    EXPECT_TRUE(unknown_.whole) << sql;
  }
  facts_.schema = "sch\xC3\xB6n";
  EXPECT_TRUE(Waits("SELECT * FROM unseen"));
  EXPECT_TRUE(unknown_.whole);
}

TEST_F(KnownNamesTest, OnTheServersThatTellCaseApartAnotherCaseIsAnotherName) {
  List(true);
  for (const char* sql :
       {"SELECT * FROM items", "SELECT * FROM `shop`.Tags", "INSERT INTO customers VALUES (1)",
        "CALL TIDY(1)", "WITH Abc AS (SELECT 1) SELECT * FROM Abc", "SELECT * FROM dual",
        "SELECT * FROM Information_Schema.Tables"}) {
    EXPECT_FALSE(Waits(sql)) << sql;
  }
  for (const char* sql :
       {"SELECT * FROM Items", "SELECT * FROM shop.tags", "SELECT * FROM Shop.items",
        "INSERT INTO `tags` VALUES (1)", "WITH Abc AS (SELECT 1) SELECT * FROM abc"}) {
    EXPECT_TRUE(Waits(sql)) << sql;
  }
  Waits("CREATE TEMPORARY TABLE Scratch (a INT)");
  facts_.temporary_tables = {rewriter_.TemporaryTable(snapshot_, facts_)};
  EXPECT_FALSE(Waits("INSERT INTO Scratch VALUES (1)"));
  EXPECT_TRUE(Waits("INSERT INTO scratch VALUES (1)"));
}

TEST_F(KnownNamesTest, AQuotedNameIsNoKeyword) {
  EXPECT_TRUE(Waits("INSERT INTO `dual` VALUES ('x')"));
  EXPECT_TRUE(Waits("SELECT * FROM `dual`"));
  EXPECT_FALSE(Waits("SELECT 1 FROM dual"));
}

// Of a keyword, in quotes, it is a stored function's.
TEST_F(KnownNamesTest, AQuotedNameIsNoFunctionOfTheServers) {
  for (const char* sql : {"SELECT `left`('x')", "DO `user`('x')", "SELECT shop.`date`('x')",
                          "INSERT INTO items (a) VALUES (`right`('x', 1))"}) {
    EXPECT_TRUE(Waits(sql)) << sql;
  }
  EXPECT_FALSE(Waits("SELECT LEFT('x', 1), USER(), DATE('x')"));
  // Behind a dot any word is a name, and these are no reserved ones.
  for (const char* sql : {"SELECT shop.left('x')", "DO shop.set()", "SELECT `shop`.values ()",
                          "SELECT * FROM sql_no_cache", "CALL sql_buffer_result()"}) {
    EXPECT_TRUE(Waits(sql)) << sql;
  }
}

// In sql_mode ORACLE a procedure is called by its name alone, and any text may have set it.
TEST_F(KnownNamesTest, ANameThatIsAStatementIsCalled) {
  const std::vector<std::string> calls = {
      "BEGIN fresh; END",
      "BEGIN shop.fresh; END",
      "BEGIN `fresh`; COMMIT; END",
      "BEGIN md5(); END",
      "BEGIN value('x'); END",
      "BEGIN NULL; EXCEPTION WHEN OTHERS THEN fresh; END",
      "<<a>> BEGIN fresh; END",
      "SET sql_mode = 'ORACLE'; BEGIN fresh; END",
      "BEGIN DECLARE EXIT HANDLER FOR SQLSTATE '42S02', 1146 fresh; SELECT 1; END",
      "BEGIN DECLARE EXIT HANDLER FOR NOT FOUND fresh(); END",
      "BEGIN DECLARE EXIT HANDLER FOR SQLSTATE '42S02' fresh(); END"};
  EXPECT_FALSE(Waits(calls[0]));
  MakeMariadb();
  for (const std::string& sql : calls) EXPECT_TRUE(Waits(sql)) << sql;
  for (const char* sql :
       {"BEGIN tidy; END", "BEGIN COMMIT; ROLLBACK; END", "BEGIN a := 1; END", "BEGIN WORK; COMMIT",
        "SELECT 1 AS x; SELECT 2 x", "DO (1); VALUES (1); SELECT 1",
        "BEGIN DECLARE EXIT HANDLER FOR NOT FOUND SET a = b; LEAVE c; END",
        "BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND LEAVE c; END"}) {
    EXPECT_FALSE(Waits(sql)) << sql;
  }
}

TEST_F(KnownNamesTest, AShapeThatWasDecidedIsCheckedAgainstEachList) {
  for (const char* sql : {"SELECT a FROM items WHERE a = 1", "SELECT a FROM items WHERE a = 23",
                          "SELECT id FROM customers WHERE email = 'x'",
                          "SELECT id FROM customers WHERE email = 'yz'"}) {
    EXPECT_FALSE(Waits(sql)) << sql;
  }
  auto objects = std::make_shared<policy::ObjectNames>(*snapshot_.objects);
  policy::NameChange change;
  change.mentioned = {"items", "customers"};
  EXPECT_TRUE(objects->Apply(change));
  const auto before = snapshot_.objects;
  snapshot_.objects = std::move(objects);
  EXPECT_TRUE(Waits("SELECT a FROM items WHERE a = 4"));
  EXPECT_TRUE(Waits("SELECT id FROM customers WHERE email = 'x'"));
  snapshot_.objects = before;
  EXPECT_FALSE(Waits("SELECT a FROM items WHERE a = 5"));
}

TEST_F(KnownNamesTest, ATemporaryTableIsOneSessions) {
  Waits("CREATE TEMPORARY TABLE scratch (a INT)");
  facts_.temporary_tables = {rewriter_.TemporaryTable(snapshot_, facts_)};
  EXPECT_FALSE(Waits("SELECT a FROM scratch WHERE a = 1"));
  EXPECT_FALSE(Waits("SELECT a FROM scratch WHERE a = 2"));
  facts_.temporary_tables.clear();
  EXPECT_TRUE(Waits("SELECT a FROM scratch WHERE a = 3"));
}

TEST_F(KnownNamesTest, WhatALiteralDecidesIsLookedAtEachTime) {
  const auto passes = [this](const char* sql) {
    return rewriter_.Query(snapshot_, facts_, sql).statement.has_value();
  };
  EXPECT_TRUE(passes("SELECT @a := 'x' FROM items"));
  EXPECT_FALSE(passes("SELECT @a := 'SELECT 1 FROM customers' FROM items"));
  EXPECT_TRUE(passes("INSERT INTO items VALUES (\"x\")"));
  EXPECT_FALSE(passes("INSERT INTO \"customers\" VALUES (\"x\")"));
}

TEST_F(KnownNamesTest, WithoutAListNothingCanBeConcluded) {
  snapshot_.objects = nullptr;
  EXPECT_FALSE(Waits("INSERT INTO unseen VALUES (1)"));
}

TEST_F(KnownNamesTest, DeepNestingIsNotTakenForKnown) {
  std::string sql = "SELECT ";
  for (int i = 0; i < 100; ++i) sql += "(";
  EXPECT_TRUE(Waits(sql));
}

TEST_F(KnownNamesTest, WithoutProtectedTablesNothingWaits) {
  auto nothing = std::make_shared<policy::Catalog>();
  snapshot_.catalog = std::move(nothing);
  EXPECT_FALSE(Waits("INSERT INTO unseen VALUES (1)"));
}

}  // namespace
}  // namespace sealgate::rewrite
