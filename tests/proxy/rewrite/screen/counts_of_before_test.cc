#include "proxy/rewrite/screen/counts_of_before.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

bool ReadsFound(std::string_view body) { return BodyReadsCounts(body, {.found_rows = true}); }
bool ReadsCount(std::string_view body) { return BodyReadsCounts(body, {.row_count = true}); }

TEST(CountsOfBefore, OfTheStatementBefore) {
  for (const char* body :
       {"select found_rows() AS `x`", "RETURN FOUND_ROWS()", "RETURN `found_rows`()", "",
        "BEGIN SET @a = 1; RETURN FOUND_ROWS(); END",
        "BEGIN UPDATE t SET a = 1; SELECT FOUND_ROWS(); END",
        "BEGIN SELECT FOUND_ROWS(); SELECT 1; END", "SELECT '\\'', FOUND_ROWS()",
        "BEGIN IF a THEN SELECT 1; END IF; SELECT FOUND_ROWS(); END",
        "BEGIN WHILE a DO SELECT 1; END WHILE; SELECT FOUND_ROWS(); END",
        "BEGIN CASE a WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE; SELECT FOUND_ROWS(); END",
        "BEGIN DECLARE EXIT HANDLER FOR NOT FOUND BEGIN SELECT 1; END; SELECT FOUND_ROWS(); END",
        "BEGIN DECLARE CONTINUE HANDLER FOR 1062 SELECT 1; SELECT FOUND_ROWS(); END",
        "BEGIN BEGIN DECLARE EXIT HANDLER FOR 1062 SET @a = 1; UPDATE t SET a = 1; SELECT 1; END; "
        "SELECT FOUND_ROWS(); END",
        "BEGIN GOTO x; SELECT 1; <<x>> SELECT FOUND_ROWS(); END"}) {
    EXPECT_TRUE(ReadsFound(body)) << body;
  }
  EXPECT_TRUE(ReadsCount("BEGIN SET @a = 1; SET @b = ROW_COUNT(); END"));
  EXPECT_TRUE(
      ReadsCount("BEGIN SET @a = CASE WHEN 1 THEN REPLACE('a', 'b', 'c') END; "
                 "RETURN ROW_COUNT(); END"));
  EXPECT_FALSE(ReadsCount("RETURN FOUND_ROWS()"));
  EXPECT_FALSE(ReadsFound("RETURN ROW_COUNT()"));
  EXPECT_FALSE(ReadsFound("SELECT SQL_CALC_FOUND_ROWS a FROM t"));
}

TEST(CountsOfBefore, NotOfOneOfItsOwn) {
  for (const char* body :
       {"BEGIN SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 1; SELECT FOUND_ROWS(); END",
        "BEGIN IF a THEN SIGNAL x; ELSE SET @a = 1; END IF; SELECT a FROM t; SELECT FOUND_ROWS(); "
        "END",
        "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; "
        "SELECT a INTO b FROM t; IF FOUND_ROWS() = 0 THEN SIGNAL x; END IF; END",
        "BEGIN SET @a = CASE 1 WHEN 1 THEN 2 END; SELECT IF(a, 1, 2) FROM t; RETURN FOUND_ROWS(); "
        "END"}) {
    EXPECT_FALSE(ReadsFound(body)) << body;
  }
  for (const char* body :
       {"BEGIN UPDATE t SET a = 1; IF ROW_COUNT() = 0 THEN SIGNAL x; END IF; END",
        "BEGIN BEGIN DELETE FROM t; END; RETURN ROW_COUNT(); END",
        "BEGIN INSERT INTO t VALUES (REPEAT('x', 2)); SELECT ROW_COUNT(); END"}) {
    EXPECT_FALSE(ReadsCount(body)) << body;
  }
}

class Programs : public testing::Test {
 protected:
  Programs() : facts_(world_.Facts("app")) {
    auto objects = std::make_shared<policy::ObjectNames>(true);
    objects->AddTable("shop", "items");
    objects->AddTable("shop", "found");
    objects->AddRoutine("shop", "tells");
    objects->AddRoutine("shop", "calls");
    objects->AddRoutine("shop", "plain");
    objects->AddProgram("found", {"shop", "select found_rows() AS `x`", true});
    objects->AddProgram("tells", {"shop", "SELECT FOUND_ROWS()"});
    objects->AddProgram("calls", {"shop", "CALL tells()"});
    objects->AddProgram("plain", {"shop", "SELECT 1"});
    objects->AddProgram("items", {"shop", "SET @a = ROW_COUNT()"});
    snapshot_ = world_.snapshot();
    snapshot_.objects = std::move(objects);
    Read(true);
  }
  void Read(bool read_counts) {
    auto catalog = std::make_shared<policy::Catalog>(*snapshot_.catalog);
    catalog->programs_read_counts = read_counts;
    snapshot_.catalog = std::move(catalog);
  }
  bool Reads(std::string_view sql) {
    return ProgramsReadCounts(names_, snapshot_, facts_, sql, {.found_rows = true});
  }

  World world_;
  KnownNames names_;
  SessionFacts facts_;
  policy::Snapshot snapshot_;
};

TEST_F(Programs, ThatAStatementUses) {
  for (const char* sql : {"SELECT tells()", "CALL calls()", "SELECT * FROM found",
                          "/*!40000 CALL tells() */", "EXECUTE IMMEDIATE 'CALL calls()'",
                          "EXECUTE IMMEDIATE 'SELECT FOUND_ROWS()'", "SELECT 'x"}) {
    EXPECT_TRUE(Reads(sql)) << sql;
  }
  for (const char* sql : {"SELECT plain()", "INSERT INTO items VALUES (1)", "EXECUTE s"}) {
    EXPECT_FALSE(Reads(sql)) << sql;
  }
  EXPECT_TRUE(ProgramsReadCounts(names_, snapshot_, facts_, "INSERT INTO items VALUES (1)",
                                 {.row_count = true}));
  Read(false);
  EXPECT_FALSE(Reads("SELECT tells()"));
}

}  // namespace
}  // namespace sealgate::rewrite
