// Source values to canonical bytes. What is accepted was compared with what
// MariaDB 10.11 and MySQL 9.7 store in strict mode.
#include <gtest/gtest.h>

#include "proxy/rewrite/value/value.h"
#include "proxy/sql/lexer.h"
#include "tests/proxy/rewrite/value/type_of.h"

namespace sealgate::rewrite {
namespace {

using policy::Charset;
using Error = ValueError;
using Canonical = tl::expected<std::string, ValueError>;

Canonical FromSource(std::string_view type, const SourceValue& source, Purpose purpose,
                     const SessionFacts& facts) {
  std::string out = "kept";
  const auto done = ToCanonical(TypeOf(type), facts, source, purpose, out);
  EXPECT_EQ(out.substr(0, 4), "kept");
  if (!done) {
    EXPECT_EQ(out, "kept") << type;
    return tl::unexpected(done.error());
  }
  return out.substr(4);
}

Canonical FromSql(std::string_view type, std::string_view literal, Purpose purpose,
                  const SessionFacts& facts = {}) {
  sql::TokenList tokens;
  sql::Lex(literal, {}, tokens);
  std::string scratch;
  const auto source =
      FromLiteral(tokens, 0, static_cast<std::uint32_t>(tokens.tokens.size() - 2), {}, scratch);
  if (!source) return tl::unexpected(source.error());
  return FromSource(type, *source, purpose, facts);
}

// As a text row shows it.
std::string Shown(std::string_view type, const Canonical& canonical) {
  SessionFacts facts;
  facts.results = std::nullopt;
  std::string out;
  EXPECT_TRUE(CanonicalToText(TypeOf(type), facts, canonical.value(), out)) << type;
  return out;
}

struct Good {
  std::string_view type;
  std::string_view literal;
  std::string_view shown;
};
struct Bad {
  std::string_view type;
  std::string_view literal;
  Error error;
};

TEST(StoreTest, StoresAsTheServersDo) {
  const Good rows[] = {
      {"varchar(3)", "'ab '", "ab "},
      {"varchar(3)", "'abc  '", "abc"},
      {"varchar(3)", "'\xC3\xA9\xC3\xA9\xE2\x82\xAC'", "\xC3\xA9\xC3\xA9\xE2\x82\xAC"},
      {"varchar(3)", "0012", "12"},
      {"varchar(3)", "-00", "0"},
      {"varchar(3)", "-5", "-5"},
      {"varchar(3)", "TRUE", "1"},
      {"varchar(3)", ".5", "0.5"},
      {"varchar(3)", "1.", "1"},
      {"varchar(5)", "-0.0", "0.0"},
      {"varchar(5)", "-.50", "-0.50"},
      {"varchar(60)", "-18446744073709551616", "-18446744073709551616"},
      {"varchar(3)", "x'C3A9'", "\xC3\xA9"},
      {"varchar(3) latin1_bin", "'\xE2\x82\xAC'", "\x80"},
      {"char(3)", "'ab '", "ab"},
      {"char(3)", "'    '", ""},
      {"char(3)", "'abc '", "abc"},
      {"tinytext", "'ab '", "ab "},
      {"binary(3)", "'a '", std::string_view("a \0", 3)},
      {"varbinary(3)", "x'00FF'", std::string_view("\0\xFF", 2)},
      {"varbinary(3)", "007", "7"},
      {"varbinary(3)", "1.5", "1.5"},
      {"int", "'+0012'", "12"},
      {"int", "'-0'", "0"},
      {"int", "1.5", "2"},
      {"int", "-2.5", "-3"},
      {"int", "-0.4", "0"},
      {"int", "2147483647.4", "2147483647"},
      {"int", "TRUE", "1"},
      {"int unsigned", "4294967295.4", "4294967295"},
      {"bigint", "-9223372036854775808.4", "-9223372036854775808"},
      {"bigint", "'-9223372036854775808'", "-9223372036854775808"},
      {"bigint unsigned", "18446744073709551615", "18446744073709551615"},
      {"year", "2024", "2024"},
      {"year", "02155", "2155"},
      {"year", "'1901'", "1901"},
      {"year", "0", "0000"},
      {"year", "'0000'", "0000"},
      {"decimal(5,2)", "1.005", "1.01"},
      {"decimal(5,2)", "-1.005", "-1.01"},
      {"decimal(5,2)", "999.994", "999.99"},
      {"decimal(5,2)", "-0.004", "0.00"},
      {"decimal(5,2)", "'+00001.5'", "1.50"},
      {"decimal(5,2)", "'5.'", "5.00"},
      {"decimal(5,2)", "'.5'", "0.50"},
      {"decimal(5,0)", "2.5", "3"},
      {"decimal(5,2) unsigned", "-0.00", "0.00"},
      {"decimal(3,3)", "0.9994", "0.999"},
      {"decimal(65,30)", "'0.0000000000000000000000000000005'", "0.000000000000000000000000000001"},
      {"date", "'2024-1-2'", "2024-01-02"},
      {"date", "'2024-02-29 00:00:00'", "2024-02-29"},
      {"date", "'2024-01-02T23:59:59'", "2024-01-02"},
      {"datetime", "'2024-01-02'", "2024-01-02 00:00:00"},
      {"datetime", "'2024-01-02 1:2'", "2024-01-02 01:02:00"},
      {"datetime", "'2024-01-02 10:11:12.4'", "2024-01-02 10:11:12"},
      {"datetime(2)", "'2024-01-02 10:11:12.123'", "2024-01-02 10:11:12.12"},
      {"datetime(6)", "'2024-01-02 10:11:12.1234560000'", "2024-01-02 10:11:12.123456"},
      {"time", "'1:2:3'", "01:02:03"},
      {"time", "'-838:59:59.000000'", "-838:59:59"},
      {"time", "'-00:00:00.4'", "00:00:00"},
      {"time(2)", "'-00:00:00.4'", "-00:00:00.40"},
  };
  for (const Good& row : rows) {
    const Canonical canonical = FromSql(row.type, row.literal, Purpose::kStore);
    ASSERT_TRUE(canonical) << row.type << " " << row.literal;
    EXPECT_EQ(Shown(row.type, canonical), row.shown) << row.type << " " << row.literal;
  }
}

TEST(StoreTest, RefusesTheRest) {
  const Bad rows[] = {
      {"varchar(3)", "'abcd'", Error::kTooLong},
      {"varchar(3)", "'abc\xC2\xA0'", Error::kTooLong},
      {"varchar(3)", "12345", Error::kTooLong},
      {"varchar(3)", "1e3", Error::kUnsupported},
      {"varchar(3)", "x'C3'", Error::kBadString},
      {"varchar(3)", "'\xC3'", Error::kBadString},
      {"varchar(3) latin1_bin", "'\xC4\x81'", Error::kBadString},
      {"varchar(3) ascii_bin", "x'E9'", Error::kBadString},
      {"varchar(3) utf8mb3_bin", "'\xF0\x9F\x98\x80'", Error::kBadString},
      {"varchar(99)", "0.0000000000000000000000000000001", Error::kUnsupported},
      {"binary(3)", "'abc '", Error::kTooLong},
      {"varbinary(3)", "x'61626300'", Error::kTooLong},
      {"int", "' 12'", Error::kUnsupported},
      {"int", "'12 '", Error::kUnsupported},
      {"int", "'1.5'", Error::kUnsupported},
      {"int", "'1e2'", Error::kUnsupported},
      {"int", "'12x'", Error::kTruncated},
      {"int", "' -1.5 x'", Error::kTruncated},
      {"int", "'2024-01-02'", Error::kTruncated},
      {"int unsigned", "'-1x'", Error::kOutOfRange},
      {"int", "'2147483648 x'", Error::kOutOfRange},
      {"int", "'99999999999999999999.5'", Error::kOutOfRange},
      {"int", "' x'", Error::kBadInteger},
      {"int", "'-'", Error::kBadInteger},
      {"int", "''", Error::kBadInteger},
      {"int", "x'41'", Error::kUnsupported},
      {"int", "1e2", Error::kUnsupported},
      {"int", "2147483647.5", Error::kOutOfRange},
      {"int", "-2147483648.5", Error::kOutOfRange},
      {"int unsigned", "-0.4", Error::kOutOfRange},
      {"int unsigned", "-1", Error::kOutOfRange},
      {"tinyint", "127.5", Error::kOutOfRange},
      {"mediumint", "8388608", Error::kOutOfRange},
      {"mediumint unsigned", "16777216", Error::kOutOfRange},
      {"bigint unsigned", "18446744073709551615.5", Error::kOutOfRange},
      {"bigint", "18446744073709551616", Error::kOutOfRange},
      {"year", "1900", Error::kOutOfRange},
      {"year", "2156", Error::kOutOfRange},
      {"year", "-1", Error::kOutOfRange},
      {"year", "24", Error::kUnsupported},
      {"year", "'24'", Error::kUnsupported},
      {"year", "'x'", Error::kBadInteger},
      {"decimal(5,2)", "999.995", Error::kOutOfRange},
      {"decimal(5,2)", "'1e1'", Error::kBadDecimal},
      {"decimal(5,2)", "'.'", Error::kBadDecimal},
      {"decimal(5,2)", "''", Error::kBadDecimal},
      {"decimal(5,2) unsigned", "-0.004", Error::kOutOfRange},
      {"decimal(3,3)", "0.9995", Error::kOutOfRange},
      {"decimal(5,2)", "1.00000000000000000000000000000000000000000000000000000000000000000",
       Error::kUnsupported},
      {"date", "'2023-02-29'", Error::kBadTemporal},
      {"date", "'1900-02-29'", Error::kBadTemporal},
      {"date", "'0000-00-00'", Error::kBadTemporal},
      {"date", "'2024-00-01'", Error::kBadTemporal},
      {"date", "'24-01-02'", Error::kBadTemporal},
      {"date", "'2024-01-02x'", Error::kBadTemporal},
      {"date", "20240102", Error::kUnsupported},
      {"date", "'2024-01-02 23:59:59.5'", Error::kUnsupported},
      {"datetime", "'2024-01-02 24:00:00'", Error::kBadTemporal},
      {"datetime", "'2024-01-02 10:11:12+01:00'", Error::kBadTemporal},
      {"datetime", "'2024-01-02 10:11:12.5'", Error::kUnsupported},
      {"datetime", "'2024-01-02 10:11:12.4999995'", Error::kUnsupported},
      {"time", "'839:00:00'", Error::kBadTemporal},
      {"time", "'838:59:59.1'", Error::kBadTemporal},
      {"time", "'10:60:00'", Error::kBadTemporal},
      {"timestamp", "'1970-01-01 00:00:00'", Error::kBadTemporal},
      {"timestamp(3)", "'1970-01-01 00:00:00.999'", Error::kBadTemporal},
      {"timestamp", "'2038-01-19 03:14:08'", Error::kBadTemporal},
      {"timestamp", "'2024-02-30 00:00:00'", Error::kBadTemporal},
  };
  for (const Bad& row : rows) {
    const Canonical canonical = FromSql(row.type, row.literal, Purpose::kStore);
    ASSERT_FALSE(canonical) << row.type << " " << row.literal;
    EXPECT_EQ(canonical.error(), row.error) << row.type << " " << row.literal;
  }
}

// A result is shown whole, so that one which storing would cut is none.
TEST(MixTest, TextsAreNotCut) {
  const auto mix = [](std::string_view type, std::string_view literal) {
    return FromSql(type, literal, Purpose::kMix);
  };
  EXPECT_EQ(mix("varchar(3)", "'abc'"), "abc");
  EXPECT_EQ(mix("varchar(3)", "'ab '"), "ab ");
  EXPECT_EQ(mix("varchar(3)", "'\xC3\xA9\xC3\xA9\xC3\xA9'"), "\xC3\xA9\xC3\xA9\xC3\xA9");
  EXPECT_EQ(mix("varchar(3)", "'abc '"), tl::unexpected(Error::kWider));
  EXPECT_EQ(mix("varchar(3)", "'abcd'"), tl::unexpected(Error::kWider));
  EXPECT_EQ(mix("varchar(0)", "' '"), tl::unexpected(Error::kWider));
}

// Zeros in dates are for sql_mode to allow.
TEST(StoreTest, ZeroDatesFollowTheMode) {
  struct Row {
    std::string_view type;
    std::string_view literal;
    tl::expected<std::string, Error> stored;
    bool is_zero = false;  // needs zero_date; otherwise zero_in_date
  };
  const auto bad = tl::unexpected(Error::kBadTemporal);
  const Row rows[] = {
      {"date", "'0000-00-00'", "0000-00-00", true},
      {"date", "'0000-00-00 00:00:00'", "0000-00-00", true},
      {"datetime(2)", "'0000-00-00'", "0000-00-00 00:00:00.00", true},
      {"timestamp", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00", true},
      {"date", "'2024-00-00'", "2024-00-00"},
      {"date", "'2023-00-31'", "2023-00-31"},
      {"date", "'2024-2-0'", "2024-02-00"},
      {"date", "'0000-00-01'", "0000-00-01"},
      {"datetime", "'2024-00-01 23:59:59'", "2024-00-01 23:59:59"},
      {"datetime(1)", "'2024-00-01 23:59:59.5'", "2024-00-01 23:59:59.5"},
      {"datetime", "'2024-00-01 23:59:59.5'", tl::unexpected(Error::kUnsupported)},
      {"date", "'2024-00-32'", bad},
      {"date", "'2024-13-00'", bad},
      {"datetime", "'0000-00-00 10:00:00'", bad},
      {"timestamp", "'2024-00-01 00:00:00'", bad},
      {"date", "DATE'2024-00-01'", bad},
  };
  for (const Row& row : rows) {
    SessionFacts facts;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts), bad) << row.literal;
    (row.is_zero ? facts.zero_in_date : facts.zero_date) = true;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts), bad) << row.literal;
    facts.zero_date = facts.zero_in_date = true;
    facts.utc_offset = 7200;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts), row.stored) << row.literal;
  }
  EXPECT_EQ(FromSql("date", "'0000-02-29'", Purpose::kStore, {}), bad);
  EXPECT_EQ(FromSql("date", "'0000-01-31'", Purpose::kStore, {}), "0000-01-31");
  EXPECT_EQ(FromSql("datetime", "'0001-01-01'", Purpose::kCompare, {}), "0001-01-01 00:00:00");
}

TEST(StoreTest, LongFractionsFollowTheServer) {
  struct Row {
    std::string_view type;
    std::string_view literal;
    std::string_view rounded;
    std::string_view truncated;
  };
  const Row rows[] = {
      {"datetime", "'2024-02-28 23:59:59.5'", "2024-02-29 00:00:00", "2024-02-28 23:59:59"},
      {"datetime", "'2024-12-31 23:59:59.999999'", "2025-01-01 00:00:00", "2024-12-31 23:59:59"},
      {"datetime", "'2024-01-02 10:11:12.4999995'", "2024-01-02 10:11:13", "2024-01-02 10:11:12"},
      {"datetime(6)", "'2024-01-02 10:11:12.9999995'", "2024-01-02 10:11:13.000000",
       "2024-01-02 10:11:12.999999"},
      {"datetime(2)", "'2024-01-02 10:11:12.995'", "2024-01-02 10:11:13.00",
       "2024-01-02 10:11:12.99"},
      {"date", "'2024-01-02 23:59:59.5'", "2024-01-03", "2024-01-02"},
      {"time", "'-10:11:12.5'", "-10:11:13", "-10:11:12"},
      {"time", "'23:59:59.9999999'", "24:00:00", "23:59:59"},
      {"time", "'838:59:58.9999999'", "838:59:59", "838:59:58"},
  };
  SessionFacts facts;
  for (const Row& row : rows) {
    facts.extra_fraction = ExtraFraction::kRound;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts), row.rounded) << row.literal;
    facts.extra_fraction = ExtraFraction::kTruncate;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts), row.truncated);
    facts.extra_fraction = ExtraFraction::kRoundClocks;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts),
              std::string_view(row.type) == "date" ? row.truncated : row.rounded);
    facts.extra_fraction = ExtraFraction::kUnknown;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts),
              tl::unexpected(Error::kUnsupported));
  }
  facts.extra_fraction = ExtraFraction::kRound;
  EXPECT_EQ(FromSql("datetime", "'9999-12-31 23:59:59.5'", Purpose::kStore, facts),
            tl::unexpected(Error::kBadTemporal));
  // MySQL goes by a TIME's last digit.
  EXPECT_EQ(FromSql("time(6)", "'10:00:00.12345649'", Purpose::kStore, facts),
            tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(FromSql("time(6)", "'10:00:00.12345679'", Purpose::kStore, facts), "10:00:00.123457");
}

TEST(StoreTest, CanonicalBytesOfNumbers) {
  const auto store = [](std::string_view type, std::string_view literal) {
    return FromSql(type, literal, Purpose::kStore).value();
  };
  EXPECT_EQ(store("int", "-1"), "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  EXPECT_EQ(store("tinyint", "0"), std::string("\x80\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(store("bigint", "-9223372036854775808"), std::string(8, '\0'));
  EXPECT_EQ(store("int unsigned", "258"), std::string("\0\0\0\0\0\0\1\2", 8));
  EXPECT_EQ(store("year", "2024"), std::string("\0\0\0\0\0\0\x07\xE8", 8));
}

TEST(StoreTest, ByteLimitsOfTextAndBlobs) {
  const auto store = [](std::string_view type, const std::string& text) {
    return FromSource(type, {SourceValue::Kind::kString, false, text}, Purpose::kStore, {});
  };
  const std::string full(255, 'a');
  EXPECT_EQ(store("tinytext", full), full);
  EXPECT_EQ(store("tinytext", full + "  "), full);
  EXPECT_EQ(store("tinytext", full + "b"), tl::unexpected(Error::kTooLong));
  EXPECT_EQ(store("tinytext", std::string(254, 'a') + "\xC3\xA9"), tl::unexpected(Error::kTooLong));
  EXPECT_EQ(store("tinyblob", full + " "), tl::unexpected(Error::kTooLong));
  EXPECT_EQ(store("text", std::string(65536, 'a')), tl::unexpected(Error::kTooLong));
  EXPECT_TRUE(store("mediumtext", std::string(65536, 'a')));
}

TEST(StoreTest, ConvertsThroughTheConnection) {
  const auto store = [](std::optional<Charset> client, std::optional<Charset> connection,
                        std::string_view type, std::string_view bytes) {
    SessionFacts facts;
    facts.client = client;
    facts.connection = connection;
    return FromSource(type, {SourceValue::Kind::kString, false, bytes}, Purpose::kStore, facts);
  };
  EXPECT_EQ(store(Charset::kLatin1, Charset::kLatin1, "varchar(9)", "\xE9"), "\xC3\xA9");
  EXPECT_EQ(store(Charset::kLatin1, Charset::kUtf8mb4, "varchar(9)", "\x80"), "\xE2\x82\xAC");
  EXPECT_EQ(store(Charset::kLatin1, Charset::kUtf8mb4, "varbinary(9)", "\xE9"), "\xC3\xA9");
  EXPECT_EQ(store(Charset::kUtf8mb4, Charset::kUtf8mb4, "varbinary(9)", "\xFF"), "\xFF");
  EXPECT_EQ(store(Charset::kUtf8mb4, Charset::kLatin1, "varchar(9)", "\xC4\x81"),
            tl::unexpected(Error::kBadString));
  EXPECT_EQ(store(Charset::kBinary, Charset::kBinary, "varchar(9)", "\xC3\xA9"), "\xC3\xA9");
  EXPECT_EQ(store(Charset::kBinary, Charset::kBinary, "varchar(9)", "\xE9"),
            tl::unexpected(Error::kBadString));
  EXPECT_EQ(store(Charset::kBinary, Charset::kLatin1, "varchar(9)", "\xE9"),
            tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store(Charset::kUtf8mb4, Charset::kBinary, "varchar(9)", "a"),
            tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store(std::nullopt, Charset::kUtf8mb4, "varchar(9)", "a"),
            tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store(Charset::kUtf8mb4, std::nullopt, "varbinary(9)", "a"),
            tl::unexpected(Error::kUnsupported));
}

TEST(StoreTest, TemporalParametersKeepTheirKind) {
  using Kind = SourceValue::Kind;
  const auto store = [](std::string_view type, Kind kind, std::string_view bytes) {
    return FromSource(type, {kind, false, bytes}, Purpose::kStore, {});
  };
  EXPECT_EQ(store("date", Kind::kDatetime, "2024-01-02 10:00:00"), "2024-01-02");
  EXPECT_EQ(store("datetime(1)", Kind::kDate, "2024-01-02"), "2024-01-02 00:00:00.0");
  EXPECT_EQ(store("time", Kind::kTime, "-34:00:00"), "-34:00:00");
  EXPECT_EQ(store("varchar(10)", Kind::kDate, "2024-01-02"), "2024-01-02");
  EXPECT_EQ(store("varchar(10)", Kind::kDate, "0000-00-00"), tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store("varchar(30)", Kind::kTime, "10:00:00"), tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store("date", Kind::kTime, "10:00:00"), tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store("time", Kind::kDate, "2024-01-02"), tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store("int", Kind::kDate, "2024-01-02"), tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(store("datetime", Kind::kDatetime, "65535-01-01 00:00:00"),
            tl::unexpected(Error::kBadTemporal));
}

TEST(CompareTest, ComparesExactlyOrNotAtAll) {
  const Good good[] = {
      {"varchar(3)", "'abcd  '", "abcd  "},  // too long: equals nothing
      {"char(3)", "'ab  '", "ab"},
      {"char(3) utf8mb4_0900_ai_ci", "'ab '", "ab "},
      {"binary(3)", "'ab'", "ab"},
      {"int", "'+012'", "12"},
      {"int", "1.0", "1"},
      {"decimal(5,2)", "1", "1.00"},
      {"decimal(5,2)", "'1.500'", "1.50"},
      {"date", "'2024-01-02 00:00:00'", "2024-01-02"},
      {"datetime(2)", "'2024-01-02 10:11:12.120'", "2024-01-02 10:11:12.12"},
      {"time", "'10:00'", "10:00:00"},
      {"year", "'2024'", "2024"},
  };
  for (const Good& row : good) {
    const Canonical canonical = FromSql(row.type, row.literal, Purpose::kCompare);
    ASSERT_TRUE(canonical) << row.type << " " << row.literal;
    EXPECT_EQ(Shown(row.type, canonical), row.shown);
  }
  EXPECT_TRUE(FromSql("tinyint", "300", Purpose::kCompare));  // equals nothing stored
  EXPECT_EQ(FromSql("decimal(5,2)", "12345.00", Purpose::kCompare), "12345.00");
  const Bad bad[] = {
      {"varchar(3)", "12", Error::kNotComparable},
      {"varchar(3)", "1.5", Error::kNotComparable},
      {"varchar(3)", "x'41'", Error::kNotComparable},
      {"varchar(3)", "1e5", Error::kNotComparable},
      {"varchar(3) latin1_bin", "'\xC4\x81'", Error::kBadString},
      {"varbinary(3)", "5", Error::kNotComparable},
      {"int", "1.5", Error::kNotComparable},
      {"int", "'x'", Error::kNotComparable},
      {"int", "'1.0'", Error::kNotComparable},
      {"int", "1e0", Error::kNotComparable},
      {"int", "x'41'", Error::kNotComparable},
      {"int unsigned", "-1", Error::kNotComparable},
      {"bigint", "9223372036854775808", Error::kNotComparable},
      {"decimal(5,2)", "1.005", Error::kNotComparable},
      {"decimal(5,2)", "'x'", Error::kNotComparable},
      {"decimal(5,2) unsigned", "-1", Error::kNotComparable},
      {"year", "24", Error::kNotComparable},
      {"date", "20240102", Error::kNotComparable},
      {"date", "'2024-01-02 00:00:01'", Error::kNotComparable},
      {"date", "'2024-01-02 00:00:00.1'", Error::kNotComparable},
      {"datetime", "'2024-01-02 10:11:12.5'", Error::kNotComparable},
      {"timestamp", "'2024-01-02 10:11:12.5'", Error::kNotComparable},
  };
  for (const Bad& row : bad) {
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kCompare), tl::unexpected(row.error))
        << row.type << " " << row.literal;
  }
  SessionFacts binary;
  binary.client = binary.connection = Charset::kBinary;
  EXPECT_EQ(FromSql("varchar(3)", "'a'", Purpose::kCompare, binary),
            tl::unexpected(Error::kNotComparable));
  EXPECT_EQ(FromSql("varbinary(3)", "'a'", Purpose::kCompare, binary), "a");
}

// A TIMESTAMP is kept in UTC, and its range is one in UTC.
TEST(StoreTest, TimestampsFollowTheTimeZone) {
  struct Row {
    std::string_view type;
    std::string_view literal;
    std::int32_t minutes;
    tl::expected<std::string, Error> stored;
  };
  const Row rows[] = {
      {"timestamp", "'2024-03-01 01:30:00'", 120, "2024-02-29 23:30:00"},
      {"timestamp", "'2023-12-31 23:30:00'", -90, "2024-01-01 01:00:00"},
      {"timestamp(3)", "'2024-01-02 10:11:12.1234'", 345, "2024-01-02 04:26:12.123"},
      {"timestamp", "'2024-01-02'", -839, "2024-01-02 13:59:00"},
      {"timestamp", "'1970-01-01 02:00:01'", 120, "1970-01-01 00:00:01"},
      {"timestamp", "'1970-01-01 02:00:00'", 120, tl::unexpected(Error::kBadTemporal)},
      {"timestamp", "'1969-12-31 12:00:01'", -720, "1970-01-01 00:00:01"},
      {"timestamp(6)", "'2038-01-19 16:14:07.999999'", 780, "2038-01-19 03:14:07.999999"},
      {"timestamp", "'2038-01-19 16:14:08'", 780, tl::unexpected(Error::kBadTemporal)},
  };
  SessionFacts facts;
  facts.extra_fraction = ExtraFraction::kTruncate;
  for (const Row& row : rows) {
    facts.utc_offset = row.minutes * 60;
    EXPECT_EQ(FromSql(row.type, row.literal, Purpose::kStore, facts), row.stored) << row.literal;
  }
  facts.utc_offset = 3600;
  EXPECT_EQ(FromSql("timestamp", "'9999-12-31 23:59:59'", Purpose::kCompare, facts),
            "9999-12-31 22:59:59");
  facts.extra_fraction = ExtraFraction::kRound;
  EXPECT_EQ(FromSql("timestamp", "'2038-01-19 04:14:07.5'", Purpose::kStore, facts),
            tl::unexpected(Error::kBadTemporal));
  facts.utc_offset.reset();
  EXPECT_EQ(FromSql("timestamp", "'2024-01-02 10:11:12'", Purpose::kStore, facts),
            tl::unexpected(Error::kUnsupported));
  EXPECT_EQ(FromSql("timestamp", "'2024-01-02 10:11:12'", Purpose::kCompare, facts),
            tl::unexpected(Error::kNotComparable));
}

// MySQL rounds a parameter to microseconds, also into the next second, before it truncates.
TEST(StoreTest, ATextParameterIsRoundedFirst) {
  SessionFacts facts;
  facts.extra_fraction = ExtraFraction::kTruncate;
  const auto stored = [&facts](const char* type, std::string_view text, bool of_parameter) {
    const SourceValue value{SourceValue::Kind::kString, false, text, of_parameter};
    return FromSource(type, value, Purpose::kStore, facts).has_value();
  };
  for (const std::string_view text : {"10:00:00.4999995", "10:00:00.9999999"}) {
    for (const char* type : {"time(3)", "time(6)"}) {
      EXPECT_TRUE(stored(type, text, false)) << text;
      EXPECT_FALSE(stored(type, text, true)) << text;
    }
  }
  EXPECT_FALSE(stored("time", "10:00:00.9999999", true));
  EXPECT_TRUE(stored("time", "10:00:00.4999995", true));
}

TEST(StoreTest, BinaryStringsAndWholeFloatsFitTheColumn) {
  const SourceValue text{SourceValue::Kind::kBinaryString, false, "12"};
  const SourceValue whole{SourceValue::Kind::kWholeFloat, true, "12"};
  for (const Purpose purpose : {Purpose::kStore, Purpose::kCompare}) {
    EXPECT_EQ(Shown("int", FromSource("int", text, purpose, {})), "12");
    EXPECT_EQ(Shown("varbinary(9)", FromSource("varbinary(9)", text, purpose, {})), "12");
    EXPECT_EQ(Shown("int", FromSource("int", whole, purpose, {})), "-12");
  }
  EXPECT_EQ(Shown("varchar(9)", FromSource("varchar(9)", text, Purpose::kStore, {})), "12");
  EXPECT_EQ(FromSource("varchar(9)", text, Purpose::kCompare, {}).error(), Error::kNotComparable);
  EXPECT_EQ(Shown("decimal(9,2)", FromSource("decimal(9,2)", whole, Purpose::kStore, {})),
            "-12.00");
  EXPECT_EQ(FromSource("decimal(9,2)", whole, Purpose::kCompare, {}).error(),
            Error::kNotComparable);
  EXPECT_FALSE(FromSource("date", whole, Purpose::kStore, {}));
}

}  // namespace
}  // namespace sealgate::rewrite
