// Canonical bytes as rows show them, masked, and as equality sees them.
#include <gtest/gtest.h>

#include "proxy/rewrite/value/value.h"
#include "tests/proxy/rewrite/value/type_of.h"

namespace sealgate::rewrite {
namespace {

using policy::Charset;
using namespace std::string_view_literals;

SessionFacts ResultsIn(std::optional<Charset> charset) {
  SessionFacts facts;
  facts.results = charset;
  return facts;
}

TEST(OutputTest, TimestampsFollowTheTimeZone) {
  const policy::LogicalType type = TypeOf("timestamp(2)");
  SessionFacts facts;
  const auto text = [&](std::string_view canonical) {
    std::string out;
    return CanonicalToText(type, facts, canonical, out) ? out : "none";
  };
  EXPECT_EQ(text("2024-02-29 23:30:00.25"), "2024-02-29 23:30:00.25");
  facts.utc_offset = 3600;
  EXPECT_EQ(text("2024-02-29 23:30:00.25"), "2024-03-01 00:30:00.25");
  EXPECT_EQ(text("2024-02-29 23:30:00"), "none");
  std::string row;
  EXPECT_TRUE(CanonicalToBinary(type, facts, "2024-02-29 23:30:00.00", row));
  EXPECT_EQ(row, "\x07\xE8\x07\x03\x01\0\x1E\0"sv);
  facts.utc_offset = -7200;
  EXPECT_EQ(text("1970-01-01 00:00:01.00"), "1969-12-31 22:00:01.00");
  facts.utc_offset.reset();
  EXPECT_EQ(text("2024-02-29 23:30:00.25"), "none");
  EXPECT_FALSE(CanonicalToBinary(type, facts, "2024-02-29 23:30:00.00", row));
}

TEST(OutputTest, TextRows) {
  struct Row {
    std::string_view type;
    std::optional<Charset> results;
    std::string_view canonical;
    std::optional<std::string_view> text;
  };
  const Row rows[] = {
      {"varchar(9)", Charset::kUtf8mb4, "a\xC3\xA9", "a\xC3\xA9"},
      {"varchar(9)", Charset::kLatin1, "a\xC3\xA9", "a\xE9"},
      {"varchar(9)", Charset::kBinary, "a\xC3\xA9", "a\xC3\xA9"},
      {"varchar(9) latin1_bin", std::nullopt, "\xE9", "\xE9"},
      {"varchar(9) latin1_bin", Charset::kUtf8mb4, "\xE9", "\xC3\xA9"},
      {"varchar(9)", Charset::kAscii, "\xC3\xA9", "?"},
      {"varchar(9)", Charset::kUtf8mb4, "\xC3", std::nullopt},
      {"varbinary(9)", Charset::kUtf8mb4, "\xC3", "\xC3"},
      {"int", Charset::kUtf8mb4, "\x80\0\0\0\0\0\0\5"sv, "5"},
      {"int", Charset::kUtf8mb4, "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFE", "-2"},
      {"int", Charset::kUtf8mb4, "\0\0\0\0\0\0\0\0"sv, std::nullopt},
      {"int", Charset::kUtf8mb4, "5", std::nullopt},
      {"bigint", Charset::kUtf8mb4, "\0\0\0\0\0\0\0\0"sv, "-9223372036854775808"},
      {"bigint unsigned", Charset::kUtf8mb4, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
       "18446744073709551615"},
      {"tinyint unsigned", Charset::kUtf8mb4, "\0\0\0\0\0\0\1\0"sv, std::nullopt},
      {"year", Charset::kUtf8mb4, "\0\0\0\0\0\0\0\0"sv, "0000"},
      {"year", Charset::kUtf8mb4, "\0\0\0\0\0\0\0\1"sv, std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, "-1.50", "-1.50"},
      {"decimal(5,2)", Charset::kUtf8mb4, "0.00", "0.00"},
      {"decimal(5,0)", Charset::kUtf8mb4, "12", "12"},
      {"decimal(5,0)", Charset::kUtf8mb4, "12.", std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, "-0.00", std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, "01.50", std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, "+1.50", std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, ".50", std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, "1.5", std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, "1000.00", std::nullopt},
      {"decimal(5,2)", Charset::kUtf8mb4, "", std::nullopt},
      {"decimal(5,2) unsigned", Charset::kUtf8mb4, "-1.00", std::nullopt},
      {"date", Charset::kUtf8mb4, "2024-02-29", "2024-02-29"},
      {"date", Charset::kUtf8mb4, "2024-2-29", std::nullopt},
      {"date", Charset::kUtf8mb4, "2023-02-29", std::nullopt},
      {"date", Charset::kUtf8mb4, "2024-02-29 00:00:00", std::nullopt},
      {"datetime(2)", Charset::kUtf8mb4, "2024-02-29 10:11:12.50", "2024-02-29 10:11:12.50"},
      {"datetime(2)", Charset::kUtf8mb4, "2024-02-29 10:11:12.501", std::nullopt},
      {"datetime(2)", Charset::kUtf8mb4, "2024-02-29T10:11:12.50", std::nullopt},
      {"time", Charset::kUtf8mb4, "-838:59:59", "-838:59:59"},
      {"time", Charset::kUtf8mb4, "-00:00:00", std::nullopt},
  };
  for (const Row& row : rows) {
    std::string out = "x";
    EXPECT_EQ(CanonicalToText(TypeOf(row.type), ResultsIn(row.results), row.canonical, out),
              row.text.has_value())
        << row.type << " " << testing::PrintToString(row.canonical);
    EXPECT_EQ(out, "x" + std::string(row.text.value_or("")));
  }
}

TEST(OutputTest, BinaryRows) {
  struct Row {
    std::string_view type;
    std::string_view canonical;
    std::optional<std::string_view> binary;
  };
  const Row rows[] = {
      {"varchar(9)", "a\xC3\xA9", "\3a\xC3\xA9"},
      {"varchar(9)", "", "\0"sv},
      {"varbinary(9)", "\xFF", "\1\xFF"},
      {"decimal(5,2)", "-1.50", "\5-1.50"},
      {"tinyint", "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "\xFF"},
      {"smallint", "\x80\0\0\0\0\0\1\2"sv, "\2\1"},
      {"mediumint", "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFE", "\xFE\xFF\xFF\xFF"},
      {"int unsigned", "\0\0\0\0\xFF\xFF\xFF\xFF"sv, "\xFF\xFF\xFF\xFF"},
      {"bigint", "\x80\0\0\0\0\0\0\1"sv, "\1\0\0\0\0\0\0\0"sv},
      {"year", "\0\0\0\0\0\0\x07\xE8"sv, "\xE8\x07"},
      {"int", "short", std::nullopt},
      {"date", "2024-02-29", "\x04\xE8\x07\x02\x1D"},
      {"datetime", "2024-02-29 00:00:00", "\x04\xE8\x07\x02\x1D"},
      {"datetime", "2024-02-29 10:11:12", "\x07\xE8\x07\x02\x1D\x0A\x0B\x0C"},
      {"datetime(6)", "2024-02-29 10:11:12.123456",
       "\x0B\xE8\x07\x02\x1D\x0A\x0B\x0C\x40\xE2\x01\x00"sv},
      {"time", "00:00:00", "\0"sv},
      {"time", "-838:59:59", "\x08\x01\x22\x00\x00\x00\x16\x3B\x3B"sv},
      {"time(3)", "10:11:12.500", "\x0C\x00\x00\x00\x00\x00\x0A\x0B\x0C\x20\xA1\x07\x00"sv},
      {"date", "0000-00-00", "\0"sv},
      {"date", "2024-00-00", "\x04\xE8\x07\x00\x00"sv},
      {"datetime(3)", "0000-00-00 00:00:00.000", "\0"sv},
      {"timestamp", "0000-00-00 00:00:00", "\0"sv},
      {"date", "2024-13-00", std::nullopt},
      {"date", "2023-02-29", std::nullopt},
      {"varchar(9)", "\xC3", std::nullopt},
  };
  for (const Row& row : rows) {
    std::string out = "x";
    EXPECT_EQ(CanonicalToBinary(TypeOf(row.type), {}, row.canonical, out), row.binary.has_value())
        << row.type << " " << testing::PrintToString(row.canonical);
    EXPECT_EQ(out, "x" + std::string(row.binary.value_or(""))) << row.type;
  }
}

TEST(OutputTest, TextGoesBackToTheSameCanonicalBytes) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"varchar(9)", "a\xC3\xA9 "},
      {"char(9)", " a"},
      {"binary(3)", "a\0\0"sv},
      {"smallint", "\x7F\xFF\xFF\xFF\xFF\xFF\x80\x00"sv},
      {"bigint unsigned", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"},
      {"year", "\0\0\0\0\0\0\0\0"sv},
      {"year", "\0\0\0\0\0\0\x07\xE8"sv},
      {"decimal(5,2)", "-999.99"},
      {"date", "9999-12-31"},
      {"datetime(3)", "0001-01-01 00:00:00.001"},
      {"date", "0000-00-00"},
      {"date", "2024-00-31"},
      {"datetime(3)", "2024-02-00 10:00:00.125"},
      {"timestamp", "0000-00-00 00:00:00"},
      {"time(1)", "-838:59:58.9"},
  };
  SessionFacts facts;
  facts.zero_date = facts.zero_in_date = true;
  for (const auto& [type, canonical] : rows) {
    std::string text;
    std::string again;
    ASSERT_TRUE(CanonicalToText(TypeOf(type), facts, canonical, text)) << type;
    const SourceValue source{SourceValue::Kind::kString, false, text};
    ASSERT_TRUE(ToCanonical(TypeOf(type), facts, source, Purpose::kStore, again)) << type;
    EXPECT_EQ(again, canonical) << type;
  }
}

TEST(MaskTest, MasksByCharacter) {
  struct Row {
    std::string_view type;
    policy::Mask mask;
    std::string_view canonical;
    std::string_view masked;
  };
  const Row rows[] = {
      {"varchar(9)", {0, 0, U'*'}, "abc", "***"},
      {"varchar(9)", {1, 1, U'*'}, "abcd", "a**d"},
      {"varchar(9)",
       {1, 1, U'x'},
       "\xC3\xA9"
       "bc\xE2\x82\xAC",
       "\xC3\xA9xx\xE2\x82\xAC"},
      {"varchar(9)",
       {0, 2, U'\u2022'},
       "abc",
       "\xE2\x80\xA2"
       "bc"},
      {"varchar(9)", {2, 1, U'*'}, "abc", "***"},
      {"varchar(9)", {0xFFFFFFFF, 2, U'*'}, "abc", "***"},
      {"varchar(9)", {1, 1, U'*'}, "", ""},
      {"varchar(9) ascii_bin", {1, 0, U'\u2022'}, "abc", "a**"},
      {"varchar(9) latin1_bin", {1, 0, U'\u2022'}, "ab\xE9", "a\x95\x95"},
      {"varchar(9)",
       {1, 1, U'*'},
       "a\xFF"
       "c",
       "***"},  // not valid: nothing is kept
      {"int", {}, "\x80\0\0\0\0\0\0\5"sv, "\x80\0\0\0\0\0\0\0"sv},
      {"int unsigned", {}, "\0\0\0\0\0\0\0\5"sv, "\0\0\0\0\0\0\0\0"sv},
      {"year", {}, "\0\0\0\0\0\0\x07\xE8"sv, "\0\0\0\0\0\0\x07\xB2"sv},
      {"decimal(5,2)", {}, "1.50", "0.00"},
      {"decimal(5,0)", {}, "15", "0"},
      {"date", {}, "2024-01-02", "1970-01-01"},
      {"datetime(3)", {}, "2024-01-02 10:11:12.123", "1970-01-01 00:00:01.000"},
      {"time(2)", {}, "10:11:12.12", "00:00:00.00"},
      {"varbinary(9)", {1, 1, U'*'}, "abc", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(MaskCanonical(TypeOf(row.type), row.mask, row.canonical), row.masked) << row.type;
    std::string text;
    EXPECT_TRUE(CanonicalToText(TypeOf(row.type), {}, row.masked, text)) << row.type;
  }
}

TEST(EqualityInputTest, TextHasWeightsTheRestItself) {
  policy::CollationWeights weights("latin1_swedish_ci", true);
  weights.Set(U' ', " ");
  weights.Set(U'a', "A");
  weights.Set(U'A', "A");
  weights.Set(U'\u00E9', "E");
  const auto input = [&](std::string_view type, const policy::CollationWeights* with,
                         std::string_view canonical) -> tl::expected<std::string, ValueError> {
    std::string out;
    const auto done = EqualityInput(TypeOf(type), with, canonical, out);
    if (!done) return tl::unexpected(done.error());
    return out;
  };
  EXPECT_EQ(input("varchar(9) latin1_swedish_ci", &weights, "aA\xE9  "), "AAE");
  EXPECT_EQ(input("varchar(9)", &weights, "a\xC3\xA9"), "AE");
  EXPECT_EQ(input("varchar(9)", &weights, "b"), tl::unexpected(ValueError::kNoWeights));
  EXPECT_EQ(input("varchar(9)", nullptr, "a"), tl::unexpected(ValueError::kNoWeights));
  EXPECT_EQ(input("varchar(9) ascii_bin", &weights, "\xE9"),
            tl::unexpected(ValueError::kBadString));
  EXPECT_EQ(input("varbinary(9)", nullptr, "aA "), "aA ");
  EXPECT_EQ(input("date", nullptr, "2024-01-02"), "2024-01-02");
}

TEST(ValueErrorTest, NumbersAndStates) {
  EXPECT_EQ(ErrorNumber(ValueError::kTooLong), 1406);
  EXPECT_STREQ(SqlState(ValueError::kTooLong), "22001");
  EXPECT_EQ(ErrorNumber(ValueError::kOutOfRange), 1264);
  EXPECT_STREQ(SqlState(ValueError::kOutOfRange), "22003");
  EXPECT_EQ(ErrorNumber(ValueError::kTruncated), 1265);
  EXPECT_STREQ(SqlState(ValueError::kTruncated), "01000");
  EXPECT_EQ(ErrorNumber(ValueError::kBadString), 1366);
  EXPECT_STREQ(SqlState(ValueError::kBadDecimal), "HY000");
  EXPECT_EQ(ErrorNumber(ValueError::kBadTemporal), 1292);
  EXPECT_STREQ(SqlState(ValueError::kBadTemporal), "22007");
  EXPECT_EQ(ErrorNumber(ValueError::kNoWeights), 1235);
  EXPECT_STREQ(SqlState(ValueError::kNotComparable), "42000");
  EXPECT_EQ(ErrorNumber(ValueError::kWider), 1235);
}

}  // namespace
}  // namespace sealgate::rewrite
