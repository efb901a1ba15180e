// Parameters that MySQL would read otherwise without Sealgate. That these rules are MySQL's
// own is the business of tests/integration/test_derived_types.py.
#include "proxy/rewrite/derived_types.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/rewrite/rewriter.h"
#include "proxy/wire/charset_id.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

using wire::FieldType;
using Values = std::vector<wire::ParamValue>;

wire::ColumnDefinition41 Definition(FieldType type, std::uint16_t flags = wire::kFieldBinary,
                                    std::uint16_t collation = wire::kCharsetBinary) {
  wire::ColumnDefinition41 definition;
  definition.type = type;
  definition.flags = flags;
  definition.collation = collation;
  return definition;
}

const auto kNumber = Definition(FieldType::kLongLong);
const auto kSealed = Definition(FieldType::kVarString);
const auto kMoment = Definition(FieldType::kDateTime);
const auto kText = Definition(FieldType::kVarString, 0, 45);

wire::ParamValue Value(FieldType type, std::string_view bytes) {
  wire::ParamValue value;
  value.type = type;
  value.bytes = bytes;
  return value;
}

wire::ParamValue Text(std::string_view bytes) { return Value(FieldType::kVarString, bytes); }

wire::ParamValue Null(FieldType type = FieldType::kNull) {
  wire::ParamValue value = Value(type, "");
  value.is_null = true;
  return value;
}

const std::string kFive("\x05\0\0\0\0\0\0\0", 8);
const std::string kMinusFive("\xFB\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
const auto kInteger = Value(FieldType::kLongLong, kFive);
const auto kFloat = Value(FieldType::kDouble, kFive);  // whatever it is
const auto kDay = Value(FieldType::kDate, std::string_view("\x04\xD0\x07\x01\x02", 5).substr(1));

class DerivedTypesTest : public testing::Test {
 protected:
  DerivedTypesTest()
      : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {}

  void Prepare(const std::string& sql, const std::vector<wire::ColumnDefinition41>& definitions) {
    const Decision decision = rewriter_.Prepare(world_.snapshot(), facts_, sql);
    ASSERT_TRUE(decision.statement.has_value()) << decision.statement.error().message;
    plan_ = decision.plan;
    ASSERT_EQ(plan_->parameters.size(), definitions.size());
    types_ = {};
    for (const auto& definition : definitions) types_.Add(definition);
  }

  bool Passes(const Values& values) {
    const auto checked = types_.Check(*plan_, facts_, values);
    if (!checked) error_ = checked.error();
    return checked.has_value();
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
  std::shared_ptr<const Plan> plan_;
  DerivedTypes types_;
  Refusal error_;
};

TEST_F(DerivedTypesTest, TypesOfTheColumnsPass) {
  Prepare("UPDATE customers SET phone = ?, name = ? WHERE id = ?", {kSealed, kText, kNumber});
  EXPECT_TRUE(Passes({Text("030"), Text("Ann"), kInteger}));
  EXPECT_TRUE(Passes({Text("030"), Text("Ann"), Text("")}));
  EXPECT_TRUE(Passes({Text("030"), kDay, Text("abc")}));
  EXPECT_TRUE(Passes({Null(), Null(FieldType::kDouble), kFloat}));
}

TEST_F(DerivedTypesTest, ANumberForATextLeavesValuesThatAreTheSameEitherWay) {
  Prepare("UPDATE customers SET phone = ?, name = ? WHERE id = ?", {kSealed, kText, kNumber});
  EXPECT_TRUE(Passes({kInteger, Text("Ann"), kInteger}));
  EXPECT_TRUE(Passes({kInteger, Text("Ann"), Text("17")}));
  EXPECT_TRUE(Passes({kInteger, Text("Ann"), kFloat}));  // nothing takes it for an integer
  EXPECT_FALSE(Passes({kInteger, Text("Ann"), Text("")}));
  EXPECT_EQ(error_.code, 1235);
  EXPECT_EQ(error_.message.find("sealgate: parameter 3: "), 0u) << error_.message;
  EXPECT_NE(error_.message.find("because parameter 1 "), std::string::npos) << error_.message;
  EXPECT_FALSE(Passes({kInteger, Text("Ann"), Text("2abc")}));
  EXPECT_FALSE(Passes({kInteger, Text("Ann"), Text("017")}));
}

// From then on MySQL alone might have other types than it has.
TEST_F(DerivedTypesTest, ItLasts) {
  Prepare("UPDATE customers SET phone = ? WHERE id = ?", {kSealed, kNumber});
  EXPECT_TRUE(Passes({kInteger, kInteger}));
  EXPECT_TRUE(Passes({Text("030"), kInteger}));
  EXPECT_FALSE(Passes({Text("030"), Text("x")}));
  EXPECT_NE(error_.message.find("because one "), std::string::npos) << error_.message;
}

TEST_F(DerivedTypesTest, WhatWasRefusedLeavesNoTrace) {
  Prepare("UPDATE customers SET phone = ? WHERE id = ?", {kSealed, kNumber});
  EXPECT_FALSE(Passes({kInteger, Text("x")}));
  EXPECT_TRUE(Passes({Text("030"), Text("x")}));
}

TEST_F(DerivedTypesTest, ATypeOfAnEarlierExecution) {
  Prepare("UPDATE customers SET phone = ?, name = ? WHERE id = ?", {kSealed, kText, kNumber});
  const auto moment = Value(FieldType::kDateTime, kDay.bytes);
  EXPECT_TRUE(Passes({Text("030"), moment, kInteger}));
  EXPECT_TRUE(Passes({kInteger, Null(FieldType::kLongLong), kInteger}));
  EXPECT_FALSE(Passes({kInteger, kInteger, kInteger}));
  EXPECT_NE(error_.message.find("parameter 2"), std::string::npos) << error_.message;
}

TEST_F(DerivedTypesTest, TextsOfDates) {
  const std::string sql = "UPDATE customers SET phone = ? WHERE name = ?";
  for (const char* text : {"2024-02-29", "2023-12-31 23:59:59", "2023-12-31 23:59:59.5"}) {
    Prepare(sql, {kSealed, kMoment});
    EXPECT_TRUE(Passes({kInteger, Text(text)})) << text;
  }
  for (const char* text : {"", "2023-02-29", "2024-2-9", "20240229", "2024-00-00", "0000-00-00",
                           "2023-12-31 24:00:00", "2023-12-31T23:59:59", "2024-02-29 ", "12:30:00",
                           "2023-12-31 23:59:59.", "2023-12-31 23:59:59.1234567"}) {
    Prepare(sql, {kSealed, kMoment});
    EXPECT_FALSE(Passes({kInteger, Text(text)})) << text;
  }
}

// What stands around may take the value for more than a column's.
TEST_F(DerivedTypesTest, InAnExpression) {
  const std::string sql = "SELECT id + ? FROM customers WHERE email = ? LIMIT ?";
  const auto count = Definition(FieldType::kLongLong, wire::kFieldBinary | wire::kFieldUnsigned);
  const auto prepare = [&] { Prepare(sql, {kNumber, kSealed, kSealed, count}); };
  prepare();
  EXPECT_TRUE(Passes({kInteger, kInteger, kInteger}));
  prepare();
  EXPECT_FALSE(Passes({Text("17"), kInteger, kInteger}));
  prepare();
  EXPECT_FALSE(Passes({kFloat, kInteger, kInteger}));
  prepare();
  EXPECT_FALSE(Passes({kInteger, kInteger, Value(FieldType::kLongLong, kMinusFive)}));
  prepare();
  EXPECT_TRUE(Passes({Text("17"), Text("a"), Text("1")}));
}

TEST_F(DerivedTypesTest, InQueriesWithinQueries) {
  const auto count = Definition(FieldType::kLongLong, wire::kFieldBinary | wire::kFieldUnsigned);
  for (const char* sql :
       {"SELECT id FROM customers c WHERE email = ? AND EXISTS (SELECT 1 FROM items i WHERE i.id = "
        "c.id AND NOT (i.id < ?))",
        "SELECT c.id FROM customers c WHERE c.email = ? AND c.id IN (SELECT id FROM items WHERE id "
        "= ?)",
        "SELECT id FROM (SELECT id FROM customers WHERE email = ? AND id > ?) d",
        "SELECT c.id FROM customers c WHERE c.email = ? UNION ALL SELECT id FROM items WHERE id = "
        "?",
        "SELECT id FROM customers WHERE email = ? AND YEAR(name) = ?"}) {
    Prepare(sql, {kSealed, kSealed, count});
    EXPECT_TRUE(Passes({kInteger, kInteger})) << sql;
    Prepare(sql, {kSealed, kSealed, count});
    EXPECT_FALSE(Passes({kInteger, Text("x")})) << sql;
  }
}

TEST_F(DerivedTypesTest, LongTextsAndDocuments) {
  const auto blob = Definition(FieldType::kLongBlob);
  const auto json = Definition(FieldType::kJson, wire::kFieldBinary, 45);
  const std::string stores = "UPDATE customers SET phone = ?, name = ? WHERE id = 1";
  for (const auto& definition : {blob, json}) {
    Prepare(stores, {kSealed, definition});
    EXPECT_TRUE(Passes({kInteger, Text("{}")}));
  }
  Prepare("SELECT COALESCE(name, ?) FROM customers WHERE email = ?", {blob, kSealed, kSealed});
  EXPECT_FALSE(Passes({Value(FieldType::kBlob, "x"), kInteger}));
}

TEST_F(DerivedTypesTest, AnIntegerOfTheOtherSignsType) {
  Prepare("UPDATE customers SET age = ? WHERE id = ?", {kSealed, kNumber});
  EXPECT_TRUE(Passes({kInteger, Text("x")}));
  EXPECT_TRUE(Passes({Text("5"), Text("x")}));
  wire::ParamValue counted = kInteger;
  counted.is_unsigned = true;
  EXPECT_FALSE(Passes({counted, Text("x")}));
  EXPECT_FALSE(Passes({Text("-5"), Text("x")}));
  EXPECT_FALSE(Passes({kFloat, Text("x")}));
}

TEST_F(DerivedTypesTest, TablesThatHaveChanged) {
  Prepare("UPDATE customers SET phone = ? WHERE id = ?", {kSealed, kNumber});
  types_.Forget();
  EXPECT_TRUE(Passes({Text("030"), Text("x")}));
  EXPECT_FALSE(Passes({kInteger, kInteger}));
  EXPECT_EQ(error_.code, 1615);
}

}  // namespace
}  // namespace sealgate::rewrite
