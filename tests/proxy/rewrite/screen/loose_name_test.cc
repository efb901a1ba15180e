#include "proxy/rewrite/screen/loose_name.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::rewrite {
namespace {

TEST(LooseName, BytesMayBeLettersOrPartsOfThem) {
  for (const char* name :
       {"stmt", "STMT", "\xC5\x9Btmt", "\x9Atmt", "st\xB5\x74", "\xC5\x9B\xC5\xA5mt"}) {
    EXPECT_TRUE(MayBeName(name, "stmt")) << name;
    EXPECT_TRUE(MayHoldName("x." + std::string(name) + "(1)", "stmt")) << name;
  }
  for (const char* name : {"", "stm", "stmts", "\xC5\x9Btm", "s\xC5tmtx", "\xFC\xFC", "s_mt"}) {
    EXPECT_FALSE(MayBeName(name, "stmt")) << name;
  }
  EXPECT_FALSE(MayHoldName("\xFC\xFC stm", "stmt"));
  EXPECT_TRUE(MayHoldName("sstmt", "stmt"));
  EXPECT_TRUE(MayHoldName("ab\xFC\xFC\xFC", "abab"));
}

TEST(LooseName, InUtf8EachCharacterIsOne) {
  EXPECT_TRUE(MayBeNameInUtf8("\u015Btmt", "stmt"));
  EXPECT_TRUE(MayBeNameInUtf8("Stmt", "stmt"));
  EXPECT_FALSE(MayBeNameInUtf8("\u00C3\u00BC", "stmt"));
  EXPECT_FALSE(MayBeNameInUtf8("\u015Btm", "stmt"));
  EXPECT_FALSE(MayBeNameInUtf8("\u015Btmts", "stmt"));
}

TEST(LooseName, OneThatIsTooLongMayBeAny) {
  const std::string longest(256, 'a');
  EXPECT_TRUE(MayHoldName("x" + longest, longest));
  EXPECT_FALSE(MayHoldName(longest.substr(1), longest));
  EXPECT_TRUE(MayBeName("b", longest + "a"));
  EXPECT_TRUE(MayHoldName("b", longest + "a"));
}

}  // namespace
}  // namespace sealgate::rewrite
