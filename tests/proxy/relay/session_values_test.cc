#include "proxy/relay/session_values.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::relay {
namespace {

TEST(SessionValues, ListsHaveWholeWords) {
  EXPECT_TRUE(ListHas("ANSI_QUOTES", "ANSI_QUOTES"));
  EXPECT_TRUE(ListHas("REAL_AS_FLOAT,ANSI_QUOTES,ANSI", "ANSI"));
  EXPECT_FALSE(ListHas("REAL_AS_FLOAT,ANSI_QUOTES", "ANSI"));
  EXPECT_FALSE(ListHas("ANSI_QUOTES", "QUOTES"));
  EXPECT_FALSE(ListHas("", "ANSI"));
}

TEST(SessionValues, ModesThatChangeHowATextIsRead) {
  rewrite::SessionFacts facts;
  ReadSqlMode("PIPES_AS_CONCAT,ANSI_QUOTES,NO_BACKSLASH_ESCAPES", true, facts);
  EXPECT_TRUE(facts.lex.pipes_as_concat);
  EXPECT_TRUE(facts.lex.ansi_quotes);
  EXPECT_TRUE(facts.lex.no_backslash_escapes);
  EXPECT_FALSE(facts.unsupported_mode);
  ReadSqlMode("", true, facts);
  EXPECT_FALSE(facts.lex.pipes_as_concat || facts.lex.ansi_quotes ||
               facts.lex.no_backslash_escapes);
}

TEST(SessionValues, ModesThatAreNotFollowed) {
  rewrite::SessionFacts facts;
  ReadSqlMode("PIPES_AS_CONCAT,ORACLE", true, facts);
  EXPECT_TRUE(facts.unsupported_mode);
  EXPECT_TRUE(facts.oracle_mode);
  ReadSqlMode("ORACLE,MSSQL", true, facts);
  EXPECT_TRUE(facts.unsupported_mode);
  EXPECT_FALSE(facts.oracle_mode);
  ReadSqlMode("PAD_CHAR_TO_FULL_LENGTH", false, facts);
  EXPECT_TRUE(facts.unsupported_mode);
}

TEST(SessionValues, StrictModeAndDates) {
  rewrite::SessionFacts facts;
  ReadSqlMode("STRICT_ALL_TABLES,NO_ZERO_DATE", false, facts);
  EXPECT_TRUE(facts.strict);
  EXPECT_FALSE(facts.zero_date);
  EXPECT_TRUE(facts.zero_in_date);
  ReadSqlMode("NO_ZERO_IN_DATE", false, facts);
  EXPECT_FALSE(facts.strict);
  EXPECT_TRUE(facts.zero_date);
  EXPECT_FALSE(facts.zero_in_date);
}

TEST(SessionValues, DigitsBehindTheLastOfATime) {
  using rewrite::ExtraFraction;
  rewrite::SessionFacts facts;
  ReadSqlMode("", false, facts);
  EXPECT_EQ(facts.extra_fraction, ExtraFraction::kRound);
  ReadSqlMode("TIME_TRUNCATE_FRACTIONAL", false, facts);
  EXPECT_EQ(facts.extra_fraction, ExtraFraction::kTruncate);
  ReadSqlMode("", true, facts);
  EXPECT_EQ(facts.extra_fraction, ExtraFraction::kTruncate);
  ReadSqlMode("TIME_ROUND_FRACTIONAL", true, facts);
  EXPECT_EQ(facts.extra_fraction, ExtraFraction::kRoundClocks);
}

TEST(SessionValues, TimeZonesThatAreTheSameAllYear) {
  EXPECT_EQ(OffsetOf("UTC", false), 0);
  EXPECT_EQ(OffsetOf("SYSTEM", true), 0);
  EXPECT_EQ(OffsetOf("+05:30", false), (5 * 60 + 30) * 60);
  EXPECT_EQ(OffsetOf("-13:59", false), -(13 * 60 + 59) * 60);
  for (const char* zone : {"", "SYSTEM", "Europe/Berlin", "right/UTC", "+5:30", "+05-30", "+0x:30",
                           "05:30", "+05:300"}) {
    EXPECT_FALSE(OffsetOf(zone, false).has_value()) << zone;
  }
}

TEST(SessionValues, SchemasEndAtANul) {
  EXPECT_EQ(UntilNul("shop"), "shop");
  EXPECT_EQ(UntilNul(std::string("shop\0other", 10)), "shop");
  EXPECT_EQ(UntilNul(""), "");
}

}  // namespace
}  // namespace sealgate::relay
