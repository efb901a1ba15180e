#include "proxy/wire/command.h"

#include "proxy/wire/com_query.h"
#include "proxy/wire/com_stmt_execute.h"
#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

constexpr Capabilities kAttributes = kClientQueryAttributes;

/// A row for the commands that need no capabilities.
template <typename T>
void Check(std::string_view hex, const T& value, Tail tail,
           Decoded<T> (*decode)(std::string_view)) {
  CheckRow("row", hex, value, tail, decode, [](const T& v, Writer& out) { Encode(v, out); });
}

TEST(CommandTest, SimpleCommands) {
  for (const Command command : {Command::kQuit, Command::kStatistics, Command::kPing,
                                Command::kDebug, Command::kResetConnection}) {
    const std::string byte(1, static_cast<char>(command));
    EXPECT_EQ(DecodePlainCommand(byte), PlainCommand{command});
    EXPECT_EQ(DecodePlainCommand(byte + "x").error(), DecodeError::kTrailing);
  }
  Check("0e", PlainCommand{Command::kPing}, Tail::kFixed, DecodePlainCommand);
  Check("02 'shop'", ComInitDb{"shop"}, Tail::kOpen, DecodeComInitDb);
  Check("04 'customers' 00 'e%'", ComFieldList{"customers", "e%"}, Tail::kOpen, DecodeComFieldList);
  Check("0c 07000000", ComProcessKill{7}, Tail::kFixed, DecodeComProcessKill);
  Check("1b 0100", ComSetOption{SetOption::kMultiStatementsOff}, Tail::kFixed, DecodeComSetOption);
  Check("16 'select ?'", ComStmtPrepare{"select ?"}, Tail::kOpen, DecodeComStmtPrepare);
  Check("18 01000000 0200 'abc'", ComStmtSendLongData{1, 2, "abc"}, Tail::kOpen,
        DecodeComStmtSendLongData);
  Check("19 01000000", ComStmtClose{1}, Tail::kFixed, DecodeComStmtClose);
  Check("1a 01000000", ComStmtReset{1}, Tail::kFixed, DecodeComStmtReset);
  Check("1c 01000000 0a000000", ComStmtFetch{1, 10}, Tail::kFixed, DecodeComStmtFetch);
  ExpectError("1b 0200", DecodeError::kUnsupported, DecodeComSetOption);
  ExpectError("03", DecodeError::kMalformed, DecodePlainCommand);
  ExpectError("03 'x'", DecodeError::kMalformed, DecodeComInitDb);
}

TEST(CommandTest, CommandOf) {
  EXPECT_EQ(CommandOf(""), std::nullopt);
  EXPECT_EQ(CommandOf(Hex("03 'select 1'")), Command::kQuery);
  EXPECT_EQ(CommandOf(Hex("21")), Command::kSubscribeGroupReplication);
  EXPECT_EQ(CommandOf(Hex("22")), std::nullopt);
  EXPECT_EQ(CommandOf(Hex("f9")), std::nullopt);
  EXPECT_EQ(CommandOf(Hex("fa")), Command::kMariaDbStmtBulkExecute);
  EXPECT_EQ(CommandOf(Hex("ff")), std::nullopt);
}

void CheckQuery(const char* name, std::string_view hex, const ComQuery& value,
                Capabilities negotiated) {
  CheckRow(
      name, hex, value, Tail::kOpen,
      [negotiated](std::string_view bytes) { return DecodeComQuery(bytes, negotiated); },
      [negotiated](const ComQuery& v, Writer& out) { Encode(v, negotiated, out); });
}

// Accepted by MySQL 9.7: one attribute, na = 'val'.
constexpr std::string_view kAttributeBlock = "01 01 00 01 fe00 02'na' 03'val'";

TEST(CommandTest, Query) {
  CheckQuery("without attributes", "03 'select 1'", {.statement = "select 1"}, 0);
  // Captured from the mysql client 9.7.
  CheckQuery("mysql client", "03 00 01 'select 1'",
             {.attributes = std::string_view("\0\1", 2), .statement = "select 1"}, kAttributes);
  const std::string attributes = Hex(kAttributeBlock);
  CheckQuery("one attribute", std::string("03 ") + std::string(kAttributeBlock) + "'select 1'",
             {.attributes = attributes, .statement = "select 1"}, kAttributes);
  const std::string two = Hex("02 01 02 01 0380 01'n' fe00 00 05000000");
  CheckQuery("a number and a NULL", "03 02 01 02 01 0380 01'n' fe00 00 05000000 'select 1'",
             {.attributes = two, .statement = "select 1"}, kAttributes);
}

TEST(CommandTest, QueryWithANewStatementKeepsItsAttributes) {
  const std::string bytes = Hex(std::string("03 ") + std::string(kAttributeBlock) + "'select 1'");
  ComQuery query = *DecodeComQuery(bytes, kAttributes);
  query.statement = "select 22";
  std::string out;
  Writer writer(out);
  Encode(query, kAttributes, writer);
  EXPECT_EQ(out, Hex(std::string("03 ") + std::string(kAttributeBlock) + "'select 22'"));

  std::string own;
  Writer own_writer(own);
  Encode(ComQuery{.statement = "x"}, kAttributes, own_writer);
  EXPECT_EQ(own, Hex("03 00 01 'x'"));

  std::string lost;
  Writer lost_writer(lost);
  Encode(query, 0, lost_writer);
  EXPECT_FALSE(lost_writer.ok());
}

TEST(CommandTest, QueryAttributes) {
  const std::string block = Hex(kAttributeBlock);
  const auto params = DecodeQueryAttributes(block);
  ASSERT_TRUE(params);
  ASSERT_EQ(params->size(), 1u);
  EXPECT_EQ(params->front().name, "na");
  EXPECT_EQ(params->front().value, (ParamValue{.type = FieldType::kString, .bytes = "val"}));
  std::string out;
  Writer writer(out);
  EncodeQueryAttributes(*params, writer);
  EXPECT_EQ(out, block);
  EXPECT_TRUE(DecodeQueryAttributes("")->empty());
}

TEST(CommandTest, RefusedQueries) {
  const auto decode = [](std::string_view bytes) { return DecodeComQuery(bytes, kAttributes); };
  ExpectError("03 00 02 'select 1'", DecodeError::kMalformed, decode);
  ExpectError("03 00 00 'select 1'", DecodeError::kMalformed, decode);
  ExpectError("03 'select 1'", DecodeError::kMalformed, decode);
  ExpectError("03 01 01 00 00 'select 1'", DecodeError::kMalformed, decode);
  ExpectError("03 01 01 00 02 fe00 00 00", DecodeError::kMalformed, decode);
  ExpectError("03 01 01 00 01 0900 00 05000000", DecodeError::kUnsupported, decode);
  ExpectError("03 01 01 00 01 0600 00", DecodeError::kMalformed, decode);
  // To MySQL a string, and what follows is not the statement.
  for (const char* type : {"0301", "0302", "0340", "037f", "0381", "fe01"}) {
    ExpectError("03 01 01 00 01 " + std::string(type) + " 00 04 'sele' 'ct 1'",
                DecodeError::kMalformed, decode);
  }
  ExpectError("03 fd ffff01 01", DecodeError::kMalformed, decode);
  ExpectError("03 fc ffff 01 00", DecodeError::kTruncated, decode);
}

void CheckExecute(const char* name, std::string_view hex, const ComStmtExecute& value,
                  Capabilities negotiated, const StatementContext& statement) {
  // Node's mysql2 sends a byte too many for each NULL.
  CheckRow(
      name, hex, value, value.params.empty() ? Tail::kFixed : Tail::kIgnored,
      [&](std::string_view bytes) { return DecodeComStmtExecute(bytes, negotiated, statement); },
      [&](const ComStmtExecute& v, Writer& out) {
        Encode(v, negotiated, statement.num_params, out);
      });
  const std::string bytes = Hex(hex);
  EXPECT_EQ(SendsTypes(bytes, negotiated, statement.num_params), value.types_sent) << name;
  for (std::size_t size = 0; size < 11; ++size) {
    EXPECT_FALSE(SendsTypes(bytes.substr(0, size), negotiated, statement.num_params)) << name;
  }
}

StatementContext Params(std::uint16_t count) {
  StatementContext context;
  context.num_params = count;
  return context;
}

Param Text(std::string_view bytes) {
  return {.value = {.type = FieldType::kVarString, .bytes = bytes}, .name = {}};
}

Param Long(std::string_view bytes) {
  return {.value = {.type = FieldType::kLong, .bytes = bytes}, .name = {}};
}

TEST(CommandTest, Execute) {
  CheckExecute("no parameters", "17 01000000 00 01000000", {.statement_id = 1}, 0, Params(0));
  // Accepted by both servers.
  CheckExecute(
      "one number", "17 01000000 00 01000000 00 01 0300 03000000",
      {.statement_id = 1, .types_sent = true, .params = {Long(std::string_view("\3\0\0\0", 4))}}, 0,
      Params(1));
  ComStmtExecute mixed{.statement_id = 2, .flags = kCursorReadOnly, .types_sent = true};
  mixed.params = {Text("abc"), Text(""), Long(std::string_view("\1\0\0\0", 4))};
  mixed.params[1].value.is_null = true;
  mixed.params[2].value.is_unsigned = true;
  CheckExecute("NULL, unsigned, cursor",
               "17 02000000 01 01000000 02 01 fd00 fd00 0380 03'abc' 01000000", mixed, 0,
               Params(3));
}

TEST(CommandTest, ExecuteWithPreviousTypesAndLongData) {
  const ParamType types[] = {{FieldType::kVarString, false}, {FieldType::kLong, false}};
  const std::uint8_t long_data[] = {1};
  StatementContext context = Params(2);
  context.previous_types = types;
  ComStmtExecute again{.statement_id = 1};
  again.params = {Text("ab"), Long(std::string_view("\5\0\0\0", 4))};
  CheckExecute("without types", "17 01000000 00 01000000 00 00 02'ab' 05000000", again, 0, context);
  context.long_data = long_data;
  again.params[0] = Text("");
  again.params[0].value.long_data = true;
  CheckExecute("long data", "17 01000000 00 01000000 00 00 05000000", again, 0, context);
}

TEST(CommandTest, ExecuteWithQueryAttributes) {
  // Accepted by MySQL 9.7 with and without PARAMETER_COUNT_AVAILABLE.
  ComStmtExecute one{.statement_id = 1, .types_sent = true};
  one.params = {Long(std::string_view("\7\0\0\0", 4))};
  CheckExecute("count without flag", "17 01000000 00 01000000 01 00 01 0300 00 07000000", one,
               kAttributes, Params(1));
  one.flags = kParameterCountAvailable;
  CheckExecute("count with flag", "17 01000000 08 01000000 01 00 01 0300 00 07000000", one,
               kAttributes, Params(1));
  ComStmtExecute extra{.statement_id = 1, .flags = kParameterCountAvailable, .types_sent = true};
  extra.params = {Text("v")};
  extra.params[0].name = "k";
  CheckExecute("attribute only", "17 01000000 08 01000000 01 00 01 fd00 01'k' 01'v'", extra,
               kAttributes, Params(0));
  CheckExecute("count zero", "17 01000000 08 01000000 00",
               {.statement_id = 1, .flags = kParameterCountAvailable}, kAttributes, Params(0));
}

TEST(CommandTest, RefusedExecutes) {
  const auto one = [](std::string_view bytes) { return DecodeComStmtExecute(bytes, 0, Params(1)); };
  ExpectError("17 01000000 00 02000000", DecodeError::kMalformed, one);
  ExpectError("17 01000000 00 01000000 00 00 03000000", DecodeError::kMalformed, one);
  ExpectError("17 01000000 00 01000000 00 01 0d00 0700", DecodeError::kUnsupported, one);
  ExpectError("17 01000000 00 01000000 00 01 0a00 05 0000000000", DecodeError::kMalformed, one);
  const auto too_few = [](std::string_view bytes) {
    return DecodeComStmtExecute(bytes, kAttributes, Params(2));
  };
  ExpectError("17 01000000 00 01000000 01 00 01 0300 00 07000000", DecodeError::kMalformed,
              too_few);
  std::string out;
  Writer writer(out);
  Encode(ComStmtExecute{.statement_id = 1}, 0, 1, writer);
  EXPECT_FALSE(writer.ok());
}

TEST(CommandTest, StatementIdOf) {
  EXPECT_EQ(StatementIdOf(Hex("17 04030201 00")), 0x01020304u);
  EXPECT_EQ(StatementIdOf(Hex("17 0403")).error(), DecodeError::kTruncated);
}

}  // namespace
}  // namespace sealgate::wire
