#include "policy/weight_file.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::policy {
namespace {

const WeightSourceName kName{"10.11.6-MariaDB", "utf8mb4_general_ci", true};

CollationWeights Weights() {
  CollationWeights weights(kName.collation, kName.pad_space);
  weights.Set(U'a', std::string_view("\x00\x41", 2));
  weights.Set(U'A', std::string_view("\x00\x41", 2));
  weights.Set(U'\x01', "");
  weights.Set(U'\U0010FFFF', std::string(255, 'w'));
  return weights;
}

std::string Bytes() { return EncodeWeights(kName, Weights()).value(); }

std::string WithTrailer(const std::string& body) { return body + WeightTrailer(body); }
std::string Body() {
  std::string bytes = Bytes();
  bytes.resize(bytes.size() - 32);
  return bytes;
}
// Of the first entry.
std::size_t EntriesAt() {
  return 8 + 1 + 1 + kName.server_version.size() + 1 + kName.collation.size() + 1 + 4;
}

TEST(WeightFile, WhatIsWrittenIsReadAgain) {
  const auto read = DecodeWeights(kName, Bytes());
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->WeightOf(U'a'), std::string_view("\x00\x41", 2));
  EXPECT_EQ(read->WeightOf(U'\x01'), "");
  EXPECT_EQ(read->WeightOf(U'b'), std::nullopt);
  EXPECT_EQ(read->WeightOf(U'\U0010FFFF')->size(), 255u);
  EXPECT_EQ(read->name(), kName.collation);
  EXPECT_TRUE(read->pad_space());
  EXPECT_EQ(EncodeWeights(kName, *read), Bytes());
}

TEST(WeightFile, OfAnotherSourceItIsNotTaken) {
  for (const WeightSourceName& other :
       {WeightSourceName{"10.11.7-MariaDB", kName.collation, true},
        WeightSourceName{kName.server_version, "utf8mb4_unicode_ci", true},
        WeightSourceName{kName.server_version, kName.collation, false}}) {
    EXPECT_EQ(DecodeWeights(other, Bytes()), nullptr);
  }
}

TEST(WeightFile, DamageIsSeen) {
  const std::string bytes = Bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {0, 7}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_EQ(DecodeWeights(kName, damaged), nullptr) << i;
    }
    EXPECT_EQ(DecodeWeights(kName, std::string(bytes, 0, i)), nullptr) << i;
  }
  EXPECT_EQ(DecodeWeights(kName, bytes + '\0'), nullptr);
}

TEST(WeightFile, ARightTrailerDoesNotMakeItWhole) {
  const std::string body = Body();
  ASSERT_NE(DecodeWeights(kName, WithTrailer(body)), nullptr);
  for (std::size_t i = 0; i < body.size(); ++i) {
    EXPECT_EQ(DecodeWeights(kName, WithTrailer(body.substr(0, i))), nullptr) << i;
  }
  EXPECT_EQ(DecodeWeights(kName, WithTrailer(body + '\0')), nullptr);
}

TEST(WeightFile, CodePointsRiseAndExist) {
  const std::string body = Body();
  const std::size_t second = EntriesAt() + 4;  // after U+0001 without a weight
  ASSERT_EQ(body.substr(second, 3), std::string("\x00\x00\x41", 3));
  for (const std::string_view code :
       {std::string_view("\x00\x00\x00", 3), std::string_view("\x00\x00\x01", 3),
        std::string_view("\x00\x00\x61", 3), std::string_view("\x00\xD8\x00", 3),
        std::string_view("\x00\xDF\xFF", 3), std::string_view("\x11\x00\x00", 3),
        std::string_view("\xFF\xFF\xFF", 3)}) {
    std::string changed = body;
    changed.replace(second, 3, code);
    EXPECT_EQ(DecodeWeights(kName, WithTrailer(changed)), nullptr);
  }
  std::string many = body;
  many.replace(EntriesAt() - 4, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(DecodeWeights(kName, WithTrailer(many)), nullptr);
}

TEST(WeightFile, WhatDoesNotFitIsNotWritten) {
  CollationWeights weights("x", true);
  weights.Set(U'a', std::string(256, 'w'));
  EXPECT_EQ(EncodeWeights({"1", "x", true}, weights), std::nullopt);
  EXPECT_EQ(EncodeWeights({std::string(256, 'v'), "x", true}, Weights()), std::nullopt);
}

}  // namespace
}  // namespace sealgate::policy
