#include "proxy/sql/lexer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace sealgate::sql {
namespace {

constexpr const char* kKinds[] = {
    "End", "Space", "Comment", "Exec",  "Word",    "Name",   "String", "NString", "Hex",    "Bit",
    "Int", "Dec",   "Float",   "Param", "UserVar", "SysVar", "Op",     "Semi",    "Illegal"};

// "Word:select Int:1"; whitespace and comments left out unless `all`.
std::string Kinds(std::string_view text, LexMode mode = {}, bool all = false) {
  Lexer lexer(text, mode);
  std::string out;
  std::uint32_t at = 0;
  for (;;) {
    const Token token = lexer.Next();
    EXPECT_EQ(token.begin, at) << text;
    at = token.end;
    if (token.kind == TokenKind::kEnd) break;
    EXPECT_GT(token.end, token.begin) << text;
    const bool trivia = token.kind == TokenKind::kWhitespace || token.kind == TokenKind::kComment;
    if (trivia && !all) continue;
    if (!out.empty()) out += ' ';
    out += kKinds[static_cast<int>(token.kind)];
    out += ':';
    out += text.substr(token.begin, token.end - token.begin);
  }
  EXPECT_EQ(at, text.size()) << text;
  return out;
}

struct Row {
  std::string text;
  std::string tokens;
};

TEST(LexerTest, Table) {
  const std::vector<Row> rows = {
      {"", ""},
      {"select 1", "Word:select Int:1"},
      {"1e5x", "Float:1e5 Word:x"},
      {"1e", "Word:1e"},
      {"1e+x", "Word:1e Op:+ Word:x"},
      {"1e+5", "Float:1e+5"},
      {"1e-5", "Float:1e-5"},
      {"1a 1_a 1$", "Word:1a Word:1_a Word:1$"},
      {"1.5 .5 5. 1.e5 .5e3 1.e+1", "Dec:1.5 Dec:.5 Dec:5. Float:1.e5 Float:.5e3 Float:1.e+1"},
      {"1.5x", "Dec:1.5 Word:x"},
      {"1.5ex", "Illegal:1.5ex"},
      {"1.5.5", "Dec:1.5 Dec:.5"},
      {"t.1e5", "Word:t Op:. Word:1e5"},
      {"t.1a", "Word:t Op:. Word:1a"},
      {"t.1.5", "Word:t Op:. Word:1 Op:. Word:5"},
      {"t.0x41", "Word:t Op:. Word:0x41"},
      {"t. 0x41", "Word:t Op:. Hex:0x41"},
      {"t .1a", "Word:t Dec:.1 Word:a"},
      {"t . 1e5", "Word:t Op:. Float:1e5"},
      {"`t`.1a", "Name:`t` Dec:.1 Word:a"},
      {"t.x'41'", "Word:t Op:. Word:x String:'41'"},
      {"0x1F 0x 0xZZ 0X41 0x41g", "Hex:0x1F Word:0x Word:0xZZ Word:0X41 Word:0x41g"},
      {"0b01 0b 0b2 0B01 0b01a", "Bit:0b01 Word:0b Word:0b2 Word:0B01 Word:0b01a"},
      {"x'4f' X'' b'01' B''", "Hex:x'4f' Hex:X'' Bit:b'01' Bit:B''"},
      {"x'4'", "Illegal:x'4'"},
      {"x'4g' 1", "Illegal:x'4g' 1"},
      {"b'2'", "Illegal:b'2'"},
      {"x 'ab'", "Word:x String:'ab'"},
      {"x\"41\"", "Word:x String:\"41\""},
      {"n'a' N'a''b' n 'a'", "NString:n'a' NString:N'a''b' Word:n String:'a'"},
      {"_utf8mb4'x'", "Word:_utf8mb4 String:'x'"},
      {"'a''b' 'a\\'b' \"a\"\"b\"", "String:'a''b' String:'a\\'b' String:\"a\"\"b\""},
      {"'a\\\\' 'b'", "String:'a\\\\' String:'b'"},
      {"'a", "Illegal:'a"},
      {"'a\\'", "Illegal:'a\\'"},
      {"`a``b` ``", "Name:`a``b` Name:``"},
      {"`a\\` x", "Name:`a\\` Word:x"},
      {"`a", "Illegal:`a"},
      {"@a @a.b$c @'x y' @`a``b` @\"q\" @",
       "UserVar:@a UserVar:@a.b$c UserVar:@'x y' "
       "UserVar:@`a``b` UserVar:@\"q\" UserVar:@"},
      {"@@a @@global.x @@x'41'",
       "SysVar:@@ Word:a SysVar:@@ Word:global Op:. Word:x SysVar:@@ "
       "Word:x String:'41'"},
      {"@x:=1", "UserVar:@x Op::= Int:1"},
      {"a<=>b<>c!=d<=e>=f<<g>>h",
       "Word:a Op:<=> Word:b Op:<> Word:c Op:!= Word:d Op:<= Word:e "
       "Op:>= Word:f Op:<< Word:g Op:>> Word:h"},
      {"a->b->>c-d", "Word:a Op:-> Word:b Op:->> Word:c Op:- Word:d"},
      {"a||b&&c|d&e^f~g!h",
       "Word:a Op:|| Word:b Op:&& Word:c Op:| Word:d Op:& Word:e Op:^ "
       "Word:f Op:~ Word:g Op:! Word:h"},
      {"a=!b", "Word:a Op:= Op:! Word:b"},
      {"{}():,;", "Op:{ Op:} Op:( Op:) Op:: Op:, Semi:;"},
      {"? ?,?", "Param:? Param:? Op:, Param:?"},
      {"?a", "Illegal:?a"},
      {"\\N", "Illegal:\\N"},
      {"[a]", "Illegal:[a]"},
      {"a$b $x", "Word:a$b Word:$x"},
      {"$$x$$", "Illegal:$$x$$"},
      {"$a$x$a$", "Illegal:$a$x$a$"},
      {"1--1", "Int:1 Op:- Op:- Int:1"},
      {"1-- 1", "Int:1"},
      {"1--", "Int:1"},
      {"1--\n+1", "Int:1 Op:+ Int:1"},
      {"1--\x01x", "Int:1"},
      {"1 # x\n2", "Int:1 Int:2"},
      {"1 -- x\r2", "Int:1"},
      {"1 /* a /* b */ 2", "Int:1 Int:2"},
      {"1 /*/ 2 */ 3", "Int:1 Int:3"},
      {"1 /* x", "Int:1 Illegal:/* x"},
      {"1 /*! 2 */ 3", "Int:1 Exec:/*! 2 */ Int:3"},
      {"1 /*M!100 2 */ 3", "Int:1 Exec:/*M!100 2 */ Int:3"},
      {"/*! x", "Illegal:/*! x"},
      {"/*+ a('b') `c'd` */ 1", "Int:1"},
      {"/*+ `a*/` */ 1", "Illegal:/*+ `a*/` */ 1"},
      {"/*+ 'a*/ 1", "Illegal:/*+ 'a*/ 1"},
      {"2*/3", "Int:2 Op:* Op:/ Int:3"},
      {"caf\xC3\xA9 1\xC3\xA9 1e5\xC3\xA9",
       "Word:caf\xC3\xA9 Word:1\xC3\xA9 Float:1e5 "
       "Word:\xC3\xA9"},
      {"a\xC2\xA0"
       "b",
       "Word:a\xC2\xA0"
       "b"},
      {"a\xFF b", "Illegal:a\xFF b"},
      {"`a\xFF` b", "Illegal:`a\xFF` b"},
      {"'a\xFF'", "String:'a\xFF'"},
      {"@\xC3\xA9", "UserVar:@\xC3\xA9"},
      {"1\x1A", "Int:1 Illegal:\x1A"},
  };
  for (const Row& row : rows) EXPECT_EQ(Kinds(row.text), row.tokens) << row.text;
}

TEST(LexerTest, NulBytes) {
  using std::string_literals::operator""s;
  EXPECT_EQ(Kinds("'a\0b'"s), "String:'a\0b'"s);
  EXPECT_EQ(Kinds("1 \0 2"s), "Int:1 Illegal:\0 2"s);
  EXPECT_EQ(Kinds("1 # \0\n2"s), "Int:1 Illegal:# \0\n2"s);
  EXPECT_EQ(Kinds("1 -- \0\n2"s), "Int:1 Illegal:-- \0\n2"s);
  EXPECT_EQ(Kinds("`a\0`"s), "Illegal:`a\0`"s);
  EXPECT_EQ(Kinds("/* \0 */ 1"s), "Int:1");
}

TEST(LexerTest, Modes) {
  LexMode ansi;
  ansi.ansi_quotes = true;
  EXPECT_EQ(Kinds("\"a\"\"b\\\" @\"c\\\"", ansi), "Name:\"a\"\"b\\\" UserVar:@\"c\\\"");
  LexMode plain;
  plain.no_backslash_escapes = true;
  EXPECT_EQ(Kinds("'a\\' 'b'", plain), "String:'a\\' String:'b'");
  LexMode latin1;
  latin1.utf8 = false;
  EXPECT_EQ(Kinds("email\xA0 x", latin1), "Illegal:email\xA0 x");
  EXPECT_EQ(Kinds("`\xE9`", latin1), "Illegal:`\xE9`");
  EXPECT_EQ(Kinds("'\xE9' x", latin1), "String:'\xE9' Word:x");
}

// The backslash of gbk's BF 5C is half a character, and that of BF 20 5C is one.
TEST(LexerTest, TrailsThatMayBeSigns) {
  LexMode gbk;
  gbk.utf8 = false;
  gbk.trails_may_be_signs = true;
  EXPECT_EQ(Kinds("'\xBF\xBF' x", gbk), "String:'\xBF\xBF' Word:x");
  EXPECT_EQ(Kinds("'\xBF\\' x '", gbk), "Illegal:'\xBF\\' x '");
  EXPECT_EQ(Kinds("'\xBF \\' x'", gbk), "String:'\xBF \\' x'");
  EXPECT_EQ(Kinds("/*+ `\xBF` */ x", gbk), "Illegal:/*+ `\xBF` */ x");
  EXPECT_EQ(Kinds("-- \xBF\\\nx", gbk), "Word:x");
  gbk.no_backslash_escapes = true;
  EXPECT_EQ(Kinds("'\xBF\\' x", gbk), "String:'\xBF\\' Word:x");
}

TEST(LexerTest, TokenListNotes) {
  TokenList list;
  Lex("select ? , /* */ ?;", {}, list);
  EXPECT_EQ(list.parameters, 2u);
  EXPECT_FALSE(list.has_inner_semicolon);
  EXPECT_EQ(list.tokens.back().kind, TokenKind::kEnd);
  Lex("select 1;; -- x", {}, list);
  EXPECT_FALSE(list.has_inner_semicolon);
  EXPECT_EQ(list.parameters, 0u);
  Lex("select 1; select 2", {}, list);
  EXPECT_TRUE(list.has_inner_semicolon);
  Lex("select 1; /*! x */", {}, list);
  EXPECT_TRUE(list.has_executable_comment);
  Lex("count(x) count (x)", {}, list);
  EXPECT_TRUE(list.tokens[1].adjacent);
  EXPECT_FALSE(list.tokens[5].adjacent);
  Lex("a/**/(", {}, list);
  EXPECT_FALSE(list.tokens[1].adjacent);
  EXPECT_FALSE(list.tokens[0].adjacent);
  Lex("a '", {}, list);
  EXPECT_TRUE(list.has_illegal);
}

TEST(LexerTest, TokenListNotesDoubleQuotes) {
  TokenList list;
  LexMode ansi;
  ansi.ansi_quotes = true;
  for (const char* text : {"select \"x\"", "select 'a' \"b\"", "\"\""}) {
    Lex(text, {}, list);
    EXPECT_TRUE(list.has_double_quoted) << text;
    Lex(text, ansi, list);
    EXPECT_FALSE(list.has_double_quoted) << text;
  }
  for (const char* text : {"select 'x\"y'", "select `\"`", "select @\"x\"", "-- \"x\""}) {
    Lex(text, {}, list);
    EXPECT_FALSE(list.has_double_quoted) << text;
  }
}

TEST(LexerTest, TokenListNotesInLists) {
  TokenList list;
  for (const char* text : {"a in (1)", "a iN/* */(select 1)", "IN(", "f(x) + (a In (1))"}) {
    Lex(text, {}, list);
    EXPECT_TRUE(list.has_in_list) << text;
  }
  for (const char* text : {"(in)", "a in b (", "inn (1)", "`in` (1)", "'in' (1)", "(", "in"}) {
    Lex(text, {}, list);
    EXPECT_FALSE(list.has_in_list) << text;
  }
}

// Lex() and Lexer agree on every token.
void ExpectTheSame(const std::string& text, LexMode mode) {
  TokenList list;
  Lex(text, mode, list);
  Lexer lexer(text, mode);
  std::vector<Token> tokens;
  bool executable = false;
  bool adjacent = false;
  do {
    Token token = lexer.Next();
    const bool comment = token.kind == TokenKind::kComment;
    executable = executable || token.kind == TokenKind::kExecutableComment;
    if (comment || token.kind == TokenKind::kWhitespace ||
        token.kind == TokenKind::kExecutableComment) {
      adjacent = false;
      continue;
    }
    token.adjacent = adjacent;
    adjacent = true;
    tokens.push_back(token);
  } while (tokens.empty() || tokens.back().kind != TokenKind::kEnd);
  EXPECT_EQ(list.tokens, tokens) << text;
  EXPECT_EQ(list.has_executable_comment, executable) << text;
}

TEST(LexerTest, ListsAgreeWithTheLexer) {
  const std::vector<std::string> parts = {
      "select", "t",    "x",   "N",   "b",    "$a", "$a$", "_",  "\xC3\xA9", "\xE9", " ",  "\n",
      "(",      ")",    ",",   ".",   "*",    "+",  "-",   "--", "-- ",      "->",   "#",  "/",
      "/*",     "*/",   "/*!", "/*+", "'",    "''", "\"",  "`",  "\\",       "@",    "@@", "?",
      "1",      "0x4f", "0b1", "1e5", "1.",   ".5", "e+",  ";",  ":",        ":=",   "&&", "||",
      "<=>",    "<",    "!=",  "~",   "in (", "{",  "}",   "%",  "^",        "x'4'", "in"};
  std::mt19937 random(20240607);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += parts[random() % parts.size()];
    if (i % 8 == 0) text += static_cast<char>(random());
    LexMode mode;
    mode.ansi_quotes = (i & 1) != 0;
    mode.no_backslash_escapes = (i & 2) != 0;
    mode.utf8 = (i & 4) == 0;
    ExpectTheSame(text, mode);
  }
}

}  // namespace
}  // namespace sealgate::sql
