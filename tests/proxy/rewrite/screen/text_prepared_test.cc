#include "proxy/rewrite/screen/text_prepared.h"

#include <gtest/gtest.h>

#include <string_view>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

class Uses : public testing::Test {
 protected:
  Uses() { catalog_.programs_prepare = catalog_.programs_execute = false; }
  TextPrepared Of(std::string_view sql) const {
    sql::TokenList tokens;
    sql::Lex(sql, {}, tokens);
    return TextPreparedOf(catalog_, facts_, tokens);
  }

  SessionFacts facts_;

  policy::Catalog catalog_;
};

TEST_F(Uses, OneStatementByItsName) {
  TextPrepared use = Of("PREPARE `S_1` FROM 'SELECT ''x'''");
  EXPECT_EQ(use.prepares, "s_1");
  EXPECT_EQ(use.text, "SELECT 'x'");
  EXPECT_FALSE(use.executes_some() || use.prepares_unseen);
  EXPECT_EQ(Of("EXECUTE S USING @a").executes, "s");
  EXPECT_FALSE(Of("EXECUTE S USING @a").executes_any);
  EXPECT_EQ(Of("DEALLOCATE PREPARE s;").deallocates, "s");
  EXPECT_EQ(Of("DROP PREPARE s").deallocates, "s");
  EXPECT_TRUE(Of("PREPARE s FROM @q").prepares_unseen);
  EXPECT_EQ(Of("EXECUTE").executes, "");
  EXPECT_EQ(Of("SET STATEMENT a = 1 FOR EXECUTE `S`").executes, "s");
  EXPECT_FALSE(Of("SET STATEMENT a = 1 FOR EXECUTE s").executes_any);
}

TEST_F(Uses, NamesAreInUtf8) {
  sql::TokenList tokens;
  sql::Lex("PREPARE s FROM 'x'", {}, tokens);
  SessionFacts facts;
  EXPECT_EQ(PreparedName(facts, tokens), "s");
  sql::Lex("DROP PREPARE `\u00FC`", {.utf8 = true}, tokens);
  EXPECT_EQ(TextPreparedOf(catalog_, facts, tokens).deallocates, "\u00FC");
  facts.client = policy::Charset::kLatin1;
  sql::Lex("PREPARE `\u00C3\u00BC` FROM 'x'", {.utf8 = true}, tokens);
  EXPECT_EQ(PreparedName(facts, tokens), "\u00C3\u0192\u00C2\u00BC");
}

TEST_F(Uses, SomeOfATextThatIsMore) {
  for (const char* sql :
       {"EXECUTE s; SELECT 1", "SELECT 1; EXECUTE s",
        "SET STATEMENT a = 1 FOR EXECUTE IMMEDIATE 'EXECUTE s'", "BEGIN NOT ATOMIC EXECUTE s; END",
        "SELECT /*!1*/ 'execute", "PREPARE t FROM 'x'; EXECUTE s",
        "CREATE VIEW v AS SELECT begin FROM t; EXECUTE s; END",
        "CREATE PROCEDURE p() BEGIN DO 1; END; EXECUTE s", "CREATE PROCEDURE p() DO 1; EXECUTE s",
        "CREATE PROCEDURE begin() DO 1; EXECUTE s; BEGIN NOT ATOMIC DO 1; END; END",
        "CREATE PROCEDURE p() BEGIN SELECT CASE a WHEN 1 THEN IF(1, 2, 3) END; END; EXECUTE s; END",
        "BEGIN NOT ATOMIC IF a THEN PREPARE s FROM 'x'; END IF; EXECUTE s; END"}) {
    EXPECT_TRUE(Of(sql).executes_any) << sql;
  }
  for (const char* sql :
       {"PREPARE s FROM 'x'; EXECUTE s", "BEGIN NOT ATOMIC PREPARE s FROM 'x'; END",
        "SET STATEMENT a = 1 FOR PREPARE s FROM 'x'"}) {
    EXPECT_TRUE(Of(sql).prepares_unseen) << sql;
    EXPECT_FALSE(Of(sql).executes_some()) << sql;
  }
  for (const char* sql :
       {"SELECT execute FROM t", "GRANT EXECUTE ON p TO a", "CALL p()",
        "CREATE PROCEDURE p() EXECUTE s", "EXECUTE IMMEDIATE 'SELECT 1'", "SET @a = 1"}) {
    const TextPrepared use = Of(sql);
    EXPECT_FALSE(use.executes_some() || use.prepares_unseen || use.prepares) << sql;
  }
}

// A text that is executed may be a compound statement.
TEST_F(Uses, SomeOfATextInsideATextThatIsExecuted) {
  for (const char* sql : {"EXECUTE IMMEDIATE 'BEGIN NOT ATOMIC EXECUTE s; END'",
                          "EXECUTE IMMEDIATE 'BEGIN NOT ATOMIC EX\\ECUTE s; END' USING 1",
                          "EXECUTE IMMEDIATE 'BEGIN NOT ATOMIC /*M! execute s */; END'",
                          "EXECUTE IMMEDIATE 'DO 1'; EXECUTE IMMEDIATE 'IF 1 THEN EXECUTE s'"}) {
    EXPECT_TRUE(Of(sql).executes_any) << sql;
  }
  catalog_.programs_prepare = true;
  EXPECT_TRUE(Of("BEGIN NOT ATOMIC EXECUTE s; END").prepares_unseen);
}

TEST_F(Uses, OfThePrograms) {
  catalog_.programs_prepare = catalog_.programs_execute = true;
  for (const char* sql : {"CALL p()", "EXECUTE IMMEDIATE 'CALL p()'", "EXECUTE s",
                          "BEGIN NOT ATOMIC CALL p(); END"}) {
    EXPECT_TRUE(Of(sql).executes_any) << sql;
    EXPECT_TRUE(Of(sql).prepares_unseen) << sql;
  }
  EXPECT_FALSE(Of("SELECT f()").executes_some());
  EXPECT_FALSE(Of("BEGIN p; END").executes_some());
  catalog_.is_mariadb = true;
  for (const char* sql : {"BEGIN p; END", "BEGIN md5(); END", "SET @a = 1; BEGIN p.q; END"}) {
    EXPECT_TRUE(Of(sql).executes_any) << sql;
    EXPECT_TRUE(Of(sql).prepares_unseen) << sql;
  }
  EXPECT_FALSE(Of("BEGIN; COMMIT").executes_some());
}

// The rest of the text may be anything.
TEST_F(Uses, ATextThatCannotBeReadToItsEnd) {
  EXPECT_TRUE(Of("SELECT /*+ \\ */ 1; EXECUTE s").executes_any);
  EXPECT_FALSE(Of("SELECT /*+ \\ */ 1").executes_some());
}

}  // namespace
}  // namespace sealgate::rewrite
