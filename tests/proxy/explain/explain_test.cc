#include "proxy/explain/explain.h"

#include <gtest/gtest.h>

#include <fstream>

#include "proxy/rewrite/plan/refusal.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::explain {
namespace {

using Outcome = Explanation::Outcome;

class ExplainTest : public testing::Test {
 protected:
  Explanation Of(std::string_view sql, std::string_view role = "app") {
    return Explain(world_.snapshot(), world_.Facts(role), world_.random(), sql);
  }
  rewrite::World world_;
};

TEST_F(ExplainTest, AnotherTablePasses) {
  const Explanation explanation = Of("SELECT note FROM items WHERE id = 5");
  EXPECT_EQ(explanation.outcome, Outcome::kPasses);
  EXPECT_EQ(explanation.shape, "SELECT note FROM items WHERE id = ?");
  EXPECT_TRUE(explanation.tables.empty());
  EXPECT_TRUE(explanation.references.empty());
}

TEST_F(ExplainTest, AnEqualityIsShownWithMarks) {
  const std::string sql = "SELECT id, email FROM customers WHERE email = 'sentinel@x'";
  const Explanation explanation = Of(sql);
  EXPECT_EQ(explanation.outcome, Outcome::kRewritten);
  EXPECT_EQ(explanation.to_server,
            "SELECT id, email FROM customers WHERE (email BETWEEN <first sealed form of the value> "
            "AND <last sealed form of the value>)");
  ASSERT_EQ(explanation.tables.size(), 1u);
  EXPECT_EQ(explanation.tables[0].name, "shop.customers");
  ASSERT_EQ(explanation.references.size(), 1u);
  EXPECT_EQ(explanation.references[0].column, "shop.customers.email");
  EXPECT_EQ(explanation.references[0].domain, "email");
  EXPECT_EQ(explanation.references[0].mode, "searchable");
  EXPECT_EQ(explanation.references[0].type, "varchar(100)");
  EXPECT_EQ(explanation.results,
            (std::vector<std::string>{"as it is", "shop.customers.email, opened"}));
}

TEST_F(ExplainTest, SealedValuesAreMarked) {
  const std::string sql =
      "INSERT INTO customers (id, email, phone, tax_id) VALUES (7, 'sentinel', 'sentinel', 'x')";
  const Explanation explanation = Of(sql);
  EXPECT_EQ(explanation.to_server,
            "INSERT INTO customers (id, email, phone, tax_id) VALUES (7, <sealed for email>, "
            "<sealed for shop.customers.phone>, <sealed for tax>)");
  EXPECT_TRUE(explanation.writes);
  for (const std::string& text : {ToText(explanation, sql), ToJson(explanation).dump()}) {
    EXPECT_EQ(text.find("X'FE"), std::string::npos) << text;
    EXPECT_EQ(text.find("sentinel"), std::string::npos) << text;
  }
}

TEST_F(ExplainTest, ParametersSayWhatTheServerGets) {
  const Explanation explanation = Of("UPDATE customers SET phone = ? WHERE id = ? AND email = ?");
  EXPECT_TRUE(explanation.prepared);
  EXPECT_EQ(explanation.parameters,
            (std::vector<std::string>{
                "parameter 1, sealed for shop.customers.phone", "parameter 2 as it is",
                "parameter 3, the first sealed form that equals it in shop.customers.email",
                "parameter 3, the last sealed form that equals it in shop.customers.email"}));
}

TEST_F(ExplainTest, ARefusalHasItsPlaceAndAdvice) {
  const std::string sql = "SELECT id\nFROM customers\nWHERE email < 'sentinel'";
  const Explanation explanation = Of(sql);
  EXPECT_EQ(explanation.outcome, Outcome::kRefused);
  EXPECT_EQ(explanation.code, 1235);
  ASSERT_TRUE(explanation.position.has_value());
  EXPECT_EQ(sql.substr(*explanation.position, 1), "<");
  EXPECT_NE(explanation.advice.find("no order"), std::string::npos);
  const std::string text = ToText(explanation, sql);
  EXPECT_NE(text.find("  WHERE email < 'sentinel'\n"
                      "              ^\n"),
            std::string::npos)
      << text;
}

TEST_F(ExplainTest, TheCaretCountsCharactersAndKeepsTabs) {
  const std::string sql = "SELECT 'äöü',\temail LIKE 'x' FROM customers";
  const std::string text = ToText(Of(sql), sql);
  const std::size_t caret = text.find('^');
  ASSERT_NE(caret, std::string::npos);
  const std::size_t line = text.rfind('\n', caret) + 1;
  EXPECT_EQ(text.substr(line, caret - line).find_first_not_of(" \t"), std::string::npos);
  EXPECT_NE(text.substr(line, caret - line).find('\t'), std::string::npos);
}

TEST_F(ExplainTest, ARoleIsToldItsRule) {
  const Explanation refused = Of("SELECT tax_id FROM customers", "support");
  EXPECT_EQ(refused.code, 1143);
  EXPECT_NE(refused.advice.find("policy.yaml"), std::string::npos);
  const Explanation masked = Of("SELECT email, phone FROM customers", "support");
  EXPECT_EQ(masked.results, (std::vector<std::string>{"shop.customers.email, opened and masked",
                                                      "shop.customers.phone, shown as NULL"}));
}

TEST_F(ExplainTest, AValueThatDoesNotFitHasNoPlace) {
  const std::string sql = "INSERT INTO customers (age) VALUES (99999999999)";
  const Explanation explanation = Of(sql);
  EXPECT_EQ(explanation.code, 1264);
  EXPECT_FALSE(explanation.position.has_value());
  EXPECT_EQ(ToText(explanation, sql).find('^'), std::string::npos);
}

TEST_F(ExplainTest, OtherHotNames) {
  EXPECT_EQ(Of("SELECT * FROM v_customers").tables[0].what, "view that reaches a protected table");
  EXPECT_TRUE(Of("SELECT * FROM v_customers.x", "app").tables.size() == 1);
  rewrite::SessionFacts facts = world_.Facts("app");
  facts.schema = "other";
  EXPECT_TRUE(
      Explain(world_.snapshot(), facts, world_.random(), "SELECT * FROM customers").tables.empty());
}

// Every refusal that the rewriting tests know has advice of its own kind.
TEST_F(ExplainTest, EveryKnownRefusalHasAdvice) {
  const std::string_view fallback = AdviceFor(rewrite::Unsupported("nothing known"));
  int refusals = 0;
  for (const char* name : {"refused", "names", "create", "alter", "load", "screen", "roles",
                           "plaintext", "schema", "view"}) {
    std::ifstream in(std::string("tests/testdata/rewrite/") + name + ".txt");
    ASSERT_TRUE(in) << name;
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("=> refused ")) continue;
      ++refusals;
      rewrite::Refusal refusal;
      refusal.message = line.substr(line.find("sealgate: "));
      const bool placed = line.find("(at character ") != std::string::npos;
      EXPECT_EQ(PositionOf(refusal).has_value(), placed) << line;
      EXPECT_NE(AdviceFor(refusal), fallback) << line;
    }
  }
  EXPECT_GT(refusals, 40);
}

}  // namespace
}  // namespace sealgate::explain
