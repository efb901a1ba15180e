#include "proxy/sql/shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "proxy/sql/lexer.h"

namespace sealgate::sql {
namespace {

std::string Shape(std::string_view text) {
  TokenList tokens;
  Lex(text, {}, tokens);
  KeyBuffer out;
  EXPECT_TRUE(AppendShape(tokens, {}, 1000, out));
  return std::string(out.bytes());
}

// Of a text with its runs.
std::string SharedShape(std::string_view text) {
  TokenList tokens;
  Lex(text, {}, tokens);
  std::vector<Run> runs;
  FindRuns(tokens, runs);
  KeyBuffer out;
  EXPECT_TRUE(AppendShape(tokens, runs, 1000, out));
  return std::string(out.bytes());
}

TEST(ShapeTest, LiteralValuesDoNotMatter) {
  EXPECT_EQ(Shape("select 'a', 1, 1.5, x'41' from t -- x"),
            Shape("select 'bcd', 23, .7,  0x42 from /* y */ t"));
}

TEST(ShapeTest, EverythingElseDoes) {
  const char* const texts[] = {
      "select 1",       "select 'a'",   "select 1.5",  "select 1e5",  "select x'41'", "select b'1'",
      "select ?",       "select null",  "select a",    "select `a`",  "select A",     "select a(",
      "select a (",     "select a.b",   "select a. b", "select ab",   "select a b",   "select @a",
      "select @b",      "select @@a",   "select 1;",   "select n'a'", "select -1",    "select 1, 1",
      "select a and b", "select aand b"};
  for (const char* a : texts) {
    for (const char* b : texts) {
      EXPECT_EQ(Shape(a) == Shape(b), a == b) << a << " / " << b;
      EXPECT_EQ(HashShape(Shape(a)) == HashShape(Shape(b)), a == b) << a << " / " << b;
    }
  }
}

// Words are copied in blocks, but not beyond the text, and long ones have their size
// in other bytes.
TEST(ShapeTest, WordsOfEveryLength) {
  std::vector<std::string> shapes;
  for (std::size_t size = 1; size < 140; ++size) {
    const std::string word(size, 'w');
    const std::string shape = Shape(word);
    EXPECT_NE(shape.find(word), std::string::npos) << size;
    EXPECT_EQ(Shape("  " + word + " "), shape) << size;
    EXPECT_EQ(Shape(word + " '" + std::string(40, 'x') + "'"), Shape(word + " ''")) << size;
    EXPECT_NE(Shape(word + " x"), Shape(word + "x")) << size;
    EXPECT_EQ(std::count(shapes.begin(), shapes.end(), shape), 0) << size;
    shapes.push_back(shape);
  }
}

TEST(ShapeTest, AShapeBeginsWhereTheBytesEnd) {
  TokenList tokens;
  Lex("select a", {}, tokens);
  KeyBuffer out;
  out.Append("longer than what comes next");
  out.Clear();
  out.Append("x");
  ASSERT_TRUE(AppendShape(tokens, {}, 1000, out));
  EXPECT_EQ(out.bytes(), "x" + Shape("select a"));
}

TEST(ShapeTest, ListsOfDifferentLengthsAreTheSame) {
  const std::vector<std::vector<const char*>> groups = {
      {"select a in ('x', 'y') from t", "select a in ('x','y' , 'z', 'u') from t"},
      {"select a in ('x') from t"},
      {"select a in (1, 2) from t", "select a in (1, 2, 3) from t"},
      {"select a in ('x', 1, 2) from t", "select a in ('x', 1, 2, 3, 4) from t"},
      {"select a in ('x', 'y', null) from t", "select a in ('x', 'y', 'z', null) from t"},
      {"select (a,b) in ((1,2),(3,4)) from t", "select (a,b) in ((1,2), (3,4),(5,6)) from t"},
      {"select a in (-1, -2) from t", "select a in (-1, -2, -3) from t"},
      {"insert into t values (1,'a'),(2,'b')", "insert into t values (1,'a'), (2,'b'),(3,'c')"},
      {"insert into t values (1,'a')"},
      {"insert into t values (1,'a'),(2,'b'),(3,null),(4,null)",
       "insert into t values (1,'a'),(2,'b'),(3,'c'),(3,null),(4,null),(5,null)"},
      {"replace into t value (1),(2)", "replace into t value (1),(2),(3)"},
  };
  for (const auto& a : groups) {
    for (const auto& b : groups) {
      for (const char* left : a) {
        for (const char* right : b) {
          EXPECT_EQ(SharedShape(left) == SharedShape(right), &a == &b) << left << " / " << right;
        }
      }
    }
  }
}

TEST(ShapeTest, OtherListsKeepTheirLength) {
  for (const auto& [a, b] : std::vector<std::pair<const char*, const char*>>{
           {"select 1, 1", "select 1, 1, 1"},
           {"select f(1, 1)", "select f(1, 1, 1)"},
           {"select values(a), (1), (1)", "select values(a), (1), (1), (1)"},
           {"insert into t select values(a), (1), (1)",
            "insert into t select values(a), (1), (1), (1)"},
           {"insert into t (a, a) values (1)", "insert into t (a, a, a) values (1)"},
           {"insert into t values (1, 1)", "insert into t values (1, 1, 1)"},
           {"select a in (?, ?)", "select a in (?, ?, ?)"},
           {"insert into t values (?), (?)", "insert into t values (?), (?), (?)"},
           {"create table t (a enum('a', 'b'))", "create table t (a enum('a', 'b', 'c'))"}}) {
    EXPECT_NE(SharedShape(a), SharedShape(b)) << a;
  }
}

TEST(ShapeTest, AShapeHasALimit) {
  TokenList tokens;
  Lex("select a, b, c, d, e, f, g, h", {}, tokens);
  KeyBuffer whole;
  ASSERT_TRUE(AppendShape(tokens, {}, 1000, whole));
  for (std::size_t limit = 0; limit < whole.bytes().size(); ++limit) {
    KeyBuffer out;
    out.Append("x");
    EXPECT_FALSE(AppendShape(tokens, {}, limit, out)) << limit;
    EXPECT_LE(out.bytes().size(), limit + 1);
    EXPECT_EQ(out.bytes()[0], 'x');
  }
}

// Lists in lists in lists must not be read again and again.
TEST(ShapeTest, NestedListsCostLittle) {
  std::string text = "select ";
  for (int i = 0; i < 20'000; ++i) text += "a in (";
  for (int i = 0; i < 20'000; ++i) text += "1, 1)";
  TokenList tokens;
  Lex(text, {}, tokens);
  std::vector<sql::Run> runs;
  FindRuns(tokens, runs);
  EXPECT_LE(runs.size(), kMaxRuns);
}

TEST(ShapeTest, ASampleHasThreeItemsInEveryRun) {
  const auto sample_of = [](std::string_view text) {
    TokenList tokens;
    Lex(text, {}, tokens);
    std::vector<sql::Run> runs;
    FindRuns(tokens, runs);
    TokenList sample;
    std::vector<sql::Run> sample_runs;
    MakeSample(tokens, runs, sample, sample_runs);
    std::string words;
    for (std::size_t i = 0; i + 1 < sample.tokens.size(); ++i) {
      words += std::string(sample.Text(i)) + ' ';
    }
    for (const sql::Run& run : sample_runs) {
      EXPECT_EQ(run.count, kSampleItems);
      words +=
          std::string(sample.Text(run.first)) + ' ' + std::string(sample.Text(run.end())) + ' ';
    }
    return words;
  };
  EXPECT_EQ(sample_of("select a in (1,2), b in ('x','y','z','u')"),
            "select a in ( 1 , 2 , 2 ) , b in ( 'x' , 'y' , 'z' ) 1 ) 'x' ) ");
  EXPECT_EQ(sample_of("insert into t values (1),(2),(3),(4)"),
            "insert into t values ( 1 ) , ( 2 ) , ( 3 ) (  ");
  EXPECT_EQ(sample_of("select a in (1)"), "select a in ( 1 ) ");
}

}  // namespace
}  // namespace sealgate::sql
