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

TEST(KeepTracking, AddsAllToAListThatIsNotPlain) {
  for (const char* list : {"'auto\\commit'", "'*'", "'sql_mode''s'", "'sql_modes'"}) {
    EXPECT_EQ(
        Kept("SET session_track_system_variables=" + std::string(list)),
        "SET SESSION session_track_system_variables = " + std::string(list) + " '," + kAll + "'");
  }
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
