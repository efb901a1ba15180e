// A byte stream cut into pieces, with frames of at most 16 bytes. Whatever the
// cuts, the messages and errors are the same as from the whole stream; encoding
// the messages again gives messages that are equal; and the cursor, forwarding,
// reproduces the stream.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy/wire/frame.h"
#include "tests/fuzz/wire/round_trip.h"

namespace sealgate::wire {
namespace {

constexpr std::uint32_t kFrame = 16;
constexpr std::uint64_t kLargest = 200;

struct Outcome {
  std::vector<std::string> messages;
  std::optional<FrameError> error;
  bool operator==(const Outcome&) const = default;
};

Outcome Assemble(std::string_view stream, std::size_t piece_size) {
  MessageAssembler assembler(kFrame, kLargest);
  Outcome outcome;
  while (!stream.empty()) {
    const std::string piece(stream.substr(0, piece_size));
    stream.remove_prefix(piece.size());
    std::string_view in = piece;
    while (!in.empty()) {
      const auto progress = assembler.Feed(in);
      if (!progress) {
        outcome.error = progress.error();
        return outcome;
      }
      Require(progress->consumed > 0 && progress->consumed <= in.size());
      if (progress->message) {
        Require(progress->message->payload.size() <= kLargest);
        outcome.messages.emplace_back(progress->message->payload);
      } else {
        Require(progress->consumed == in.size());
      }
      in.remove_prefix(progress->consumed);
    }
  }
  return outcome;
}

/// A header is passed on once it is whole, so at most three bytes lag behind.
void ExpectForwarded(std::string_view stream, std::size_t piece_size) {
  FrameCursor cursor(kFrame);
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += piece_size) {
    std::string_view in = stream.substr(at, piece_size);
    while (!in.empty()) {
      const auto event = cursor.Next(in);
      if (!event) return;
      Require(event->consumed > 0 && event->consumed <= in.size());
      in.remove_prefix(event->consumed);
      if (event->kind == FrameEvent::Kind::kHeader) EncodeFrameHeader(event->header, out);
      out.append(event->payload);
    }
  }
  Require(stream.size() - out.size() < kFrameHeaderSize);
  Require(stream.substr(0, out.size()) == out);
}

void ExpectSameAfterEncoding(const Outcome& outcome) {
  std::string stream;
  std::uint8_t seq = 0;
  for (const std::string& message : outcome.messages) {
    EncodeMessage(message, seq, kFrame, stream);
  }
  const Outcome again = Assemble(stream, std::max<std::size_t>(stream.size(), 1));
  Require(again.messages == outcome.messages && !again.error);
}

void Run(std::size_t piece_size, std::string_view stream) {
  const Outcome whole = Assemble(stream, std::max<std::size_t>(stream.size(), 1));
  Require(Assemble(stream, piece_size) == whole);
  Require(Assemble(stream, 1) == whole);
  ExpectForwarded(stream, piece_size);
  ExpectSameAfterEncoding(whole);
}

/// Gives headers right sequence numbers most of the time; random bytes alone
/// would rarely reach a second frame.
std::string WithSequences(std::string_view bytes, bool fix) {
  std::string stream(bytes);
  std::uint8_t seq = 0;
  for (std::size_t at = 0; fix && at + kFrameHeaderSize <= stream.size(); ++seq) {
    stream[at] = static_cast<char>(static_cast<std::uint8_t>(stream[at]) % (kFrame + 1));
    stream[at + 1] = stream[at + 2] = '\0';
    stream[at + 3] = static_cast<char>(seq);
    at += kFrameHeaderSize + static_cast<std::uint8_t>(stream[at]);
  }
  return stream;
}

}  // namespace
}  // namespace sealgate::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string stream = sealgate::wire::WithSequences(bytes, (data[0] & 0x80) != 0);
  sealgate::wire::Run(1 + (data[0] & 0x1F), stream);
  return 0;
}
