#include "proxy/wire/generic_response.h"

#include "proxy/wire/frame.h"
#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

constexpr Capabilities kTrack = kClientSessionTrack;

void CheckOk(const char* name, std::string_view hex, const OkPacket& value, Tail tail,
             Capabilities negotiated) {
  CheckRow(
      name, hex, value, tail,
      [negotiated](std::string_view bytes) { return DecodeOk(bytes, negotiated); },
      [negotiated](const OkPacket& v, Writer& out) { Encode(v, negotiated, out); });
}

// Both servers sent these same bytes (MariaDB 10.11, MySQL 9.7).
constexpr std::string_view kInsertedTwo =
    "00 02 01 0200 0000 26 'Records: 2  Duplicates: 0  Warnings: 0'";
constexpr std::string_view kSchemaChanged = "00 00 00 0240 0000 00 06 01 04 03'cap'";
constexpr std::string_view kAutocommitOff = "00 00 00 0040 0000 00 11 00 0f 0a'autocommit' 03'OFF'";

TEST(GenericResponseTest, Ok) {
  CheckOk("least", "00 00 00 0200 0000", {.status = kStatusAutocommit}, Tail::kOptionalFieldsFollow,
          0);
  const OkPacket inserted{.affected_rows = 2,
                          .last_insert_id = 1,
                          .status = kStatusAutocommit,
                          .info = "Records: 2  Duplicates: 0  Warnings: 0"};
  CheckOk("info without tracking", kInsertedTwo, inserted, Tail::kOpen, 0);
  CheckOk("info with tracking", kInsertedTwo, inserted, Tail::kOpen, kTrack);
  CheckOk("end of a result", "fe 00 00 0200 0100",
          {.header = kEofHeader, .status = kStatusAutocommit, .warnings = 1},
          Tail::kOptionalFieldsFollow, kClientDeprecateEof);
  CheckOk("schema changed", kSchemaChanged,
          {.status = kStatusAutocommit | kStatusSessionStateChanged,
           .state_changes = "\x01\x04\x03"
                            "cap"},
          Tail::kFixed, kTrack);
  const std::string changes = Hex("00 0f 0a'autocommit' 03'OFF'");
  CheckOk("autocommit off", kAutocommitOff,
          {.status = kStatusSessionStateChanged, .state_changes = changes}, Tail::kFixed, kTrack);
  CheckOk("big numbers", "00 fc0001 fe0000000001000000 0100 ffff",
          {.affected_rows = 256,
           .last_insert_id = 0x100000000,
           .status = kStatusInTrans,
           .warnings = 0xFFFF},
          Tail::kOptionalFieldsFollow, kTrack);
}

TEST(GenericResponseTest, OkForAClientThatDoesNotTrack) {
  const std::string bytes = Hex(kSchemaChanged);
  const auto ok = DecodeOk(bytes, kTrack);
  ASSERT_TRUE(ok);
  std::string out;
  Writer writer(out);
  Encode(*ok, 0, writer);
  EXPECT_EQ(out, Hex("00 00 00 0200 0000"));
}

TEST(GenericResponseTest, ChangedFlagWithoutTrackingIsDropped) {
  // A server does not send it; found by server_packets_fuzz.
  EXPECT_EQ(DecodeOk(Hex("00 00 00 0240 0000"), 0)->status, kStatusAutocommit);
}

// What MariaDB 10.11 sends after USE of a schema whose character set is ucs2 or
// utf16, or utf32.
TEST(GenericResponseTest, LengthOfChangesInWideCharacterSets) {
  for (const char* hex :
       {"00 00 00 0240 0000 00 0005 010302'd1'", "00 00 00 0240 0000 00 00000005 010302'd1'"}) {
    const std::string bytes = Hex(hex);
    const auto ok = DecodeOk(bytes, kTrack);
    ASSERT_TRUE(ok) << hex;
    EXPECT_EQ(ok->state_changes, Hex("010302'd1'")) << hex;
  }
}

TEST(GenericResponseTest, SessionChanges) {
  const std::string autocommit = Hex(kAutocommitOff);
  SessionStateReader changes(DecodeOk(autocommit, kTrack)->state_changes);
  const auto change = changes.Next();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->type, SessionStateType::kSystemVariables);
  SystemVariableReader variables(change->data);
  EXPECT_EQ(variables.Next(), std::pair(std::string_view("autocommit"), std::string_view("OFF")));
  EXPECT_EQ(variables.Next(), std::nullopt);
  EXPECT_TRUE(variables.ok());
  EXPECT_EQ(changes.Next(), std::nullopt);
  EXPECT_TRUE(changes.ok());

  const std::string two = Hex("01 04 03'cap' 05 09 08'T_______' 2a 01 ff");
  SessionStateReader mixed(two);
  EXPECT_EQ(DecodeSessionStateText(mixed.Next()->data), "cap");
  const auto state = mixed.Next();
  EXPECT_EQ(state->type, SessionStateType::kTransactionState);
  EXPECT_EQ(DecodeSessionStateText(state->data), "T_______");
  EXPECT_EQ(static_cast<int>(mixed.Next()->type), 0x2a);

  SessionStateReader cut(std::string_view(two).substr(0, 4));
  EXPECT_EQ(cut.Next(), std::nullopt);
  EXPECT_FALSE(cut.ok());
}

TEST(GenericResponseTest, SessionChangeRow) {
  CheckRow(
      "schema", "01 04 03'cap'",
      SessionStateChange{.type = SessionStateType::kSchema,
                         .data = "\x03"
                                 "cap"},
      Tail::kOpen,
      [](std::string_view bytes) -> Decoded<SessionStateChange> {
        const auto change = SessionStateReader(bytes).Next();
        if (!change) return tl::unexpected(DecodeError::kTruncated);
        if (bytes.size() > 6) return tl::unexpected(DecodeError::kTrailing);
        return *change;
      },
      [](const SessionStateChange& v, Writer& out) { Encode(v, out); });
}

TEST(GenericResponseTest, RefusedOk) {
  const auto decode = [](std::string_view bytes) { return DecodeOk(bytes, kTrack); };
  ExpectError("01 00 00 0200 0000", DecodeError::kMalformed, decode);
  ExpectError("00 fb 00 0200 0000", DecodeError::kMalformed, decode);
}

TEST(GenericResponseTest, Eof) {
  CheckRow("MariaDB", "fe 0000 0200", EofPacket{.status = kStatusAutocommit}, Tail::kFixed,
           DecodeEof, [](const EofPacket& v, Writer& out) { Encode(v, out); });
}

TEST(GenericResponseTest, Err) {
  const auto encode = [](const ErrPacket& v, Writer& out) { Encode(v, out); };
  CheckRow("after login", "ff 1e04 '#42S22' 'Unknown column'",
           ErrPacket{.code = 1054, .sql_state = "42S22", .message = "Unknown column"}, Tail::kOpen,
           DecodeErr, encode);
  CheckRow("before login", "ff 1004 'Too many connections'",
           ErrPacket{.code = 1040, .message = "Too many connections"}, Tail::kOpen, DecodeErr,
           encode);
  CheckRow("no message", "ff 1004", ErrPacket{.code = 1040}, Tail::kOpen, DecodeErr, encode);
  ExpectError("ff ffff 01 01 01 000000 00", DecodeError::kUnsupported, DecodeErr);
  ExpectError("00 1004", DecodeError::kMalformed, DecodeErr);
  std::string out;
  Writer writer(out);
  Encode(ErrPacket{.code = 1, .sql_state = "4200"}, writer);
  EXPECT_FALSE(writer.ok());
}

TEST(GenericResponseTest, Classify) {
  EXPECT_EQ(ClassifyResponse(""), std::nullopt);
  EXPECT_EQ(ClassifyResponse(Hex("00")), ResponseKind::kOk);
  EXPECT_EQ(ClassifyResponse(Hex("ff")), ResponseKind::kErr);
  EXPECT_EQ(ClassifyResponse(Hex("fb")), ResponseKind::kLocalInfile);
  EXPECT_EQ(ClassifyResponse(Hex("06")), ResponseKind::kColumnCount);
  EXPECT_EQ(ClassifyResponse(Hex("fc0001")), ResponseKind::kColumnCount);

  EXPECT_EQ(ClassifyRow(0xFE, 5, 0), RowKind::kEnd);
  EXPECT_EQ(ClassifyRow(0xFE, 9, 0), RowKind::kRow);
  EXPECT_EQ(ClassifyRow(0xFE, 9, kClientDeprecateEof), RowKind::kEnd);
  EXPECT_EQ(ClassifyRow(0xFE, kMaxFramePayload, kClientDeprecateEof), RowKind::kRow);
  EXPECT_EQ(ClassifyRow(0xFF, 9, 0), RowKind::kErr);
  EXPECT_EQ(ClassifyRow(0x00, 9, 0), RowKind::kRow);
  EXPECT_EQ(ClassifyRow(0xFB, 1, kClientDeprecateEof), RowKind::kRow);
}

}  // namespace
}  // namespace sealgate::wire
