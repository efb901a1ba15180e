// Views that are made through the rewriter and used again: their text, as it was
// left, is the definition that is read.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class ViewTest : public testing::Test {
 protected:
  ViewTest() : rewriter_(world_.random(), world_.metrics(), {}), facts_(world_.Facts("app")) {}

  /// What CREATE VIEW of this query leaves as the query.
  std::string Made(const std::string& query) {
    const std::string create = "CREATE VIEW made AS ";
    const Decision decision = rewriter_.Query(world_.snapshot(), facts_, create + query);
    if (!decision.statement) return decision.statement.error().message;
    return std::string(decision.statement->text().substr(create.size()));
  }

  /// The statement with the view `made` there, or why it is refused.
  std::string Use(const std::string& statement, const std::string& definition,
                  std::vector<std::string> columns) {
    policy::Snapshot snapshot = world_.snapshot();
    auto catalog = std::make_shared<policy::Catalog>(*snapshot.catalog);
    catalog->AddHot({policy::NameKind::kView, "shop", "made"});
    catalog->AddView({"shop", "made", definition, std::move(columns), ""});
    snapshot.catalog = std::move(catalog);
    snapshot.version += ++versions_;
    const Decision decision = rewriter_.Query(snapshot, facts_, statement);
    results_ = decision.plan->result;
    targets_.clear();
    for (const PlannedColumn& column : results_) {
      targets_ += column.target
                      ? " " + decision.plan->targets[*column.target].protection->QualifiedName()
                      : " -";
    }
    if (!decision.statement) return decision.statement.error().message;
    return world_.WithMarks(decision.statement->text());
  }

  World world_;
  Rewriter rewriter_;
  SessionFacts facts_;
  std::vector<PlannedColumn> results_;
  std::string targets_;
  std::uint64_t versions_ = 0;
};

constexpr const char* kFrom = " FROM shop.customers AS c";

struct Row {
  std::string query;
  std::string targets;
};

TEST_F(ViewTest, WhatIsMadeCanBeUsed) {
  const std::string from = kFrom;
  const std::vector<Row> rows = {
      {"SELECT c.email" + from + " WHERE c.email = 'a'", " shop.customers.email"},
      {"SELECT c.tax_id" + from + " WHERE c.tax_id <> '1' AND NOT c.email = 'b'",
       " shop.customers.tax_id"},
      {"SELECT c.id" + from + " WHERE c.email IN ('a', 'b', NULL) OR c.tax_id IN ('1', NULL)",
       " -"},
      {"SELECT c.phone" + from + " WHERE c.email <=> 'a' OR c.email <=> NULL",
       " shop.customers.phone"},
      {"SELECT o.contact" + from + " JOIN shop.orders AS o ON c.email = o.contact",
       " shop.orders.contact"},
      {"SELECT o.contact" + from + ", shop.orders AS o WHERE c.email <> o.contact",
       " shop.orders.contact"},
      {"SELECT c.id" + from + " WHERE c.email IN (SELECT DISTINCT contact FROM shop.orders)", " -"},
      {"SELECT c.id" + from + " WHERE (c.email, c.tax_id) = ('a', '1')", " -"},
      {"SELECT c.id" + from + " WHERE c.email = ANY (SELECT contact FROM shop.orders)", " -"},
      {"SELECT c.email" + from + " GROUP BY c.email HAVING COUNT(*) > 1", " shop.customers.email"},
      {"SELECT DISTINCT c.email" + from, " shop.customers.email"},
      {"SELECT COUNT(DISTINCT c.email) AS n" + from, " -"},
      {"SELECT COUNT(*) OVER (PARTITION BY c.email) AS n" + from, " -"},
      {"SELECT c.email" + from + " UNION SELECT contact FROM shop.orders", " shop.customers.email"},
      {"SELECT IF(c.id > 1, c.email, 'x') AS e" + from, " shop.customers.email"},
      {"SELECT CASE c.email WHEN 'a' THEN 1 END AS e" + from, " -"},
      {"SELECT NULLIF(c.email, 'a') AS e" + from, " shop.customers.email"},
  };
  for (const Row& row : rows) {
    const std::string definition = Made(row.query);
    EXPECT_EQ(Use("SELECT * FROM made", definition, {"x"}), "SELECT * FROM made") << definition;
    EXPECT_EQ(targets_, row.targets) << definition;
    if (row.targets == " -") continue;
    EXPECT_EQ(
        Use("SELECT x FROM made WHERE UPPER(x) = 'a'", definition, {"x"}).find("sealgate: column"),
        0U);
  }
}

// As other texts than the rewriter's own would have it.
TEST_F(ViewTest, WhatIsNotOursIsRefused) {
  const std::string from = kFrom;
  std::string foreign = Made("SELECT c.id" + from + " WHERE c.email = 'a'");
  foreign.replace(foreign.find("FE02") + 4, 8, "0A0B0C0D");
  std::string shorter = Made("SELECT c.id" + from + " WHERE c.email = 'a'");
  shorter.erase(shorter.rfind("FF'"), 2);
  std::string torn = Made("SELECT c.id" + from + " WHERE c.tax_id = '1'");
  torn.replace(torn.rfind('\'') - 2, 2, torn.ends_with("00'") ? "11" : "00");
  for (const std::string& definition : {
           foreign,
           shorter,
           torn,
           "SELECT c.id" + from + " WHERE c.email = 'a'",
           "SELECT c.id" + from + " WHERE c.email BETWEEN 'a' AND 'b'",
           "SELECT c.id" + from + " WHERE c.email IN ('a')",
           "SELECT c.id" + from + " WHERE c.phone BETWEEN X'FE01' AND X'FE01FFFFFFFFFFFFFFFF'",
           "SELECT c.id" + from + " WHERE c.email = c.mail_copy OR c.email = c.email",
           "SELECT c.id" + from + " WHERE LEFT(c.email,22) = c.email",
           "SELECT c.id" + from + " WHERE LEFT(c.email,22) = 'a'",
           "SELECT c.id" + from + " WHERE LEFT(c.email,22) = c.name",
           "SELECT c.id" + from + " WHERE LEFT(c.email,22) < LEFT(c.email,22)",
           "SELECT c.id" + from + " WHERE LEFT(c.email,22) LIKE 'a'",
           "SELECT c.id" + from + " WHERE LEFT(c.tax_id,22) = LEFT(c.tax_id,22)",
           "SELECT c.id" + from + " WHERE c.email BETWEEN LEFT(c.email,22) AND LEFT(c.email,22)",
           "SELECT c.id" + from +
               " WHERE c.email BETWEEN LEFT(c.email,22) AND CONCAT(LEFT(c.name,22),"
               "X'FFFFFFFFFFFFFFFF')",
           "SELECT LEFT(c.email,22) AS p" + from,
           "SELECT LEFT(c.email,21) AS p" + from + " GROUP BY LEFT(c.email,21)",
           "SELECT IF(1, LEFT(c.email,22), NULL) AS p" + from,
           "SELECT p.p FROM (SELECT LEFT(c.email,22) AS p" + from + ") AS p",
           "SELECT (SELECT LEFT(c.email,22)) AS p" + from,
           "SELECT MIN(c.email) AS p" + from,
           "SELECT MIN(c.email) AS p" + from + " GROUP BY c.email",
           "SELECT MAX(c.email) AS p" + from + " GROUP BY LEFT(c.email,22)",
           "SELECT MIN(c.email) AS p" + from + " GROUP BY LEFT(c.name,22)",
           "SELECT c.email AS p" + from + " GROUP BY LEFT(c.email,22)",
           "SELECT COUNT(DISTINCT c.email) AS p" + from,
           "SELECT FIRST_VALUE(LEFT(c.email,22)) OVER () AS p" + from,
           "SELECT COUNT(*) OVER (PARTITION BY c.email) AS p" + from,
           "SELECT IF(c.id > 1, c.email, 'x') AS p" + from,
           "SELECT LEFT(c.email,22) AS p" + from + " UNION ALL SELECT c.email" + from,
           "SELECT DISTINCT c.email AS p" + from,
           "SELECT c.id INTO @a" + from,
           "SELECT ? AS p" + from,
           std::string("DELETE FROM shop.customers"),
           std::string("EXPLAIN SELECT 1"),
       }) {
    EXPECT_EQ(
        Use("SELECT * FROM made", definition, {"x"}).find("sealgate: view shop.made cannot be"), 0U)
        << definition;
  }
}

// What the policy protects under a name is no view's column.
TEST_F(ViewTest, AViewUnderAProtectedName) {
  policy::Snapshot snapshot = world_.snapshot();
  auto catalog = std::make_shared<policy::Catalog>(*snapshot.catalog);
  catalog->AddHot({policy::NameKind::kView, "shop", "archive"});
  catalog->AddView(
      {"shop", "archive", "select c.name as email from shop.customers c", {"email"}, ""});
  snapshot.catalog = std::move(catalog);
  ++snapshot.version;
  EXPECT_FALSE(
      rewriter_.Query(snapshot, facts_, "SELECT 1 FROM archive WHERE email = 'x'").statement);
  EXPECT_FALSE(rewriter_.Query(snapshot, facts_, "TABLE archive").statement);
}

TEST_F(ViewTest, TooManyViews) {
  policy::Snapshot snapshot = world_.snapshot();
  auto catalog = std::make_shared<policy::Catalog>(*snapshot.catalog);
  const auto add = [&](const std::string& name, const std::string& definition) {
    catalog->AddHot({policy::NameKind::kView, "shop", name});
    catalog->AddView({"shop", name, definition, {"x"}, ""});
  };
  add("v0", "select c.email as x from shop.customers c");
  for (int i = 1; i < 300; ++i) {
    const std::string below = "shop.v" + std::to_string(i - 1);
    add("v" + std::to_string(i), "select a.x as x from " + below + " a join " + below + " b");
  }
  add("turns", "select t.x as x from shop.turns t");
  snapshot.catalog = std::move(catalog);
  ++snapshot.version;
  const auto refusal = [&](const std::string& sql) {
    const Decision decision = rewriter_.Query(snapshot, facts_, sql);
    return decision.statement ? std::string() : decision.statement.error().message;
  };
  EXPECT_EQ(refusal("SELECT x FROM v6"), "");
  EXPECT_NE(refusal("SELECT x FROM v9").find("too many views"), std::string::npos);
  EXPECT_NE(refusal("SELECT x FROM v299"), "");
  EXPECT_NE(refusal("SELECT x FROM turns"), "");
}

TEST_F(ViewTest, ATemporaryTableHidesAView) {
  facts_.made_temporary = {};
  const std::string definition = "SELECT c.email" + std::string(kFrom);
  EXPECT_EQ(Use("SELECT x FROM made", definition, {"x"}), "SELECT x FROM made");
  facts_.made_temporary.emplace_back();
  policy::ObjectNames::KeyOf("shop", "Made", facts_.made_temporary.back());
  EXPECT_NE(Use("SELECT x FROM made", definition, {"x"}).find("temporary table"),
            std::string::npos);
}

}  // namespace
}  // namespace sealgate::rewrite
