// What may share a plan, and what must not.
#include "proxy/rewrite/plan/plan_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

TEST(PlanCache, TheLeastRecentlyUsedGoesFirst) {
  PlanCache cache(2, 1 << 20);
  cache.Insert("a", {std::make_shared<Plan>()});
  cache.Insert("b", {std::make_shared<Plan>()});
  EXPECT_NE(cache.Find("a"), nullptr);
  cache.Insert("c", {std::make_shared<Plan>()});
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_NE(cache.Find("a"), nullptr);
  EXPECT_NE(cache.Find("c"), nullptr);
  EXPECT_EQ(cache.size(), 2u);
}

TEST(PlanCache, MemoryIsBounded) {
  const auto plan_of = [](std::size_t text) {
    auto plan = std::make_shared<Plan>();
    plan->edits.push_back({.first = 1, .last = 1, .pieces = {{.text = std::string(text, 'x')}}});
    return plan;
  };
  const std::size_t one = 2 * MemoryOf(*plan_of(1000));
  PlanCache cache(1000, 3 * one);
  for (int i = 0; i < 50; ++i) {
    cache.Insert("key " + std::to_string(i), {plan_of(1000)});
    EXPECT_LE(cache.bytes(), 3 * one);
  }
  EXPECT_GE(cache.size(), 3u);
  EXPECT_NE(cache.Find("key 49"), nullptr);
  EXPECT_EQ(cache.Find("key 0"), nullptr);
  cache.Insert("key 49", {plan_of(3 * one)});
  EXPECT_EQ(cache.Find("key 49"), nullptr);  // bigger than all
  EXPECT_GE(cache.size(), 2u);
  cache.Clear();
  EXPECT_EQ(cache.bytes(), 0u);
}

class PlanSharing : public testing::Test {
 protected:
  PlanSharing() : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {}

  Decision Query(const std::string& sql) { return rewriter_.Query(world_.snapshot(), facts_, sql); }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
};

TEST_F(PlanSharing, OtherLiteralsHitTheSamePlan) {
  const auto first = Query("SELECT id FROM customers WHERE email = 'a' AND name = 'n'").plan;
  const auto second = Query("SELECT id FROM  customers WHERE email = 'bb' AND name = 'm'").plan;
  EXPECT_EQ(first, second);
  EXPECT_EQ(world_.metrics().plan_hits.Value(), 1u);
  EXPECT_EQ(world_.metrics().plan_misses.Value(), 1u);
}

// A plan holds policy, schema and keys: each reload would leave one more of them.
TEST_F(PlanSharing, PlansOfAnOlderSnapshotAreDropped) {
  const std::weak_ptr<const Plan> old = Query("SELECT id FROM customers WHERE email = 'a'").plan;
  EXPECT_FALSE(old.expired());
  policy::Snapshot newer = world_.snapshot();
  ++newer.version;
  ASSERT_TRUE(rewriter_.Query(newer, facts_, "SELECT email FROM customers").statement);
  EXPECT_TRUE(old.expired());
}

// Which of two strings in double quotes is a name, the shape does not tell.
TEST_F(PlanSharing, DoubleQuotesAreLookedAtEachTime) {
  const std::string single = "SELECT id FROM customers WHERE name = 'n'";
  const std::string twice = "SELECT id FROM customers WHERE name = \"n\"";
  for (const std::string& sql : {twice, single, twice, single}) {
    const auto statement = Query(sql).statement;
    ASSERT_TRUE(statement) << sql;
    EXPECT_EQ(statement->text(), sql);
  }
  EXPECT_EQ(world_.metrics().plan_misses.Value(), 1u);
}

TEST_F(PlanSharing, ExecutableCommentsDoNotShare) {
  const std::string plain = "SELECT id FROM items WHERE id = 1";
  ASSERT_TRUE(Query(plain).statement);
  ASSERT_TRUE(Query(plain).statement);
  EXPECT_FALSE(Query("SELECT id FROM items /*!99999 , customers */ WHERE id = 1").statement);
  ASSERT_TRUE(Query(plain).statement);
}

TEST_F(PlanSharing, ASharedPlanSealsTheNewValue) {
  ASSERT_TRUE(Query("INSERT INTO orders (card) VALUES ('4111')").statement);
  const auto second = Query("INSERT INTO orders (card) VALUES ('5500 ')").statement;
  ASSERT_TRUE(second);
  EXPECT_EQ(world_.WithMarks(second->text()),
            "INSERT INTO orders (card) VALUES (<shop.orders.card:5500 >)");
}

TEST_F(PlanSharing, AnAliasThatIsALiteralIsNotShared) {
  ASSERT_TRUE(Query("SELECT email AS 'b', name AS 'a' FROM customers HAVING a > 'x'").statement);
  EXPECT_FALSE(Query("SELECT email AS 'a', name AS 'b' FROM customers HAVING a > 'x'").statement);
}

TEST_F(PlanSharing, LengthsOfCreateTableAreNotShared) {
  ASSERT_TRUE(Query("CREATE TABLE customers (phone VARCHAR(20))").statement);
  const auto second = Query("CREATE TABLE customers (phone VARCHAR(30))").statement;
  ASSERT_TRUE(second);
  EXPECT_NE(second->text().find("type=varchar(30)"), std::string_view::npos);
}

TEST_F(PlanSharing, RolesAndModesAndSchemasDoNotShare) {
  const std::string sql = "SELECT tax_id FROM customers";
  ASSERT_TRUE(Query(sql).statement);
  facts_ = world_.Facts("support");
  EXPECT_FALSE(Query(sql).statement);
  facts_ = world_.Facts("app");
  facts_.schema = "other";
  EXPECT_FALSE(Query(sql).plan->touches_protected);
}

TEST_F(PlanSharing, AnotherSnapshotDoesNotShare) {
  const std::string sql = "SELECT tax_id FROM customers";
  const auto first = Query(sql).plan;
  policy::Snapshot next = world_.snapshot();
  next.version = 2;
  EXPECT_NE(rewriter_.Query(next, facts_, sql).plan, first);
}

}  // namespace
}  // namespace sealgate::rewrite
