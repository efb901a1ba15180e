#include "proxy/wire/compressed_packet.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>
#include <vector>

#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

constexpr Compression kBoth[] = {Compression::kZlib, Compression::kZstd};

std::string Noise(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string Packed(Compression algorithm, std::string_view plain, std::uint8_t first = 0) {
  Compressor compressor;
  std::string out;
  std::uint8_t seq = first;
  compressor.Append(algorithm, kDefaultZstdLevel, plain, seq, out);
  return out;
}

/// A packet with any header around any payload.
std::string Packet(std::uint32_t length, std::uint8_t seq, std::uint32_t plain,
                   std::string_view payload) {
  std::string out;
  Writer writer(out);
  writer.U24(length);
  writer.U8(seq);
  writer.U24(plain);
  writer.Bytes(payload);
  return out;
}

struct Outcome {
  std::string plain;
  std::optional<CompressionError> error;
  bool whole = false;  // nothing of a packet is missing
};

/// Expands `stream` in pieces of `size`, each from a buffer of its exact size.
Outcome Expand(Compression algorithm, std::string_view stream, std::size_t size) {
  CompressedReader reader(algorithm);
  reader.ExpectSequence(0);
  Outcome outcome;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const ExactBuffer exact(stream.substr(at, size));
    std::string_view in = exact.view();
    for (;;) {
      const auto piece = reader.Next(in);
      if (!piece) {
        outcome.error = piece.error();
        EXPECT_EQ(reader.Next(in).error(), piece.error()) << "an error stays";
        return outcome;
      }
      in.remove_prefix(piece->consumed);
      outcome.plain.append(piece->bytes);
      if (piece->consumed == 0 && piece->bytes.empty()) break;
    }
    EXPECT_TRUE(in.empty());
  }
  outcome.whole = reader.BetweenPackets();
  reader.Release();
  return outcome;
}

const std::size_t kSizes[] = {1, 49, 50, 51, 1000, 16383, 16384, 16385, 131072, 131073, 400000};

TEST(CompressedPacketTest, RoundTripsOfEverySizeInPieces) {
  for (const Compression algorithm : kBoth) {
    for (const std::size_t size : kSizes) {
      for (const std::string& plain : {std::string(size, 'a'), Noise(size)}) {
        const std::string stream = Packed(algorithm, plain);
        for (const std::size_t piece : {stream.size(), std::size_t{7}, std::size_t{1000}}) {
          const Outcome outcome = Expand(algorithm, stream, piece);
          EXPECT_FALSE(outcome.error);
          EXPECT_TRUE(outcome.whole);
          EXPECT_TRUE(outcome.plain == plain) << size << " in pieces of " << piece;
        }
      }
    }
  }
}

TEST(CompressedPacketTest, WhatDoesNotShrinkGoesAsItIs) {
  for (const Compression algorithm : kBoth) {
    EXPECT_EQ(Packed(algorithm, "short", 9), Packet(5, 9, 0, "short"));
    const std::string noise = Noise(5000);
    EXPECT_EQ(Packed(algorithm, noise, 255), Packet(5000, 255, 0, noise));
    EXPECT_LT(Packed(algorithm, std::string(5000, 'a')).size(), 200u);
  }
}

TEST(CompressedPacketTest, BigOnesBecomeSeveralWhoseNumbersWrap) {
  const std::string stream = Packed(Compression::kZlib, std::string(300'000, 'a'), 254);
  CompressedReader reader(Compression::kZlib);
  reader.ExpectSequence(254);
  std::size_t size = 0;
  std::string_view in = stream;
  while (!in.empty()) {
    const auto piece = reader.Next(in);
    ASSERT_TRUE(piece.has_value());
    in.remove_prefix(piece->consumed);
    size += piece->bytes.size();
  }
  for (;;) {
    const auto piece = reader.Next(in);
    ASSERT_TRUE(piece.has_value());
    if (piece->bytes.empty()) break;
    size += piece->bytes.size();
  }
  EXPECT_EQ(size, 300'000u);
  EXPECT_EQ(reader.next_sequence(), 1);
}

TEST(CompressedPacketTest, ReadsWhatZlibItselfMakes) {
  const std::string plain(1000, 'z');
  std::string packed(2000, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                      reinterpret_cast<const Bytef*>(plain.data()), plain.size(), 9),
            Z_OK);
  packed.resize(size);
  const std::string stream = Packet(static_cast<std::uint32_t>(size), 0, 1000, packed);
  EXPECT_EQ(Expand(Compression::kZlib, stream, 1).plain, plain);
}

TEST(CompressedPacketTest, EveryTruncationIsMissingSomething) {
  for (const Compression algorithm : kBoth) {
    const std::string stream = Packed(algorithm, std::string(300, 'a') + Noise(100));
    for (std::size_t size = 1; size < stream.size(); ++size) {
      const Outcome outcome = Expand(algorithm, stream.substr(0, size), 5);
      EXPECT_FALSE(outcome.error) << size;
      EXPECT_FALSE(outcome.whole) << size;
    }
  }
}

TEST(CompressedPacketTest, AnnouncedSizesMustBeTheTrueOnes) {
  for (const Compression algorithm : kBoth) {
    const std::string plain(1000, 'a');
    const std::string payload = Packed(algorithm, plain).substr(kCompressedHeaderSize);
    const auto length = static_cast<std::uint32_t>(payload.size());
    EXPECT_EQ(Expand(algorithm, Packet(length, 0, 1000, payload), 9).plain, plain);
    for (const std::uint32_t wrong : {1u, 999u, 1001u, 0xFFFFFFu}) {
      const Outcome outcome = Expand(algorithm, Packet(length, 0, wrong, payload), 9);
      EXPECT_EQ(outcome.error, CompressionError::kCorrupt) << wrong;
      EXPECT_LE(outcome.plain.size(), wrong);
    }
    // A byte too many, and one too few, inside the packet's own length.
    EXPECT_EQ(Expand(algorithm, Packet(length + 1, 0, 1000, payload + 'x'), 9).error,
              CompressionError::kCorrupt);
    EXPECT_EQ(
        Expand(algorithm, Packet(length - 1, 0, 1000, payload.substr(0, length - 1)), 9).error,
        CompressionError::kCorrupt);
    EXPECT_EQ(Expand(algorithm, Packet(0, 0, 1000, ""), 9).error, CompressionError::kCorrupt);
  }
}

TEST(CompressedPacketTest, ABombEndsAtItsAnnouncedSize) {
  for (const Compression algorithm : kBoth) {
    const std::string payload =
        Packed(algorithm, std::string(131072, 'a')).substr(kCompressedHeaderSize);
    const Outcome outcome =
        Expand(algorithm, Packet(static_cast<std::uint32_t>(payload.size()), 0, 100, payload), 9);
    EXPECT_EQ(outcome.error, CompressionError::kCorrupt);
    EXPECT_LE(outcome.plain.size(), 100u);
  }
}

TEST(CompressedPacketTest, RubbishAndTheOtherAlgorithmAreCorrupt) {
  for (const Compression algorithm : kBoth) {
    const Compression other =
        algorithm == Compression::kZlib ? Compression::kZstd : Compression::kZlib;
    EXPECT_EQ(Expand(algorithm, Packed(other, std::string(500, 'a')), 9).error,
              CompressionError::kCorrupt);
    EXPECT_EQ(Expand(algorithm, Packet(64, 0, 640, Noise(64)), 9).error,
              CompressionError::kCorrupt);
  }
}

TEST(CompressedPacketTest, NumbersMustBeInOrder) {
  for (const Compression algorithm : kBoth) {
    const std::string first = Packed(algorithm, "one");
    EXPECT_EQ(Expand(algorithm, first + Packed(algorithm, "two", 1), 4).plain, "onetwo");
    EXPECT_EQ(Expand(algorithm, first + Packed(algorithm, "two", 2), 4).error,
              CompressionError::kBadSequence);
    EXPECT_EQ(Expand(algorithm, Packed(algorithm, "one", 1), 4).error,
              CompressionError::kBadSequence);
  }
}

TEST(CompressedPacketTest, EmptyPacketsHoldNothing) {
  const Outcome outcome = Expand(Compression::kZlib, Packet(0, 0, 0, "") + Packet(1, 1, 0, "x"), 3);
  EXPECT_EQ(outcome.plain, "x");
  EXPECT_TRUE(outcome.whole);
}

}  // namespace
}  // namespace sealgate::wire
