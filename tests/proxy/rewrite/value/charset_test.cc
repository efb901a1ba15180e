#include "proxy/rewrite/value/charset.h"

#include <gtest/gtest.h>

#include "policy/code_point.h"

namespace sealgate::rewrite {
namespace {

using policy::Charset;

TEST(CharsetTest, CountsCharactersStrictly) {
  struct Row {
    Charset charset;
    std::string_view text;
    std::optional<std::size_t> count;
  };
  const Row rows[] = {
      {Charset::kUtf8mb4, "", 0},
      {Charset::kUtf8mb4, "abc", 3},
      {Charset::kUtf8mb4, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z", 5},
      {Charset::kUtf8mb3, "a\xC3\xA9\xE2\x82\xAC", 3},
      {Charset::kUtf8mb3, "\xF0\x9F\x98\x80", std::nullopt},
      {Charset::kUtf8mb4, "a\xC3", std::nullopt},
      {Charset::kUtf8mb4, "\xC0\x80", std::nullopt},
      {Charset::kUtf8mb4, "\xE0\x80\xAF", std::nullopt},
      {Charset::kUtf8mb4, "\xED\xA0\x80", std::nullopt},
      {Charset::kUtf8mb4, "\xF4\x90\x80\x80", std::nullopt},
      {Charset::kUtf8mb4, "\x80", std::nullopt},
      {Charset::kAscii, "abc", 3},
      {Charset::kAscii, "ab\xE9", std::nullopt},
      {Charset::kLatin1, "ab\xE9\x81", 4},
      {Charset::kBinary, "\xFF\xFE", 2},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(CountCharacters(row.charset, row.text), row.count)
        << policy::CharsetName(row.charset) << " " << testing::PrintToString(row.text);
  }
}

TEST(CharsetTest, FindsCharacters) {
  const std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  const std::size_t offsets[] = {0, 1, 3, 6, 10, 11, 11};
  for (std::size_t i = 0; i < std::size(offsets); ++i) {
    EXPECT_EQ(CharacterOffset(Charset::kUtf8mb4, text, i), offsets[i]);
  }
  EXPECT_EQ(CharacterOffset(Charset::kLatin1, "ab", 1), 1u);
  EXPECT_EQ(CharacterOffset(Charset::kLatin1, "ab", 9), 2u);
}

TEST(CharsetTest, ConvertsOrLeavesOutputAlone) {
  struct Row {
    Charset from;
    Charset to;
    std::string_view text;
    std::optional<std::string_view> converted;
  };
  const Row rows[] = {
      {Charset::kUtf8mb4, Charset::kLatin1, "a\xC3\xA9", "a\xE9"},
      {Charset::kUtf8mb4, Charset::kLatin1, "\xE2\x82\xAC", "\x80"},
      {Charset::kUtf8mb4, Charset::kLatin1, "\xC2\x81", "\x81"},
      {Charset::kUtf8mb4, Charset::kLatin1, "\xC2\x80", std::nullopt},
      {Charset::kUtf8mb4, Charset::kLatin1, "a\xC4\x81", std::nullopt},
      {Charset::kLatin1, Charset::kUtf8mb4, "\x80\x9D\xA0\xFF",
       "\xE2\x82\xAC\xC2\x9D\xC2\xA0\xC3\xBF"},
      {Charset::kLatin1, Charset::kAscii, "abc", "abc"},
      {Charset::kLatin1, Charset::kAscii, "ab\xE9", std::nullopt},
      {Charset::kUtf8mb4, Charset::kUtf8mb3, "\xF0\x9F\x98\x80", std::nullopt},
      {Charset::kUtf8mb3, Charset::kUtf8mb4, "\xE2\x82\xAC", "\xE2\x82\xAC"},
      {Charset::kUtf8mb4, Charset::kUtf8mb4, "ok\xC3", std::nullopt},
      {Charset::kBinary, Charset::kUtf8mb4, "\xFF", "\xFF"},
      {Charset::kUtf8mb4, Charset::kBinary, "\xFF", "\xFF"},
  };
  for (const Row& row : rows) {
    std::string out = "before ";
    EXPECT_EQ(Convert(row.from, row.to, row.text, out), row.converted.has_value());
    EXPECT_EQ(out, "before " + std::string(row.converted.value_or("")))
        << testing::PrintToString(row.text);
  }
}

TEST(CharsetTest, EveryLatin1ByteComesBack) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    std::string utf8;
    std::string back;
    ASSERT_TRUE(Convert(Charset::kLatin1, Charset::kUtf8mb4, text, utf8));
    ASSERT_TRUE(Convert(Charset::kUtf8mb4, Charset::kLatin1, utf8, back));
    EXPECT_EQ(back, text);
  }
}

TEST(CharsetTest, ResultsGetQuestionMarksAsFromTheServers) {
  std::string out;
  EXPECT_TRUE(ConvertForResults(Charset::kUtf8mb4, Charset::kLatin1, "a\xC4\x81\xC3\xA9", out));
  EXPECT_TRUE(ConvertForResults(Charset::kUtf8mb4, Charset::kUtf8mb3, "\xF0\x9F\x98\x80z", out));
  EXPECT_TRUE(ConvertForResults(Charset::kLatin1, Charset::kAscii, "\xE9", out));
  EXPECT_EQ(out, "a?\xE9?z?");
  EXPECT_FALSE(ConvertForResults(Charset::kUtf8mb4, Charset::kLatin1, "a\xC4", out));
  EXPECT_EQ(out, "a?\xE9?z?");
}

}  // namespace
}  // namespace sealgate::rewrite
