#include "policy/logical_type.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealgate::policy {
namespace {

using crypto::Mode;

struct TypeRow {
  std::string text;
  TypeKind kind;
  std::uint64_t max_canonical;  // text in utf8mb4
  std::string random;
  std::string searchable;
};

const TypeRow kTypes[] = {
    {"char(255)", TypeKind::kChar, 1020, "varbinary(1066)", "varbinary(1086)"},
    {"varchar(255)", TypeKind::kVarchar, 1020, "varbinary(1066)", "varbinary(1086)"},
    {"varchar(0)", TypeKind::kVarchar, 0, "varbinary(46)", "varbinary(66)"},
    {"varchar(3988)", TypeKind::kVarchar, 15'952, "varbinary(15998)", "blob"},
    {"varchar(65535)", TypeKind::kVarchar, 262'140, "mediumblob", "mediumblob"},
    {"tinytext", TypeKind::kTinyText, 255, "varbinary(301)", "varbinary(321)"},
    {"text", TypeKind::kText, 65'535, "mediumblob", "mediumblob"},
    {"mediumtext", TypeKind::kMediumText, 16'777'215, "longblob", "longblob"},
    {"longtext", TypeKind::kLongText, 4'294'967'295, "longblob", "longblob"},
    {"binary(16)", TypeKind::kBinary, 16, "varbinary(62)", "varbinary(82)"},
    {"varbinary(20000)", TypeKind::kVarbinary, 20'000, "blob", "blob"},
    {"tinyblob", TypeKind::kTinyBlob, 255, "varbinary(301)", "varbinary(321)"},
    {"blob", TypeKind::kBlob, 65'535, "mediumblob", "mediumblob"},
    {"mediumblob", TypeKind::kMediumBlob, 16'777'215, "longblob", "longblob"},
    {"longblob", TypeKind::kLongBlob, 4'294'967'295, "longblob", "longblob"},
    {"tinyint", TypeKind::kTinyint, 8, "varbinary(54)", "varbinary(74)"},
    {"smallint unsigned", TypeKind::kSmallint, 8, "varbinary(54)", "varbinary(74)"},
    {"mediumint", TypeKind::kMediumint, 8, "varbinary(54)", "varbinary(74)"},
    {"int", TypeKind::kInt, 8, "varbinary(54)", "varbinary(74)"},
    {"bigint unsigned", TypeKind::kBigint, 8, "varbinary(54)", "varbinary(74)"},
    {"decimal(10,2)", TypeKind::kDecimal, 13, "varbinary(59)", "varbinary(79)"},
    {"decimal(65,30) unsigned", TypeKind::kDecimal, 68, "varbinary(114)", "varbinary(134)"},
    {"date", TypeKind::kDate, 10, "varbinary(56)", "varbinary(76)"},
    {"datetime", TypeKind::kDatetime, 19, "varbinary(65)", "varbinary(85)"},
    {"datetime(6)", TypeKind::kDatetime, 26, "varbinary(72)", "varbinary(92)"},
    {"timestamp(3)", TypeKind::kTimestamp, 23, "varbinary(69)", "varbinary(89)"},
    {"time(6)", TypeKind::kTime, 17, "varbinary(63)", "varbinary(83)"},
    {"year", TypeKind::kYear, 8, "varbinary(54)", "varbinary(74)"},
};

LogicalType Typed(const std::string& text) {
  LogicalType type = TypeFromText(text).value();
  if (IsText(type.kind)) {
    type.charset = Charset::kUtf8mb4;
    type.collation = "utf8mb4_general_ci";
  }
  return type;
}

TEST(LogicalType, EveryKindThereAndBack) {
  for (const TypeRow& row : kTypes) {
    SCOPED_TRACE(row.text);
    const LogicalType type = Typed(row.text);
    EXPECT_EQ(type.kind, row.kind);
    EXPECT_EQ(ToText(type), row.text);
    EXPECT_EQ(MaxCanonicalBytes(type), row.max_canonical);
    EXPECT_EQ(PhysicalType(type, Mode::kRandom), row.random);
    EXPECT_EQ(PhysicalType(type, Mode::kSearchable), row.searchable);
    EXPECT_EQ(FromComment(ToComment(type)), type);
    const std::string own = ToComment(type) + ";comment=a;b=c;comment=d";
    EXPECT_EQ(FromComment(own), type);
    EXPECT_EQ(OwnComment(own), "a;b=c;comment=d");
    EXPECT_EQ(OwnComment(ToComment(type)), "");
    EXPECT_EQ(IsText(type.kind) + IsBinary(type.kind) + IsInteger(type.kind) +
                  IsTemporal(type.kind) + (type.kind == TypeKind::kDecimal),
              1);
  }
}

TEST(LogicalType, PhysicalTypesHoldEveryEnvelope) {
  for (const TypeRow& row : kTypes) {
    const LogicalType type = Typed(row.text);
    for (Mode mode : {Mode::kRandom, Mode::kSearchable, Mode::kDeterministic}) {
      const std::uint64_t needed = MaxCanonicalBytes(type) + crypto::EnvelopeOverhead(mode);
      EXPECT_GE(PhysicalCapacity(PhysicalType(type, mode)).value(),
                std::min<std::uint64_t>(needed, 4'294'967'295))
          << row.text;
    }
  }
}

TEST(LogicalType, WhatServersWrite) {
  const std::pair<const char*, const char*> rows[] = {{"int(11)", "int"},
                                                      {"BIGINT(20) UNSIGNED", "bigint unsigned"},
                                                      {"tinyint(1)", "tinyint(1)"},
                                                      {"tinyint(1) unsigned", "tinyint unsigned"},
                                                      {"tinyint(4)", "tinyint"},
                                                      {"year(4)", "year"},
                                                      {"decimal(5)", "decimal(5,0)"},
                                                      {"decimal", "decimal(10,0)"},
                                                      {"char", "char(1)"},
                                                      {"datetime(0)", "datetime"}};
  for (const auto& [server, ours] : rows) {
    ASSERT_TRUE(TypeFromText(server)) << server;
    EXPECT_EQ(ToText(*TypeFromText(server)), ours);
  }
}

TEST(LogicalType, WhatCannotBeProtected) {
  for (const char* text : {"",
                           "enum('a')",
                           "set('a')",
                           "json",
                           "double",
                           "float(7,4)",
                           "bit(1)",
                           "point",
                           "uuid",
                           "int(10) unsigned zerofill",
                           "varchar",
                           "varchar(65536)",
                           "varchar(x)",
                           "varchar(1",
                           "varchar(1,2)",
                           "char(256)",
                           "decimal(66,0)",
                           "decimal(5,6)",
                           "decimal(0,0)",
                           "decimal(65,39)",
                           "datetime(7)",
                           "date(1)",
                           "year(2)",
                           "varchar(1) unsigned",
                           "date unsigned",
                           "int  unsigned",
                           "int unsigned ",
                           "varchar(-1)",
                           "varchar(99999999999)",
                           "datetime /* mariadb-5.3 */"}) {
    EXPECT_FALSE(TypeFromText(text)) << text;
  }
}

TEST(LogicalType, Comments) {
  EXPECT_EQ(ToComment(Typed("varchar(255)")),
            "sealgate:1;type=varchar(255);charset=utf8mb4;collation=utf8mb4_general_ci");
  EXPECT_EQ(ToComment(Typed("bigint unsigned")), "sealgate:1;type=bigint unsigned");
  for (const char* comment :
       {"", "sealgate", "sealgate:", "sealgate:1", "sealgate:2;type=int", "sealgate:1;type=int;",
        "sealgate:1;type=int(11)", "sealgate:1;type=INT", "sealgate:1;type=int;x=1",
        "sealgate:1;type=varchar(5)", "sealgate:1;type=varchar(5);charset=utf8mb4",
        "sealgate:1;type=varchar(5);charset=gbk;collation=gbk_bin",
        "sealgate:1;type=varchar(5);charset=binary;collation=binary",
        "sealgate:1;type=varchar(5);charset=utf8;collation=utf8_bin",
        "sealgate:1;type=varchar(5);charset=utf8mb4;collation=",
        "sealgate:1;type=varchar(5);charset=utf8mb4;collation=a;b",
        "sealgate:1;type=varchar(5);charset=utf8mb4;collation=A'",
        "sealgate:1;type=int;charset=utf8mb4;collation=utf8mb4_bin", " sealgate:1;type=int"}) {
    EXPECT_FALSE(FromComment(comment)) << comment;
  }
  EXPECT_TRUE(IsOurComment("sealgate:9"));
  EXPECT_FALSE(IsOurComment("sealgat"));
}

TEST(LogicalType, Charsets) {
  EXPECT_EQ(CharsetFromName("utf8"), Charset::kUtf8mb3);
  for (Charset charset : {Charset::kBinary, Charset::kAscii, Charset::kLatin1, Charset::kUtf8mb3,
                          Charset::kUtf8mb4}) {
    EXPECT_EQ(CharsetFromName(CharsetName(charset)), charset);
  }
  EXPECT_FALSE(CharsetFromName("gbk"));
  EXPECT_EQ(MaxBytesPerCharacter(Charset::kUtf8mb3), 3u);
  LogicalType latin1 = Typed("varchar(10)");
  latin1.charset = Charset::kLatin1;
  EXPECT_EQ(MaxCanonicalBytes(latin1), 10u);
}

TEST(LogicalType, Capacity) {
  EXPECT_EQ(PhysicalCapacity("varbinary(300)"), 300u);
  EXPECT_EQ(PhysicalCapacity("blob"), 65'535u);
  for (const char* text : {"binary(300)", "varchar(300)", "text", "int", ""}) {
    EXPECT_FALSE(PhysicalCapacity(text)) << text;
  }
}

}  // namespace
}  // namespace sealgate::policy
