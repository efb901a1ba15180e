#include "proxy/rewrite/screen/program_readings.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// How many readings have the word SHOW as a token; -1: nobody knows.
int Shows(std::string_view text) {
  int shows = 0;
  const bool known = AllReadings(text, [&shows](const sql::TokenList& tokens) {
    for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
      if (!sql::IsWord(tokens, i, "SHOW")) continue;
      ++shows;
      break;
    }
    return true;
  });
  return known ? shows : -1;
}

TEST(ProgramReadingsTest, OneWhereAllAreTheSame) {
  EXPECT_EQ(Shows("BEGIN SHOW WARNINGS; END"), 1);
  EXPECT_EQ(Shows("BEGIN SELECT 'SHOW'; END"), 0);
}

TEST(ProgramReadingsTest, EachThatAServerMayHaveTaken) {
  EXPECT_EQ(Shows("SET @a = '\\'; SHOW WARNINGS; SET @b = 'x'"), 1);
  EXPECT_EQ(Shows("SET @a = \"\\\"\"; SHOW WARNINGS; /* \" */ SET @b = 1"), 1);
  EXPECT_EQ(Shows("SET @a = \"x\"; SHOW WARNINGS"), 2);
  EXPECT_EQ(Shows("SET @a = \"\\x\"; SHOW WARNINGS"), 4);
}

TEST(ProgramReadingsTest, NoneThatDoesNotComeToItsEnd) {
  EXPECT_EQ(Shows("SELECT /*+ \\ */ 1; SHOW WARNINGS"), -1);
  EXPECT_EQ(Shows("SELECT 'a"), -1);
  EXPECT_EQ(Shows("SET @a = '\\'; SELECT /*+ \\ */ 1; SHOW WARNINGS; SET @b = 'x'"), -1);
}

TEST(ProgramReadingsTest, EndsWithTheFirstThatIsFound) {
  int looks = 0;
  EXPECT_FALSE(AllReadings("SELECT \"\\x\"", [&looks](const sql::TokenList&) {
    ++looks;
    return false;
  }));
  EXPECT_EQ(looks, 1);
}

}  // namespace
}  // namespace sealgate::rewrite
