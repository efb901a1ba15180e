// Every statement of tests/testdata/rewrite, rewritten and compared.
#include "proxy/rewrite/rewriter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/proxy/rewrite/case_file.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

World& SharedWorld() {
  static World world;
  return world;
}

World& MariadbWorld() {
  static World* const world = [] {
    auto* made = new World;
    made->BecomeMariadb();
    return made;
  }();
  return *world;
}

std::string UseName(SealAs use) {
  switch (use) {
    case SealAs::kPlain:
      return "plain";
    case SealAs::kEnvelope:
      return "sealed";
    case SealAs::kEqual:
      return "equal";
    case SealAs::kLow:
      return "low";
    case SealAs::kNullOnly:
      return "null";
    case SealAs::kHigh:
      return "high";
  }
  return "?";
}

std::string Results(const Plan& plan) {
  std::string text;
  for (const PlannedColumn& column : plan.result) {
    if (!text.empty()) text += " ";
    text += column.gap      ? "..."
            : column.target ? plan.targets[*column.target].column->name
                            : "plain";
  }
  return text;
}

std::string Parameters(const Plan& plan) {
  std::string text;
  for (const PhysicalParameter& parameter : plan.parameters) {
    if (!text.empty()) text += " ";
    text += std::to_string(parameter.logical) + ":" + UseName(parameter.seal);
  }
  return text;
}

struct Session {
  World* world = &SharedWorld();
  SessionFacts facts;
  bool prepare = false;

  explicit Session(const RewriteCase& test) {
    const auto& all = test.directives;
    if (std::find(all.begin(), all.end(), "mariadb") != all.end()) world = &MariadbWorld();
    facts = world->Facts("app");
    for (const std::string& directive : test.directives) {
      std::istringstream words(directive);
      std::string verb;
      std::string value;
      words >> verb >> value;
      if (verb == "role")
        facts = world->Facts(value);
      else if (verb == "schema")
        facts.schema = value == "none" ? "" : value;
      else if (verb == "prepare")
        prepare = true;
      else if (verb == "unreadable")
        facts.client = std::nullopt;
      else if (verb == "file_charset")
        facts.file_charset = value;
      else if (verb == "zone" && value == "named")
        facts.utc_offset = std::nullopt;
      else if (verb == "zone")
        facts.utc_offset = std::stoi(value) * 3600;
      else if (verb == "implicit_timestamps")
        facts.explicit_timestamps = false;
      else if (verb == "strict")
        facts.strict = true;
      else if (verb == "zero_dates")
        facts.zero_date = facts.zero_in_date = true;
      else if (verb == "mariadb")
        continue;
      else if (verb == "odd")
        facts.unsupported_mode = true;
      else if (value == "ansi_quotes")
        facts.lex.ansi_quotes = true;
      else if (value == "no_backslash_escapes")
        facts.lex.no_backslash_escapes = true;
      else
        throw std::runtime_error("unknown directive " + directive);
    }
  }
};

class RewriteFiles : public testing::TestWithParam<RewriteCase> {};

TEST_P(RewriteFiles, GivesTheExpectedStatement) {
  const RewriteCase& test = GetParam();
  const Session session(test);
  World& world = *session.world;
  Rewriter rewriter(world.random(), world.metrics(), {});
  // Twice: the second time the plan comes from the cache.
  for (int round = 0; round < 2; ++round) {
    const Decision decision =
        session.prepare ? rewriter.Prepare(world.snapshot(), session.facts, test.statement)
                        : rewriter.Query(world.snapshot(), session.facts, test.statement);
    SCOPED_TRACE(test.file + ":" + std::to_string(test.line) + " round " + std::to_string(round));
    std::string got;
    if (decision.statement) {
      const std::string text(decision.statement->text());
      got = text == test.statement ? "unchanged" : world.WithMarks(text);
    } else {
      got = "refused " + std::to_string(decision.statement.error().code) + " " +
            decision.statement.error().message;
    }
    EXPECT_EQ(got, test.expected);
    if (!test.results.empty()) {
      EXPECT_EQ(Results(*decision.plan), test.results);
    }
    if (!test.parameters.empty()) {
      EXPECT_EQ(Parameters(*decision.plan), test.parameters);
    }
  }
}

std::vector<RewriteCase> AllCases() {
  std::vector<RewriteCase> all;
  for (const char* name :
       {"select", "group", "compare", "choice", "write", "load", "create", "alter", "not_null",
        "names", "refused", "screen", "roles", "plaintext", "view", "schema"}) {
    auto cases = ReadCases(std::string("tests/testdata/rewrite/") + name + ".txt");
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

std::string TestName(const testing::TestParamInfo<RewriteCase>& info) {
  std::string name = std::to_string(info.index) + "_";
  for (const char c : info.param.title)
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

// Neither the parser nor the planner runs out of stack at the depth that is allowed.
TEST(RewriterTest, DepthDoesNoHarm) {
  World& world = SharedWorld();
  Rewriter rewriter(world.random(), world.metrics(), {});
  const SessionFacts facts = world.Facts("app");
  for (int levels = 50; levels <= 800; levels += 50) {
    const auto nested = [levels](std::string_view open, std::string_view middle,
                                 std::string_view close) {
      std::string text;
      for (int i = 0; i < levels; ++i) text += open;
      text += middle;
      for (int i = 0; i < levels; ++i) text += close;
      return text;
    };
    for (const std::string& text :
         {"SELECT " + nested("IF(id < 5, 'a', ", "email", ")") + " FROM customers",
          "SELECT " + nested("(", "email = 'a'", ")") + " FROM customers",
          "SELECT id FROM customers WHERE " + nested("NOT ", "email = 'a'", ""),
          "SELECT " + nested("CASE WHEN id = 1 THEN ", "email", " END") + " FROM customers",
          nested("SELECT * FROM (", "SELECT email FROM customers", ") AS x"),
          "SELECT id FROM customers WHERE email IN " +
              nested("(SELECT email FROM customers WHERE email IN ", "('a')", ")"),
          "SELECT email FROM " + nested("(", "customers", ")"),
          "SELECT email FROM customers" + nested(" UNION ALL SELECT email FROM customers", "", ""),
          "SELECT c.email FROM customers c" +
              nested(" JOIN customers d ON d.email = c.email", "", "")}) {
      const Decision decision = rewriter.Query(world.snapshot(), facts, text);
      EXPECT_TRUE(levels < 800 || !decision.statement) << text.substr(0, 60);
    }
  }
}

TEST(RewriterTest, TheNulBehindATextIsItsEnd) {
  World& world = SharedWorld();
  Rewriter rewriter(world.random(), world.metrics(), {});
  const SessionFacts facts = world.Facts("app");
  const auto sent = [&](std::string_view sql, bool prepare) {
    const Decision decision = prepare ? rewriter.Prepare(world.snapshot(), facts, sql)
                                      : rewriter.Query(world.snapshot(), facts, sql);
    return decision.statement ? std::string(decision.statement->text()) : "refused";
  };
  using std::string_view_literals::operator""sv;
  for (const bool prepare : {false, true}) {
    for (const std::string_view kept :
         {"SELECT 1\0"sv, "SELECT 1\0\0"sv, "SELECT 1;\0"sv, "SELECT 1; \0"sv, "\0"sv}) {
      EXPECT_EQ(sent(kept, prepare), kept);
    }
    EXPECT_EQ(sent("DELETE FROM customers WHERE email = 'a'\0"sv, prepare),
              sent("DELETE FROM customers WHERE email = 'a'", prepare));
    EXPECT_EQ(sent("DELETE FROM customers WHERE email = 'a\0"sv, prepare), "refused");
    EXPECT_EQ(sent("DELETE FROM customers\0\0"sv, prepare), "refused");
  }
}

// Hints are no part of a shape.
TEST(RewriterTest, AHintOfTheWholeStatementIsSeenBesideAPlanThatIsKept) {
  World world;
  Rewriter rewriter(world.random(), world.metrics(), {});
  const auto passes = [&](std::string_view hint) {
    const std::string text =
        "SELECT " + std::string(hint) + " email FROM customers UNION SELECT contact FROM orders";
    return rewriter.Query(world.snapshot(), world.Facts("app"), text).statement.has_value();
  };
  EXPECT_TRUE(passes(""));
  EXPECT_FALSE(passes("/*+ max_execution_time(9) */"));
  EXPECT_FALSE(passes("/*+ BKA() SET_VAR(sort_buffer_size = 65536) */"));
  EXPECT_TRUE(passes("/*+ NO_INDEX_MERGE() */"));
  world.BecomeMariadb();
  EXPECT_TRUE(passes("/*+ MAX_EXECUTION_TIME(9) */"));
}

TEST(RewriterTest, OfAStatisticThatMariadbMayKeepARoleThatSeesLessGetsNone) {
  World world;
  world.BecomeMariadb();
  Rewriter rewriter(world.random(), world.metrics(), {});
  const auto sent = [&](const char* role, std::string_view sql) {
    const Decision decision = rewriter.Query(world.snapshot(), world.Facts(role), sql);
    return decision.statement ? std::string(decision.statement->text()) : "refused";
  };
  const std::string analyze = "ANALYZE LOCAL TABLE orders, customers;";
  EXPECT_EQ(sent("app", analyze), analyze);
  EXPECT_EQ(sent("support", "/* x */ " + analyze),
            "/* x */ SET STATEMENT use_stat_tables=NEVER FOR " + analyze);
  EXPECT_EQ(sent("support", "ANALYZE TABLE customers PERSISTENT FOR ALL"), "refused");
}

INSTANTIATE_TEST_SUITE_P(All, RewriteFiles, testing::ValuesIn(AllCases()), TestName);

}  // namespace
}  // namespace sealgate::rewrite
