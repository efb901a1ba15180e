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

TEST(LooseName, ALetterMayHaveUpToThreeBytesOfAnyKindBehindIt) {
  // gb18030 and gbk
  EXPECT_TRUE(MayBeName("\x81\x30\x94\x38tmt", "stmt"));
  EXPECT_TRUE(MayHoldName("CALL \xA8\x4Dtmt(1)", "stmt"));
  EXPECT_FALSE(
      MayBeName("\x81\x30\x94\x38"
                "000tmt",
                "stmt"));
  EXPECT_FALSE(MayBeName("a\xFCstmt", "a_stmt"));
}

TEST(LooseName, ACharacterOfTheNameMayBeAnyLetter) {
  EXPECT_TRUE(MayBeName("stmt", "st\u00E4t"));
  EXPECT_TRUE(MayBeName("st\xE4t", "st\u00E4t"));
  EXPECT_TRUE(MayHoldName("x stxty", "st\u00E4t"));
  EXPECT_FALSE(MayHoldName("x st1ty st_t", "st\u00E4t"));
}

TEST(LooseName, OnlySomeLettersMayBeOthers) {
  EXPECT_TRUE(MayHoldName("from \xFEtmt", "stmt", "kis"));
  EXPECT_FALSE(MayHoldName("from s\xFEmt", "stmt", "kis"));
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
