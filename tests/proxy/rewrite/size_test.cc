// Statements that are short to write and mean very much.
#include <gtest/gtest.h>

#include <string>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class SizeTest : public testing::Test {
 protected:
  /// "" if it passes.
  std::string Refusal(const std::string& sql) {
    const Decision decision = rewriter_.Query(world_.snapshot(), world_.Facts("app"), sql);
    return decision.statement ? "" : decision.statement.error().message;
  }
  static std::string Number(const char* name, int number) { return name + std::to_string(number); }

  World world_;
  Rewriter rewriter_{world_.random(), world_.metrics(), {}};
};

TEST_F(SizeTest, CommonTablesThatDoubleTheirColumns) {
  std::string sql = "WITH c0 AS (SELECT email FROM customers)";
  for (int i = 1; i < 30; ++i) {
    const std::string before = Number("c", i - 1);
    sql +=
        ", " + Number("c", i) + " AS (SELECT x.*, y.* FROM " + before + " x JOIN " + before + " y)";
  }
  EXPECT_EQ(Refusal(sql + " SELECT email FROM c3"), Refusal(sql + " SELECT * FROM c29"));
  EXPECT_NE(Refusal(sql + " SELECT * FROM c29").find("200000 columns"), std::string::npos);
}

TEST_F(SizeTest, DerivedTablesThatDoubleTheirColumns) {
  std::string sql = "SELECT email FROM customers";
  for (int i = 0; i < 30; ++i) sql = "SELECT x.*, x.* FROM (" + sql + ") x";
  EXPECT_NE(Refusal(sql).find("200000 columns"), std::string::npos);
}

TEST_F(SizeTest, LongChainsOfCommonTables) {
  std::string sql = "WITH c0 AS (SELECT email FROM customers)";
  for (int i = 1; i < 4000; ++i) {
    sql += ", " + Number("c", i) + " AS (SELECT email FROM " + Number("c", i - 1) + ")";
  }
  EXPECT_EQ(Refusal(sql + " SELECT email FROM c3999"), "");
}

// Each has those before it for its own.
TEST_F(SizeTest, LongChainsOfCommonTablesWithCommonTables) {
  for (const char* with : {"WITH d AS (SELECT 1) ", "WITH RECURSIVE "}) {
    const bool recursive = std::string(with) == "WITH RECURSIVE ";
    std::string sql = "WITH RECURSIVE c0 AS (SELECT email FROM customers)";
    for (int i = 1; i < 4000; ++i) {
      const std::string name = Number("c", i);
      sql += ", " + name + " AS (" + (recursive ? "" : with) + "SELECT email FROM customers" +
             (recursive ? " UNION ALL SELECT email FROM " + name : "") + ")";
    }
    EXPECT_NE(Refusal(sql + " SELECT email FROM c3999").find("200000 columns"), std::string::npos)
        << with;
  }
}

TEST_F(SizeTest, ManyStars) {
  std::string sql = "SELECT customers.*";
  for (int i = 0; i < 1000; ++i) sql += ", customers.*";
  EXPECT_EQ(Refusal(sql + " FROM customers"), "");
}

}  // namespace
}  // namespace sealgate::rewrite
