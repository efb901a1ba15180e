#include "proxy/rewrite/screen/one_program.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

bool IsOne(std::string_view sql, const SessionFacts& facts = {}) {
  sql::TokenList tokens;
  sql::Lex(sql, LexModeOf(facts), tokens);
  return MakesOneProgram(facts, tokens);
}

TEST(OneProgram, WholeBodies) {
  for (const char* body :
       {"BEGIN SELECT 1; END", "BEGIN DECLARE a INT; SET a = 1; END;",
        "BEGIN IF a THEN SET b = 1; ELSE BEGIN SELECT 2; END; END IF; END",
        "BEGIN SELECT CASE a WHEN 1 THEN 2 ELSE 3 END; CASE a WHEN 1 THEN SELECT 1; END CASE; END",
        "BEGIN WHILE a DO BEGIN SET a = 0; END; END WHILE; END",
        "BEGIN SET a = 0; l: LOOP LEAVE l; END LOOP; REPEAT SET a = 1; UNTIL a END REPEAT; END",
        "BEGIN UPDATE begin SET a = 1; SELECT begin FROM t; SELECT t.case FROM t; SELECT 1; END",
        "BEGIN SELECT 'END; x'; SELECT `END`; x: BEGIN SELECT 1; END; END"}) {
    for (const char* head :
         {"CREATE PROCEDURE p() ", "CREATE OR REPLACE PROCEDURE `s`.`p`(IN begin INT, OUT b TEXT) ",
          "CREATE DEFINER = 'a'@'b' PROCEDURE IF NOT EXISTS p() COMMENT 'BEGIN; x' SQL SECURITY "
          "INVOKER ",
          "CREATE FUNCTION f(a INT) RETURNS VARCHAR(64) CHARACTER SET utf8mb4 NOT "
          "DETERMINISTIC "}) {
      EXPECT_TRUE(IsOne(std::string(head) + body)) << head << body;
      EXPECT_FALSE(IsOne(std::string(head) + body + "; SELECT 1")) << head << body;
    }
  }
}

TEST(OneProgram, HandlersWithBlocks) {
  for (const char* condition : {"SQLEXCEPTION", "NOT FOUND", "SQLSTATE '42000'", "1146, x",
                                "SQLSTATE VALUE '42000', SQLWARNING"}) {
    const std::string sql = "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR " +
                            std::string(condition) +
                            " BEGIN GET DIAGNOSTICS @a = NUMBER; END; SELECT 1; END";
    EXPECT_TRUE(IsOne(sql)) << sql;
    EXPECT_FALSE(IsOne(sql + "; CALL r(); END")) << sql;
  }
  for (const char* sql :
       {"CREATE PROCEDURE p() BEGIN DECLARE c CURSOR FOR SELECT x BEGIN SELECT 1; END; CALL r(); "
        "END",
        "CREATE PROCEDURE p() BEGIN SELECT handler FOR x BEGIN SELECT 1; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR x, BEGIN SELECT 1; END; CALL r(); "
        "END"}) {
    EXPECT_FALSE(IsOne(sql)) << sql;
  }
}

TEST(OneProgram, WhatIsReadAtOnce) {
  const auto at_once = [](std::string_view sql, const SessionFacts& facts = {}) {
    sql::TokenList tokens;
    sql::Lex(sql, LexModeOf(facts), tokens);
    return IsReadAtOnce(facts, tokens);
  };
  for (const char* sql :
       {"CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; SET NEW.b = 2; END",
        "CREATE DEFINER = a@b TRIGGER t AFTER DELETE ON x FOR EACH ROW FOLLOWS u BEGIN SELECT 1; "
        "END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN SET a = 1; END",
        "ALTER EVENT e ON SCHEDULE EVERY 1 YEAR RENAME TO f COMMENT 'x' DO BEGIN SELECT 1; END",
        "PREPARE s FROM 'SELECT 1'; PREPARE t FROM @q; CREATE PROCEDURE p() BEGIN SELECT 1; END",
        "BEGIN NOT ATOMIC SELECT 1; END"}) {
    EXPECT_TRUE(at_once(sql)) << sql;
    EXPECT_FALSE(at_once(std::string(sql) + "; SELECT 1")) << sql;
    SessionFacts gbk;
    gbk.client.reset();
    EXPECT_FALSE(at_once(sql, gbk)) << sql;
    gbk.client_extends_ascii = true;
    EXPECT_TRUE(at_once(sql, gbk)) << sql;
  }
  for (const char* sql :
       {"CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a = 1; BEGIN SELECT 1; END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET a = 1; SELECT 1",
        "CREATE VIEW event AS SELECT 1; DO BEGIN SELECT 1; END",
        "PREPARE s FROM 'SET a = 1'; EXECUTE s",
        "EXECUTE s; CREATE PROCEDURE p() BEGIN SELECT 1; END", "ALTER EVENT e ENABLE; DO 1"}) {
    EXPECT_FALSE(at_once(sql)) << sql;
  }
}

TEST(OneProgram, CompoundStatements) {
  const auto is_one = [](std::string_view sql) {
    sql::TokenList tokens;
    sql::Lex(sql, {}, tokens);
    return IsOneCompound({}, tokens);
  };
  for (const char* sql :
       {"BEGIN NOT ATOMIC SELECT 1; END",
        "BEGIN NOT ATOMIC DECLARE a INT; BEGIN SET a = 1; END; END;",
        "BEGIN NOT ATOMIC IF 1 THEN BEGIN NOT ATOMIC SELECT 1; END; END IF; END"}) {
    EXPECT_TRUE(is_one(sql)) << sql;
    EXPECT_FALSE(is_one(std::string(sql) + "; SELECT 1")) << sql;
  }
  EXPECT_FALSE(is_one("BEGIN; SELECT 1; COMMIT"));
  EXPECT_FALSE(is_one("BEGIN NOT ATOMIC SELECT 1; SELECT end; END; SELECT 1"));
}

// Each has a statement behind the program, or may have one to a server.
TEST(OneProgram, StatementsBehindIt) {
  for (const char* sql :
       {"CREATE PROCEDURE p() SELECT 1; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN SELECT 1; END; CALL r(); END",
        "CREATE PROCEDURE p() UPDATE begin SET a = 1; CALL r(); END",
        "CREATE PROCEDURE begin() INSERT INTO begin SELECT 1; CALL r(); END",
        "CREATE PROCEDURE p() SELECT 1 begin; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN SELECT begin FROM t; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN UPDATE begin SET a = 1; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN SELECT CASE WHEN a THEN begin END; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN SELECT CASE WHEN a THEN begin ELSE begin END; END; CALL r(); "
        "END",
        "CREATE PROCEDURE p() BEGIN SELECT a.case FROM a; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN SELECT CASE 1 WHEN 1 THEN 2 END FOR UPDATE; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN DO begin; SELECT 1; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN SELECT 1; DO begin OPEN; END; CALL r(); SELECT 1 END",
        "CREATE PROCEDURE p() BEGIN IF a THEN DO begin OPEN; END IF; END; CALL r(); SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN SELECT CASE WHEN a THEN 1 END END; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN IF a THEN SET b = 1; END IF; END; CALL r(); END",
        "CREATE PROCEDURE p() BEGIN begin: LOOP LEAVE begin; END LOOP begin; END; CALL r(); END",
        "CREATE VIEW v AS SELECT begin FROM t; CALL r(); END",
        "CREATE TABLE begin SELECT 1; CALL r(); END",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "CREATE FUNCTION f() RETURNS INT SONAME 'x'; BEGIN SELECT 1; END",
        "CREATE PROCEDURE p() /*!50000 BEGIN SELECT 1; END */; CALL r()",
        "BEGIN SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN SELECT 'x; END",
        "CREATE PROCEDURE p(",
        "CREATE",
        ""}) {
    EXPECT_FALSE(IsOne(sql)) << sql;
  }
}

TEST(OneProgram, OnlyWhereTheTextIsRead) {
  constexpr std::string_view kSql = "CREATE PROCEDURE p() BEGIN SELECT 1; END";
  EXPECT_TRUE(IsOne(kSql));
  SessionFacts facts;
  facts.asked = false;
  EXPECT_FALSE(IsOne(kSql, facts));
  facts = {};
  facts.unsupported_mode = true;
  EXPECT_FALSE(IsOne(kSql, facts));
  facts = {};
  facts.client.reset();
  EXPECT_FALSE(IsOne(kSql, facts));
}

}  // namespace
}  // namespace sealgate::rewrite
