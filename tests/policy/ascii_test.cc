#include "policy/ascii.h"

#include <gtest/gtest.h>

namespace sealgate::ascii {
namespace {

// Over every byte, so that the edges of each range are among them.
TEST(Ascii, CaseOfEveryByte) {
  const std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::size_t in_upper = upper.find(c);
    const std::size_t in_lower = lower.find(c);
    EXPECT_EQ(ToLower(c), in_upper == std::string_view::npos ? c : lower[in_upper]) << byte;
    EXPECT_EQ(ToUpper(c), in_lower == std::string_view::npos ? c : upper[in_lower]) << byte;
    EXPECT_EQ(IsHigh(c), byte >= 128) << byte;
  }
}

TEST(Ascii, DigitsAmongEveryByte) {
  const std::string_view digits = "0123456789abcdef";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::size_t value = digits.find(ToLower(c));
    const bool is_digit = value != std::string_view::npos;
    EXPECT_EQ(HexValue(c), is_digit ? static_cast<int>(value) : -1) << byte;
    EXPECT_EQ(IsDigit(c), is_digit && value < 10) << byte;
  }
}

TEST(Ascii, Texts) {
  EXPECT_TRUE(IsAscii(""));
  EXPECT_TRUE(IsAscii("a\x7F"));
  EXPECT_FALSE(IsAscii("a\x80"));
  EXPECT_EQ(ToLower(std::string_view("Straße_A")), "straße_a");
  EXPECT_TRUE(EqualsAnyCase("Id", "iD"));
  EXPECT_FALSE(EqualsAnyCase("id", "id2"));
  EXPECT_FALSE(EqualsAnyCase("id2", "id"));
  EXPECT_FALSE(EqualsAnyCase("Ä", "ä"));
}

}  // namespace
}  // namespace sealgate::ascii
