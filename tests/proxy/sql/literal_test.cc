#include <gtest/gtest.h>

#include <string>

#include "proxy/sql/lexer.h"

namespace sealgate::sql {
namespace {

using std::string_literals::operator""s;

std::string Unescape(std::string_view text, bool no_backslash = false) {
  LexMode mode;
  mode.no_backslash_escapes = no_backslash;
  std::string out;
  UnescapeString(text, mode, out);
  return out;
}
std::string Decode(std::string_view text) {
  std::string out;
  DecodeHexOrBit(text, out);
  return out;
}
std::string Unquote(std::string_view text) {
  std::string out;
  UnquoteIdentifier(text, out);
  return out;
}
TEST(LiteralTest, Strings) {
  EXPECT_EQ(Unescape("''"), "");
  EXPECT_EQ(Unescape("'a''b'"), "a'b");
  EXPECT_EQ(Unescape("'a\"\"b'"), "a\"\"b");
  EXPECT_EQ(Unescape("\"a\"\"b''\""), "a\"b''");
  EXPECT_EQ(Unescape("N'a\\'b'"), "a'b");
  EXPECT_EQ(Unescape("'\\0\\b\\n\\r\\t\\Z\\\\\\'\\\"\\%\\_\\x\\a'"),
            "\0\b\n\r\t\x1A\\'\"\\%\\_xa"s);
  EXPECT_EQ(Unescape("'a\\\\'"), "a\\");
  EXPECT_EQ(Unescape("'a\\n''\\'", true), "a\\n'\\");
  EXPECT_EQ(Unescape("''''''"), "''");
}

TEST(LiteralTest, HexAndBits) {
  EXPECT_EQ(Decode("X'4142'"), "AB");
  EXPECT_EQ(Decode("x''"), "");
  EXPECT_EQ(Decode("0xfF"), "\xFF");
  EXPECT_EQ(Decode("0x141"),
            "\x01"
            "A");
  EXPECT_EQ(Decode("b'1000001'"), "A");
  EXPECT_EQ(Decode("0b100000001"), "\x01\x01");
  EXPECT_EQ(Decode("B''"), "");
  std::string out = "=";
  AppendHexLiteral("A\xFF", out);
  EXPECT_EQ(out, "=X'41FF'");
}

TEST(LiteralTest, Identifiers) {
  EXPECT_EQ(Unquote("`a``b`"), "a`b");
  EXPECT_EQ(Unquote("\"a\"\"b\""), "a\"b");
  EXPECT_EQ(Unquote("``"), "");
  EXPECT_EQ(Unquote("a"), "a");
  std::string out;
  AppendQuotedIdentifier("a`b", out);
  EXPECT_EQ(out, "`a``b`");
  EXPECT_EQ(Unquote(out), "a`b");
  EXPECT_TRUE(EqualsKeyword("SeLect", "SELECT"));
  EXPECT_FALSE(EqualsKeyword("selec", "SELECT"));
}

}  // namespace
}  // namespace sealgate::sql
