#include "proxy/sql/edit.h"

#include <gtest/gtest.h>

#include <vector>

namespace sealgate::sql {
namespace {

std::string Apply(std::string_view text, std::vector<Edit> edits) {
  std::string out = ">";
  const bool ok = ApplyEdits(text, edits, out);
  if (!ok) {
    EXPECT_EQ(out, ">");
    return "refused";
  }
  return out.substr(1);
}

TEST(EditTest, Applies) {
  EXPECT_EQ(Apply("abcdef", {}), "abcdef");
  EXPECT_EQ(Apply("abcdef", {{0, 1, "X"}, {1, 1, "Y"}, {5, 6, ""}}), "XYbcde");
  EXPECT_EQ(Apply("abcdef", {{6, 6, "!"}}), "abcdef!");
  EXPECT_EQ(Apply("", {{0, 0, "a"}, {0, 0, "b"}}), "ab");
}

TEST(EditTest, Refuses) {
  EXPECT_EQ(Apply("abc", {{2, 3, ""}, {0, 1, ""}}), "refused");
  EXPECT_EQ(Apply("abc", {{0, 2, ""}, {1, 3, ""}}), "refused");
  EXPECT_EQ(Apply("abc", {{2, 1, ""}}), "refused");
  EXPECT_EQ(Apply("abc", {{3, 4, ""}}), "refused");
}

}  // namespace
}  // namespace sealgate::sql
