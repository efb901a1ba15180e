// Literals and parameters as source values.
#include <gtest/gtest.h>

#include "proxy/rewrite/value/value.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = SourceValue::Kind;
using wire::FieldType;
using namespace std::string_view_literals;

tl::expected<SourceValue, ValueError> Literal(std::string_view text, std::string& scratch,
                                              sql::LexMode mode = {}) {
  static sql::TokenList tokens;
  sql::Lex(text, mode, tokens);
  return FromLiteral(tokens, 0, static_cast<std::uint32_t>(tokens.tokens.size() - 2), mode,
                     scratch);
}

TEST(FromLiteralTest, ReadsEveryKind) {
  struct Row {
    std::string_view text;
    Kind kind;
    bool negative;
    std::string_view bytes;
  };
  const Row rows[] = {
      {"NULL", Kind::kNull, false, ""},
      {"null", Kind::kNull, false, ""},
      {"TRUE", Kind::kInteger, false, "1"},
      {"false", Kind::kInteger, false, "0"},
      {"'it''s \\'x\\' \\n'", Kind::kString, false, "it's 'x' \n"},
      {"\"x\"", Kind::kString, false, "x"},
      {"''", Kind::kString, false, ""},
      {"_binary'a\\'b'", Kind::kBinaryString, false, "a'b"},
      {"_Binary 'a'", Kind::kBinaryString, false, "a"},
      {"'a' \"b\" 'c''d'", Kind::kString, false, "abc'd"},
      {"N'a' 'b'", Kind::kString, false, "ab"},
      {"_utf8mb4'a' 'b'", Kind::kString, false, "ab"},
      {"_LATIN1 X'4142'", Kind::kString, false, "AB"},
      {"_binary 0x4a00", Kind::kBytes, false, "J\0"sv},
      {"X'4a00'", Kind::kBytes, false, "J\0"sv},
      {"0x4A", Kind::kBytes, false, "J"},
      {"b'01001010'", Kind::kBytes, false, "J"},
      {"0042", Kind::kInteger, false, "0042"},
      {"-42", Kind::kInteger, true, "42"},
      {"- 42", Kind::kInteger, true, "42"},
      {"+42", Kind::kInteger, false, "42"},
      {"- - 42", Kind::kInteger, false, "42"},
      {"-1.50", Kind::kDecimal, true, "1.50"},
      {".5", Kind::kDecimal, false, ".5"},
      {"1e5", Kind::kFloat, false, "1e5"},
      {"-1e5", Kind::kFloat, true, "1e5"},
  };
  for (const Row& row : rows) {
    std::string scratch;
    const auto value = Literal(row.text, scratch);
    ASSERT_TRUE(value) << row.text;
    EXPECT_EQ(value->kind, row.kind) << row.text;
    EXPECT_EQ(value->negative, row.negative) << row.text;
    EXPECT_EQ(value->bytes, row.bytes) << row.text;
  }
}

TEST(FromLiteralTest, RefusesWhatIsNoLiteral) {
  for (const std::string_view text :
       {"-'5'",     "-x'41'", "-NULL",     "-TRUE",     "_latin1'é'", "N'é'", "_gbk'a'",
        "_utf8mb4", "'a' 5",  "X'41' 'a'", "_latin1 5", "abc",        "?",    "@a",
        "5 5",      "-",      "5-",        "(5)",       "DATE 5",     "`a`"}) {
    std::string scratch;
    const auto value = Literal(text, scratch);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error(), ValueError::kUnsupported) << text;
  }
}

TEST(FromLiteralTest, FollowsTheModes) {
  sql::LexMode mode;
  mode.no_backslash_escapes = true;
  std::string scratch;
  const auto value = Literal("'a\\n'", scratch, mode);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->bytes, "a\\n");
}

TEST(FromLiteralTest, RefusesIndicesOutOfRange) {
  sql::TokenList tokens;
  sql::Lex("5", {}, tokens);
  std::string scratch;
  EXPECT_FALSE(FromLiteral(tokens, 1, 0, {}, scratch));
  EXPECT_FALSE(FromLiteral(tokens, 0, 9, {}, scratch));
}

TEST(FromParameterTest, ReadsEveryKind) {
  struct Row {
    FieldType type;
    bool is_unsigned;
    std::string_view wire;
    Kind kind;
    bool negative;
    std::string_view bytes;
  };
  const Row rows[] = {
      {FieldType::kTiny, false, "\xFF", Kind::kInteger, true, "1"},
      {FieldType::kTiny, true, "\xFF", Kind::kInteger, false, "255"},
      {FieldType::kShort, false, "\x00\x80"sv, Kind::kInteger, true, "32768"},
      {FieldType::kLong, false, "\x2A\x00\x00\x00"sv, Kind::kInteger, false, "42"},
      {FieldType::kLongLong, false, "\x00\x00\x00\x00\x00\x00\x00\x80"sv, Kind::kInteger, true,
       "9223372036854775808"},
      {FieldType::kLongLong, true, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", Kind::kInteger, false,
       "18446744073709551615"},
      {FieldType::kDouble, false, "\x00\x00\x00\x00\x00\x00\x00\x00"sv, Kind::kWholeFloat, false,
       "0"},
      {FieldType::kDouble, false, "\x00\x00\x00\x00\x00\x00\x45\xC0"sv, Kind::kWholeFloat, true,
       "42"},
      {FieldType::kDouble, false, "\x00\x00\x00\x00\x00\x00\x00\x80"sv, Kind::kFloat, false, ""},
      {FieldType::kDouble, false, "\x00\x00\x00\x00\x00\x00\xF8\x3F"sv, Kind::kFloat, false, ""},
      {FieldType::kDouble, false, "\x00\x00\x34\x26\xF5\x6B\x0C\x43"sv, Kind::kFloat, false, ""},
      {FieldType::kDouble, false, "\x00\x00\x00\x00\x00\x00\xF0\x7F"sv, Kind::kFloat, false, ""},
      {FieldType::kNewDecimal, false, "-1.50", Kind::kDecimal, true, "1.50"},
      {FieldType::kVarString, false, "a\xFF", Kind::kString, false, "a\xFF"},
      {FieldType::kBlob, false, "a\xFF", Kind::kBinaryString, false, "a\xFF"},
      {FieldType::kDate, false, "\xE8\x07\x02\x1D", Kind::kDate, false, "2024-02-29"},
      {FieldType::kDateTime, false, "\xE8\x07\x02\x1D", Kind::kDatetime, false,
       "2024-02-29 00:00:00"},
      {FieldType::kTimestamp, false, "\xE8\x07\x02\x1D\x0A\x0B\x0C\x40\xE2\x01\x00"sv,
       Kind::kDatetime, false, "2024-02-29 10:11:12.123456"},
      {FieldType::kTime, false, "", Kind::kTime, false, "00:00:00"},
      {FieldType::kTime, false, "\x01\x22\x00\x00\x00\x16\x3B\x3B"sv, Kind::kTime, false,
       "-838:59:59"},
      {FieldType::kNull, false, "", Kind::kNull, false, ""},
  };
  for (const Row& row : rows) {
    std::string scratch;
    const auto value = FromParameter({row.type, row.is_unsigned, false, false, row.wire}, scratch);
    ASSERT_TRUE(value) << row.bytes;
    EXPECT_EQ(value->kind, row.kind) << row.bytes;
    EXPECT_EQ(value->negative, row.negative) << row.bytes;
    EXPECT_EQ(value->bytes, row.bytes);
  }
  std::string scratch;
  const auto null = FromParameter({FieldType::kLong, false, true, false, ""}, scratch);
  ASSERT_TRUE(null);
  EXPECT_EQ(null->kind, Kind::kNull);
}

TEST(FromParameterTest, RefusesTheRest) {
  const wire::ParamValue rows[] = {
      {FieldType::kVarString, false, false, true, ""},  // sent in advance
      {FieldType::kTiny, false, false, false, "ab"},
      {FieldType::kNewDecimal, false, false, false, "1e5"},
      {FieldType::kNewDecimal, false, false, false, ""},
      {FieldType::kDate, false, false, false, "\xE8\x07\x02\x1D\x0A\x0B\x0C"},
      {FieldType::kDateTime, false, false, false,
       "\xE8\x07\x02\x1D\x0A\x0B\x0C\x40\xE2\x01\x00\x3C\x00"sv},  // with an offset
      {FieldType::kDateTime, false, false, false,
       "\xE8\x07\x02\x1D\x0A\x0B\x0C\x40\x42\x0F\x00"sv},  // a million microseconds
      {FieldType::kTime, false, false, false, "\x00\x00\x00\x00\x00\x18\x00\x00"sv},
      {FieldType::kBit, false, false, false, "\x01"},
      {FieldType::kJson, false, false, false, "{}"},
      {FieldType::kGeometry, false, false, false, ""},
  };
  for (const wire::ParamValue& row : rows) {
    std::string scratch;
    EXPECT_FALSE(FromParameter(row, scratch)) << static_cast<int>(row.type);
  }
}

TEST(FromParameterTest, MariaDbTakesMomentsOnlyAsTimestamps) {
  struct Row {
    std::string_view wire;
    std::int32_t offset;
    bool fits;
  };
  const Row rows[] = {
      {"\xE8\x07\x02\x1D", 0, true},
      {"\xE8\x07\x02\x1D\x0A\x0B\x0C\x40\xE2\x01\x00"sv, 3600, true},
      {"\xB2\x07\x01\x01\x00\x00\x00"sv, 0, false},  // 1970-01-01 00:00:00
      {"\xB2\x07\x01\x01\x00\x00\x01"sv, 0, true},
      {"\xB2\x07\x01\x01\x00\x00\x01"sv, 3600, false},
      {"\xF6\x07\x01\x13\x03\x0E\x07", 0, true},  // 2038-01-19 03:14:07
      {"\xF6\x07\x01\x13\x03\x0E\x08", 0, false},
      {"\xF6\x07\x01\x13\x03\x0E\x08", 3600, true},
      {"\xE8\x07\x05\x00"sv, 0, false},  // 2024-05-00
      {"\xE8\x07\x00\x01"sv, 0, false},
      {"\xE7\x07\x02\x1D", 0, false},  // 2023-02-29
      {"\xE8\x07\x02\x1D\x18\x00\x00"sv, 0, false},
      {"", 0, false},
      {"\xE8", 0, false},
  };
  for (const Row& row : rows) {
    SessionFacts facts;
    facts.utc_offset = row.offset;
    wire::ParamValue parameter{.type = FieldType::kTimestamp, .bytes = row.wire};
    EXPECT_EQ(IsTakenAsSent(parameter, facts, true), row.fits) << testing::PrintToString(row.wire);
    EXPECT_TRUE(IsTakenAsSent(parameter, facts, false));
    facts.utc_offset = std::nullopt;
    EXPECT_FALSE(IsTakenAsSent(parameter, facts, true));
    parameter.type = FieldType::kDateTime;
    EXPECT_TRUE(IsTakenAsSent(parameter, facts, true));
  }
}

TEST(FromParameterTest, MySqlTakesNoDateWithAClock) {
  wire::ParamValue date{.type = FieldType::kDate, .bytes = "\xE8\x07\x02\x1D"};
  EXPECT_TRUE(IsTakenAsSent(date, {}, false));
  date.bytes = "\xE8\x07\x02\x1D\x00\x00\x00"sv;
  EXPECT_FALSE(IsTakenAsSent(date, {}, false));
  EXPECT_TRUE(IsTakenAsSent(date, {}, true));
}

}  // namespace
}  // namespace sealgate::rewrite
