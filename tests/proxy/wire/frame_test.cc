#include "proxy/wire/frame.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

constexpr std::uint32_t kFrame = 64;

std::string Pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + size);
  return bytes;
}

const std::size_t kSizes[] = {0, 1, 3, 4, 63, 64, 65, 127, 128, 129, 1000, 64 * 300};

/// All of kSizes as one stream whose numbers go on from message to message.
std::string Stream() {
  std::string out;
  std::uint8_t seq = 0;
  for (const std::size_t size : kSizes) EncodeMessage(Pattern(size), seq, kFrame, out);
  return out;
}

/// Feeds `stream` in the given pieces, each from a buffer of its exact size.
template <typename NextSize>
std::vector<std::string> Assemble(const std::string& stream, NextSize next_size) {
  MessageAssembler assembler(kFrame, 1 << 20);
  std::vector<std::string> messages;
  std::size_t at = 0;
  while (at < stream.size()) {
    const ExactBuffer piece(std::string_view(stream).substr(at, next_size()));
    std::string_view in = piece.view();
    at += in.size();
    while (!in.empty()) {
      const auto progress = assembler.Feed(in);
      if (!progress || (progress->consumed == 0 && !progress->message)) {
        ADD_FAILURE() << "no progress";
        return messages;
      }
      if (progress->message) messages.emplace_back(progress->message->payload);
      in.remove_prefix(progress->consumed);
    }
  }
  EXPECT_TRUE(assembler.BetweenMessages());
  return messages;
}

void ExpectAllSizes(const std::vector<std::string>& messages) {
  ASSERT_EQ(messages.size(), std::size(kSizes));
  for (std::size_t i = 0; i < messages.size(); ++i) EXPECT_EQ(messages[i], Pattern(kSizes[i]));
}

TEST(FrameTest, EncodesHeadersAndTheTrailingEmptyFrame) {
  std::string out;
  std::uint8_t seq = 255;
  EncodeMessage("abcd", seq, 4, out);
  EXPECT_EQ(out, Hex("040000 ff 'abcd' 000000 00"));
  EXPECT_EQ(seq, 1);
  out.clear();
  EncodeMessage("abcde", seq, 4, out);
  EXPECT_EQ(out, Hex("040000 01 'abcd' 010000 02 'e'"));
  out.clear();
  EncodeMessage("", seq, 4, out);
  EXPECT_EQ(out, Hex("000000 03"));
}

TEST(FrameTest, AssemblesWholeByteByByteAndInEverySize) {
  const std::string stream = Stream();
  ExpectAllSizes(Assemble(stream, [&] { return stream.size(); }));
  for (std::size_t size = 1; size <= 140; ++size) {
    SCOPED_TRACE(size);
    ExpectAllSizes(Assemble(stream, [&] { return size; }));
  }
}

TEST(FrameTest, AssemblesAtRandomSplits) {
  std::mt19937 random(20260101);
  const std::string stream = Stream();
  for (int round = 0; round < 200; ++round) {
    ExpectAllSizes(Assemble(stream, [&] { return 1 + random() % 200; }));
  }
}

TEST(FrameTest, WholeMessageIsNotCopied) {
  const std::string stream = Hex("030000 00 'abc' 010000 01 'd'");
  MessageAssembler assembler(kFrame, 100);
  const auto first = assembler.Feed(stream);
  ASSERT_TRUE(first && first->message);
  EXPECT_EQ(first->consumed, 7u);
  EXPECT_EQ(first->message->payload.data(), stream.data() + 4);
  const auto second = assembler.Feed(std::string_view(stream).substr(7));
  ASSERT_TRUE(second && second->message);
  EXPECT_EQ(second->message->payload, "d");
  EXPECT_EQ(second->message->first_seq, 1);
}

TEST(FrameTest, ReportsFirstAndLastNumberAcrossTheWrap) {
  std::string stream;
  std::uint8_t seq = 254;
  EncodeMessage(Pattern(130), seq, kFrame, stream);
  MessageAssembler assembler(kFrame, 1000);
  assembler.ExpectSequence(254);
  const auto progress = assembler.Feed(stream);
  ASSERT_TRUE(progress && progress->message);
  EXPECT_EQ(progress->message->first_seq, 254);
  EXPECT_EQ(progress->message->last_seq, 0);
  EXPECT_EQ(assembler.expected_sequence(), 1);
}

TEST(FrameTest, RefusesAWrongNumberAndStaysFailed) {
  MessageAssembler assembler(kFrame, 1000);
  const auto wrong = assembler.Feed(Hex("010000 01 'a'"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error(), FrameError::kBadSequence);
  EXPECT_FALSE(assembler.Feed(Hex("010000 00 'a'")));

  MessageAssembler any(kFrame, 1000);
  any.ExpectSequence(std::nullopt);
  EXPECT_TRUE(any.Feed(Hex("010000 07 'a'")));
  EXPECT_FALSE(any.Feed(Hex("010000 09 'a'")));
}

TEST(FrameTest, RefusesAWrongNumberInAContinuation) {
  std::string stream;
  std::uint8_t seq = 0;
  EncodeMessage(Pattern(70), seq, kFrame, stream);
  stream[4 + 64 + 3] = 5;
  MessageAssembler assembler(kFrame, 1000);
  EXPECT_FALSE(assembler.Feed(stream));
}

TEST(FrameTest, RefusesTooLargeFromTheHeaderAlone) {
  MessageAssembler assembler(kMaxFramePayload, 10);
  EXPECT_TRUE(assembler.Feed(Hex("0a0000 00 '0123456789'")));
  const auto large = assembler.Feed(Hex("0b0000 01"));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error(), FrameError::kTooLarge);
  EXPECT_FALSE(assembler.Feed("x"));
}

TEST(FrameTest, RefusesTooLargeOverManyFrames) {
  std::string stream;
  std::uint8_t seq = 0;
  EncodeMessage(Pattern(129), seq, kFrame, stream);
  EXPECT_TRUE(MessageAssembler(kFrame, 129).Feed(stream));
  const auto large = MessageAssembler(kFrame, 128).Feed(stream);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error(), FrameError::kTooLarge);
}

/// Forwards `stream` with the numbers shifted by `shift`, nothing buffered.
std::string Forward(const std::string& stream, std::uint8_t shift, std::size_t piece_size) {
  FrameCursor cursor(kFrame);
  std::string out;
  std::size_t at = 0;
  std::uint64_t expected_offset = 0;
  while (at < stream.size()) {
    const ExactBuffer piece(std::string_view(stream).substr(at, piece_size));
    std::string_view in = piece.view();
    at += in.size();
    while (!in.empty()) {
      const auto event = cursor.Next(in);
      if (!event) return "error";
      in.remove_prefix(event->consumed);
      if (event->kind == FrameEvent::Kind::kNeedInput) continue;
      EXPECT_EQ(event->message_offset, expected_offset);
      if (event->kind == FrameEvent::Kind::kHeader) {
        const auto seq = static_cast<std::uint8_t>(event->header.seq + shift);
        EncodeFrameHeader({.length = event->header.length, .seq = seq}, out);
      }
      out.append(event->payload);
      expected_offset += event->payload.size();
      if (event->end_of_message) expected_offset = 0;
    }
  }
  EXPECT_TRUE(cursor.BetweenMessages());
  return out;
}

TEST(FrameTest, CursorForwardsUnchangedAtEverySplit) {
  const std::string stream = Stream();
  for (std::size_t size = 1; size <= 140; ++size) {
    EXPECT_EQ(Forward(stream, 0, size), stream) << size;
  }
}

TEST(FrameTest, CursorLetsNumbersBePatched) {
  std::string expected;
  std::uint8_t seq = 7;
  for (const std::size_t size : kSizes) EncodeMessage(Pattern(size), seq, kFrame, expected);
  EXPECT_EQ(Forward(Stream(), 7, 50), expected);
}

TEST(FrameTest, ReleaseKeepsAMessageInProgress) {
  MessageAssembler assembler(kFrame, 1000);
  EXPECT_TRUE(assembler.Feed(Hex("030000 00 'a'")));
  assembler.Release();
  const auto done = assembler.Feed("bc");
  ASSERT_TRUE(done && done->message);
  EXPECT_EQ(done->message->payload, "abc");
  assembler.Release();
}

}  // namespace
}  // namespace sealgate::wire
