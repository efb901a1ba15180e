// What goes to the server before the session's modes are known, and how a command
// waits until they are.
#include <gtest/gtest.h>

#include <string>

#include "tests/proxy/relay/script.h"

namespace sealgate::relay {
namespace {

constexpr std::size_t kWhole = 1 << 20;

Script Answered(const std::string& sql, const std::string& answer = Ok()) {
  return {Client(0, Query(sql)), ToServer(0, Query(sql)), Server(1, answer), ToClient(1, answer)};
}

/// The same of a statement that may write.
Script Admitted(const std::string& sql, const std::string& answer) {
  return {Client(0, Query(sql)),
          Asks(Action::kNeedsAdmission),
          Admit(),
          ToServer(0, Query(sql)),
          Server(1, answer),
          ToClient(1, answer)};
}

/// The same from a session whose modes have to be asked for.
Script AskedThenAnswered(const std::string& sql) {
  return Script{Client(0, Query(sql))} + Probe() +
         Script{ToServer(0, Query(sql)), Server(1, Ok()), ToClient(1, Ok())};
}

/// A result of one column and some rows.
Script Rows(const std::string& sql, int rows, std::uint16_t warnings = 0) {
  std::string end;
  wire::Writer writer(end);
  wire::Encode(wire::OkPacket{.header = wire::kEofHeader, .status = 2, .warnings = warnings},
               wire::kHandledCapabilities, writer);
  Script script{Client(0, Query(sql)), ToServer(0, Query(sql)),
                Server(1, "\x01"),     Server(2, Definition("", "x")),
                ToClient(1, "\x01"),   ToClient(2, Definition("", "x"))};
  std::uint8_t seq = 3;
  for (int i = 0; i < rows; ++i, ++seq) {
    script = script + Script{Server(seq, TextRow({"v"})), ToClient(seq, TextRow({"v"}))};
  }
  return script + Script{Server(seq, end), ToClient(seq, end)};
}

Script Refused(const std::string& sql) { return {Client(0, Query(sql)), ErrorToClient(1, 1235)}; }

TEST(Unasked, PlainStatementsGoAtOnce) {
  Player().PlayEverywhere(
      JustLoggedIn(kNewClient) + Answered("SET autocommit=0") + Answered("SELECT 1 INTO @a") +
      Script{Client(0, "\x0E"), ToServer(0, "\x0E"), Server(1, Ok()), ToClient(1, Ok())} +
      AskedThenAnswered("SELECT '\\'' INTO @a") + Answered("SELECT 'x|y' INTO @a"));
}

TEST(Unasked, AStatementWaitsAndIsReadByTheModesThatThereAre) {
  const std::string sql = "SELECT \"it's\" FROM customers";
  // In ANSI_QUOTES, this is a name with an apostrophe; else it is a string.
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Script{Client(0, Query(sql))} +
                          Probe("ANSI_QUOTES") + Script{AnyToClient(1)});
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Script{Client(0, Query(sql))} + Probe() +
                          Script{ToServer(0, Query(sql)), Server(1, Ok()), ToClient(1, Ok())});
}

TEST(Unasked, AStatementIsSealedAfterTheQuestion) {
  const std::string sql = "UPDATE customers SET phone = 'SENTINEL' WHERE id = 1";
  Player().PlayEverywhere(
      JustLoggedIn(kNewClient) + Script{Client(0, Query(sql))} + Probe() +
      Script{Asks(Action::kNeedsAdmission), Admit(),
             ToServer(0, Query("UPDATE customers SET phone = <shop.customers.phone:SENTINEL>"
                               " WHERE id = 1")),
             Server(1, Ok()), ToClient(1, Ok())});
}

TEST(Unasked, OtherCommandsThatNeedTheModesAsk) {
  const std::string fields("\x04items\0", 7);
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Script{Client(0, fields)} + Probe() +
                          Script{ToServer(0, fields), Server(1, Ok(2, {}, wire::kEofHeader)),
                                 ToClient(1, Ok(2, {}, wire::kEofHeader))});
  const std::string prepare = "\x16SELECT 1";
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Script{Client(0, prepare)} + Probe() +
                          Script{ToServer(0, prepare), Server(1, Err(1064, "42000", "x")),
                                 ToClient(1, Err(1064, "42000", "x"))});
}

TEST(Unasked, ADefaultSchemaIsTakenOver) {
  const std::string use = "\x02items_1";
  Player().PlayEverywhere(
      JustLoggedIn(kNewClient) +
      Script{Client(0, use), ToServer(0, use), Server(1, Ok()), ToClient(1, Ok())} +
      Answered("SELECT x INTO @a FROM items"));
  for (const char* odd : {"\x02",
                          "\x02"
                          "a b",
                          "\x02#mysql50#shop",
                          "\x02"
                          "caf\xE9",
                          "\x02shop.x"}) {
    Player().Play(JustLoggedIn(kNewClient) + Script{Client(0, odd)} + Probe() +
                      Script{ToServer(0, odd), Server(1, Ok()), ToClient(1, Ok())},
                  kWhole);
  }
}

TEST(Unasked, AnErrorIsTheStatementsAndTheSessionGoesOn) {
  const std::string error = Err(1820, "HY000", "You must SET PASSWORD");
  const std::string hot = "SELECT email FROM customers";
  const Script failed = {Client(0, Query(hot)), AnyToServer(0),     AnyToServer(0),
                         Server(1, error),      ToClient(1, error), Server(1, error)};
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + failed +
                          Answered("SET PASSWORD = PASSWORD('x')") + failed + AskedFirst());
}

TEST(Unasked, AnErrorOfTheSecondQuestionToo) {
  const std::string error = Err(1226, "42000", "max_queries_per_hour");
  Player().PlayEverywhere(JustLoggedIn(kNewClient) +
                          Script{Client(0, "\x02my-shop"), AnyToServer(0), AnyToServer(0),
                                 Server(1, Ok()), Server(1, error), ToClient(1, error)} +
                          AskedFirst());
}

TEST(Unasked, WhatTheFirstQuestionRefusesIsNotLearntFromTheSecond) {
  const std::string error = Err(1227, "42000", "no");
  Script probe = Probe();
  probe[2] = Server(1, error);
  probe.insert(probe.begin() + 3, ToClient(1, error));
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Script{Client(0, "\x02my-shop")} + probe +
                          AskedFirst());
}

TEST(Unasked, TheServerEndsTheSessionWithAnError) {
  const std::string error = Err(1184, "08S01", "init_connect command failed");
  Player player;
  player.Play(
      JustLoggedIn(kNewClient) + Script{Client(0, "\x02my-shop"), AnyToServer(0), AnyToServer(0),
                                        Server(1, error), ToClient(1, error)},
      kWhole);
  Output out;
  player.relay().BackendLost(out);
  EXPECT_TRUE(out.to_client.empty());
}

TEST(Unasked, CountsThatTheQuestionTakesAwayAreRefused) {
  const std::string sql = "SELECT FOUND_ROWS(), '\\''";
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Rows("SELECT x FROM items", 3) +
                          Script{Client(0, Query(sql))} + Probe() + Script{ErrorToClient(1, 1235)} +
                          Refused("SELECT FOUND_ROWS()") + Refused("SELECT ROW_COUNT()") +
                          Answered("SET @a = 1") + Refused("SELECT FOUND_ROWS()") +
                          Rows("SELECT ROW_COUNT()", 1) + Rows("SELECT FOUND_ROWS()", 1));
}

TEST(Unasked, AlsoToAStatementThatIsExecutedByItsName) {
  const Script prepared = LoggedIn(kNewClient) + Rows("SELECT x FROM items", 3) +
                          Answered("PREPARE s FROM 'SELECT FOUND_ROWS()'") +
                          Answered("PREPARE t FROM 'SELECT 1'");
  const Script lost = Answered("SET time_zone='x'", Err(1298, "HY000", "x")) +
                      Rows("SELECT x FROM items", 3) + Script{Client(0, Query("EXECUTE s"))} +
                      Probe() + Script{ErrorToClient(1, 1235)};
  Player().PlayEverywhere(prepared + lost + Admitted("EXECUTE t", Ok()));
}

TEST(Unasked, AlsoWhenTheyArePrepared) {
  const std::string prepare = "\x16SELECT ROW_COUNT()";
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Answered("SET @a = 1") +
                          Script{Client(0, prepare)} + Probe() + Script{ErrorToClient(1, 1235)});
}

// A session begins with other counts than the question leaves.
TEST(Unasked, CountsAreTakenAwayWithoutAStatementBefore) {
  Player().PlayEverywhere(LoggedIn(kNewClient) + Refused("SELECT FOUND_ROWS()") +
                          Refused("SELECT ROW_COUNT()") + Answered("SET @a = 1") +
                          Rows("SELECT ROW_COUNT()", 1) + Rows("SELECT FOUND_ROWS()", 1));
}

TEST(Unasked, WarningsAreTakenAwayIfThereWereAny) {
  const Script asked = AskedThenAnswered("SELECT '\\'' INTO @a");
  // A statement has its own.
  Player().PlayEverywhere(JustLoggedIn(kNewClient) + Rows("SELECT x FROM items", 1, 2) + asked +
                          Rows("SHOW WARNINGS", 0));
  const Script warned = JustLoggedIn(kNewClient) + Rows("SELECT x FROM items", 1, 2);
  const Script calm = JustLoggedIn(kNewClient) + Rows("SELECT x FROM items", 1, 0);
  Player().PlayEverywhere(warned + AskedFirst() + Refused("SHOW WARNINGS"));
  Player().PlayEverywhere(calm + AskedFirst() + Rows("SHOW WARNINGS", 0));
}

TEST(Unasked, WhatTheServerReportsEarlierIsNotTaken) {
  const std::string modes = VariableChange("sql_mode", "ANSI_QUOTES");
  const std::string sql = "SELECT \"it's\" FROM customers";
  Player().Play(JustLoggedIn(kNewClient) + Answered("SET sql_mode='ANSI_QUOTES'", Ok(2, modes)) +
                    Script{Client(0, Query(sql))} + Probe() +
                    Script{ToServer(0, Query(sql)), Server(1, Ok()), ToClient(1, Ok())},
                kWhole);
}

TEST(Unasked, AResetAfterStatementsStartsAnew) {
  Player().PlayEverywhere(
      JustLoggedIn(kNewClient) + Rows("SELECT x FROM items", 3) +
      Script{Client(0, "\x1F"), ToServer(0, "\x1F"), Server(1, Ok()), ToClient(1, Ok())} +
      AskedFirst() + Refused("SELECT ROW_COUNT()"));
}

// Statements of which the server does not report what they change.
TEST(Unasked, AfterAFailedSetTheModesAreAskedForAgain) {
  const std::string error = Err(1193, "HY000", "Unknown system variable 'x'");
  Player().PlayEverywhere(
      LoggedIn(kNewClient) + Answered("SET sql_mode='ANSI_QUOTES', x=1", error) +
      Answered("SELECT 1 INTO @a") + AskedFirst("ANSI_QUOTES") + Answered("SELECT '\\'' INTO @a"));
}

TEST(Unasked, OtherErrorsLeaveThemWhereNoProgramSetsModes) {
  const std::string error = Err(1062, "23000", "Duplicate entry");
  Player().PlayEverywhere(LoggedIn(kNewClient) + Answered("SHOW TABLES", error) +
                          Answered("SELECT '\\'' INTO @a"));
}

TEST(Unasked, AReportOfAProgramIsNotTheTruth) {
  const std::string ok = Ok(2, VariableChange("sql_mode", "ANSI_QUOTES"));
  const std::string sql = "SELECT \"it's\" FROM customers";
  Player().PlayEverywhere(LoggedIn(kNewClient) + Answered("SELECT 1 INTO @a", ok) +
                          Script{Client(0, Query(sql))} + Probe() +
                          Script{ToServer(0, Query(sql)), Server(1, Ok()), ToClient(1, Ok())});
}

TEST(Unasked, AReportOfASetIsTakenAtItsWord) {
  const std::string ok = Ok(2, VariableChange("sql_mode", "ANSI_QUOTES"));
  Player().PlayEverywhere(
      LoggedIn(kNewClient) + Answered("SET sql_mode='ANSI_QUOTES'", ok) +
      Script{Client(0, Query("SELECT \"it's\" FROM customers")), AnyToClient(1)});
}

TEST(Unasked, AfterASetStatementAndAfterDynamicSqlTheyAreAskedForAgain) {
  const std::string ok = Ok(2, VariableChange("sql_mode", ""));
  Player().PlayEverywhere(LoggedIn(kNewClient) +
                          Answered("SET STATEMENT sql_mode='' FOR SELECT 1 INTO @a", ok) +
                          AskedFirst() + Admitted("EXECUTE s", ok) + AskedFirst());
}

TEST(Unasked, APreparedStatementWaitsToo) {
  const std::string error = Err(1193, "HY000", "Unknown system variable 'x'");
  const std::string prepare = "\x16SELECT 1 INTO @a";
  const std::string prepared("\0\1\0\0\0\0\0\0\0\0\0\0", 12);
  const std::string execute("\x17\1\0\0\0\0\1\0\0\0", 10);
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, prepare), ToServer(0, prepare), Server(1, prepared), ToClient(1, prepared)} +
      Answered("SET sql_mode='', x=1", error) + Script{Client(0, execute)} + Probe() +
      Script{ToServer(0, execute), Server(1, Ok()), ToClient(1, Ok())});
}

TEST(Unasked, TheClientsOwnTrackingStays) {
  const std::string set = "SET session_track_system_variables='character_set_client'";
  const std::string sent =
      "SET SESSION session_track_system_variables = 'character_set_client' ',autocommit,"
      "character_set_connection,character_set_results,collation_connection,"
      "explicit_defaults_for_timestamp,sql_mode,time_zone'";
  const std::string error = Err(1193, "HY000", "Unknown system variable 'x'");
  Script again = AskedFirst();
  again[1] = ToServer(0, Query(sent));
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Query(set)), ToServer(0, Query(sent)), Server(1, Ok()), ToClient(1, Ok())} +
      Answered("SET sql_mode='', x=1", error) + again);
}

}  // namespace
}  // namespace sealgate::relay
