#include <vector>

#include "proxy/wire/binary_value.h"
#include "proxy/wire/charset_id.h"
#include "proxy/wire/column_definition.h"
#include "proxy/wire/prepare_response.h"
#include "proxy/wire/row.h"
#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

void CheckColumn(const char* name, std::string_view hex, const ColumnDefinition41& value, Tail tail,
                 ColumnUse use) {
  CheckRow(
      name, hex, value, tail,
      [use](std::string_view bytes) { return DecodeColumnDefinition41(bytes, use); },
      [](const ColumnDefinition41& v, Writer& out) { Encode(v, out); });
}

// Both servers sent these same bytes (MariaDB 10.11, MySQL 9.7).
TEST(ResultTest, ColumnDefinitions) {
  ColumnDefinition41 s{.schema = "cap",
                       .table = "t",
                       .org_table = "t",
                       .name = "s",
                       .org_name = "s",
                       .collation = kCharsetUtf8mb4GeneralCi,
                       .column_length = 80,
                       .type = FieldType::kVarString,
                       .default_value = {}};
  constexpr std::string_view kHex =
      "03'def' 03'cap' 01't' 01't' 01's' 01's' 0c 2d00 50000000 fd 0000 00 0000";
  CheckColumn("VARCHAR", kHex, s, Tail::kFixed, ColumnUse::kResult);
  s.default_value = "\xfb";
  CheckColumn("default NULL", std::string(kHex) + "fb", s, Tail::kOpen, ColumnUse::kFieldList);
  s.default_value =
      "\x03"
      "abc";
  CheckColumn("default text", std::string(kHex) + "03'abc'", s, Tail::kOpen, ColumnUse::kFieldList);
  CheckColumn("INT UNSIGNED key",
              "03'def' 03'cap' 01't' 01't' 02'id' 02'id' 0c 3f00 0a000000 03 2342 00 0000",
              {.schema = "cap",
               .table = "t",
               .org_table = "t",
               .name = "id",
               .org_name = "id",
               .collation = kCharsetBinary,
               .column_length = 10,
               .type = FieldType::kLong,
               .flags = kFieldNotNull | kFieldPrimaryKey | kFieldUnsigned | kFieldAutoIncrement |
                        kFieldPartOfKey,
               .default_value = {}},
              Tail::kFixed, ColumnUse::kResult);
}

TEST(ResultTest, ExtendedMetadataIsNotTakenForAColumn) {
  // MariaDB 10.11 to a client with EXTENDED_METADATA: one more empty string.
  ExpectError(
      "03'def' 00 00 00 01'1' 00 00 0c 3f00 01000000 03 8100 00 0000", DecodeError::kMalformed,
      [](std::string_view bytes) { return DecodeColumnDefinition41(bytes, ColumnUse::kResult); });
}

TEST(ResultTest, PrepareOk) {
  CheckRow(
      "both servers", "00 01000000 0600 0100 00 0000",
      PrepareOk{.statement_id = 1, .num_columns = 6, .num_params = 1}, Tail::kFixed,
      [](std::string_view bytes) { return DecodePrepareOk(bytes, 0); },
      [](const PrepareOk& v, Writer& out) { Encode(v, 0, out); });
  constexpr Capabilities kOptional = kClientOptionalResultsetMetadata;
  CheckRow(
      "optional metadata", "00 01000000 0600 0100 00 0000 00",
      PrepareOk{.statement_id = 1, .num_columns = 6, .num_params = 1, .metadata_follows = false},
      Tail::kFixed, [](std::string_view bytes) { return DecodePrepareOk(bytes, kOptional); },
      [](const PrepareOk& v, Writer& out) { Encode(v, kOptional, out); });
}

using Values = std::vector<std::optional<std::string_view>>;

Decoded<Values> DecodeText(std::string_view bytes, std::size_t columns) {
  TextRowReader reader(bytes);
  Values values;
  for (std::size_t i = 0; i < columns; ++i) values.push_back(reader.Next());
  if (const auto error = reader.Finish()) return tl::unexpected(*error);
  return values;
}

TEST(ResultTest, TextRows) {
  const auto encode = [](const Values& values, Writer& out) {
    for (const auto& value : values) WriteTextValue(value, out);
  };
  CheckRow(
      "values and NULL", "01'2' fb 1a'2024-01-01 00:00:00.000000' 00 fb",
      Values{"2", std::nullopt, "2024-01-01 00:00:00.000000", "", std::nullopt}, Tail::kFixed,
      [](std::string_view bytes) { return DecodeText(bytes, 5); }, encode);
  const std::string row = Hex("01'2' fb 03'abc'");
  TextRowReader reader(row);
  reader.Next();
  EXPECT_EQ(reader.last_encoded(), Hex("01'2'"));
  reader.Next();
  EXPECT_EQ(reader.last_encoded(), Hex("fb"));
  reader.Next();
  EXPECT_EQ(reader.last_encoded(), Hex("03'abc'"));
  EXPECT_EQ(reader.Finish(), std::nullopt);
}

const FieldType kRowTypes[] = {FieldType::kLong, FieldType::kVarString,  FieldType::kDateTime,
                               FieldType::kTime, FieldType::kNewDecimal, FieldType::kDouble};

Decoded<Values> DecodeBinary(std::string_view bytes) {
  BinaryRowReader reader(bytes, kRowTypes);
  Values values;
  for (std::size_t i = 0; i < std::size(kRowTypes); ++i) values.push_back(reader.Next());
  if (const auto error = reader.Finish()) return tl::unexpected(*error);
  return values;
}

void EncodeBinary(const Values& values, Writer& out) {
  std::string row;
  BinaryRowWriter writer(values.size(), row);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) {
      writer.Append(kRowTypes[i], *values[i]);
    } else {
      writer.AppendNull();
    }
  }
  if (!writer.Finish()) out.Fail();
  out.Bytes(row);
}

// Both rows captured from MySQL 9.7.
constexpr std::string_view kBinaryRow =
    "00 00 01000000 01'a' 0b e807021d0c2238080a0c00 08 0101000000010001 05'-1.50' 000000000000e03f";

TEST(ResultTest, BinaryRows) {
  const std::string id = Hex("01000000"), when = Hex("e807021d0c2238080a0c00"),
                    time = Hex("0101000000010001"), half = Hex("000000000000e03f");
  CheckRow("no NULL", kBinaryRow, Values{id, "a", when, time, "-1.50", half}, Tail::kFixed,
           DecodeBinary, EncodeBinary);
  const std::string two = Hex("02000000"), date = Hex("e8070101");
  CheckRow("four NULLs", "00 e8 02000000 04 e8070101",
           Values{two, std::nullopt, date, std::nullopt, std::nullopt, std::nullopt}, Tail::kFixed,
           DecodeBinary, EncodeBinary);
  ExpectError("01 e8 02000000 04 e8070101", DecodeError::kMalformed, DecodeBinary);
  EXPECT_EQ(DecodeDateTime(when), (DateTimeValue{2024, 2, 29, 12, 34, 56, 789000, std::nullopt}));
  EXPECT_EQ(DecodeTime(time), (TimeValue{true, 1, 1, 0, 1, 0}));
  EXPECT_EQ(DecodeDouble(half), 0.5);
}

TEST(ResultTest, ColumnsAreSkippedAndCutOut) {
  const std::string text = Hex("01'2' fb 03'abc' 00");
  TextRowReader row(text);
  row.Skip(2);
  EXPECT_EQ(row.position(), 3u);
  EXPECT_EQ(row.Next(), "abc");
  row.Skip(1);
  EXPECT_EQ(row.Finish(), std::nullopt);
  TextRowReader beyond(text);
  beyond.Skip(5);
  EXPECT_EQ(beyond.Finish(), DecodeError::kTruncated);

  const std::string bytes = Hex(kBinaryRow);
  BinaryRowReader reader(bytes, kRowTypes);
  EXPECT_EQ(reader.position(), 2u);
  reader.Skip(1);
  const std::size_t before = reader.position();
  EXPECT_EQ(reader.Next(), "a");
  std::string without = bytes.substr(0, before) + bytes.substr(reader.position());
  MarkNull(1, without.data());
  reader.Skip(4);
  EXPECT_EQ(reader.Finish(), std::nullopt);
  const auto values = DecodeBinary(without);
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)[0], Hex("01000000"));
  EXPECT_EQ((*values)[1], std::nullopt);
  EXPECT_EQ((*values)[4], "-1.50");
}

TEST(ResultTest, BinaryRowWriterRefusesMisfits) {
  std::string row;
  BinaryRowWriter wrong_size(1, row);
  wrong_size.Append(FieldType::kLong, "abc");
  EXPECT_FALSE(wrong_size.Finish());
  BinaryRowWriter too_few(2, row);
  too_few.AppendNull();
  EXPECT_FALSE(too_few.Finish());
  BinaryRowWriter too_many(1, row);
  for (int i = 0; i < 20; ++i) too_many.AppendNull();
  EXPECT_FALSE(too_many.Finish());
}

TEST(ResultTest, NullBitmapOverManyBytes) {
  std::vector<FieldType> types(30, FieldType::kTiny);
  std::string row;
  BinaryRowWriter writer(types.size(), row);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i % 3 == 0) {
      writer.AppendNull();
    } else {
      writer.Append(FieldType::kTiny, std::string(1, static_cast<char>(i)));
    }
  }
  ASSERT_TRUE(writer.Finish());
  BinaryRowReader reader(row, types);
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto value = reader.Next();
    ASSERT_EQ(value.has_value(), i % 3 != 0) << i;
    if (value) {
      EXPECT_EQ(static_cast<std::size_t>(value->front()), i);
    }
  }
  EXPECT_EQ(reader.Finish(), std::nullopt);
}

TEST(ResultTest, BinaryValueRows) {
  const struct {
    FieldType type;
    const char* bytes;
    const char* wire;
  } rows[] = {
      {FieldType::kTiny, "7f", "7f"},
      {FieldType::kShort, "0102", "0102"},
      {FieldType::kYear, "e807", "e807"},
      {FieldType::kInt24, "01020300", "01020300"},
      {FieldType::kFloat, "0000003f", "0000003f"},
      {FieldType::kLongLong, "0102030405060708", "0102030405060708"},
      {FieldType::kDate, "", "00"},
      {FieldType::kDate, "e8070101", "04 e8070101"},
      {FieldType::kTimestamp, "e8070101 010203 01000000 3c00", "0d e8070101 010203 01000000 3c00"},
      {FieldType::kTime, "", "00"},
      {FieldType::kTime, "00 00000000 010203 01000000", "0c 00 00000000 010203 01000000"},
      {FieldType::kBlob, "00ff", "02 00ff"},
      {FieldType::kJson, "'{}'", "02 '{}'"},
      {FieldType::kBit, "01", "01 01"},
  };
  for (const auto& row : rows) {
    const std::string bytes = Hex(row.bytes);
    CheckRow(
        row.wire, row.wire, std::string_view(bytes), Tail::kFixed,
        [&](std::string_view in) {
          Reader reader(in);
          const std::string_view value = ReadBinaryValue(row.type, reader);
          return reader.Finish(value);
        },
        [&](std::string_view value, Writer& out) { WriteBinaryValue(row.type, value, out); });
  }
}

TEST(ResultTest, TypesThatNeverTravel) {
  for (const FieldType type : {FieldType::kNewDate, FieldType::kTimestamp2, FieldType::kDateTime2,
                               FieldType::kTime2, FieldType::kTypedArray, FieldType::kInvalid,
                               FieldType::kBool, static_cast<FieldType>(100)}) {
    Reader reader("abcdefgh");
    SkipBinaryValue(type, reader);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.error(), DecodeError::kUnsupported);
    EXPECT_FALSE(IsParameterType(type));
  }
}

TEST(ResultTest, Integers) {
  EXPECT_EQ(DecodeInteger({FieldType::kTiny, false}, Hex("ff")), -1);
  EXPECT_EQ(DecodeInteger({FieldType::kTiny, true}, Hex("ff")), 255);
  EXPECT_EQ(DecodeInteger({FieldType::kShort, false}, Hex("0080")), -32768);
  EXPECT_EQ(DecodeInteger({FieldType::kLong, true}, Hex("ffffffff")), 0xFFFFFFFF);
  EXPECT_EQ(DecodeInteger({FieldType::kLongLong, false}, Hex("feffffffffffffff")), -2);
  EXPECT_FALSE(DecodeInteger({FieldType::kLong, false}, "abc"));
  EXPECT_FALSE(DecodeInteger({FieldType::kFloat, false}, "abcd"));
  EXPECT_FALSE(DecodeInteger({FieldType::kBlob, false}, "abcd"));
  std::string out;
  Writer writer(out);
  EncodeInteger(FieldType::kShort, -2, writer);
  EncodeInteger(FieldType::kLongLong, -2, writer);
  EXPECT_EQ(out, Hex("feff feffffffffffffff"));
  EncodeInteger(FieldType::kBlob, 1, writer);
  EXPECT_FALSE(writer.ok());
}

TEST(ResultTest, DateTimeAndTimeRows) {
  const auto encode = [](const auto& v, Writer& out) { Encode(v, out); };
  // Every shorter form is a value of its own, or of no allowed size.
  CheckRow("zero", "", DateTimeValue{}, Tail::kOpen, DecodeDateTime, encode);
  CheckRow("date", "e8070101", DateTimeValue{.year = 2024, .month = 1, .day = 1}, Tail::kOpen,
           DecodeDateTime, encode);
  CheckRow("seconds", "00000000 000001", DateTimeValue{.second = 1}, Tail::kOpen, DecodeDateTime,
           encode);
  CheckRow("microseconds", "00000000 000000 01000000", DateTimeValue{.microsecond = 1}, Tail::kOpen,
           DecodeDateTime, encode);
  CheckRow("zone", "00000000 000000 00000000 c4ff",
           DateTimeValue{.zone_minutes = std::int16_t{-60}}, Tail::kOpen, DecodeDateTime, encode);
  CheckRow("zero time", "", TimeValue{}, Tail::kOpen, DecodeTime, encode);
  CheckRow("negative", "01 01000000 020304", TimeValue{true, 1, 2, 3, 4, 0}, Tail::kOpen,
           DecodeTime, encode);
  CheckRow("time microseconds", "00 00000000 000000 01000000", TimeValue{.microsecond = 1},
           Tail::kOpen, DecodeTime, encode);
}

TEST(ResultTest, FloatsKeepTheirBits) {
  std::string out;
  Writer writer(out);
  EncodeFloat(-0.5f, writer);
  EncodeDouble(1e300, writer);
  EXPECT_EQ(DecodeFloat(std::string_view(out).substr(0, 4)), -0.5f);
  EXPECT_EQ(DecodeDouble(std::string_view(out).substr(4)), 1e300);
}

}  // namespace
}  // namespace sealgate::wire
