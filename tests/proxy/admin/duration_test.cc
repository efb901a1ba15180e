#include "proxy/admin/duration.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::admin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ParseDuration, ReadsWhatPeopleWrite) {
  EXPECT_EQ(ParseDuration("90s"), seconds(90));
  EXPECT_EQ(ParseDuration("10m"), seconds(600));
  EXPECT_EQ(ParseDuration("1h30m"), seconds(5'400));
  EXPECT_EQ(ParseDuration("2h5m7s"), seconds(7'507));
  EXPECT_EQ(ParseDuration("1h1s"), seconds(3'601));
  EXPECT_EQ(ParseDuration("0h1s"), seconds(1));
  EXPECT_EQ(ParseDuration("1000h"), seconds(3'600'000));
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* text :
       {"", "10", "m", "10M", "10 m", " 10m", "10m ", "10m1h", "10m10m", "-10m", "+10m", "1.5h",
        "0s", "1001h", "4294967296s", "4294967295h", "99999999999999999999s", "10ms", "ten"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
  EXPECT_FALSE(ParseDuration(std::string("1m\0", 3)));
}

TEST(FormatDuration, RoundsUp) {
  EXPECT_EQ(FormatDuration(milliseconds(0)), "0s");
  EXPECT_EQ(FormatDuration(milliseconds(-5)), "0s");
  EXPECT_EQ(FormatDuration(milliseconds(1)), "1s");
  EXPECT_EQ(FormatDuration(milliseconds(598'000)), "9m 58s");
  EXPECT_EQ(FormatDuration(milliseconds(3'600'000)), "1h 0m");
  EXPECT_EQ(FormatDuration(milliseconds(7'501'000)), "2h 6m");
}

}  // namespace
}  // namespace sealgate::admin
