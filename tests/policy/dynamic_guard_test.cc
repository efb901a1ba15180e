// The guard's text, and how it is told from what only looks like one. That it stops
// what it should is tried at a server: tests/integration/test_guarded_text.py.
#include "policy/dynamic_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealgate::policy {
namespace {

const std::vector<std::string> kNames = {"customers", "my-table", "a b", "x$1"};

std::string Pattern() { return GuardPattern(kNames, true).value(); }
std::string Guard() { return GuardExpression(kGuardedText, Pattern()); }

std::string Remains(const std::string& text) { return TakeOutGuards(text).text; }

TEST(DynamicGuard, APatternMeansTheSameInEveryMode) {
  const std::string pattern = Pattern();
  EXPECT_EQ(pattern.find_first_of("'\\ \t\n"), std::string::npos);
  EXPECT_NE(pattern.find("|customers|"), std::string::npos);
  EXPECT_NE(pattern.find("|my[-]table|"), std::string::npos);
  EXPECT_NE(pattern.find("|a[[:space:]]b|"), std::string::npos);
  EXPECT_EQ(GuardPattern({"x$1", "a b", "a b", "my-table", "customers"}, true), pattern);
}

TEST(DynamicGuard, NamesThatItCannotHold) {
  for (const char* name : {"", "a'b", "a.b", "a\\b", "kund\xC3\xA9", "a|b", "A", "a(b"}) {
    EXPECT_EQ(GuardPattern({name}, false), std::nullopt) << name;
  }
  EXPECT_EQ(GuardPattern(std::vector<std::string>(1, std::string(20000, 'x')), false),
            std::nullopt);
}

TEST(DynamicGuard, AGuardIsTakenOut) {
  EXPECT_EQ(Remains("a; PREPARE s1 FROM " + Guard() + "; END"), "a;  ; END");
  EXPECT_EQ(Remains("EXECUTE IMMEDIATE " + Guard() + " USING a; END"), "  USING a; END");
  const Unguarded two =
      TakeOutGuards("PREPARE s FROM " + Guard() + ";EXECUTE IMMEDIATE " + Guard() + ";");
  EXPECT_EQ(two.text, " ; ;");
  EXPECT_EQ(two.patterns, (std::vector<std::string>{Pattern(), Pattern()}));
}

TEST(DynamicGuard, WhatOnlyLooksLikeOneStays) {
  const std::string guard = Guard();
  std::string other_variable = guard;
  other_variable.replace(other_variable.find("@sealgate_text"), 14, "@q");
  std::string hidden = guard;
  hidden.insert(hidden.find("|customers"), "|\"; insert into customers values (1); \"");
  std::string weak = guard;
  weak.replace(weak.find("prepare|"), 8, "");
  for (const std::string& text :
       {"PREPARE s FROM " + guard, "PREPARE s FROM " + guard + " || @q;",
        "PREPARE s FROM CONCAT(@q, " + guard + ");", "xPREPARE s FROM " + guard + ";",
        "PREPARE s FROM @q, " + guard + ";", "prepare s from " + guard + ";",
        "PREPARE s FROM " + other_variable + ";", "PREPARE s FROM " + hidden + ";",
        "PREPARE s FROM " + weak + ";", "EXECUTE  IMMEDIATE " + guard + ";",
        "PREPARE s FROM " + guard.substr(0, guard.size() - 1) + ";"}) {
    EXPECT_EQ(Remains(text), text);
    EXPECT_TRUE(TakeOutGuards(text).patterns.empty());
  }
}

TEST(DynamicGuard, APatternIsRenewed) {
  const std::string old = GuardExpression(kGuardedText, GuardPattern({"old"}, false).value());
  EXPECT_EQ(RenewGuards("a; PREPARE s FROM " + old + "; PREPARE t FROM @q", Pattern()),
            "a; PREPARE s FROM " + Guard() + "; PREPARE t FROM @q");
}

TEST(DynamicGuard, NamesThatItStops) {
  EXPECT_TRUE(GuardCovers(Pattern(), kNames, true));
  EXPECT_TRUE(GuardCovers(Pattern(), {}, true));
  EXPECT_TRUE(GuardCovers(Pattern(), {"customers"}, true));
  for (const char* name : {"custom", "other", "customers2", "", "binlog"}) {
    EXPECT_FALSE(GuardCovers(Pattern(), {name}, true)) << name;
  }
  const std::string of_tables = GuardPattern(kNames, false).value();
  EXPECT_TRUE(GuardCovers(of_tables, kNames, false));
  EXPECT_TRUE(GuardCovers(Pattern(), kNames, false));
  EXPECT_FALSE(GuardCovers(of_tables, {"customers"}, true));
  EXPECT_EQ(Remains("PREPARE s FROM " + GuardExpression(kGuardedText, of_tables) + "; END"),
            " ; END");
  EXPECT_FALSE(GuardCovers("", {}, true));
  EXPECT_FALSE(GuardCovers("customers", {"customers"}, true));
}

TEST(DynamicGuard, WhatMayBeDynamicSql) {
  for (const char* text :
       {"PREPARE s FROM @q", "execute immediate 'x'", "begin Prepare s from @q; end",
        "deallocate\nprepare s from @q", "-- deallocate\nprepare s from @q",
        "xdeallocate prepare s from @q", "deallocate prepare s; prepare s from @q",
        "prepare\xC2\xA0s from @q", "1prepare s from @q", "/*!IMMEDIATE*/", "BINLOG 'x'",
        "/*!50000 prepare */ s from @q", "/*!50000 prepare s*/ from @q", "prepare `s` from @q",
        "prepare/**/s from @q", "prepare s -- x\n from @q", "prepare s\n\tFROM @q", "'prepare"}) {
    EXPECT_TRUE(MayHaveDynamicSql(text)) << text;
  }
  for (const char* text : {"EXECUTE s", "DEALLOCATE PREPARE s", "begin drop \t prepare s; end",
                           "select prepared, immediately from t", "grant execute on p to a",
                           "select 'Expected prepare increment: '", "select prepare + 1",
                           "select prepare, 1", "prepare the rest from it"}) {
    EXPECT_FALSE(MayHaveDynamicSql(text)) << text;
  }
}

}  // namespace
}  // namespace sealgate::policy
