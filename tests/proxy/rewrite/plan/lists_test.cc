// One plan for lists of any length: IN (…) and the rows of INSERT … VALUES.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "proxy/rewrite/plan/repeat.h"
#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class Lists : public testing::Test {
 protected:
  Lists()
      : apart_(std::vector<std::string>(world_.metrics().domains.size())),
        rewriter_(world_.random(), world_.metrics(), {}),
        facts_(world_.Facts("app")) {}

  Decision Query(const std::string& sql) { return rewriter_.Query(world_.snapshot(), facts_, sql); }

  std::string Rewritten(const std::string& sql) {
    const Decision decision = Query(sql);
    if (!decision.statement) return "refused: " + decision.statement.error().message;
    return world_.WithMarks(decision.statement->text());
  }

  /// What email = 'value' becomes.
  std::string Range(const std::string& value) {
    Rewriter fresh(world_.random(), apart_, {});
    const std::string lead = "SELECT 1 FROM customers WHERE ";
    const Decision decision =
        fresh.Query(world_.snapshot(), facts_, lead + "email = '" + value + "'");
    const std::string text(decision.statement->text());
    return text.substr(lead.size() + 1, text.size() - lead.size() - 2);
  }

  std::uint64_t Misses() { return world_.metrics().plan_misses.Value(); }

  World world_;
  metrics::Metrics apart_;  // of statements that are not counted
  Rewriter rewriter_;
  SessionFacts facts_;
};

std::string Joined(int count, std::string_view between,
                   const std::function<std::string(int)>& item) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    if (i > 0) out += between;
    out += item(i);
  }
  return out;
}

TEST_F(Lists, BothEndsOfARangeAreOfItsValue) {
  const std::string a = Range("a");
  const std::string b = Range("b");
  EXPECT_NE(a, b);
  for (const std::string& range : {a, b}) {
    const std::size_t lower = range.find("X'") + 2;
    const std::string low = range.substr(lower, range.find('\'', lower) - lower);
    EXPECT_EQ(range, "email BETWEEN X'" + low + "' AND X'" + low + "FFFFFFFFFFFFFFFF'");
    EXPECT_EQ(low.size(), 44u);
  }
  EXPECT_EQ(Rewritten("SELECT 1 FROM customers WHERE email = 'a' AND email = 'b'"),
            "SELECT 1 FROM customers WHERE (email BETWEEN <low> AND <high>) AND (email BETWEEN "
            "<low> AND <high>)");
  EXPECT_EQ(Query("SELECT 1 FROM customers WHERE email = 'b' AND email = 'a'").statement->text(),
            "SELECT 1 FROM customers WHERE (" + b + ") AND (" + a + ")");
}

constexpr int kCounts[] = {3, 2, 1, 7, 4, 2, 50, 3, 1, 200};

TEST_F(Lists, RowsOfAnInsert) {
  for (const int count : kCounts) {
    const std::string head = "INSERT INTO customers (id, email, name, tax_id) VALUES ";
    const std::string tail = " ON DUPLICATE KEY UPDATE phone = '030', name = 'n'";
    const auto row = [](int i, bool sealed) {
      const std::string n = std::to_string(i);
      return sealed ? "(" + n + ", <email:e" + n + ">, 'name', <tax:t" + n + ">)"
                    : "(" + n + ", 'e" + n + "', 'name', 't" + n + "')";
    };
    EXPECT_EQ(Rewritten(head + Joined(count, ", ", [&](int i) { return row(i, false); }) + tail),
              head + Joined(count, ", ", [&](int i) { return row(i, true); }) +
                  " ON DUPLICATE KEY UPDATE phone = <shop.customers.phone:030>, name = 'n'");
  }
  EXPECT_EQ(Misses(), 2u);  // one row, and more
}

TEST_F(Lists, RowsOfSeveralShapes) {
  for (const int a : {1, 2, 5}) {
    for (const int b : {3, 1, 2}) {
      const auto rows = [&](const char* first, const char* second) {
        return "INSERT INTO customers (email, phone) VALUES " +
               Joined(a, ",", [&](int) { return first; }) + "," +
               Joined(b, ",", [&](int) { return second; });
      };
      EXPECT_EQ(Rewritten(rows("('a', 'p')", "(NULL, 'q')")),
                rows("(<email:a>, <shop.customers.phone:p>)", "(NULL, <shop.customers.phone:q>)"));
    }
  }
}

TEST_F(Lists, TheColumnListIsAdded) {
  for (const int count : kCounts) {
    const auto rows = [&](const char* row) {
      return Joined(count, ", ", [&](int) { return row; });
    };
    EXPECT_EQ(Rewritten("INSERT INTO orders VALUES " + rows("(1, 2, 'c', NULL)")),
              "INSERT INTO orders  (`id`,`customer_id`,`card`,`contact`) VALUES " +
                  rows("(1, 2, <shop.orders.card:c>, NULL)"));
  }
}

TEST_F(Lists, RangesOfASearchableColumn) {
  for (const int count : kCounts) {
    const auto value = [](int i) { return "v" + std::to_string(i); };
    const Decision decision =
        Query("SELECT id FROM customers WHERE name = 'x' AND email IN (" +
              Joined(count, ",", [&](int i) { return "'" + value(i) + "'"; }) + ") AND id IN (" +
              Joined(count, ",", [](int i) { return std::to_string(i); }) + ") AND tax_id = 'z'");
    ASSERT_TRUE(decision.statement);
    const std::string text(decision.statement->text());
    EXPECT_EQ(text.substr(0, text.find(" AND tax_id")),
              "SELECT id FROM customers WHERE name = 'x' AND ((" +
                  Joined(count, " OR ", [&](int i) { return Range(value(i)); }) + ")) AND id IN (" +
                  Joined(count, ",", [](int i) { return std::to_string(i); }) + ")");
    EXPECT_TRUE(world_.WithMarks(text).ends_with("AND tax_id = <tax:z>"));
  }
  EXPECT_EQ(Misses(), 2u);
}

TEST_F(Lists, RangesBesideNullAndOtherKinds) {
  for (const int count : {2, 3, 6}) {
    const auto values = Joined(count, ",", [](int i) { return "'" + std::to_string(i) + "'"; });
    const auto ranges = Joined(count, " OR ", [&](int i) { return Range(std::to_string(i)); });
    const auto sent = [&](const std::string& list) {
      const Decision decision = Query("SELECT id FROM customers WHERE email NOT IN (" + list + ")");
      return decision.statement ? std::string(decision.statement->text()) : "refused";
    };
    const std::string head = "SELECT id FROM customers WHERE (NOT (";
    EXPECT_EQ(sent(values + ",NULL"), head + ranges + " OR NULL))");
    EXPECT_EQ(sent("NULL," + values), head + "NULL OR " + ranges + "))");
    EXPECT_EQ(sent("NULL,NULL," + values), head + "NULL OR NULL OR " + ranges + "))");
  }
}

TEST_F(Lists, InPlaceOfADeterministicColumn) {
  for (const int count : kCounts) {
    const auto list = [&](const char* before, const char* behind) {
      return "UPDATE customers SET phone = NULL WHERE tax_id IN (" +
             Joined(count, ", ", [&](int i) { return before + std::to_string(i) + behind; }) + ")";
    };
    EXPECT_EQ(Rewritten(list("'", "'")), list("<tax:", ">"));
  }
  EXPECT_EQ(Misses(), 2u);
}

TEST_F(Lists, NothingIsSealedInOtherColumns) {
  for (const int count : kCounts) {
    const std::string sql =
        "INSERT INTO customers (id, name) VALUES " +
        Joined(count, ", ", [](int i) { return "(" + std::to_string(i) + ", 'x')"; });
    EXPECT_EQ(Rewritten(sql), sql);
  }
}

TEST_F(Lists, ARefusalNamesThePlaceInTheStatement) {
  const std::string good = "('a'), ";
  std::string previous;
  for (const int before : {2, 3, 9}) {
    const std::string sql = "INSERT INTO customers (email) VALUES " +
                            Joined(before, "", [&](int) { return good; }) + "(NOW()), (NOW())";
    const std::string refused = Rewritten(sql);
    const std::size_t at = sql.find("NOW") + 1;
    EXPECT_NE(refused.find("(at character " + std::to_string(at) + ")"), std::string::npos)
        << refused;
  }
  for (const int before : {3, 8}) {
    const std::string sql = "INSERT INTO customers (email, phone) VALUES " +
                            Joined(before, "", [](int) { return "('a', 'b'), "; }) + "('a')";
    EXPECT_NE(Rewritten(sql).find("at row " + std::to_string(before + 1)), std::string::npos);
  }
}

TEST_F(Lists, AValueOfALaterRowIsCheckedToo) {
  const std::string fits = "('a')";
  const std::string too_long = "('" + std::string(300, 'x') + "')";
  ASSERT_TRUE(Query("INSERT INTO customers (email) VALUES ('a'), ('b'), ('c')").statement);
  const Decision decision = Query("INSERT INTO customers (email) VALUES " + fits + ", " + fits +
                                  ", " + fits + ", " + fits + ", " + too_long);
  ASSERT_FALSE(decision.statement);
  EXPECT_EQ(decision.statement.error().code, 1406);
}

TEST_F(Lists, ManyRowsArePlannedAsThree) {
  const std::string sql = "INSERT INTO customers (email) VALUES " +
                          Joined(20'000, ",", [](int) { return "('somebody@example.org')"; });
  ASSERT_TRUE(Query(sql).statement);
  ASSERT_TRUE(Query("INSERT INTO customers (email) VALUES ('a'), ('b')").statement);
  EXPECT_EQ(Misses(), 1u);
}

// Plans as a planner could make them.
class Generalising : public testing::Test {
 protected:
  // a IN ( 'x' , 'y' , 'z' ): tokens 0 to 8.
  static constexpr sql::Run kRun{3, 1, 3};

  static Piece Value(std::uint32_t token, std::string text = "") {
    return {
        .text = std::move(text), .seal = SealAs::kEqual, .value_first = token, .value_last = token};
  }
  static PlannedEdit InPlace(std::uint32_t token) {
    return {.first = token, .last = token, .pieces = {Value(token)}};
  }
  static bool Works(Plan& plan) { return Generalise({&kRun, 1}, plan); }
};

TEST_F(Generalising, EditsOfTheSecondItemAreRepeated) {
  Plan plan;
  plan.edits = {InPlace(3), InPlace(5), InPlace(7)};
  ASSERT_TRUE(Works(plan));
  ASSERT_EQ(plan.edits.size(), 2u);
  EXPECT_EQ(plan.edits[0].run, kNoRun);
  EXPECT_EQ(plan.edits[1].run, 0);
  EXPECT_EQ(plan.runs.size(), 1u);
}

TEST_F(Generalising, PiecesOfTheSecondItemAreRepeated) {
  Plan plan;
  plan.edits = {{.first = 0,
                 .last = 8,
                 .pieces = {Value(3, "("),
                            {.text = ")"},
                            Value(5, " OR ("),
                            {.text = ")"},
                            Value(7, " OR ("),
                            {.text = ") end"}}}};
  ASSERT_TRUE(Works(plan));
  const auto& pieces = plan.edits[0].pieces;
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(pieces[0].run, kNoRun);
  EXPECT_EQ(pieces[1].run, 0);
  EXPECT_EQ(pieces[2].run, 0);
  EXPECT_EQ(pieces[3].text, ") end");
}

TEST_F(Generalising, WhatIsNotAlikeIsNot) {
  PlannedEdit other = InPlace(7);
  other.pieces[0].target = 1;
  PlannedEdit text = InPlace(7);
  text.pieces[0].text = "x";
  PlannedEdit elsewhere = InPlace(5);
  elsewhere.pieces[0].value_first = elsewhere.pieces[0].value_last = 7;
  const PlannedEdit comma{.first = 4, .last = 4, .pieces = {{.text = " "}}};
  const PlannedEdit two_items{.first = 5, .last = 7, .pieces = {Value(5), Value(7)}};
  const PlannedEdit half{.first = 0, .last = 5, .pieces = {{.text = " "}}};
  const PlannedEdit no_values{.first = 0, .last = 8, .pieces = {{.text = "NULL OR NULL OR NULL"}}};
  const PlannedEdit uneven{
      .first = 0, .last = 8, .pieces = {Value(3), Value(5, ","), Value(7, ";"), {.text = ")"}}};
  const PlannedEdit backwards{
      .first = 0, .last = 8, .pieces = {Value(7), Value(5, ","), Value(3, ","), {.text = ")"}}};
  const PlannedEdit outside{.first = 0, .last = 0, .pieces = {Value(5)}};
  for (const std::vector<PlannedEdit>& edits : {std::vector{InPlace(3), InPlace(5)},
                                                {InPlace(3), InPlace(7)},
                                                {InPlace(5), other},
                                                {InPlace(5), text},
                                                {elsewhere, InPlace(7)},
                                                {comma},
                                                {two_items},
                                                {half},
                                                {no_values},
                                                {uneven},
                                                {backwards},
                                                {outside}}) {
    Plan plan;
    plan.edits = edits;
    EXPECT_FALSE(Works(plan)) << edits[0].first;
  }
}

}  // namespace
}  // namespace sealgate::rewrite
