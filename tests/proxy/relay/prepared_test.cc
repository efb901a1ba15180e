// Prepared statements: counts, definitions, parameters, long data, cursors.

#include <gtest/gtest.h>

#include "proxy/wire/com_stmt_execute.h"
#include "proxy/wire/command.h"
#include "proxy/wire/prepare_response.h"
#include "proxy/wire/row.h"
#include "tests/proxy/relay/script.h"

namespace sealgate::relay {
namespace {

std::string Prepare(std::string_view sql) { return "\x16" + std::string(sql); }

std::string PrepareOk(std::uint16_t columns, std::uint16_t params) {
  std::string out;
  wire::Writer writer(out);
  wire::Encode(wire::PrepareOk{.statement_id = 1, .num_columns = columns, .num_params = params},
               kNewClient, writer);
  return out;
}

std::string Execute(const std::vector<wire::ParamValue>& values, std::uint8_t flags = 0,
                    bool types = true) {
  wire::ComStmtExecute execute{.statement_id = 1, .flags = flags, .types_sent = types};
  for (const auto& value : values) execute.params.push_back({.value = value, .name = {}});
  std::string out;
  wire::Writer writer(out);
  wire::Encode(execute, kNewClient, static_cast<std::uint16_t>(values.size()), writer);
  EXPECT_TRUE(writer.ok());
  return out;
}

wire::ParamValue Text(std::string_view text) {
  return {.type = wire::FieldType::kVarString, .bytes = text};
}

std::string LongData(std::uint16_t parameter, std::string_view data) {
  std::string out;
  wire::Writer writer(out);
  wire::Encode(wire::ComStmtSendLongData{.statement_id = 1, .parameter = parameter, .data = data},
               writer);
  return out;
}

std::string ForStatement(char command) {
  return std::string(1, command) + std::string("\1\0\0\0", 4);
}

// The relay's own definition of a parameter.
std::string ParameterDefinition() {
  wire::ColumnDefinition41 definition;
  definition.name = "?";
  definition.collation = 63;
  definition.type = wire::FieldType::kVarString;
  definition.flags = wire::kFieldBinary;
  std::string out;
  wire::Writer writer(out);
  wire::Encode(definition, writer);
  return out;
}

const std::string kPlain = "INSERT INTO items VALUES (?)";
const std::string kSealing = "UPDATE orders SET card = ? WHERE id = ?";

Script PreparedSealing(const std::string& server_text) {
  return LoggedIn(kNewClient) +
         Script{Client(0, Prepare(kSealing)),       ToServer(0, Prepare(server_text)),
                Server(1, PrepareOk(0, 2)),         Server(2, Definition("", "?")),
                Server(3, Definition("", "?")),     ToClient(1, PrepareOk(0, 2)),
                ToClient(2, ParameterDefinition()), ToClient(3, ParameterDefinition())};
}

Step Say(Player& player, const std::string& payload, Output& out) {
  std::string frames;
  std::uint8_t seq = 0;
  wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frames);
  const auto snapshot = std::make_shared<const policy::Snapshot>(player.world().snapshot());
  return player.relay().FromClient(frames, snapshot, out);
}

TEST(Prepared, UnmappedParametersPassAsTheyAre) {
  const std::string execute = Execute({Text("v")});
  for (const auto client : {kNewClient, kOldClient}) {
    Script script =
        LoggedIn(client) + Script{Client(0, Prepare(kPlain)),   ToServer(0, Prepare(kPlain)),
                                  Server(1, PrepareOk(0, 1)),   Server(2, Definition("", "?")),
                                  ToClient(1, PrepareOk(0, 1)), ToClient(2, Definition("", "?"))};
    if (client == kOldClient) script.push_back(ToClient(3, Eof()));
    Player().PlayEverywhere(
        script + Script{Client(0, execute), Admit(), ToServer(0, execute), Server(1, Ok()),
                        ToClient(1, Ok()), Client(0, ForStatement('\x1A')),
                        ToServer(0, ForStatement('\x1A')), Server(1, Ok()), ToClient(1, Ok()),
                        Client(0, ForStatement('\x19')), ToServer(0, ForStatement('\x19')),
                        Client(0, execute), ErrorToClient(1, 1243)});
  }
}

// Older clients read from the first EOF that a row is of OUT parameters.
TEST(Prepared, TheFirstEofHasTheStatusOfTheEnd) {
  constexpr std::uint16_t kOutParameters = 2 | wire::kStatusMoreResultsExists | 1 << 12;
  const std::string sql = Prepare("CALL fill(?)");
  const std::string execute = Execute({Text("v")});
  const std::string row("\0\0\x01x", 4);
  Player().PlayEverywhere(LoggedIn(kOldClient) +
                          Script{Client(0, sql),
                                 ToServer(0, sql),
                                 Server(1, PrepareOk(0, 1)),
                                 Server(2, Definition("", "?")),
                                 ToClient(1, PrepareOk(0, 1)),
                                 ToClient(2, Definition("", "?")),
                                 ToClient(3, Eof()),
                                 Client(0, execute),
                                 Admit(),
                                 ToServer(0, execute),
                                 Server(1, "\x01"),
                                 Server(2, Definition("", "o")),
                                 Server(3, row),
                                 Server(4, Ok(kOutParameters, {}, wire::kEofHeader)),
                                 Server(5, Ok()),
                                 ToClient(1, "\x01"),
                                 ToClient(2, Definition("", "o")),
                                 ToClient(3, Eof(kOutParameters)),
                                 ToClient(4, row),
                                 ToClient(5, Eof(kOutParameters)),
                                 ToClient(6, Ok())});
}

TEST(Prepared, EqualityHasMoreParametersThanTheClientKnows) {
  Player player;
  const std::string sql = "SELECT id FROM customers WHERE email = ?";
  const std::string sent = "SELECT id FROM customers WHERE (email BETWEEN ? AND ?)";
  player.PlayEverywhere(
      LoggedIn(kOldClient) +
      Script{Client(0, Prepare(sql)), ToServer(0, Prepare(sent)), Server(1, PrepareOk(1, 2)),
             Server(2, Definition("", "?")), Server(3, Definition("", "?")),
             Server(4, Definition("customers", "id")), ToClient(1, PrepareOk(1, 1)),
             ToClient(2, ParameterDefinition()), ToClient(3, Eof()),
             ToClient(4, Definition("customers", "id")), ToClient(5, Eof())});
}

TEST(Prepared, SealedParameterIsSealed) {
  Player player;
  player.PlayEverywhere(PreparedSealing(kSealing));
  player.Play(PreparedSealing(kSealing), 1);
  Output out;
  const auto say = [&](const std::string& payload) { return Say(player, payload, out); };
  const std::string execute = Execute({Text("SENTINEL"), Text("7")});
  EXPECT_EQ(say(execute).action, Action::kNeedsAdmission);
  player.relay().Admit(out);
  const std::string_view sent = std::string_view(out.to_server).substr(4);
  const auto decoded = wire::DecodeComStmtExecute(
      sent, kNewClient, {.num_params = 2, .previous_types = {}, .long_data = {}});
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->types_sent);
  std::string opened;
  ASSERT_TRUE(crypto::Open(*player.world().snapshot().keys->Find("shop.orders.card"),
                           decoded->params[0].value.bytes, opened));
  EXPECT_EQ(opened, "SENTINEL");
  EXPECT_EQ(decoded->params[1].value.bytes, "7");
}

TEST(Prepared, TypesAreRemembered) {
  Player player;
  player.Play(PreparedSealing(kSealing), 1 << 20);
  Output out;
  const auto say = [&](const std::string& payload) { return Say(player, payload, out); };
  say(Execute({Text("a"), Text("7")}, 0, false));
  EXPECT_NE(out.to_client.find("malformed"), std::string::npos);  // no types before
  EXPECT_EQ(say(Execute({Text("a"), Text("7")})).action, Action::kNeedsAdmission);
  player.relay().RefuseHeld(policy::Release::kExpired, "", out);
  EXPECT_EQ(say(Execute({Text("b"), Text("8")}, 0, false)).action, Action::kNeedsAdmission);
}

TEST(Prepared, LongDataOfAnUnknownParameterFailsAtExecute) {
  const std::string execute = Execute({Text("v"), Text("1")});
  Player().PlayEverywhere(PreparedSealing(kSealing) +
                          Script{Client(0, LongData(2, "SENTINEL")), Client(0, execute),
                                 ErrorToClient(1, 1105), Client(0, LongData(1, "1"))});
}

TEST(Prepared, LongDataOfASealedParameterIsSealedWhole) {
  Player player;
  player.Play(PreparedSealing(kSealing), 1 << 20);
  Output out;
  const auto say = [&](const std::string& payload) { return Say(player, payload, out); };
  for (const char* piece : {"dropped", "SENT", "", "INEL"}) {
    if (std::string_view(piece) == "SENT") {
      EXPECT_EQ(out.to_server, "");
      say(ForStatement('\x1A'));
      player.relay().FromServer(std::string("\x07\0\0\x01", 4) + Ok(), out);
      out = {};
    }
    say(LongData(0, piece));
  }
  EXPECT_EQ(out.to_server, "");
  wire::ParamValue first = Text("");
  first.long_data = true;
  EXPECT_EQ(say(Execute({first, Text("7")})).action, Action::kNeedsAdmission);
  player.relay().Admit(out);
  EXPECT_EQ(out.to_server.find("SENT"), std::string::npos);
  const auto decoded =
      wire::DecodeComStmtExecute(std::string_view(out.to_server).substr(4), kNewClient,
                                 {.num_params = 2, .previous_types = {}, .long_data = {}});
  ASSERT_TRUE(decoded.has_value());
  std::string opened;
  ASSERT_TRUE(crypto::Open(*player.world().snapshot().keys->Find("shop.orders.card"),
                           decoded->params[0].value.bytes, opened));
  EXPECT_EQ(opened, "SENTINEL");
}

TEST(Prepared, LongDataOfANumberFailsAtExecute) {
  wire::ParamValue number{.type = wire::FieldType::kLong};
  number.long_data = true;
  const std::string execute = Execute({number, Text("7")});
  Player().PlayEverywhere(PreparedSealing(kSealing) +
                          Script{Client(0, LongData(0, "SENTINEL")), Client(0, execute),
                                 ErrorToClient(1, 1210), Client(0, LongData(1, "1"))});
}

Script PreparedPlain() {
  return LoggedIn(kNewClient) +
         Script{Client(0, Prepare(kPlain)),   ToServer(0, Prepare(kPlain)),
                Server(1, PrepareOk(0, 1)),   Server(2, Definition("", "?")),
                ToClient(1, PrepareOk(0, 1)), ToClient(2, Definition("", "?"))};
}

Script Ping() {
  return {Client(0, "\x0E"), ToServer(0, "\x0E"), Server(1, Ok()), ToClient(1, Ok())};
}

TEST(Prepared, LongDataAtTheServerGoesWithAnExecutionThatIsRefused) {
  const std::string data = LongData(0, "AAAA");
  const std::string execute = Execute({Text("v")});
  const std::string reset = ForStatement('\x1A');
  const Script held{Client(0, data), ToServer(0, data), Client(0, execute),
                    Asks(Action::kNeedsAdmission)};
  const Script refused{Refuse(), ErrorToClient(1, 1290), ToServer(0, reset), Server(1, Ok())};
  const Script admitted{Admit(), ToServer(0, execute), Server(1, Ok()), ToClient(1, Ok())};
  const Script without{Client(0, execute), Refuse(), ErrorToClient(1, 1290)};
  Player().PlayEverywhere(PreparedPlain() + held + refused + Ping() + without + Ping() + held +
                          admitted + without + Ping());
}

// Its table has become a view by now: no value goes there, not even ahead of the execution.
TEST(Prepared, LongDataOfAStatementThatMeansSomethingElseIsNotSent) {
  const std::string data = LongData(0, "SENTINEL");
  const std::string execute = Execute({Text("v")});
  const Script refused{Client(0, data), Client(0, data), Client(0, execute),
                       ErrorToClient(1, 1235)};
  Player().Play(PreparedPlain() + Script{NewView("items")} + refused + Ping() + refused, 1024);
  // Where it means the same, it goes ahead of the execution.
  Player().Play(PreparedPlain() + Script{NewView("other"), Client(0, data), Client(0, data),
                                         Client(0, execute), ToServer(0, data), ToServer(0, data),
                                         Admit(), ToServer(0, execute), Server(1, Ok()),
                                         ToClient(1, Ok()), Client(0, data), ToServer(0, data)},
                1024);
  // After a reset the execution has none, and is refused for what it is.
  const std::string reset = ForStatement('\x1A');
  Player().Play(PreparedPlain() + Script{NewView("items"), Client(0, data), Client(0, reset),
                                         ToServer(0, reset), Server(1, Ok()), ToClient(1, Ok()),
                                         Client(0, execute), ErrorToClient(1, 1235)},
                1024);
}

TEST(Prepared, TypesOfAnExecutionThatIsRefusedAreToComeAgain) {
  const std::string execute = Execute({Text("v")});
  const std::string without = Execute({Text("v")}, 0, false);
  const Script stale{Client(0, without), ErrorToClient(1, 1615)};
  const auto admitted = [](const std::string& message) {
    return Script{Client(0, message), Admit(), ToServer(0, message), Server(1, Ok()),
                  ToClient(1, Ok())};
  };
  const auto refused = [](const std::string& message) {
    return Script{Client(0, message), Refuse(), ErrorToClient(1, 1290)};
  };
  Player().PlayEverywhere(PreparedPlain() + refused(execute) + stale + stale + admitted(execute) +
                          admitted(without) + refused(without) + admitted(without) +
                          refused(execute) + stale + Ping());
}

TEST(Prepared, LongDataAtTheServerGoesWithAQuestionThatFailed) {
  const std::string data = LongData(0, "AAAA");
  const std::string reset = ForStatement('\x1A');
  const std::string error = Err(1226, "42000", "max_queries_per_hour");
  const std::string set = Query("SET sql_mode = 'x'");
  Player().PlayEverywhere(
      PreparedPlain() +
      Script{Client(0, set), ToServer(0, set), Server(1, Err(1231, "42000", "x")), AnyToClient(1),
             Client(0, data), ToServer(0, data), Client(0, Execute({Text("v")})), AnyToServer(0),
             AnyToServer(0), Server(1, error), ToClient(1, error), Server(1, error),
             ToServer(0, reset), Server(1, Ok())} +
      Ping());
}

// Of a statement that had to be prepared again.
TEST(Prepared, LongDataThatIsKeptGoesWithAnExecutionThatIsRefused) {
  Player player;
  const auto connection = [](const char* charset) {
    const std::string set = Query("SET character_set_connection = " + std::string(charset));
    return Script{Client(0, set), ToServer(0, set),
                  Server(1, Ok(2, VariableChange("character_set_connection", charset))),
                  AnyToClient(1)};
  };
  wire::ParamValue first = Text("");
  first.long_data = true;
  player.Play(PreparedSealing(kSealing) + connection("latin1") +
                  Script{Client(0, LongData(0, "dropped")), Client(0, Execute({first, Text("7")})),
                         ErrorToClient(1, 1615)} +
                  connection("utf8mb4"),
              1 << 20);
  Output out;
  EXPECT_EQ(Say(player, Execute({Text("SENTINEL"), Text("7")}), out).action,
            Action::kNeedsAdmission);
  player.relay().Admit(out);
  const auto decoded =
      wire::DecodeComStmtExecute(std::string_view(out.to_server).substr(4), kNewClient,
                                 {.num_params = 2, .previous_types = {}, .long_data = {}});
  ASSERT_TRUE(decoded.has_value());
  std::string opened;
  ASSERT_TRUE(crypto::Open(*player.world().snapshot().keys->Find("shop.orders.card"),
                           decoded->params[0].value.bytes, opened));
  EXPECT_EQ(opened, "SENTINEL");
}

TEST(Prepared, CursorOverPlainRows) {
  const std::string sql = "SELECT x FROM items";
  const std::string row("\0\0\1v", 4);
  const std::string execute = Execute({}, wire::kCursorReadOnly);
  const std::string fetch = ForStatement('\x1C') + std::string("\2\0\0\0", 4);
  constexpr std::uint16_t kOpen = 2 | wire::kStatusCursorExists;
  for (const auto client : {kNewClient, kOldClient}) {
    const bool old = client == kOldClient;
    const auto end = [&](std::uint16_t status) {
      return old ? Eof(status) : Ok(status, {}, wire::kEofHeader);
    };
    Script script = LoggedIn(client) +
                    Script{Client(0, Prepare(sql)),      ToServer(0, Prepare(sql)),
                           Server(1, PrepareOk(1, 0)),   Server(2, Definition("items", "x")),
                           ToClient(1, PrepareOk(1, 0)), ToClient(2, Definition("items", "x"))};
    if (old) script.push_back(ToClient(3, Eof()));
    Player().PlayEverywhere(
        script +
        Script{Client(0, fetch), ErrorToClient(1, 1421), Client(0, execute), ToServer(0, execute),
               Server(1, "\x01"), Server(2, Definition("items", "x")),
               Server(3, Ok(kOpen, {}, wire::kEofHeader)), ToClient(1, "\x01"),
               ToClient(2, Definition("items", "x")), ToClient(3, end(kOpen)), Client(0, fetch),
               ToServer(0, fetch), Server(1, row), Server(2, Ok(kOpen, {}, wire::kEofHeader)),
               ToClient(1, row), ToClient(2, end(kOpen))});
  }
}

TEST(Prepared, CursorOverProtectedRows) {
  const std::string sql = "SELECT email FROM customers";
  Player player;
  const std::string email = player.Seal("email", "bob@example.org", "BOB@EXAMPLE.ORG");
  const auto row = [](std::string_view value) {
    std::string out;
    wire::BinaryRowWriter writer(1, out);
    writer.Append(wire::FieldType::kVarString, value);
    return out;
  };
  const std::string execute = Execute({}, wire::kCursorReadOnly);
  const std::string fetch = ForStatement('\x1C') + std::string("\1\0\0\0", 4);
  constexpr std::uint16_t kOpen = 2 | wire::kStatusCursorExists;
  const std::string open = Ok(kOpen, {}, wire::kEofHeader);
  const Script fetched{Client(0, fetch),
                       ToServer(0, fetch),
                       Server(1, row(email)),
                       Server(2, open),
                       ToClient(1, row("bob@example.org")),
                       ToClient(2, open)};
  const std::string set = Query("SET sql_mode = 'x'");
  const Script failed{Client(0, set), ToServer(0, set), Server(1, Err(1231, "42000", "x")),
                      AnyToClient(1)};
  const Script asked =
      Script{fetched.front()} + Probe() + Script(fetched.begin() + 1, fetched.end());
  const std::string count = Query("SELECT FOUND_ROWS()");
  player.PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Prepare(sql)), ToServer(0, Prepare(sql)), Server(1, PrepareOk(1, 0)),
             Server(2, Definition("customers", "email")), ToClient(1, PrepareOk(1, 0)),
             AnyToClient(2), Client(0, execute), ToServer(0, execute), Server(1, "\x01"),
             Server(2, Definition("customers", "email")), Server(3, open), ToClient(1, "\x01"),
             AnyToClient(2), ToClient(3, open)} +
      fetched + fetched + failed + asked + fetched +
      Script{Client(0, count), ErrorToClient(1, 1235)});
}

TEST(Prepared, CursorEndsWithThePolicy) {
  const std::string execute = Execute({}, wire::kCursorReadOnly);
  const std::string fetch = ForStatement('\x1C') + std::string("\1\0\0\0", 4);
  const std::string open = Ok(2 | wire::kStatusCursorExists, {}, wire::kEofHeader);
  for (const auto& [column, ends] : {std::pair("email", true), std::pair("name", false)}) {
    const std::string sql = "SELECT " + std::string(column) + " FROM customers";
    Player player;
    player.Play(
        LoggedIn(kNewClient) +
            Script{Client(0, Prepare(sql)), ToServer(0, Prepare(sql)), Server(1, PrepareOk(1, 0)),
                   Server(2, Definition("customers", column)), ToClient(1, PrepareOk(1, 0)),
                   AnyToClient(2), Client(0, execute), ToServer(0, execute), Server(1, "\x01"),
                   Server(2, Definition("customers", column)), Server(3, open), ToClient(1, "\x01"),
                   AnyToClient(2), ToClient(3, open), NewPolicy(), Client(0, fetch),
                   ends ? ErrorToClient(1, 1421) : ToServer(0, fetch)},
        1024);
  }
}

TEST(Prepared, BinaryRowsAreOpened) {
  const std::string sql = "SELECT email FROM customers";
  Player player;
  const std::string email = player.Seal("email", "bob@example.org", "BOB@EXAMPLE.ORG");
  const auto row = [](std::string_view value) {
    std::string out;
    wire::BinaryRowWriter writer(1, out);
    writer.Append(wire::FieldType::kVarString, value);
    return out;
  };
  player.PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Prepare(sql)), ToServer(0, Prepare(sql)), Server(1, PrepareOk(1, 0)),
             Server(2, Definition("customers", "email")), ToClient(1, PrepareOk(1, 0)),
             AnyToClient(2), Client(0, Execute({})), ToServer(0, Execute({})), Server(1, "\x01"),
             Server(2, Definition("customers", "email")), Server(3, row(email)),
             Server(4, Ok(2, {}, wire::kEofHeader)), ToClient(1, "\x01"), AnyToClient(2),
             ToClient(3, row("bob@example.org")), ToClient(4, Ok(2, {}, wire::kEofHeader))});
}

TEST(Prepared, RefusedPreparation) {
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Prepare("UPDATE orders SET card = UPPER(?)")), ErrorToClient(1, 1235)});
}

TEST(Prepared, UnexpectedProtectedColumnClosesTheStatement) {
  const std::string sql = "SELECT x FROM items";
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, Prepare(sql)), ToServer(0, Prepare(sql)), Server(1, PrepareOk(1, 0)),
             Server(2, Definition("customers", "email")), ErrorToClient(1, 1235),
             ToServer(0, ForStatement('\x19')), Client(0, Execute({})), ErrorToClient(1, 1243)});
}

TEST(Prepared, ErrorOfTheServer) {
  const std::string error = Err(1064, "42000", "You have an error");
  Player().PlayEverywhere(LoggedIn(kNewClient) + Script{Client(0, Prepare(kPlain)),
                                                        ToServer(0, Prepare(kPlain)),
                                                        Server(1, error), ToClient(1, error)});
}

}  // namespace
}  // namespace sealgate::relay
