// Metadata of plain columns, as MariaDB 10.11.19 and MySQL 9.7 sent it for
// SELECT c FROM t after SET NAMES, or with character_set_results NULL. The two
// agree in all of it, but for TIMESTAMP, which MariaDB calls unsigned too.
#include <gtest/gtest.h>

#include "proxy/rewrite/value/value.h"
#include "tests/proxy/rewrite/value/type_of.h"

namespace sealgate::rewrite {
namespace {

using policy::Charset;

/// The collation that the session's SET NAMES chose.
constexpr std::uint16_t kSession = 777;

struct Row {
  std::string_view type;
  std::optional<Charset> results;
  std::uint8_t field_type;
  std::uint32_t length;
  std::uint16_t collation;
  std::uint8_t decimals;
  std::uint16_t flags;
};

constexpr Row kCaptured[] = {
    {"char(20) utf8mb4_general_ci", Charset::kUtf8mb4, 254, 80u, kSession, 0, 0x0},
    {"char(20) utf8mb4_general_ci", Charset::kLatin1, 254, 20u, kSession, 0, 0x0},
    {"char(20) utf8mb4_general_ci", Charset::kUtf8mb3, 254, 60u, kSession, 0, 0x0},
    {"char(20) utf8mb4_general_ci", Charset::kBinary, 254, 20u, 63, 0, 0x0},
    {"char(20) utf8mb4_general_ci", std::nullopt, 254, 80u, 45, 0, 0x0},
    {"varchar(255) utf8mb4_general_ci", Charset::kUtf8mb4, 253, 1020u, kSession, 0, 0x0},
    {"varchar(255) utf8mb4_general_ci", Charset::kLatin1, 253, 255u, kSession, 0, 0x0},
    {"varchar(255) utf8mb4_general_ci", Charset::kUtf8mb3, 253, 765u, kSession, 0, 0x0},
    {"varchar(255) utf8mb4_general_ci", Charset::kBinary, 253, 255u, 63, 0, 0x0},
    {"varchar(255) utf8mb4_general_ci", std::nullopt, 253, 1020u, 45, 0, 0x0},
    {"tinytext utf8mb4_general_ci", Charset::kUtf8mb4, 252, 1020u, kSession, 0, 0x10},
    {"tinytext utf8mb4_general_ci", Charset::kLatin1, 252, 255u, kSession, 0, 0x10},
    {"tinytext utf8mb4_general_ci", Charset::kUtf8mb3, 252, 765u, kSession, 0, 0x10},
    {"tinytext utf8mb4_general_ci", Charset::kBinary, 252, 255u, 63, 0, 0x10},
    {"tinytext utf8mb4_general_ci", std::nullopt, 252, 255u, 45, 0, 0x10},
    {"text utf8mb4_general_ci", Charset::kUtf8mb4, 252, 262140u, kSession, 0, 0x10},
    {"text utf8mb4_general_ci", Charset::kLatin1, 252, 65535u, kSession, 0, 0x10},
    {"text utf8mb4_general_ci", Charset::kUtf8mb3, 252, 196605u, kSession, 0, 0x10},
    {"text utf8mb4_general_ci", Charset::kBinary, 252, 65535u, 63, 0, 0x10},
    {"text utf8mb4_general_ci", std::nullopt, 252, 65535u, 45, 0, 0x10},
    {"mediumtext utf8mb4_general_ci", Charset::kUtf8mb4, 252, 67108860u, kSession, 0, 0x10},
    {"mediumtext utf8mb4_general_ci", Charset::kLatin1, 252, 16777215u, kSession, 0, 0x10},
    {"mediumtext utf8mb4_general_ci", Charset::kUtf8mb3, 252, 50331645u, kSession, 0, 0x10},
    {"mediumtext utf8mb4_general_ci", Charset::kBinary, 252, 16777215u, 63, 0, 0x10},
    {"mediumtext utf8mb4_general_ci", std::nullopt, 252, 16777215u, 45, 0, 0x10},
    {"longtext utf8mb4_general_ci", Charset::kUtf8mb4, 252, 4294967295u, kSession, 0, 0x10},
    {"longtext utf8mb4_general_ci", Charset::kLatin1, 252, 4294967295u, kSession, 0, 0x10},
    {"longtext utf8mb4_general_ci", Charset::kUtf8mb3, 252, 4294967295u, kSession, 0, 0x10},
    {"longtext utf8mb4_general_ci", Charset::kBinary, 252, 4294967295u, 63, 0, 0x10},
    {"longtext utf8mb4_general_ci", std::nullopt, 252, 4294967295u, 45, 0, 0x10},
    {"char(20) latin1_swedish_ci", Charset::kUtf8mb4, 254, 80u, kSession, 0, 0x0},
    {"char(20) latin1_swedish_ci", Charset::kLatin1, 254, 20u, kSession, 0, 0x0},
    {"char(20) latin1_swedish_ci", Charset::kBinary, 254, 20u, 63, 0, 0x0},
    {"char(20) latin1_swedish_ci", std::nullopt, 254, 20u, 8, 0, 0x0},
    {"varchar(255) latin1_swedish_ci", Charset::kUtf8mb4, 253, 1020u, kSession, 0, 0x0},
    {"varchar(255) latin1_swedish_ci", Charset::kLatin1, 253, 255u, kSession, 0, 0x0},
    {"varchar(255) latin1_swedish_ci", Charset::kBinary, 253, 255u, 63, 0, 0x0},
    {"varchar(255) latin1_swedish_ci", std::nullopt, 253, 255u, 8, 0, 0x0},
    {"tinytext latin1_swedish_ci", Charset::kUtf8mb4, 252, 1020u, kSession, 0, 0x10},
    {"tinytext latin1_swedish_ci", Charset::kLatin1, 252, 255u, kSession, 0, 0x10},
    {"tinytext latin1_swedish_ci", Charset::kBinary, 252, 255u, 63, 0, 0x10},
    {"tinytext latin1_swedish_ci", std::nullopt, 252, 255u, 8, 0, 0x10},
    {"text latin1_swedish_ci", Charset::kUtf8mb4, 252, 262140u, kSession, 0, 0x10},
    {"text latin1_swedish_ci", Charset::kLatin1, 252, 65535u, kSession, 0, 0x10},
    {"text latin1_swedish_ci", Charset::kBinary, 252, 65535u, 63, 0, 0x10},
    {"text latin1_swedish_ci", std::nullopt, 252, 65535u, 8, 0, 0x10},
    {"mediumtext latin1_swedish_ci", Charset::kUtf8mb4, 252, 67108860u, kSession, 0, 0x10},
    {"mediumtext latin1_swedish_ci", Charset::kLatin1, 252, 16777215u, kSession, 0, 0x10},
    {"mediumtext latin1_swedish_ci", Charset::kBinary, 252, 16777215u, 63, 0, 0x10},
    {"mediumtext latin1_swedish_ci", std::nullopt, 252, 16777215u, 8, 0, 0x10},
    {"longtext latin1_swedish_ci", Charset::kUtf8mb4, 252, 4294967295u, kSession, 0, 0x10},
    {"longtext latin1_swedish_ci", Charset::kLatin1, 252, 4294967295u, kSession, 0, 0x10},
    {"longtext latin1_swedish_ci", Charset::kBinary, 252, 4294967295u, 63, 0, 0x10},
    {"longtext latin1_swedish_ci", std::nullopt, 252, 4294967295u, 8, 0, 0x10},
    {"char(20) ascii_bin", Charset::kUtf8mb4, 254, 80u, kSession, 0, 0x80},
    {"char(20) ascii_bin", Charset::kLatin1, 254, 20u, kSession, 0, 0x80},
    {"char(20) ascii_bin", Charset::kBinary, 254, 20u, 63, 0, 0x80},
    {"char(20) ascii_bin", std::nullopt, 254, 20u, 65, 0, 0x80},
    {"varchar(255) ascii_bin", Charset::kUtf8mb4, 253, 1020u, kSession, 0, 0x80},
    {"varchar(255) ascii_bin", Charset::kLatin1, 253, 255u, kSession, 0, 0x80},
    {"varchar(255) ascii_bin", Charset::kBinary, 253, 255u, 63, 0, 0x80},
    {"varchar(255) ascii_bin", std::nullopt, 253, 255u, 65, 0, 0x80},
    {"tinytext ascii_bin", Charset::kUtf8mb4, 252, 1020u, kSession, 0, 0x90},
    {"tinytext ascii_bin", Charset::kLatin1, 252, 255u, kSession, 0, 0x90},
    {"tinytext ascii_bin", Charset::kBinary, 252, 255u, 63, 0, 0x90},
    {"tinytext ascii_bin", std::nullopt, 252, 255u, 65, 0, 0x90},
    {"text ascii_bin", Charset::kUtf8mb4, 252, 262140u, kSession, 0, 0x90},
    {"text ascii_bin", Charset::kLatin1, 252, 65535u, kSession, 0, 0x90},
    {"text ascii_bin", Charset::kBinary, 252, 65535u, 63, 0, 0x90},
    {"text ascii_bin", std::nullopt, 252, 65535u, 65, 0, 0x90},
    {"mediumtext ascii_bin", Charset::kUtf8mb4, 252, 67108860u, kSession, 0, 0x90},
    {"mediumtext ascii_bin", Charset::kLatin1, 252, 16777215u, kSession, 0, 0x90},
    {"mediumtext ascii_bin", Charset::kBinary, 252, 16777215u, 63, 0, 0x90},
    {"mediumtext ascii_bin", std::nullopt, 252, 16777215u, 65, 0, 0x90},
    {"longtext ascii_bin", Charset::kUtf8mb4, 252, 4294967295u, kSession, 0, 0x90},
    {"longtext ascii_bin", Charset::kLatin1, 252, 4294967295u, kSession, 0, 0x90},
    {"longtext ascii_bin", Charset::kBinary, 252, 4294967295u, 63, 0, 0x90},
    {"longtext ascii_bin", std::nullopt, 252, 4294967295u, 65, 0, 0x90},
    {"char(20) utf8mb3_bin", Charset::kUtf8mb4, 254, 80u, kSession, 0, 0x80},
    {"char(20) utf8mb3_bin", Charset::kLatin1, 254, 20u, kSession, 0, 0x80},
    {"char(20) utf8mb3_bin", Charset::kBinary, 254, 20u, 63, 0, 0x80},
    {"char(20) utf8mb3_bin", std::nullopt, 254, 60u, 83, 0, 0x80},
    {"varchar(255) utf8mb3_bin", Charset::kUtf8mb4, 253, 1020u, kSession, 0, 0x80},
    {"varchar(255) utf8mb3_bin", Charset::kLatin1, 253, 255u, kSession, 0, 0x80},
    {"varchar(255) utf8mb3_bin", Charset::kBinary, 253, 255u, 63, 0, 0x80},
    {"varchar(255) utf8mb3_bin", std::nullopt, 253, 765u, 83, 0, 0x80},
    {"tinytext utf8mb3_bin", Charset::kUtf8mb4, 252, 1020u, kSession, 0, 0x90},
    {"tinytext utf8mb3_bin", Charset::kLatin1, 252, 255u, kSession, 0, 0x90},
    {"tinytext utf8mb3_bin", Charset::kBinary, 252, 255u, 63, 0, 0x90},
    {"tinytext utf8mb3_bin", std::nullopt, 252, 255u, 83, 0, 0x90},
    {"text utf8mb3_bin", Charset::kUtf8mb4, 252, 262140u, kSession, 0, 0x90},
    {"text utf8mb3_bin", Charset::kLatin1, 252, 65535u, kSession, 0, 0x90},
    {"text utf8mb3_bin", Charset::kBinary, 252, 65535u, 63, 0, 0x90},
    {"text utf8mb3_bin", std::nullopt, 252, 65535u, 83, 0, 0x90},
    {"mediumtext utf8mb3_bin", Charset::kUtf8mb4, 252, 67108860u, kSession, 0, 0x90},
    {"mediumtext utf8mb3_bin", Charset::kLatin1, 252, 16777215u, kSession, 0, 0x90},
    {"mediumtext utf8mb3_bin", Charset::kBinary, 252, 16777215u, 63, 0, 0x90},
    {"mediumtext utf8mb3_bin", std::nullopt, 252, 16777215u, 83, 0, 0x90},
    {"longtext utf8mb3_bin", Charset::kUtf8mb4, 252, 4294967295u, kSession, 0, 0x90},
    {"longtext utf8mb3_bin", Charset::kLatin1, 252, 4294967295u, kSession, 0, 0x90},
    {"longtext utf8mb3_bin", Charset::kBinary, 252, 4294967295u, 63, 0, 0x90},
    {"longtext utf8mb3_bin", std::nullopt, 252, 4294967295u, 83, 0, 0x90},
    {"char(20) utf8mb4_unicode_ci", std::nullopt, 254, 80u, 224, 0, 0x0},
    {"varchar(255) utf8mb4_unicode_ci", std::nullopt, 253, 1020u, 224, 0, 0x0},
    {"tinytext utf8mb4_unicode_ci", std::nullopt, 252, 255u, 224, 0, 0x10},
    {"text utf8mb4_unicode_ci", std::nullopt, 252, 65535u, 224, 0, 0x10},
    {"mediumtext utf8mb4_unicode_ci", std::nullopt, 252, 16777215u, 224, 0, 0x10},
    {"longtext utf8mb4_unicode_ci", std::nullopt, 252, 4294967295u, 224, 0, 0x10},
    {"varchar(5000) utf8mb4_bin", Charset::kUtf8mb4, 253, 20000u, kSession, 0, 0x80},
    {"varchar(5000) utf8mb4_bin", Charset::kLatin1, 253, 5000u, kSession, 0, 0x80},
    {"varchar(5000) utf8mb4_bin", Charset::kBinary, 253, 5000u, 63, 0, 0x80},
    {"varchar(5000) utf8mb4_bin", std::nullopt, 253, 20000u, 46, 0, 0x80},
    {"binary(16)", Charset::kLatin1, 254, 16u, 63, 0, 0x80},
    {"varbinary(300)", Charset::kLatin1, 253, 300u, 63, 0, 0x80},
    {"tinyblob", Charset::kLatin1, 252, 255u, 63, 0, 0x90},
    {"blob", Charset::kLatin1, 252, 65535u, 63, 0, 0x90},
    {"mediumblob", Charset::kLatin1, 252, 16777215u, 63, 0, 0x90},
    {"longblob", Charset::kLatin1, 252, 4294967295u, 63, 0, 0x90},
    {"tinyint", Charset::kLatin1, 1, 4u, 63, 0, 0x0},
    {"tinyint unsigned", Charset::kLatin1, 1, 3u, 63, 0, 0x20},
    {"smallint", Charset::kLatin1, 2, 6u, 63, 0, 0x0},
    {"smallint unsigned", Charset::kLatin1, 2, 5u, 63, 0, 0x20},
    {"mediumint", Charset::kLatin1, 9, 9u, 63, 0, 0x0},
    {"mediumint unsigned", Charset::kLatin1, 9, 8u, 63, 0, 0x20},
    {"int", Charset::kLatin1, 3, 11u, 63, 0, 0x0},
    {"int unsigned", Charset::kLatin1, 3, 10u, 63, 0, 0x20},
    {"bigint", Charset::kLatin1, 8, 20u, 63, 0, 0x0},
    {"bigint unsigned", Charset::kLatin1, 8, 20u, 63, 0, 0x20},
    {"decimal(10,2)", Charset::kLatin1, 246, 12u, 63, 2, 0x0},
    {"decimal(10,2) unsigned", Charset::kLatin1, 246, 11u, 63, 2, 0x20},
    {"decimal(5,0)", Charset::kLatin1, 246, 6u, 63, 0, 0x0},
    {"decimal(5,0) unsigned", Charset::kLatin1, 246, 5u, 63, 0, 0x20},
    {"decimal(65,30)", Charset::kLatin1, 246, 67u, 63, 30, 0x0},
    {"decimal(3,3)", Charset::kLatin1, 246, 5u, 63, 3, 0x0},
    {"date", Charset::kLatin1, 10, 10u, 63, 0, 0x80},
    {"datetime", Charset::kLatin1, 12, 19u, 63, 0, 0x80},
    {"datetime(3)", Charset::kLatin1, 12, 23u, 63, 3, 0x80},
    {"datetime(6)", Charset::kLatin1, 12, 26u, 63, 6, 0x80},
    {"timestamp", Charset::kLatin1, 7, 19u, 63, 0, 0x80},
    {"timestamp(6)", Charset::kLatin1, 7, 26u, 63, 6, 0x80},
    {"time", Charset::kLatin1, 11, 10u, 63, 0, 0x80},
    {"time(3)", Charset::kLatin1, 11, 14u, 63, 3, 0x80},
    {"time(6)", Charset::kLatin1, 11, 17u, 63, 6, 0x80},
    {"year", Charset::kLatin1, 13, 4u, 63, 0, 0x60},
};

wire::ColumnDefinition41 Physical() {
  wire::ColumnDefinition41 definition;
  definition.name = "c";
  definition.collation = 63;
  definition.type = wire::FieldType::kMediumBlob;
  definition.column_length = 16777215;
  definition.decimals = 7;
  return definition;
}

TEST(DescribeTest, SaysWhatAPlainColumnSays) {
  for (const Row& row : kCaptured) {
    SCOPED_TRACE(std::string(row.type) + " in " +
                 std::string(row.results ? policy::CharsetName(*row.results) : "NULL"));
    SessionFacts facts;
    facts.results = row.results;
    facts.results_collation_id = row.results == Charset::kBinary ? 63 : kSession;
    wire::ColumnDefinition41 definition = Physical();
    definition.flags = wire::kFieldBlob | wire::kFieldBinary;
    DescribeLogical(TypeOf(row.type), facts, definition);
    EXPECT_EQ(static_cast<int>(definition.type), row.field_type);
    EXPECT_EQ(definition.column_length, row.length);
    EXPECT_EQ(definition.collation, row.collation);
    EXPECT_EQ(definition.decimals, row.decimals);
    EXPECT_EQ(definition.flags, row.flags);
    EXPECT_EQ(definition.name, "c");
  }
}

TEST(DescribeTest, KeyAndNullFlagsStay) {
  wire::ColumnDefinition41 definition = Physical();
  const std::uint16_t kept = wire::kFieldNotNull | wire::kFieldUniqueKey | wire::kFieldMultipleKey |
                             wire::kFieldNoDefaultValue | wire::kFieldPartOfKey;
  definition.flags = kept | wire::kFieldBlob | wire::kFieldBinary;
  DescribeLogical(TypeOf("int unsigned"), {}, definition);
  EXPECT_EQ(definition.flags, kept | wire::kFieldUnsigned);
}

}  // namespace
}  // namespace sealgate::rewrite
