// Parameters of prepared statements: sealed, doubled, or refused.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/envelope.h"
#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class BindTest : public testing::Test {
 protected:
  BindTest() : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {}

  std::shared_ptr<const Plan> Prepare(const std::string& sql) {
    const Decision decision = rewriter_.Prepare(world_.snapshot(), facts_, sql);
    EXPECT_TRUE(decision.statement.has_value());
    return decision.plan;
  }

  static wire::ParamValue Text(std::string_view bytes) {
    wire::ParamValue value;
    value.type = wire::FieldType::kVarString;
    value.bytes = bytes;
    return value;
  }

  static wire::ParamValue Null() {
    wire::ParamValue value;
    value.type = wire::FieldType::kVarString;
    value.is_null = true;
    return value;
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
};

TEST_F(BindTest, AnEqualityBecomesTheEndsOfARange) {
  const auto plan = Prepare("SELECT id FROM customers WHERE name = ? AND email = ?");
  std::vector<wire::ParamValue> out;
  ASSERT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("n"), Text("Bob")}, out));
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0], Text("n"));
  EXPECT_EQ(out[1].type, wire::FieldType::kBlob);
  EXPECT_EQ(out[1].bytes.size(), crypto::kEqualityPrefixBytes);
  EXPECT_EQ(out[2].bytes.size(), crypto::kEqualityPrefixBytes + 8);
  EXPECT_EQ(out[2].bytes.substr(0, crypto::kEqualityPrefixBytes), out[1].bytes);
}

// Of several values, no range borrows another one's end.
TEST_F(BindTest, EveryRangeIsOfItsOwnValue) {
  const auto plan = Prepare("SELECT id FROM customers WHERE email IN (?, ?, ?) OR email = ?");
  std::vector<wire::ParamValue> out;
  ASSERT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan,
                             {Text("a"), Null(), Text("b"), Text("a")}, out));
  ASSERT_EQ(out.size(), 8u);
  for (std::size_t i = 0; i < out.size(); i += 2) {
    ASSERT_EQ(out[i].is_null, i == 2);
    ASSERT_EQ(out[i + 1].is_null, i == 2);
    EXPECT_TRUE(i == 2 || out[i + 1].bytes.starts_with(out[i].bytes)) << i;
  }
  EXPECT_EQ(out[0].bytes, out[6].bytes);
  EXPECT_NE(out[0].bytes, out[4].bytes);
}

TEST_F(BindTest, EqualUnderTheCollationGivesTheSameRange) {
  const auto plan = Prepare("SELECT id FROM customers WHERE email = ?");
  std::vector<std::string> lows;
  for (const char* text : {"Bob@X", "bob@x", "BOB@x  "}) {
    std::vector<wire::ParamValue> out;
    ASSERT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text(text)}, out));
    lows.emplace_back(out[0].bytes);
  }
  EXPECT_EQ(lows[0], lows[1]);
  EXPECT_EQ(lows[0], lows[2]);
}

TEST_F(BindTest, NullStaysNull) {
  const auto plan = Prepare("INSERT INTO customers (id, email, phone) VALUES (1, ?, ?)");
  std::vector<wire::ParamValue> out;
  ASSERT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Null(), Text("030")}, out));
  ASSERT_EQ(out.size(), 2u);
  EXPECT_TRUE(out[0].is_null);
  EXPECT_FALSE(out[1].is_null);
  EXPECT_TRUE(crypto::ParseEnvelope(out[1].bytes).has_value());
  EXPECT_EQ(out[1].bytes.find("030"), std::string_view::npos);
}

TEST_F(BindTest, WrongCountsAreRefused) {
  const auto plan = Prepare("INSERT INTO customers (email) VALUES (?)");
  std::vector<wire::ParamValue> out;
  EXPECT_FALSE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {}, out));
  EXPECT_FALSE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("a"), Text("b")}, out));
}

TEST_F(BindTest, LongDataForAProtectedColumnIsRefusedByName) {
  const auto plan = Prepare("INSERT INTO customers (email) VALUES (?)");
  wire::ParamValue value = Text("");
  value.long_data = true;
  std::vector<wire::ParamValue> out;
  const auto result = rewriter_.Bind(world_.snapshot(), facts_, *plan, {value}, out);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("shop.customers.email"), std::string::npos);
}

TEST_F(BindTest, ManyParametersKeepTheirPlaces) {
  std::string sql = "INSERT INTO orders (id, card) VALUES (?, ?)";
  for (int i = 0; i < 200; ++i) sql += ", (?, ?)";
  const auto plan = Prepare(sql);
  std::vector<wire::ParamValue> in;
  std::vector<std::string> cards;
  for (int i = 0; i < 201; ++i) cards.push_back("card" + std::to_string(i));
  for (int i = 0; i < 201; ++i) {
    in.push_back(Text("1"));
    in.push_back(Text(cards[i]));
  }
  std::vector<wire::ParamValue> out;
  ASSERT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, in, out));
  const auto* cipher = world_.snapshot().keys->Find("shop.orders.card");
  for (int i = 0; i < 201; ++i) {
    std::string opened;
    ASSERT_TRUE(crypto::Open(*cipher, out[2 * i + 1].bytes, opened)) << i;
    EXPECT_EQ(opened, cards[i]);
  }
}

TEST_F(BindTest, SoManyParametersThatTheServerTakesThemNotAreRefused) {
  std::string sql = "SELECT id FROM customers WHERE email IN (?";
  for (int i = 1; i < 32'768; ++i) sql += ",?";
  const Decision decision = rewriter_.Prepare(world_.snapshot(), facts_, sql + ")");
  ASSERT_FALSE(decision.statement);
  EXPECT_EQ(decision.statement.error().code, 1235);
  sql.resize(sql.size() - 2);
  EXPECT_TRUE(rewriter_.Prepare(world_.snapshot(), facts_, sql + ")").statement);
}

TEST_F(BindTest, WhatTheServerTakesOtherwiseThanItWasSentIsRefused) {
  const wire::ParamValue early{.type = wire::FieldType::kTimestamp,
                               .bytes = "\x9E\x07\x05\x05\x0A\x0B\x0C"};
  const wire::ParamValue date{.type = wire::FieldType::kDate,
                              .bytes = std::string_view("\xE8\x07\x02\x1D\0\0\0", 7)};
  for (const bool is_mariadb : {false, true}) {
    if (is_mariadb) world_.BecomeMariadb();
    const auto plan = Prepare("INSERT INTO births (day) VALUES (?)");
    for (const auto* value : {&early, &date}) {
      std::vector<wire::ParamValue> out;
      const auto bound = rewriter_.Bind(world_.snapshot(), facts_, *plan, {*value}, out);
      EXPECT_EQ(bound.has_value(), is_mariadb == (value == &date));
      EXPECT_EQ(bound ? 0 : bound.error().code, bound ? 0 : 1235);
    }
  }
}

// MariaDB would compare the column's texts as numbers, with a warning for each.
TEST_F(BindTest, ANullThatIsSentAsANumber) {
  wire::ParamValue number = Null();
  number.type = wire::FieldType::kLong;
  for (const bool is_mariadb : {false, true}) {
    if (is_mariadb) world_.BecomeMariadb();
    const auto plan = Prepare("SELECT id FROM customers WHERE email = ?");
    std::vector<wire::ParamValue> out;
    EXPECT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Null()}, out));
    EXPECT_EQ(rewriter_.Bind(world_.snapshot(), facts_, *plan, {number}, out).has_value(),
              !is_mariadb);
    const auto stores = Prepare("UPDATE customers SET email = ?");
    EXPECT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *stores, {number}, out));
  }
}

// In rows, nor a date that is NULL for a number or a time.
TEST_F(BindTest, ANullOfAnotherMomentInRows) {
  world_.BecomeMariadb();
  wire::ParamValue date = Null();
  date.type = wire::FieldType::kDate;
  const auto plan = Prepare("SELECT id FROM shifts WHERE (starts, 1) IN ((?, 1), (?, 2))");
  std::vector<wire::ParamValue> out;
  EXPECT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("10:00:00"), Null()}, out));
  EXPECT_FALSE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("10:00:00"), date}, out));
}

// Of rows with numbers beside strings, MariaDB makes floats of all.
TEST_F(BindTest, RowsOfSeveralKinds) {
  world_.BecomeMariadb();
  const std::string in = "SELECT id FROM births WHERE (number, 1) IN ((";
  const auto sent = [&](const std::string& rest) {
    return rewriter_.Query(world_.snapshot(), facts_, in + rest).statement.has_value();
  };
  EXPECT_TRUE(sent("9007199254740993, 1), (5, 1))"));
  EXPECT_TRUE(sent("9007199254740.0, 1), ('5', 1))"));
  EXPECT_FALSE(sent("9007199254740993.0, 1), ('5', 1))"));
  EXPECT_FALSE(sent("5.00000000000000001, 1), ('5', 1))"));
}

// Nor does MariaDB convert what is chosen, nor MySQL with a parameter in it.
TEST_F(BindTest, WhatIsChosenInOtherLetters) {
  facts_.connection = policy::Charset::kLatin1;
  for (const bool is_mariadb : {false, true}) {
    if (is_mariadb) world_.BecomeMariadb();
    const auto plan = Prepare("SELECT id FROM customers WHERE email = COALESCE(NULL, ?)");
    std::vector<wire::ParamValue> out;
    EXPECT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("e")}, out));
    EXPECT_FALSE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("\xC3\xA9")}, out));
    const std::string sql = "SELECT id FROM customers WHERE email = IF(id, '\xC3\xA9', 'e')";
    EXPECT_EQ(rewriter_.Query(world_.snapshot(), facts_, sql).statement.has_value(), !is_mariadb);
  }
}

// MySQL stores it as bytes of the connection's character set.
TEST_F(BindTest, WhatIsStoredBesideANull) {
  facts_.connection = policy::Charset::kLatin1;
  const auto plan = Prepare("UPDATE customers SET email = IF(id = ?, ?, NULL)");
  std::vector<wire::ParamValue> out;
  EXPECT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("1"), Text("x")}, out));
  const auto refused =
      rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("1"), Text("\xC3\xB3")}, out);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 1235);
  world_.BecomeMariadb();
  const auto converted = Prepare("UPDATE customers SET email = IF(id = ?, ?, NULL)");
  EXPECT_TRUE(
      rewriter_.Bind(world_.snapshot(), facts_, *converted, {Text("1"), Text("\xC3\xB3")}, out));
}

TEST_F(BindTest, NullForANotNullColumnIsRefused) {
  const auto plan = Prepare("INSERT INTO members (id, mail) VALUES (?, ?)");
  std::vector<wire::ParamValue> out;
  const auto refused = rewriter_.Bind(world_.snapshot(), facts_, *plan, {Text("1"), Null()}, out);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 1048);
  out.clear();
  EXPECT_TRUE(rewriter_.Bind(world_.snapshot(), facts_, *plan, {Null(), Text("a")}, out));
}

}  // namespace
}  // namespace sealgate::rewrite
