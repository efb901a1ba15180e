#include "proxy/rewrite/screen/tracking_statement.h"

#include <gtest/gtest.h>

#include <string>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

std::string Kept(std::string_view sql) {
  sql::TokenList tokens;
  sql::Lex(sql, {}, tokens);
  std::string text;
  return std::string(KeepTracking(tokens, text).value_or("no"));
}

const std::string kAll(kTrackedVariables);

TEST(KeepTracking, AddsWhatTheListLacks) {
  const std::string set = "SET SESSION session_track_system_variables = ";
  EXPECT_EQ(Kept("SET session_track_system_variables='tx_isolation'"),
            set + "'tx_isolation' '," + kAll + "'");
  // As MariaDB's ODBC driver says it; MySQL takes no name twice.
  EXPECT_EQ(Kept("SET session_track_system_variables='autocommit,tx_isolation'"),
            set + "'autocommit,tx_isolation' '," + kAll.substr(kAll.find(',') + 1) + "'");
  EXPECT_EQ(Kept("SET session_track_system_variables=' SQL_Mode , autocommit'"),
            set +
                "' SQL_Mode , autocommit' ',character_set_client,character_set_connection,"
                "character_set_results,collation_connection,"
                "explicit_defaults_for_timestamp,time_zone'");
  EXPECT_EQ(Kept("SET session_track_system_variables='" + kAll + "'"), set + "'" + kAll + "'");
}

TEST(KeepTracking, AsAVariableOfTheSession) {
  const std::string set = "SET SESSION session_track_system_variables = ";
  for (const char* name :
       {"LOCAL session_track_system_variables", "@@session_track_system_variables",
        "@@session.session_track_system_variables", "@@Local.Session_Track_System_Variables"}) {
    EXPECT_EQ(Kept(std::string("SET ") + name + " = 'last_gtid'"),
              set + "'last_gtid' '," + kAll + "'");
    EXPECT_EQ(Kept(std::string("set ") + name + "=default"), set + "'" + kAll + "'");
  }
  EXPECT_EQ(Kept("SET @@global.session_track_system_variables = DEFAULT"), "no");
}

TEST(KeepTracking, AddsAllToAListOfOtherNames) {
  EXPECT_EQ(Kept("SET session_track_system_variables='sql_modes'"),
            "SET SESSION session_track_system_variables = 'sql_modes' '," + kAll + "'");
}

TEST(KeepTracking, AllVariablesAreAllOfIts) {
  EXPECT_EQ(Kept("SET session_track_system_variables='*'"),
            "SET SESSION session_track_system_variables = '*'");
}

// Where the server stops reading, Sealgate's own names would be cut off.
TEST(KeepTracking, NoListThatIsNotPlain) {
  const std::string list = "session_track_system_variables = ";
  const std::string longest = "'" + std::string(5000, 'a') + "'";
  for (const std::string value :
       {"'autocommit\\0'", "'auto\\commit'", "'sql_mode''s'", "'a;b'", "'a\tb'", "'a\"b'", "@a",
        "X'61'", "N'a'", "_utf8mb4'a'", "CONCAT('a','b')", "NULL", "'a' 'b'", "'\xC3\xA9'",
        "(SELECT 'a')", longest.c_str()}) {
    for (const char* set : {"SET ", "SET SESSION ", "SET @@", "SET @@session.", "SET PERSIST "}) {
      EXPECT_EQ(Kept(set + list + value), "no") << set << value;
    }
  }
  using namespace std::string_literals;
  EXPECT_EQ(Kept("SET session_track_system_variables='autocommit\0'"s), "no");
}

TEST(KeepTracking, OnlyTheStatementAlone) {
  EXPECT_EQ(Kept("SET session_track_schema = ON"), "SET session_track_schema = ON");
  for (const char* sql : {"SET session_track_schema = OFF", "SET session_track_system_variables=''",
                          "SET session_track_system_variables='a', sql_mode=''", "SELECT 1",
                          "SET GLOBAL session_track_system_variables='a'"}) {
    EXPECT_EQ(Kept(sql), "no") << sql;
  }
}

}  // namespace
}  // namespace sealgate::rewrite
