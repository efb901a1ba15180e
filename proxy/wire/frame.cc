#include "proxy/wire/frame.h"

#include <algorithm>
#include <cstring>

namespace sealgate::wire {
namespace {

// A joined message beyond this is not kept as a buffer for the next one.
constexpr std::size_t kKeptCapacity = 4096;

FrameHeader ParseHeader(const char* bytes) {
  const auto at = [bytes](int i) { return std::uint32_t{static_cast<std::uint8_t>(bytes[i])}; };
  return {.length = at(0) | at(1) << 8 | at(2) << 16, .seq = static_cast<std::uint8_t>(at(3))};
}

}  // namespace

void PutFrameHeader(FrameHeader header, char* to) {
  to[0] = static_cast<char>(header.length);
  to[1] = static_cast<char>(header.length >> 8);
  to[2] = static_cast<char>(header.length >> 16);
  to[3] = static_cast<char>(header.seq);
}

void EncodeFrameHeader(FrameHeader header, std::string& out) {
  char bytes[kFrameHeaderSize];
  PutFrameHeader(header, bytes);
  out.append(bytes, sizeof bytes);
}

void EncodeMessage(std::string_view payload, std::uint8_t& seq, std::uint32_t max_frame,
                   std::string& out) {
  std::size_t size;
  do {
    size = std::min<std::size_t>(payload.size(), max_frame);
    EncodeFrameHeader({.length = static_cast<std::uint32_t>(size), .seq = seq++}, out);
    out.append(payload.substr(0, size));
    payload.remove_prefix(size);
  } while (size == max_frame);
}

void FrameCursor::IgnoreSequence() {
  ignores_ = true;
  expected_ = std::nullopt;
}

tl::expected<FrameEvent, FrameError> FrameCursor::Next(std::string_view in) {
  if (failed_) return tl::unexpected(FrameError::kBadSequence);
  if (in_frame_) return ReadPayload(in);
  return ReadHeader(in);
}

tl::expected<FrameEvent, FrameError> FrameCursor::ReadHeader(std::string_view in) {
  FrameEvent event;
  if (in.empty()) return event;
  event.consumed = std::min(in.size(), kFrameHeaderSize - header_size_);
  std::memcpy(header_bytes_.data() + header_size_, in.data(), event.consumed);
  header_size_ = static_cast<std::uint8_t>(header_size_ + event.consumed);
  if (header_size_ < kFrameHeaderSize) return event;

  header_size_ = 0;
  header_ = ParseHeader(header_bytes_.data());
  if (expected_ && header_.seq != *expected_) {
    failed_ = true;
    return tl::unexpected(FrameError::kBadSequence);
  }
  ExpectSequence(static_cast<std::uint8_t>(header_.seq + 1));
  if (!in_message_) message_offset_ = 0;
  in_message_ = true;
  in_frame_ = true;
  frame_left_ = header_.length;
  event.kind = FrameEvent::Kind::kHeader;
  event.message_offset = message_offset_;
  MarkEnds(event);
  return event;
}

FrameEvent FrameCursor::ReadPayload(std::string_view in) {
  FrameEvent event;
  event.header = header_;
  event.message_offset = message_offset_;
  if (in.empty()) return event;
  event.kind = FrameEvent::Kind::kPayload;
  event.payload = in.substr(0, frame_left_);
  event.consumed = event.payload.size();
  message_offset_ += event.consumed;
  frame_left_ -= static_cast<std::uint32_t>(event.consumed);
  MarkEnds(event);
  return event;
}

void FrameCursor::MarkEnds(FrameEvent& event) {
  event.header = header_;
  if (frame_left_ > 0) return;
  event.end_of_frame = true;
  // Longer than max_frame is impossible in production, where the field's
  // width is the limit; with a test's small limit it also ends the message.
  event.end_of_message = header_.length != max_frame_;
  in_frame_ = false;
  if (event.end_of_message) in_message_ = false;
}

tl::expected<Progress, FrameError> MessageAssembler::Feed(std::string_view in) {
  if (too_large_) return tl::unexpected(FrameError::kTooLarge);
  if (delivered_) {
    delivered_ = false;
    buffer_.clear();
    if (buffer_.capacity() > kKeptCapacity) Release();
  }
  Progress progress;
  for (;;) {
    const auto event = cursor_.Next(in.substr(progress.consumed));
    if (!event) return tl::unexpected(event.error());
    progress.consumed += event->consumed;
    if (event->kind == FrameEvent::Kind::kNeedInput) return progress;
    if (event->kind == FrameEvent::Kind::kHeader) {
      if (event->message_offset + event->header.length > max_message_) {
        too_large_ = true;
        return tl::unexpected(FrameError::kTooLarge);
      }
      if (!started_) first_seq_ = event->header.seq;
      started_ = true;
    }
    const bool whole = event->end_of_message && event->message_offset == 0;
    if (!whole) buffer_.append(event->payload);
    if (event->end_of_message) {
      progress.message = Message{.payload = whole ? event->payload : std::string_view(buffer_),
                                 .first_seq = first_seq_,
                                 .last_seq = event->header.seq};
      started_ = false;
      delivered_ = true;
      return progress;
    }
    if (progress.consumed == in.size()) return progress;
  }
}

void MessageAssembler::Release() {
  if (started_) return;
  std::string().swap(buffer_);
  delivered_ = false;
}

}  // namespace sealgate::wire
