// Files of LOAD DATA LOCAL, and texts of several statements.

#include <gtest/gtest.h>

#include "tests/proxy/relay/script.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kMore = 2 | wire::kStatusMoreResultsExists;
const std::string kLoad = Query("LOAD DATA LOCAL INFILE 'f' INTO TABLE items");
const std::string kRequest =
    "\xFB"
    "f";

std::string ResultEnd(std::uint16_t status = 2) { return Ok(status, {}, wire::kEofHeader); }

Script Asked(const std::string& sql) {
  return {Client(0, sql),   Asks(Action::kNeedsAdmission), Admit(),
          ToServer(0, sql), Server(1, kRequest),           ToClient(1, kRequest)};
}

TEST(File, IsPassedOnAsItComes) {
  Player().PlayEverywhere(LoggedIn(kNewClient) + Asked(kLoad) +
                          Script{Client(2, "1\ta\n"), ToServer(2, "1\ta\n"), Client(3, "2\tb\n"),
                                 Client(4, ""), ToServer(3, "2\tb\n"), ToServer(4, ""),
                                 Server(5, Ok()), ToClient(5, Ok()), Client(0, "\x0E"),
                                 ToServer(0, "\x0E"), Server(1, Ok()), ToClient(1, Ok())});
}

TEST(File, FramesOfTheGreatestLengthAreNoEnd) {
  Settings settings;
  settings.max_frame = 512;
  const std::string whole(1024, 'x');
  Player(settings).Play(
      LoggedIn(kNewClient) + Asked(kLoad) +
          Script{Client(2, whole), ToServer(2, whole), Client(5, "end"), ToServer(5, "end"),
                 Client(6, ""), ToServer(6, ""), Server(7, Ok()), ToClient(7, Ok())},
      7);
}

TEST(File, ThatNoStatementLoadsIsRefused) {
  for (const char* sql : {"SELECT 1", "SELECT email FROM customers", "SHOW TABLES"}) {
    Player().Play(LoggedIn(kNewClient) + Script{Client(0, Query(sql)), ToServer(0, Query(sql)),
                                                Server(1, "\xFB/etc/passwd"),
                                                ErrorToClient(1, 1105), Asks(Action::kClose)},
                  1 << 20);
  }
}

TEST(File, ForAClientThatHasNotOfferedFilesIsRefused) {
  Player().Play(
      LoggedIn(kNewClient & ~wire::kClientLocalFiles) +
          Script{Client(0, kLoad), Asks(Action::kNeedsAdmission), Admit(), ToServer(0, kLoad),
                 Server(1, kRequest), ErrorToClient(1, 1105), Asks(Action::kClose)},
      1 << 20);
}

TEST(File, OutOfOrderEndsTheSession) {
  Player().Play(LoggedIn(kNewClient) + Asked(kLoad) +
                    Script{Client(9, "1\ta\n"), ErrorToClient(2, 1156), Asks(Action::kClose)},
                1 << 20);
}

TEST(File, ServerThatGivesUpIsBelieved) {
  const std::string error = Err(1927, "70100", "Connection was killed");
  Player().Play(LoggedIn(kNewClient) + Asked(kLoad) +
                    Script{Client(2, "1\ta\n"), ToServer(2, "1\ta\n"), Server(2, error),
                           ToClient(2, error), Asks(Action::kClose)},
                1 << 20);
}

// Into a protected column. What is sealed differs each time, so only rows without it
// are compared.
const std::string kSealedLoad =
    Query("LOAD DATA LOCAL INFILE 'f' INTO TABLE orders CHARACTER SET utf8mb4 (id, card)");

Script AskedToSeal() {
  return {Client(0, kSealedLoad), Asks(Action::kNeedsAdmission), Admit(),
          AnyToServer(0),         Server(1, kRequest),           ToClient(1, kRequest)};
}

TEST(SealedFile, IsSentInFramesOfItsOwn) {
  Player().Play(
      LoggedIn(kNewClient) + AskedToSeal() +
          Script{Client(2, "1\tsec"), Client(3, "ret\n2\tx\n"), Client(4, ""), AnyToServer(2),
                 AnyToServer(3), ToServer(4, ""), Server(5, Ok()), ToClient(5, Ok()),
                 Client(0, "\x0E"), ToServer(0, "\x0E"), Server(1, Ok()), ToClient(1, Ok())},
      1 << 20);
}

TEST(SealedFile, ThatIsEmpty) {
  Player().PlayEverywhere(
      LoggedIn(kNewClient) + AskedToSeal() +
      Script{Client(2, ""), ToServer(2, ""), Server(3, Ok()), ToClient(3, Ok())});
}

TEST(SealedFile, ThatCannotBeSealedFailsTheStatementAtItsEnd) {
  const std::string error = Err(1690, "22003", "BIGINT UNSIGNED value is out of range");
  Player().Play(
      LoggedIn(kNewClient) + AskedToSeal() +
          Script{Client(2, "1\n"), ToServer(2, "1\t\tx\n"), Client(3, "2\tx\n"), ToServer(3, "\n"),
                 Client(4, "3\n"), ToServer(4, "\n"), Client(5, ""), ToServer(5, ""),
                 Server(6, error), ErrorToClient(6, 1261), Client(0, "\x0E"), ToServer(0, "\x0E"),
                 Server(1, Ok()), ToClient(1, Ok())},
      1 << 20);
}

TEST(SealedFile, ThatFailedMustNotBeSaidToHaveWorked) {
  Player().Play(
      LoggedIn(kNewClient) + AskedToSeal() +
          Script{Client(2, "1\n"), ToServer(2, "1\t\tx\n"), Client(3, ""), ToServer(3, ""),
                 Server(4, Ok()), ErrorToClient(4, 1105), Asks(Action::kClose)},
      1 << 20);
}

TEST(SealedFile, IsAskedForOnce) {
  Player().Play(LoggedIn(kNewClient) + AskedToSeal() +
                    Script{Client(2, ""), ToServer(2, ""), Server(3, kRequest),
                           ErrorToClient(3, 1105), Asks(Action::kClose)},
                1 << 20);
}

// Without CHARACTER SET the server is asked for the database's.
TEST(SealedFile, InTheCharacterSetOfTheDatabase) {
  const std::string load = "LOAD DATA LOCAL INFILE 'f' INTO TABLE orders (id, card)";
  const std::string ask = "SELECT @@character_set_database, CHARSET(@@character_set_database)";
  for (const auto& [charset, error] : {std::pair{"latin1", 0}, std::pair{"gbk", 1235}}) {
    Script script = LoggedIn(kNewClient) + Script{Client(0, Query(load)),
                                                  ToServer(0, Query(ask)),
                                                  Server(1, "\x02"),
                                                  Server(2, Definition("", "a")),
                                                  Server(3, Definition("", "b")),
                                                  Server(4, TextRow({charset, "utf8mb4"})),
                                                  Server(5, ResultEnd())};
    if (error != 0) {
      script = script + Script{ErrorToClient(1, static_cast<std::uint16_t>(error))};
    } else {
      script = script + Script{Asks(Action::kNeedsAdmission), Admit(), AnyToServer(0)};
    }
    Player().Play(script, 1 << 20);
  }
}

TEST(Several, EachAnswerHasItsOwnPlan) {
  Player player;
  const std::string email = player.Seal("email", "bob@example.org", "BOB@EXAMPLE.ORG");
  const std::string sql = Query("SELECT 1; SELECT email FROM customers; COMMIT");
  player.PlayEverywhere(LoggedIn(kNewClient) + Script{Client(0, sql),
                                                      ToServer(0, sql),
                                                      Server(1, "\x01"),
                                                      Server(2, Definition("", "1")),
                                                      Server(3, TextRow({"1"})),
                                                      Server(4, ResultEnd(kMore)),
                                                      Server(5, "\x01"),
                                                      Server(6, Definition("customers", "email")),
                                                      Server(7, TextRow({email})),
                                                      Server(8, ResultEnd(kMore)),
                                                      Server(9, Ok()),
                                                      ToClient(1, "\x01"),
                                                      ToClient(2, Definition("", "1")),
                                                      ToClient(3, TextRow({"1"})),
                                                      ToClient(4, ResultEnd(kMore)),
                                                      ToClient(5, "\x01"),
                                                      AnyToClient(6),
                                                      ToClient(7, TextRow({"bob@example.org"})),
                                                      ToClient(8, ResultEnd(kMore)),
                                                      ToClient(9, Ok())});
}

TEST(Several, AnswersBeyondTheStatementsShowNothingProtected) {
  const std::string sql = Query("COMMIT; SELECT email FROM customers");
  Player().Play(
      LoggedIn(kNewClient) +
          Script{Client(0, sql), ToServer(0, sql), Server(1, Ok(kMore)), ToClient(1, Ok(kMore)),
                 Server(2, Ok(kMore)), ToClient(2, Ok(kMore)), Server(3, "\x01"),
                 Server(4, Definition("customers", "email")), ErrorToClient(3, 1235)},
      1 << 20);
}

TEST(Several, OneThatWritesMakesAllOfThemWait) {
  const std::string sql = "SELECT 1; UPDATE orders SET card = 'S' WHERE id = 1";
  const std::string sent = "SELECT 1; UPDATE orders SET card = <shop.orders.card:S> WHERE id = 1";
  Player().Play(LoggedIn(kNewClient) + Script{Client(0, Query(sql)), Asks(Action::kNeedsAdmission),
                                              Admit(), ToServer(0, Query(sent))},
                1 << 20);
}

}  // namespace
}  // namespace sealgate::relay
