// Frames (the manual's "packets") and messages (its "payloads").
//
// Source: MySQL manual, "Protocol Basics: MySQL Packets".
//
//   field     size  meaning
//   length    3     payload bytes in this frame
//   sequence  1     counts frames, wraps at 255, restarts with each command
//   payload   length
//
// A frame of the greatest length is continued by the next frame, so a message
// whose size is a multiple of that length ends with an empty frame. The
// greatest length is a parameter everywhere, so that tests can use 64 bytes.
// Each leg of a session owns its own sequence counter: one reader per
// direction and leg.
#ifndef SEALGATE_PROXY_WIRE_FRAME_H_
#define SEALGATE_PROXY_WIRE_FRAME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace sealgate::wire {

inline constexpr std::uint32_t kMaxFramePayload = 0xFFFFFF;
inline constexpr std::size_t kFrameHeaderSize = 4;

enum class FrameError {
  kBadSequence,
  /// The message would be longer than the limit. Known from the header.
  kTooLarge,
};

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t seq = 0;
  bool operator==(const FrameHeader&) const = default;
};

void EncodeFrameHeader(FrameHeader header, std::string& out);
/// Writes the kFrameHeaderSize bytes at `to`, where room was left for them.
void PutFrameHeader(FrameHeader header, char* to);

/// Appends `payload` as one message, whose first frame gets number `seq`; `seq`
/// is left at the number after the last frame's.
void EncodeMessage(std::string_view payload, std::uint8_t& seq, std::uint32_t max_frame,
                   std::string& out);

/// One step of a FrameCursor.
struct FrameEvent {
  enum class Kind {
    /// All input was consumed; nothing to report.
    kNeedInput,
    /// A frame begins. If it is empty, the end flags are set here.
    kHeader,
    /// A piece of the current frame's payload, never empty.
    kPayload,
  };
  Kind kind = Kind::kNeedInput;
  /// Bytes of the input that this step used.
  std::size_t consumed = 0;
  /// The current frame's (kHeader, kPayload).
  FrameHeader header = {};
  /// Payload bytes of this message before `payload`, over all its frames.
  std::uint64_t message_offset = 0;
  /// Into the input.
  std::string_view payload = {};
  bool end_of_frame = false;
  bool end_of_message = false;
};

/// Walks a byte stream frame by frame and keeps nothing but its place, so that
/// big messages are forwarded as they arrive. Headers are reported, not passed
/// on: whoever forwards writes its own with EncodeFrameHeader and the sequence
/// number of its leg. After an error, Next() keeps returning it.
class FrameCursor {
 public:
  explicit FrameCursor(std::uint32_t max_frame) : max_frame_(max_frame) {}

  /// The number that the next message must start with; nullopt accepts any.
  /// Initially 0, afterwards one more than the last frame's. Call only between
  /// messages.
  void ExpectSequence(std::optional<std::uint8_t> seq) {
    expected_ = ignores_ ? std::nullopt : seq;
  }
  std::optional<std::uint8_t> expected_sequence() const { return expected_; }
  /// For frames inside compressed packets, whose numbers mean nothing: any is
  /// accepted from here on, and none is expected.
  void IgnoreSequence();
  /// No byte of a message has been seen since the last one ended.
  bool BetweenMessages() const { return !in_message_ && header_size_ == 0; }

  /// One step into `in`. Call again with the rest after `consumed`.
  tl::expected<FrameEvent, FrameError> Next(std::string_view in);

 private:
  tl::expected<FrameEvent, FrameError> ReadHeader(std::string_view in);
  FrameEvent ReadPayload(std::string_view in);
  void MarkEnds(FrameEvent& event);

  std::uint32_t max_frame_;
  std::optional<std::uint8_t> expected_ = 0;
  bool ignores_ = false;
  bool in_frame_ = false;
  bool in_message_ = false;
  bool failed_ = false;
  std::uint8_t header_size_ = 0;
  std::array<char, kFrameHeaderSize> header_bytes_{};
  FrameHeader header_;
  std::uint32_t frame_left_ = 0;
  std::uint64_t message_offset_ = 0;
};

/// A whole message, its frames joined.
struct Message {
  /// Into the fed bytes if the message lay whole in them as one frame, into
  /// the assembler otherwise. Valid until the next Feed() or Release(), and
  /// no longer than the fed bytes.
  std::string_view payload = {};
  std::uint8_t first_seq = 0;
  std::uint8_t last_seq = 0;
  bool operator==(const Message&) const = default;
};

struct Progress {
  /// Bytes of the input used. All of it unless a message ended before.
  std::size_t consumed = 0;
  std::optional<Message> message = {};
};

/// Joins frames to whole messages of at most `max_message` bytes. Copies only
/// what does not lie whole in the input. After an error, Feed() keeps
/// returning it.
class MessageAssembler {
 public:
  MessageAssembler(std::uint32_t max_frame, std::uint64_t max_message)
      : cursor_(max_frame), max_message_(max_message) {}

  /// As FrameCursor's.
  void ExpectSequence(std::optional<std::uint8_t> seq) { cursor_.ExpectSequence(seq); }
  std::optional<std::uint8_t> expected_sequence() const { return cursor_.expected_sequence(); }
  void IgnoreSequence() { cursor_.IgnoreSequence(); }
  bool BetweenMessages() const { return cursor_.BetweenMessages(); }

  /// Uses `in` up to the end of a message at most.
  tl::expected<Progress, FrameError> Feed(std::string_view in);

  /// Gives the memory of a joined message back. For idle connections; Feed()
  /// does it for big ones by itself.
  void Release();
  /// Bytes of the buffer that joins.
  std::size_t memory() const { return buffer_.capacity(); }

 private:
  FrameCursor cursor_;
  std::uint64_t max_message_;
  bool too_large_ = false;
  bool started_ = false;
  bool delivered_ = false;
  std::uint8_t first_seq_ = 0;
  std::string buffer_;
};

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_FRAME_H_
