#include "proxy/net/transport/read_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace sealgate::net {
namespace {

void Fill(ReadBuffer& buffer, const std::string& bytes) {
  ASSERT_LE(bytes.size(), buffer.space_size());
  std::memcpy(buffer.space(), bytes.data(), bytes.size());
  buffer.Commit(bytes.size());
}

TEST(ReadBuffer, KeepsWhatIsNotConsumed) {
  ReadBuffer buffer;
  buffer.Prepare();
  Fill(buffer, "abcdef");
  buffer.Consume(2);
  EXPECT_EQ(buffer.bytes(), "cdef");
  buffer.Prepare();
  Fill(buffer, "gh");
  EXPECT_EQ(buffer.bytes(), "cdefgh");
  buffer.Consume(6);
  EXPECT_TRUE(buffer.empty());
}

TEST(ReadBuffer, GrowsWhileReadsFillItAndShrinksWhenItMay) {
  ReadBuffer buffer;
  buffer.Prepare();
  EXPECT_EQ(buffer.capacity(), ReadBuffer::kSmallest);
  std::string all;
  while (!buffer.full()) {
    const std::string more(buffer.space_size(), static_cast<char>('a' + all.size() % 26));
    Fill(buffer, more);
    all += more;
    if (!buffer.full()) buffer.Prepare();
  }
  EXPECT_EQ(buffer.capacity(), ReadBuffer::kLargest);
  EXPECT_EQ(buffer.bytes(), all);
  buffer.Consume(all.size());
  buffer.Prepare();
  Fill(buffer, "x");
  buffer.Shrink();
  EXPECT_EQ(buffer.bytes(), "x");
  EXPECT_TRUE(buffer.grown());
  buffer.Consume(1);
  buffer.Prepare();
  EXPECT_EQ(buffer.capacity(), ReadBuffer::kLargest);
  buffer.Shrink();
  EXPECT_EQ(buffer.capacity(), 0U);
  buffer.Prepare();
  EXPECT_EQ(buffer.capacity(), ReadBuffer::kSmallest);
  EXPECT_FALSE(buffer.grown());
}

TEST(ReadBuffer, WipesWhatWasConsumed) {
  ReadBuffer buffer;
  buffer.Prepare();
  Fill(buffer, "secret");
  const char* place = buffer.bytes().data();
  buffer.ConsumeAndWipe(6);
  EXPECT_EQ(std::string(place, 6), std::string(6, '\0'));
}

}  // namespace
}  // namespace sealgate::net
