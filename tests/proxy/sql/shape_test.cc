#include "proxy/sql/shape.h"

#include <gtest/gtest.h>

#include "proxy/sql/lexer.h"

namespace sealgate::sql {
namespace {

std::string Shape(std::string_view text) {
  TokenList tokens;
  Lex(text, {}, tokens);
  std::string out;
  AppendShape(tokens, out);
  return out;
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

}  // namespace
}  // namespace sealgate::sql
