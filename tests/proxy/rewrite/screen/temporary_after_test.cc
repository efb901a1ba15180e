#include "proxy/rewrite/screen/temporary_after.h"

#include <gtest/gtest.h>

#include <string_view>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

constexpr TemporaryAfter kKept = TemporaryAfter::kKept;
constexpr TemporaryAfter kNamed = TemporaryAfter::kNamed;
constexpr TemporaryAfter kRenamed = TemporaryAfter::kRenamed;
constexpr TemporaryAfter kUnseen = TemporaryAfter::kUnseen;

class After : public testing::Test {
 protected:
  After() {
    catalog_.programs_touch_temporary = catalog_.functions_touch_temporary = false;
    facts_.schema = "shop";
  }
  TemporaryAfter Of(std::string_view sql) const {
    sql::TokenList tokens;
    sql::Lex(sql, LexModeOf(facts_), tokens);
    return TemporaryAfterOf(catalog_, facts_, sql, tokens, true);
  }
  // Of a text that is read as `opened`.
  TemporaryAfter Opened(std::string_view raw, std::string_view opened, bool as_read) const {
    sql::TokenList tokens;
    sql::Lex(opened, LexModeOf(facts_), tokens);
    return TemporaryAfterOf(catalog_, facts_, raw, tokens, as_read);
  }

  policy::Catalog catalog_;
  SessionFacts facts_;
};

TEST_F(After, WhatTouchesNone) {
  for (const char* sql :
       {"", "-- x", "SELECT f()", "(SELECT 'drop')", "INSERT INTO t VALUES ('call')", "BEGIN",
        "COMMIT", "CREATE TABLE t (a INT)", "CALL p()", "CALL shop.p(1)", "ALTER TABLE t ADD b INT",
        "SET a = 1", "SET STATEMENT max_statement_time = 1 FOR SELECT 1", "SELECT 1; SELECT 2",
        "CREATE PROCEDURE p() CREATE TEMPORARY TABLE t (a INT)", "SELECT /*!50000 1 */",
        "PREPARE s FROM 'DROP TABLE t'", "DROP VIEW v", "DROP TRIGGER IF EXISTS g"}) {
    EXPECT_EQ(Of(sql), kKept) << sql;
  }
}

TEST_F(After, WhatIsReadInComments) {
  constexpr std::string_view kDrop = "/*!50001 DROP VIEW IF EXISTS v*/";
  EXPECT_EQ(Opened(kDrop, " DROP VIEW IF EXISTS v", true), kKept);
  EXPECT_EQ(Opened(kDrop, " DROP VIEW IF EXISTS v", false), kUnseen);
  EXPECT_EQ(Opened("DROP /*!50001 TEMPORARY */ TABLE t", "DROP TEMPORARY  TABLE t", true), kUnseen);
  EXPECT_EQ(Opened("/*!50001 DROP VIEW v */; DROP TABLE t", " DROP VIEW v ; DROP TABLE t", true),
            kUnseen);
}

TEST_F(After, WhatSaysWhatItDoes) {
  EXPECT_EQ(Of("CREATE TEMPORARY TABLE t (a INT)"), kNamed);
  EXPECT_EQ(Of("CREATE OR REPLACE TEMPORARY TABLE IF NOT EXISTS s.t (a INT)"), kNamed);
  EXPECT_EQ(Of("DROP TEMPORARY TABLE t"), kNamed);
  EXPECT_EQ(Of("SELECT 1; DROP TABLE t"), kNamed);
  EXPECT_EQ(Of("RENAME TABLE a TO b"), kRenamed);
  EXPECT_EQ(Of("ALTER TABLE a RENAME b"), kRenamed);
}

TEST_F(After, WhatDoesNot) {
  for (const char* sql :
       {"CREATE TEMPORARY SEQUENCE t", "CREATE TEMPORARY TABLE caf\xC3\xA9 (a INT)",
        "SELECT 1; CREATE TEMPORARY TABLE t (a INT)",
        "/*!50000 CREATE TEMPORARY TABLE t (a INT) */",
        "SET STATEMENT max_statement_time = 1 FOR DROP TABLE t", "EXECUTE s",
        "EXECUTE IMMEDIATE 'x'", "BEGIN NOT ATOMIC CREATE TEMPORARY TABLE t (a INT); END",
        "IF 1 THEN CALL p(); END IF", "SET @@pseudo_thread_id = 7", "SET a = 'drop"}) {
    EXPECT_EQ(Of(sql), kUnseen) << sql;
  }
  for (const char* sql : {"CALL sys.p()", "CALL `mysql`.p()"}) {
    EXPECT_EQ(Of(sql), kUnseen) << sql;
  }
}

TEST_F(After, WhatProgramsDo) {
  catalog_.programs_touch_temporary = true;
  EXPECT_EQ(Of("SELECT f()"), kKept);
  EXPECT_EQ(Of("SELECT 1; CALL p()"), kUnseen);
  catalog_.functions_touch_temporary = true;
  EXPECT_EQ(Of("SELECT f()"), kUnseen);
  EXPECT_EQ(Of("COMMIT"), kUnseen);
}

TEST_F(After, AnotherCharacterSet) {
  facts_.client.reset();
  EXPECT_EQ(Of("CREATE TEMPORARY TABLE t (a INT)"), kUnseen);
  EXPECT_EQ(Of("DROP TABLE \xE3\x60"), kUnseen);
  EXPECT_EQ(Of("SELECT '\xE3\x60'"), kKept);
}

}  // namespace
}  // namespace sealgate::rewrite
