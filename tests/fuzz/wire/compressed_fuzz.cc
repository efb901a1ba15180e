// Compressed packets of hostile origin, in pieces of any size: no more comes out
// than was announced, and the same comes out whatever the pieces. Of a packet
// that is cut off, a fault may be seen at once or be waited for: that depends on
// the pieces. What is compressed here and expanded again is equal.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy/wire/compressed_packet.h"
#include "proxy/wire/reader.h"
#include "tests/fuzz/wire/round_trip.h"

namespace sealgate::wire {
namespace {

struct Outcome {
  std::string plain;
  std::optional<CompressionError> error;
  bool ended = false;  // with a whole packet
  bool operator==(const Outcome&) const = default;
};

Outcome Expand(Compression algorithm, std::string_view stream, std::size_t piece_size) {
  CompressedReader reader(algorithm);
  Outcome outcome;
  for (std::size_t at = 0; at < stream.size(); at += piece_size) {
    const std::string piece(stream.substr(at, piece_size));
    std::string_view in = piece;
    for (;;) {
      const auto next = reader.Next(in);
      if (!next) {
        outcome.error = next.error();
        return outcome;
      }
      Require(next->consumed <= in.size());
      in.remove_prefix(next->consumed);
      outcome.plain.append(next->bytes);
      if (next->consumed == 0 && next->bytes.empty()) break;
    }
    Require(in.empty());
  }
  outcome.ended = reader.BetweenPackets();
  return outcome;
}

/// What the headers of a stream announce in all.
std::uint64_t Announced(std::string_view stream) {
  std::uint64_t sum = 0;
  while (stream.size() >= kCompressedHeaderSize) {
    Reader reader(stream);
    const std::uint32_t length = reader.U24();
    reader.Skip(1);
    const std::uint32_t plain = reader.U24();
    sum += plain != 0 ? plain : length;
    stream.remove_prefix(std::min<std::size_t>(stream.size(), kCompressedHeaderSize + length));
  }
  return sum;
}

void Run(Compression algorithm, std::size_t piece_size, std::string_view stream) {
  const Outcome whole = Expand(algorithm, stream, std::max<std::size_t>(stream.size(), 1));
  const Outcome pieces = Expand(algorithm, stream, piece_size);
  Require(whole.plain.size() <= Announced(stream));
  if (pieces.error == whole.error) {
    Require(whole.error || pieces == whole);
  } else {
    const Outcome& waiting = whole.error ? pieces : whole;
    Require(!waiting.error && !waiting.ended);
  }

  static Compressor compressor;
  std::string packed;
  std::uint8_t seq = 7;
  compressor.Append(algorithm, 1, stream, seq, packed);
  const Outcome again = Expand(algorithm, packed, piece_size);
  Require(!again.error && again.plain == stream);
}

}  // namespace
}  // namespace sealgate::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sealgate::wire::Compression;
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  sealgate::wire::Run((data[0] & 0x80) != 0 ? Compression::kZlib : Compression::kZstd,
                      1 + (data[0] & 0x1F), bytes);
  return 0;
}
