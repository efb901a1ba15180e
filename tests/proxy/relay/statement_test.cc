// Statements, answers and rows after the login.

#include <gtest/gtest.h>

#include "tests/proxy/relay/script.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kMore = 2 | wire::kStatusMoreResultsExists;

std::string ResultEnd(std::uint16_t status = 2) { return Ok(status, {}, wire::kEofHeader); }

// MySQL opens the schema in front of it.
TEST(Statements, ANulInTheNameOfASchemaIsRefused) {
  using namespace std::string_view_literals;
  for (const std::string_view name : {"shop\0"sv, "shop\0zz"sv, "\0shop"sv}) {
    Player().PlayEverywhere(LoggedIn(kNewClient) +
                            Script{Client(0, "\x02" + std::string(name)), ErrorToClient(1, 1102)});
  }
}

TEST(Statements, UnprotectedPassesAsItIs) {
  const std::string sql = Query("SELECT name, 'x' FROM items -- comment");
  for (const auto client : {kNewClient, kOldClient}) {
    const bool old = client == kOldClient;
    Script script = LoggedIn(client) + Script{Client(0, sql),
                                              ToServer(0, sql),
                                              Server(1, "\x02"),
                                              Server(2, Definition("items", "name")),
                                              Server(3, Definition("", "x")),
                                              Server(4, TextRow({"a", "b"})),
                                              Server(5, TextRow({"c", "d"})),
                                              Server(6, ResultEnd()),
                                              ToClient(1, "\x02"),
                                              ToClient(2, Definition("items", "name")),
                                              ToClient(3, Definition("", "x"))};
    std::uint8_t seq = 4;
    if (old) script.push_back(ToClient(seq++, Eof()));
    script.push_back(ToClient(seq++, TextRow({"a", "b"})));
    script.push_back(ToClient(seq++, TextRow({"c", "d"})));
    script.push_back(ToClient(seq, old ? Eof() : ResultEnd()));
    Player().PlayEverywhere(script);
  }
}

// FOR r IN (…) DO SELECT … LIMIT 0; END FOR: the cursor is the loop's.
TEST(Statements, AnEmptyResultInsideACursorLoop) {
  constexpr std::uint16_t kInLoop = 2 | wire::kStatusCursorExists;
  const std::string sql = Query("CALL report()");
  Player().PlayEverywhere(LoggedIn(kOldClient) +
                          Script{Client(0, sql), Asks(Action::kNeedsAdmission), Admit(),
                                 ToServer(0, sql), Server(1, "\x01"),
                                 Server(2, Definition("", "x")), Server(3, ResultEnd(kInLoop)),
                                 ToClient(1, "\x01"), ToClient(2, Definition("", "x")),
                                 ToClient(3, Eof()), ToClient(4, Eof(kInLoop))});
}

TEST(Statements, ProtectedValuesAreSealed) {
  Player player;
  player.PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Query("UPDATE orders SET card = 'SENTINEL' WHERE id = 1")),
             Asks(Action::kNeedsAdmission), Admit(),
             ToServer(0, Query("UPDATE orders SET card = <shop.orders.card:SENTINEL> WHERE id = "
                               "1")),
             Server(1, Ok()), ToClient(1, Ok())});
}

TEST(Statements, RefusedStatementNeverLeaves) {
  Player player;
  player.Play(
      LoggedIn(kNewClient) + Script{Client(0, Query("UPDATE orders SET card = UPPER('SENTINEL')")),
                                    ErrorToClient(1, 1235), Client(0, "\x0E"), ToServer(0, "\x0E")},
      1 << 20);
}

// What the server is asked for before a PREPARE from a variable may leave.
Script AskedFor(const std::string& source, const std::string& charset, const std::string& text) {
  return {ToServer(0, Query("SELECT CAST(CONVERT((" + source + ") USING utf8mb4) AS BINARY)," +
                            charset + " LIMIT 1")),
          Server(1, "\x02"),
          Server(2, Definition("", "a")),
          Server(3, Definition("", "b")),
          Server(4, TextRow({text, "utf8mb4"})),
          Server(5, ResultEnd())};
}

TEST(Statements, DynamicSqlFromAVariableLeavesOnceItsTextWasSeen) {
  const std::string sql = Query("PREPARE s FROM @q");
  Player().PlayEverywhere(
      LoggedIn(kNewClient) + Script{Client(0, sql)} +
      AskedFor("@q", "IF(@q IS NULL,NULL,CAST(CHARSET(@q) AS BINARY))", "SELECT 1") +
      Script{ToServer(0, sql), Server(1, Ok()), ToClient(1, Ok())});
}

// The question has counts of its own.
TEST(Statements, CountsAreLostByTheQuestionForAText) {
  const std::string sql = Query("PREPARE s FROM @q");
  const std::string charset = "IF(@q IS NULL,NULL,CAST(CHARSET(@q) AS BINARY))";
  const Script prepared = Script{Client(0, sql)} + AskedFor("@q", charset, "SELECT FOUND_ROWS()") +
                          Script{ToServer(0, sql), Server(1, Ok()), ToClient(1, Ok())};
  const Script refused = {Client(0, Query("SELECT FOUND_ROWS()")), ErrorToClient(1, 1235),
                          Client(0, Query("EXECUTE s")), ErrorToClient(1, 1235)};
  Player().PlayEverywhere(LoggedIn(kNewClient) + prepared + refused);
}

TEST(Statements, ATextThatReadsLostCountsNeverLeaves) {
  const std::string charset = "IF(@q IS NULL,NULL,CAST(CHARSET(@q) AS BINARY))";
  for (const char* text : {"SELECT FOUND_ROWS()", "SELECT ROW_COUNT()", "SHOW WARNINGS"}) {
    Player().PlayEverywhere(LoggedIn(kNewClient) +
                            Script{Client(0, Query("EXECUTE IMMEDIATE @q"))} +
                            AskedFor("@q", charset, text) + Script{ErrorToClient(1, 1235)});
  }
}

TEST(Statements, DynamicSqlOverAProtectedTableNeverLeaves) {
  Player().Play(LoggedIn(kNewClient) + Script{Client(0, Query("PREPARE s FROM @q"))} +
                    AskedFor("@q", "IF(@q IS NULL,NULL,CAST(CHARSET(@q) AS BINARY))",
                             "SELECT * FROM Customers") +
                    Script{ErrorToClient(1, 1235), Client(0, "\x0E"), ToServer(0, "\x0E")},
                1 << 20);
}

TEST(Statements, AnExpressionGivesWayToTheTextThatWasSeen) {
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Query("EXECUTE IMMEDIATE CONCAT('SELECT ', ?) USING 1"))} +
      Script{ErrorToClient(1, 1235), Client(0, Query("EXECUTE IMMEDIATE CONCAT(@a, @b) USING 1"))} +
      AskedFor("CONCAT(@a, @b)", "NULL", "SELECT 1") +
      Script{Asks(Action::kNeedsAdmission), Admit(),
             ToServer(0, Query("EXECUTE IMMEDIATE CONVERT(X'53454C4543542031' USING utf8mb4) "
                               "USING 1")),
             Server(1, Ok()), ToClient(1, Ok())});
}

TEST(Statements, AnErrorOfTheQuestionIsTheAnswer) {
  const std::string error = Err(1054, "42S22", "Unknown column 'x' in 'field list'");
  Player().Play(
      LoggedIn(kNewClient) +
          Script{Client(0, Query("EXECUTE IMMEDIATE CONCAT(x)")),
                 ToServer(0, Query("SELECT CAST(CONVERT((CONCAT(x)) USING utf8mb4) AS BINARY),"
                                   "NULL LIMIT 1")),
                 Server(1, error), ToClient(1, error), Client(0, "\x0E"), ToServer(0, "\x0E")},
      1 << 20);
}

TEST(Statements, HeldWriteThatExpiresGetsAnError) {
  const std::string error =
      Err(1290, "HY000", "sealgate: writes are held (tests), and this one waited for too long");
  Player().PlayEverywhere(LoggedIn(kNewClient) + Script{Client(0, Query("DELETE FROM items")),
                                                        Asks(Action::kNeedsAdmission), Refuse(),
                                                        ToClient(1, error), Client(0, "\x0E"),
                                                        ToServer(0, "\x0E"), Server(1, Ok()),
                                                        ToClient(1, Ok())});
}

TEST(Statements, ProtectedRowsAreOpened) {
  Player player;
  const std::string email = player.Seal("email", "bob@example.org", "BOB@EXAMPLE.ORG");
  player.PlayEverywhere(
      LoggedIn(kOldClient) +
      Script{Client(0, Query("SELECT id, email FROM customers")),
             ToServer(0, Query("SELECT id, email FROM customers")), Server(1, "\x02"),
             Server(2, Definition("customers", "id")), Server(3, Definition("customers", "email")),
             Server(4, TextRow({"1", email})), Server(5, ResultEnd()), ToClient(1, "\x02"),
             ToClient(2, Definition("customers", "id")), AnyToClient(3), ToClient(4, Eof()),
             ToClient(5, TextRow({"1", "bob@example.org"})), ToClient(6, Eof())});
}

TEST(Statements, RefusalInTheMiddleOfRowsEndsTheAnswer) {
  Player player;
  const std::string email = player.Seal("email", "bob@example.org", "BOB@EXAMPLE.ORG");
  const std::string moved = player.Seal("tax", "1", "");
  player.Play(LoggedIn(kNewClient) + Script{Client(0, Query("SELECT email FROM customers")),
                                            ToServer(0, Query("SELECT email FROM customers")),
                                            Server(1, "\x01"),
                                            Server(2, Definition("customers", "email")),
                                            Server(3, TextRow({email})),
                                            ToClient(1, "\x01"),
                                            AnyToClient(2),
                                            ToClient(3, TextRow({"bob@example.org"})),
                                            Server(4, TextRow({moved})),
                                            ErrorToClient(4, 1105),
                                            Server(5, TextRow({email})),
                                            Server(6, ResultEnd(kMore)),
                                            Server(7, "\x01"),
                                            Server(8, Definition("", "x")),
                                            Server(9, TextRow({"x"})),
                                            Server(10, ResultEnd()),
                                            Client(0, "\x0E"),
                                            ToServer(0, "\x0E"),
                                            Server(1, Ok()),
                                            ToClient(1, Ok())},
              1 << 20);
  EXPECT_TRUE(player.relay().idle());
}

TEST(Statements, MultiResults) {
  const std::string sql = Query("CALL report()");
  for (const auto client : {kNewClient, kOldClient}) {
    const bool old = client == kOldClient;
    const auto end = [&](std::uint16_t status) { return old ? Eof(status) : ResultEnd(status); };
    std::uint8_t seq = 1;
    Script script = LoggedIn(client) + Script{Client(0, sql), Admit(), ToServer(0, sql)};
    std::uint8_t from = 1;
    for (int i = 0; i < 2; ++i) {
      script.push_back(Server(from++, "\x01"));
      script.push_back(Server(from++, Definition("", "x")));
      script.push_back(Server(from++, TextRow({"v"})));
      script.push_back(Server(from++, ResultEnd(kMore)));
      script.push_back(ToClient(seq++, "\x01"));
      script.push_back(ToClient(seq++, Definition("", "x")));
      if (old) script.push_back(ToClient(seq++, Eof(kMore)));
      script.push_back(ToClient(seq++, TextRow({"v"})));
      script.push_back(ToClient(seq++, end(kMore)));
    }
    script.push_back(Server(from, Ok()));
    script.push_back(ToClient(seq, Ok()));
    Player().PlayEverywhere(script);
  }
}

TEST(Statements, ErrorInTheMiddleOfRows) {
  const std::string sql = Query("SELECT x FROM items");
  const std::string error = Err(1317, "70100", "Query execution was interrupted");
  Player().PlayEverywhere(LoggedIn(kOldClient) +
                          Script{Client(0, sql), ToServer(0, sql), Server(1, "\x01"),
                                 Server(2, Definition("", "x")), Server(3, TextRow({"1"})),
                                 Server(4, error), ToClient(1, "\x01"),
                                 ToClient(2, Definition("", "x")), ToClient(3, Eof()),
                                 ToClient(4, TextRow({"1"})), ToClient(5, error)});
}

TEST(Statements, ReportsOfProgressAreNoErrors) {
  // MariaDB's extended flags are there when the first flag is not.
  const wire::Capabilities client =
      kNewClient & ~wire::kClientLongPassword & ~wire::kMariaDbExtendedMetadata;
  const wire::Capabilities shown =
      wire::kHandledCapabilities & ~wire::kClientSsl & ~wire::kClientLongPassword;
  constexpr std::string_view kPlugin = "mysql_native_password";
  const wire::Capabilities backend = client | wire::kClientSessionTrack | wire::kClientDeprecateEof;
  const Script login =
      Script{Server(0, Greeting(kServerCapabilities & ~wire::kClientLongPassword, kPlugin)),
             ToClient(0, Greeting(shown, kPlugin)),
             Client(1, Login(client, "app", kPlugin)),
             ToServer(1, Login(backend, "app", kPlugin)),
             Server(2, Ok()),
             ToClient(2, Ok())} +
      AskedFirst();
  const std::string report = "\xFF\xFF\xFF\x01\x01\x02\x10\x27\x01\x05stage";
  const std::string end = Ok(2, {}, wire::kEofHeader);
  for (const char* const text :
       {"SELECT x FROM items", "SELECT email FROM customers WHERE id = 1"}) {
    const std::string sql = Query(text);
    Player().PlayEverywhere(
        login + Script{Client(0, sql), AnyToServer(0), Server(1, report), ToClient(1, report),
                       Server(2, report), ToClient(2, report), Server(3, Ok()), ToClient(3, Ok())});
  }
  const std::string sql = Query("SELECT x FROM items");
  Player().PlayEverywhere(
      login + Script{Client(0, sql), ToServer(0, sql), Server(1, report), ToClient(1, report),
                     Server(2, "\x01"), Server(3, Definition("", "x")), Server(4, report),
                     Server(5, TextRow({"1"})), Server(6, report), Server(7, TextRow({"2"})),
                     Server(8, end), ToClient(2, "\x01"), ToClient(3, Definition("", "x")),
                     ToClient(4, TextRow({"1"})), ToClient(5, TextRow({"2"})), ToClient(6, end)});
}

TEST(Statements, LongMessagesOfManyFrames) {
  Settings settings;
  settings.max_frame = 512;
  const std::string sql = Query("SELECT '" + std::string(1300, 'x') + "' FROM items");
  const std::string row = TextRow({std::string(1021, 'y')});  // ends with an empty frame
  const std::string end = Ok(2, {}, wire::kEofHeader);
  Player(settings).PlayEverywhere(
      LoggedIn(kOldClient) +
      Script{Client(0, sql), ToServer(0, sql), Server(3, "\x01"), Server(4, Definition("", "x")),
             Server(5, row), Server(8, TextRow({"z"})), Server(9, row), Server(12, end),
             ToClient(3, "\x01"), ToClient(4, Definition("", "x")), ToClient(5, Eof()),
             ToClient(6, row), ToClient(9, TextRow({"z"})), ToClient(10, row),
             ToClient(13, Eof())});
}

TEST(Statements, SessionChangesAreKeptFromClientsThatDidNotAsk) {
  const std::string sql = Query("USE other");
  const std::string change = SchemaChange("other");
  Player().PlayEverywhere(LoggedIn(kNewClient) + Script{Client(0, sql), ToServer(0, sql),
                                                        Server(1, Ok(2, change)),
                                                        ToClient(1, Ok(2, change))});
  Player().PlayEverywhere(LoggedIn(kOldClient) + Script{Client(0, sql), ToServer(0, sql),
                                                        Server(1, Ok(2, change)),
                                                        ToClient(1, Ok())});
}

TEST(Statements, ChangedModesChangeTheReading) {
  // Under NO_BACKSLASH_ESCAPES the value of '\x' has two characters.
  const std::string change = VariableChange("sql_mode", "ANSI,NO_BACKSLASH_ESCAPES");
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Query("SET sql_mode='x'")), ToServer(0, Query("SET sql_mode='x'")),
             Server(1, Ok(2, change)), ToClient(1, Ok(2, change)),
             Client(0, Query("DELETE FROM shop.orders WHERE id = 2")),
             Asks(Action::kNeedsAdmission), Admit(),
             ToServer(0, Query("DELETE FROM shop.orders WHERE id = 2")), Server(1, Ok()),
             ToClient(1, Ok()), Client(0, Query("UPDATE orders SET card = 'a\\n'")), Admit(),
             ToServer(0, Query("UPDATE orders SET card = <shop.orders.card:a\\n>"))});
}

TEST(Statements, OnlyListedCommandsPass) {
  for (int byte = 0; byte < 256; ++byte) {
    // Those that are listed have tests of their own.
    if (std::string_view("\x01\x02\x03\x04\x07\x09\x0A\x0D\x0E\x11\x16\x17\x18\x19\x1A\x1B\x1C\x1F")
            .find(static_cast<char>(byte)) != std::string_view::npos) {
      continue;
    }
    Player player;
    player.Play(LoggedIn(kNewClient), 1 << 20);
    Output out;
    std::string frames;
    std::uint8_t seq = 0;
    wire::EncodeMessage(std::string(1, static_cast<char>(byte)) + "SENTINEL", seq,
                        wire::kMaxFramePayload, frames);
    const auto snapshot = std::make_shared<const policy::Snapshot>(player.world().snapshot());
    player.relay().FromClient(frames, snapshot, out);
    EXPECT_TRUE(out.to_server.empty()) << byte;
    EXPECT_FALSE(out.to_client.empty()) << byte;
    EXPECT_TRUE(player.relay().idle()) << byte;
  }
}

TEST(Statements, SimpleCommands) {
  Player().PlayEverywhere(LoggedIn(kOldClient) +
                          Script{Client(0, "\x0E"),
                                 ToServer(0, "\x0E"),
                                 Server(1, Ok()),
                                 ToClient(1, Ok()),
                                 Client(0, "\x09"),
                                 ToServer(0, "\x09"),
                                 Server(1, "Uptime: 1"),
                                 ToClient(1, "Uptime: 1"),
                                 Client(0, "\x02shop"),
                                 ToServer(0, "\x02shop"),
                                 Server(1, Ok(2, SchemaChange("shop"))),
                                 ToClient(1, Ok()),
                                 Client(0, std::string("\x1B\0\0", 3)),
                                 ToServer(0, std::string("\x1B\0\0", 3)),
                                 Server(1, ResultEnd()),
                                 ToClient(1, Eof()),
                                 Client(0, std::string("\x04items\0", 7)),
                                 ToServer(0, std::string("\x04items\0", 7)),
                                 Server(1, Definition("items", "x") + "\xFB"),
                                 ToClient(1, Definition("items", "x") + "\xFB"),
                                 Server(2, ResultEnd()),
                                 ToClient(2, Eof()),
                                 Client(0, "\x01"),
                                 ToServer(0, "\x01"),
                                 Asks(Action::kClose)});
}

// Events pass as they come, whatever they hold; each begins with a zero.
TEST(Statements, AKillIsRemembered) {
  const auto kills = [](const std::string& command) {
    Player player;
    player.Play(LoggedIn(kNewClient) + Script{Client(0, command), ToServer(0, command),
                                              Server(1, Ok()), ToClient(1, Ok())},
                1 << 20);
    return player.killed().Has(9);
  };
  for (const char* const text :
       {"KILL 9", "kill connection 9", "KILL HARD 9", "KILL SOFT CONNECTION 9"}) {
    EXPECT_TRUE(kills(Query(text))) << text;
  }
  EXPECT_TRUE(kills(std::string("\x0C\x09\0\0\0", 5)));
  for (const char* const text :
       {"KILL 8", "KILL QUERY 9", "KILL QUERY ID 9", "KILL 9+1", "KILL 99999999999"}) {
    EXPECT_FALSE(kills(Query(text))) << text;
  }
}

TEST(Statements, WhoWasKilledIsCutOffAsByTheServer) {
  const std::string sql = Query("SELECT x FROM items");
  for (const std::uint32_t thread : {0U, 8U, 7U}) {
    Player player;
    player.killed().Add(thread);
    player.Play(LoggedIn(kNewClient) + Script{Client(0, sql), ToServer(0, sql)}, 1 << 20);
    Output out;
    player.relay().BackendLost(out);
    EXPECT_EQ(out.to_client.empty(), thread == 7) << thread;
    EXPECT_TRUE(out.to_server.empty());
  }
}

TEST(Statements, WhomTheServerToldOfTheEndIsCutOff) {
  const std::string sql = Query("SELECT x FROM items");
  for (const std::uint16_t code : {1184, 1927, 1146}) {
    const std::string error = Err(code, "08S01", "said");
    Player player;
    player.Play(LoggedIn(kNewClient) + Script{Client(0, sql), ToServer(0, sql), Server(1, error),
                                              ToClient(1, error), Client(0, sql), ToServer(0, sql)},
                1 << 20);
    Output out;
    player.relay().BackendLost(out);
    EXPECT_EQ(out.to_client.empty(), code != 1146) << code;
  }
}

TEST(Statements, TheBinaryLogIsForRolesOfReplication) {
  const std::string dump("\x12\x04\0\0\0\x01\0\x01\0\0\0log.1", 16);
  const std::string gtid("\x1E\x01\0", 3);
  const std::string event = std::string(1, '\0') + std::string(40, '\xFE');
  const std::string registration("\x15\x01\0\0\0", 5);
  Player().PlayEverywhere(LoggedIn(kOldClient, "replica") +
                          Script{Client(0, registration),
                                 ToServer(0, registration),
                                 Server(1, Ok()),
                                 ToClient(1, Ok()),
                                 Client(0, dump),
                                 ToServer(0, dump),
                                 Server(1, event),
                                 ToClient(1, event),
                                 Server(2, event + "more"),
                                 ToClient(2, event + "more"),
                                 Server(3, ResultEnd()),
                                 ToClient(3, Eof()),
                                 Client(0, gtid),
                                 ToServer(0, gtid),
                                 Server(1, event),
                                 ToClient(1, event),
                                 Server(2, Err(1236, "HY000", "no more")),
                                 ToClient(2, Err(1236, "HY000", "no more")),
                                 Client(0, "\x0E"),
                                 ToServer(0, "\x0E")});
  for (const std::string& command : {registration, dump, gtid}) {
    Player().PlayEverywhere(LoggedIn(kNewClient) + Script{Client(0, command),
                                                          ErrorToClient(1, 1227), Client(0, "\x0E"),
                                                          ToServer(0, "\x0E")});
  }
}

TEST(Statements, ReloadComesBeforeTheAnswer) {
  const std::string sql = Query("IMPORT TABLE FROM 'orders.sdi'");
  Player().PlayEverywhere(LoggedIn(kNewClient) +
                          Script{Client(0, sql), Admit(), ToServer(0, sql), Server(1, Ok()),
                                 Asks(Action::kReloadCatalog), ToClient(1, Ok()), Reloaded(),
                                 Client(0, "\x0E"), ToServer(0, "\x0E")});
}

// A snapshot that lists the server's tables; `extra` is hot.
SnapshotPointer Listed(const policy::Snapshot& world, const char* extra = nullptr) {
  auto catalog = std::make_shared<policy::Catalog>(*world.catalog);
  auto objects = std::make_shared<policy::ObjectNames>();
  objects->AddTable("shop", "items");
  if (extra != nullptr) {
    objects->AddTable("shop", extra);
    catalog->AddHot({policy::NameKind::kView, "shop", extra});
  }
  policy::Snapshot snapshot = world;
  snapshot.catalog = std::move(catalog);
  snapshot.objects = std::move(objects);
  ++snapshot.version;
  return std::make_shared<const policy::Snapshot>(std::move(snapshot));
}

std::string Framed(const std::string& payload) {
  std::string frame;
  std::uint8_t seq = 0;
  wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frame);
  return frame;
}

TEST(Statements, AnUnknownNameWaitsForTheCatalog) {
  const std::string sql = Framed(Query("INSERT INTO unseen (contact) VALUES ('SENTINEL')"));
  for (const bool is_view : {true, false}) {
    Player player;
    player.Play(LoggedIn(kNewClient), 1 << 20);
    Relay& relay = player.relay();
    const auto before = Listed(player.world().snapshot());
    Output out;
    EXPECT_EQ(relay.FromClient(sql, before, out).action, Action::kRefreshCatalog);
    EXPECT_FALSE(relay.accepts_client());
    EXPECT_TRUE(out.to_server.empty() && out.to_client.empty());
    const auto after = Listed(player.world().snapshot(), is_view ? "unseen" : nullptr);
    const Step step = relay.CatalogRefreshed(true, after, out);
    EXPECT_TRUE(out.to_server.empty());
    if (is_view) {
      EXPECT_NE(out.to_client.find("view over a protected table"), std::string::npos);
      EXPECT_TRUE(relay.accepts_client());
    } else {
      EXPECT_EQ(step.action, Action::kNeedsAdmission);
      relay.Admit(out);
      EXPECT_NE(out.to_server.find("SENTINEL"), std::string::npos);
    }
  }
}

// What another session's statement takes away while the first name is looked up
// is looked up, too; and not for ever.
TEST(Statements, EveryNameIsLookedUpThatIsUnknownInTheEnd) {
  const std::string sql = Framed(Query("INSERT INTO items SELECT * FROM unseen"));
  Player player;
  player.Play(LoggedIn(kNewClient), 1 << 20);
  Relay& relay = player.relay();
  const auto with_items = Listed(player.world().snapshot());
  policy::Snapshot without = *with_items;
  without.objects = std::make_shared<const policy::ObjectNames>();
  const auto nothing = std::make_shared<const policy::Snapshot>(without);
  Output out;
  EXPECT_EQ(relay.FromClient(sql, with_items, out).action, Action::kRefreshCatalog);
  EXPECT_EQ(relay.unknown_names().tables, (std::vector<policy::TableName>{{"shop", "unseen"}}));
  EXPECT_EQ(relay.CatalogRefreshed(true, nothing, out).action, Action::kRefreshCatalog);
  EXPECT_EQ(relay.unknown_names().tables.front(), (policy::TableName{"shop", "items"}));
  EXPECT_TRUE(out.to_server.empty());
  EXPECT_EQ(relay.CatalogRefreshed(true, nothing, out).action, Action::kNeedsAdmission);
  relay.Admit(out);
  EXPECT_NE(out.to_server.find("unseen"), std::string::npos);
  // The next statement asks anew.
  relay.FromServer(Framed(Ok()).replace(3, 1, 1, '\x01'), out);
  out = {};
  EXPECT_EQ(relay.FromClient(sql, nothing, out).action, Action::kRefreshCatalog);
  EXPECT_EQ(relay.unknown_names().tables.size(), 2u);
}

TEST(Statements, WhatNamesMeanIsNotedWithTheAnswer) {
  for (const bool fails : {false, true}) {
    Player player;
    player.Play(LoggedIn(kNewClient), 1 << 20);
    Relay& relay = player.relay();
    const auto snapshot = Listed(player.world().snapshot());
    Output out;
    const Step sent = relay.FromClient(Framed(Query("CREATE TABLE fresh (a INT)")), snapshot, out);
    EXPECT_FALSE(sent.names_changed);
    relay.Admit(out);
    const std::string answer = fails ? Err(1050, "42S01", "exists") : Ok();
    const Step step = relay.FromServer(Framed(answer).replace(3, 1, 1, '\x01'), out);
    EXPECT_EQ(step.action, Action::kContinue);
    EXPECT_TRUE(step.names_changed);
    EXPECT_TRUE(policy::Mentions(relay.name_change(), std::string_view("shop\0fresh", 10)));
    EXPECT_EQ(relay.name_change().made.has_value(), !fails);
  }
}

TEST(Statements, AnUnknownNameIsRefusedWhenTheCatalogCannotBeRead) {
  const std::string sql = Framed(Query("CALL unseen('SENTINEL')"));
  Player player;
  player.Play(LoggedIn(kNewClient), 1 << 20);
  Relay& relay = player.relay();
  const auto snapshot = Listed(player.world().snapshot());
  Output out;
  EXPECT_EQ(relay.FromClient(sql, snapshot, out).action, Action::kRefreshCatalog);
  relay.CatalogRefreshed(false, snapshot, out);
  EXPECT_TRUE(out.to_server.empty());
  EXPECT_NE(out.to_client.find("cannot be read now"), std::string::npos);
  EXPECT_TRUE(relay.accepts_client());
  EXPECT_EQ(relay.FromClient(Framed("\x0E"), snapshot, out).action, Action::kContinue);
  EXPECT_FALSE(out.to_server.empty());
}

TEST(Statements, ServerThatAsksForAFileIsCutOff) {
  const std::string sql = Query("SELECT 1");
  Player player;
  player.Play(
      LoggedIn(kNewClient) + Script{Client(0, sql), ToServer(0, sql), Server(1, "\xFB/etc/passwd"),
                                    ToClient(1, Err(1105, "HY000",
                                                    "sealgate: the database server's "
                                                    "answer asks for a file of the "
                                                    "client's")),
                                    Asks(Action::kClose)},
      1 << 20);
}

TEST(Statements, OversizedPacketIsRefusedByItsHeader) {
  Settings settings;
  settings.max_packet = 1000;
  Player player(settings);
  player.Play(LoggedIn(kNewClient), 1 << 20);
  Output out;
  const auto snapshot = std::make_shared<const policy::Snapshot>(player.world().snapshot());
  const Step step = player.relay().FromClient(std::string("\xE9\x03\0\0\x03", 5), snapshot, out);
  EXPECT_EQ(step.action, Action::kClose);
  EXPECT_NE(out.to_client.find("bigger than"), std::string::npos);
}

TEST(Statements, PipelinedCommandsWaitForTheirTurn) {
  Player().PlayEverywhere(LoggedIn(kNewClient) +
                          Script{Client(0, "\x0E"), Client(0, "\x09"), ToServer(0, "\x0E"),
                                 Server(1, Ok()), ToClient(1, Ok()), Client(0, "\x0E"),
                                 ToServer(0, "\x09"), Server(1, "Uptime"), ToClient(1, "Uptime")});
}

}  // namespace
}  // namespace sealgate::relay
