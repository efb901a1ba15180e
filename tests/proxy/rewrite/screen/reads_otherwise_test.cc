#include "proxy/rewrite/screen/reads_otherwise.h"

#include <gtest/gtest.h>

namespace sealgate::rewrite {
namespace {

SessionFacts Quotes() {
  SessionFacts facts;
  facts.lex.ansi_quotes = true;
  return facts;
}

TEST(ReadsOtherwise, OnlyWhatTheModeIsAbout) {
  const SessionFacts none;
  SessionFacts escapes;
  escapes.lex.no_backslash_escapes = true;
  SessionFacts pipes;
  pipes.lex.pipes_as_concat = true;
  struct Case {
    const char* text;
    bool quotes, escapes, pipes;
  };
  for (const Case& one :
       {Case{"SELECT a FROM t WHERE b = 'c'", false, false, false},
        Case{"SELECT \"a\"", true, false, false}, Case{"SELECT 'a\\'b'", false, true, false},
        Case{"SELECT 'a' || b", false, false, true},
        Case{"SELECT `a\"b`, '\"'", false, false, false},
        Case{"SELECT /*!1 \"a\" */", true, false, false},
        Case{"SELECT 1 -- \"", false, false, false}}) {
    EXPECT_EQ(ReadsOtherwise(one.text, none, Quotes()), one.quotes) << one.text;
    EXPECT_EQ(ReadsOtherwise(one.text, Quotes(), none), one.quotes) << one.text;
    EXPECT_EQ(ReadsOtherwise(one.text, none, escapes), one.escapes) << one.text;
    EXPECT_EQ(ReadsOtherwise(one.text, none, pipes), one.pipes) << one.text;
    EXPECT_FALSE(ReadsOtherwise(one.text, Quotes(), Quotes())) << one.text;
  }
}

TEST(ReadsOtherwise, InAnotherCharacterSetOnlyWhatIsNoAscii) {
  const SessionFacts utf8;
  SessionFacts latin1;
  latin1.client = policy::Charset::kLatin1;
  SessionFacts gbk;
  gbk.client.reset();
  gbk.client_extends_ascii = true;
  SessionFacts swe7;
  swe7.client.reset();
  for (const SessionFacts& other : {latin1, gbk, swe7}) {
    EXPECT_TRUE(ReadsOtherwise("SELECT '\xC3\xB6'", utf8, other));
    EXPECT_FALSE(ReadsOtherwise("SELECT 'o'", utf8, other));
    EXPECT_FALSE(ReadsOtherwise("SELECT '\xC3\xB6'", other, other));
  }
  EXPECT_FALSE(ReadsOtherwise("SELECT `o`", utf8, gbk));
  EXPECT_TRUE(ReadsOtherwise("SELECT `o`", utf8, swe7));
}

}  // namespace
}  // namespace sealgate::rewrite
