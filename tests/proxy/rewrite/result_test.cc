// Metadata and rows on the way back: opened, masked, or refused.
#include "proxy/rewrite/result.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/rewrite/rewriter.h"
#include "proxy/wire/row.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

using Values = std::vector<std::optional<std::string>>;

class ResultTest : public testing::Test {
 protected:
  ResultTest() : rewriter_(world_.random(), world_.metrics(), {}), reader_(world_.metrics()) {}

  std::shared_ptr<const Plan> PlanOf(const std::string& sql, const std::string& role = "app") {
    facts_ = world_.Facts(role);
    const Decision decision = rewriter_.Query(world_.snapshot(), facts_, sql);
    EXPECT_TRUE(decision.statement.has_value());
    return decision.plan;
  }

  std::string Seal(const std::string& domain, const std::string& canonical,
                   const std::string& weights) {
    const crypto::ColumnCipher* cipher = world_.snapshot().keys->Find(domain);
    std::string out;
    if (const auto* random = std::get_if<crypto::RandomCipher>(cipher)) {
      random->Seal(canonical, world_.random(), out);
    } else if (const auto* searchable = std::get_if<crypto::SearchableCipher>(cipher)) {
      searchable->Seal(canonical, weights, world_.random(), out);
    } else {
      std::get<crypto::DeterministicCipher>(*cipher).Seal(canonical, out);
    }
    return out;
  }

  static wire::ColumnDefinition41 Definition(std::string_view table, std::string_view column) {
    wire::ColumnDefinition41 definition;
    definition.schema = table.empty() ? "" : "shop";
    definition.table = definition.org_table = table;
    definition.name = definition.org_name = column;
    definition.type = wire::FieldType::kVarString;
    definition.collation = 63;
    definition.flags = wire::kFieldBinary | wire::kFieldNotNull;
    return definition;
  }

  static std::string TextRow(const Values& values) {
    std::string row;
    wire::Writer writer(row);
    for (const auto& value : values) {
      wire::WriteTextValue(value ? std::optional<std::string_view>(*value) : std::nullopt, writer);
    }
    return row;
  }

  static std::string BinaryRow(const Values& values) {
    std::string row;
    wire::BinaryRowWriter writer(values.size(), row);
    for (const auto& value : values) {
      if (value)
        writer.Append(wire::FieldType::kVarString, *value);
      else
        writer.AppendNull();
    }
    EXPECT_TRUE(writer.Finish());
    return row;
  }

  World world_;
  SessionFacts facts_;
  Rewriter rewriter_;
  ResultReader reader_;
};

TEST_F(ResultTest, TextRowIsOpenedAndTheRestCopied) {
  const auto plan = PlanOf("SELECT id, email, phone FROM customers");
  ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 3));
  auto id = Definition("customers", "id");
  auto email = Definition("customers", "email");
  auto phone = Definition("customers", "phone");
  ASSERT_TRUE(reader_.Column(id) && reader_.Column(email) && reader_.Column(phone));
  EXPECT_TRUE(reader_.changes_rows());
  EXPECT_EQ(id, Definition("customers", "id"));
  EXPECT_EQ(email.collation, facts_.results_collation_id);
  EXPECT_EQ(email.column_length, 400u);
  EXPECT_EQ(email.flags, wire::kFieldNotNull);
  std::string out;
  const std::string row = TextRow({"7", Seal("email", "Bob@X", "BOB@X"), std::nullopt});
  ASSERT_TRUE(reader_.TextRow(row, out));
  EXPECT_EQ(out, TextRow({"7", "Bob@X", std::nullopt}));
}

TEST_F(ResultTest, BinaryRowHasTheLogicalType) {
  const auto plan = PlanOf("SELECT name, age FROM customers");
  ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 2));
  auto name = Definition("customers", "name");
  auto age = Definition("customers", "age");
  ASSERT_TRUE(reader_.Column(name) && reader_.Column(age));
  EXPECT_EQ(age.type, wire::FieldType::kLong);
  const std::string canonical("\x80\x00\x00\x00\x00\x00\x00\x2A", 8);
  std::string out;
  const std::string row = BinaryRow({"Bob", Seal("shop.customers.age", canonical, canonical)});
  ASSERT_TRUE(reader_.BinaryRow(row, out));
  std::string expected;
  wire::BinaryRowWriter writer(2, expected);
  writer.Append(wire::FieldType::kVarString, "Bob");
  writer.Append(wire::FieldType::kLong, std::string_view("\x2A\x00\x00\x00", 4));
  EXPECT_EQ(out, expected);
}

TEST_F(ResultTest, AChangedValueIsRefusedAndLeavesTheOutputAlone) {
  const auto plan = PlanOf("SELECT phone FROM customers");
  std::string sealed = Seal("shop.customers.phone", "030", "");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 1));
    auto phone = Definition("customers", "phone");
    ASSERT_TRUE(reader_.Column(phone));
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    std::string out = "before";
    const auto result = reader_.TextRow(TextRow({changed}), out);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, 1105);
    EXPECT_EQ(out, "before");
    EXPECT_EQ(result.error().message.find("030"), std::string::npos);
  }
}

TEST_F(ResultTest, AValueMovedFromAnotherColumnIsRefused) {
  const auto plan = PlanOf("SELECT phone FROM customers");
  ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 1));
  auto phone = Definition("customers", "phone");
  ASSERT_TRUE(reader_.Column(phone));
  std::string out;
  EXPECT_FALSE(reader_.TextRow(TextRow({Seal("shop.orders.card", "4111", "")}), out));
  EXPECT_FALSE(reader_.TextRow(TextRow({"plaintext"}), out));
  EXPECT_TRUE(out.empty());
}

TEST_F(ResultTest, MaskAndNull) {
  const auto plan = PlanOf("SELECT email, phone FROM customers", "support");
  ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 2));
  auto email = Definition("customers", "email");
  auto phone = Definition("customers", "phone");
  ASSERT_TRUE(reader_.Column(email) && reader_.Column(phone));
  EXPECT_EQ(phone.flags & wire::kFieldNotNull, 0);
  std::string out;
  ASSERT_TRUE(reader_.TextRow(
      TextRow({Seal("email", "bob@x", "BOB@X"), Seal("shop.customers.phone", "030", "")}), out));
  EXPECT_EQ(out, TextRow({"b****", std::nullopt}));
}

TEST_F(ResultTest, AProtectedColumnThatThePlanDoesNotKnowIsRefused) {
  const auto plan = PlanOf("CALL something()");
  ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 1));
  auto email = Definition("customers", "email");
  const auto result = reader_.Column(email);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("shop.customers.email"), std::string::npos);
}

TEST_F(ResultTest, AColumnInAnotherPlaceIsRefused) {
  const auto plan = PlanOf("SELECT email, phone FROM customers");
  ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 2));
  auto phone = Definition("customers", "phone");
  EXPECT_FALSE(reader_.Column(phone));
}

TEST_F(ResultTest, OtherColumnCountsAreRefused) {
  const auto plan = PlanOf("SELECT email FROM customers");
  EXPECT_FALSE(reader_.Begin(world_.snapshot(), facts_, *plan, 2));
  EXPECT_FALSE(reader_.Begin(world_.snapshot(), facts_, *plan, 0));
}

TEST_F(ResultTest, AGapTakesAnyNumberOfPlainColumns) {
  const auto plan = PlanOf("SELECT i.*, c.email FROM items i, customers c");
  for (std::size_t gap = 0; gap < 4; ++gap) {
    ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, gap + 1));
    for (std::size_t i = 0; i < gap; ++i) {
      auto plain = Definition("items", "note");
      ASSERT_TRUE(reader_.Column(plain));
    }
    auto email = Definition("customers", "email");
    ASSERT_TRUE(reader_.Column(email));
    EXPECT_TRUE(reader_.changes_rows());
  }
}

TEST_F(ResultTest, AColumnOfANumericTypeCannotHoldEnvelopes) {
  const auto plan = PlanOf("SELECT email FROM customers");
  ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 1));
  auto email = Definition("customers", "email");
  email.type = wire::FieldType::kLong;
  EXPECT_FALSE(reader_.Column(email));
}

TEST_F(ResultTest, AMalformedRowIsRefused) {
  const auto plan = PlanOf("SELECT id, email FROM customers");
  const std::string row = TextRow({"7", Seal("email", "b", "B")});
  for (std::size_t cut = 0; cut < row.size(); ++cut) {
    ASSERT_TRUE(reader_.Begin(world_.snapshot(), facts_, *plan, 2));
    auto id = Definition("customers", "id");
    auto email = Definition("customers", "email");
    ASSERT_TRUE(reader_.Column(id) && reader_.Column(email));
    std::string out;
    EXPECT_FALSE(reader_.TextRow(row.substr(0, cut), out)) << cut;
    EXPECT_FALSE(reader_.TextRow(row + "x", out));
    EXPECT_TRUE(out.empty());
  }
}

}  // namespace
}  // namespace sealgate::rewrite
