#include "policy/collation.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/code_point.h"

namespace sealgate::policy {
namespace {

/// 'a' and 'A' weigh the same, U+00A0 weighs as a space, U+0001 nothing.
CollationWeights Weights(bool pad_space) {
  CollationWeights weights("test_ci", pad_space);
  weights.Set(U'a', std::string_view("\x0A\x20", 2));
  weights.Set(U'A', std::string_view("\x0A\x20", 2));
  weights.Set(U'b', std::string_view("\x0A\x21", 2));
  weights.Set(U' ', std::string_view("\x02\x09", 2));
  weights.Set(U'\u00A0', std::string_view("\x02\x09", 2));
  weights.Set(U'\x01', "");
  weights.Set(U'\U0001F600', std::string_view("\xFB\xC3\xF6\x00", 4));
  return weights;
}

std::string Of(const CollationWeights& weights, std::string_view text) {
  std::string out;
  EXPECT_TRUE(weights.Append(text, out));
  return out;
}

TEST(Collation, EqualTextsHaveEqualWeights) {
  const CollationWeights weights = Weights(true);
  EXPECT_EQ(Of(weights, "aAb"), Of(weights, "AAb"));
  EXPECT_NE(Of(weights, "ab"), Of(weights, "ba"));
  EXPECT_EQ(Of(weights, "\xF0\x9F\x98\x80"), std::string("\xFB\xC3\xF6\x00", 4));
}

TEST(Collation, PaddingIsByWeight) {
  const CollationWeights padded = Weights(true);
  for (const char* text : {"a ", "a  ", "a\xC2\xA0", "a \x01", "a \x01 ", "a"}) {
    EXPECT_EQ(Of(padded, text), Of(padded, "a")) << text;
  }
  EXPECT_EQ(Of(padded, "  "), "");
  EXPECT_NE(Of(padded, " a"), Of(padded, "a"));
  const CollationWeights unpadded = Weights(false);
  EXPECT_NE(Of(unpadded, "a "), Of(unpadded, "a"));
}

TEST(Collation, PaddingNeverEatsWhatStoodBefore) {
  std::string out("\x02\x09", 2);
  EXPECT_TRUE(Weights(true).Append("  ", out));
  EXPECT_EQ(out, std::string("\x02\x09", 2));
}

TEST(Collation, UnknownOrBrokenTextIsRefused) {
  const CollationWeights weights = Weights(true);
  for (const char* text : {"c", "a\xC3", "\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xE2\x82", "\xFF", "\xF0\x80\x80\x80"}) {
    std::string out = "before";
    EXPECT_FALSE(weights.Append(text, out));
    EXPECT_EQ(out, "before");
  }
}

TEST(Collation, CodePointsThereAndBack) {
  for (char32_t code :
       {0x01u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xD7FFu, 0xE000u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    std::string text;
    AppendUtf8(code, text);
    std::string_view rest = text;
    EXPECT_EQ(TakeCodePoint(rest), code);
    EXPECT_TRUE(rest.empty());
  }
}

TEST(Collation, OnlySafeOnesAreSearchable) {
  for (const char* name :
       {"utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_unicode_520_ci",
        "utf8mb4_0900_ai_ci", "utf8mb4_0900_bin", "utf8mb4_general_nopad_ci", "utf8mb3_general_ci",
        "utf8_general_ci", "utf8mb3_nopad_bin", "latin1_swedish_ci", "latin1_general_ci",
        "latin1_bin", "ascii_general_ci", "ascii_bin"}) {
    EXPECT_TRUE(IsSearchableCollation(name)) << name;
  }
  for (const char* name : {"", "binary", "utf8mb4_", "utf8mb4_0900_as_ci", "utf8mb4_0900_as_cs",
                           "utf8mb4_german2_ci", "utf8mb4_uca1400_ai_ci", "utf8mb4_thai_520_w2",
                           "utf8mb4_de_pb_0900_ai_ci", "utf8mb3_0900_ai_ci", "latin1_german2_ci",
                           "gbk_bin", "ucs2_bin", "utf8mb4_zh_0900_as_cs"}) {
    EXPECT_FALSE(IsSearchableCollation(name)) << name;
  }
}

}  // namespace
}  // namespace sealgate::policy
