// Rows. Those that need no change are forwarded as they arrive, in pieces of
// whatever size, with the numbers of the client's leg, many of them without being
// copied; those that do are read where they lie, or assembled when they come in
// pieces.

#include <string>

#include "proxy/relay/relay.h"

namespace sealgate::relay {
namespace {

std::uint32_t LengthAt(const char* header) {
  const auto at = [header](int i) { return std::uint32_t{static_cast<std::uint8_t>(header[i])}; };
  return at(0) | at(1) << 8 | at(2) << 16;
}

}  // namespace

void Relay::StartRows() {
  s_.rows.ExpectSequence(s_.server.in.expected_sequence());
  s_.row_started = false;
  s_.row_passes = false;
  s_.row_end.clear();
}

bool Relay::StreamsRows() const {
  return s_.phase == Phase::kAnswer && s_.answer.stage == Stage::kRows &&
         (!s_.answer.has_rows_to_change || s_.answer.refused);
}

std::size_t Relay::StreamRows(std::string_view in) {
  std::size_t used = 0;
  while (used < in.size() && StreamsRows()) {
    if (s_.rows.BetweenMessages()) {
      used += PassWholeRows(in.substr(used));
      if (used == in.size() || !step_.passed.empty()) break;
    }
    const auto event = s_.rows.Next(in.substr(used));
    if (!event) {
      FailFrame(metrics::Leg::kBackend, event.error());
      break;
    }
    used += event->consumed;
    OnRowFrame(*event);
  }
  return used;
}

// Size of the row that `in` begins with, header and all, when it is here whole, as
// one frame with the number `seq`; else 0, and the way for pieces has to find out.
inline std::size_t Relay::WholeRow(std::string_view in, std::uint8_t seq) const {
  if (in.size() <= wire::kFrameHeaderSize) return 0;
  const std::uint32_t length = LengthAt(in.data());
  if (length == 0 || length >= settings_.max_frame || length > settings_.max_packet ||
      in.size() - wire::kFrameHeaderSize < length || static_cast<std::uint8_t>(in[3]) != seq) {
    return 0;
  }
  const auto first = static_cast<std::uint8_t>(in[wire::kFrameHeaderSize]);
  const bool row = wire::ClassifyRow(first, length, s_.server_caps) == wire::RowKind::kRow;
  return row ? wire::kFrameHeaderSize + length : 0;
}

// The many rows of an ordinary result: all that are here whole go in one piece.
std::size_t Relay::PassWholeRows(std::string_view in) {
  const auto expected = s_.rows.expected_sequence();
  if (!expected) return 0;
  std::uint8_t seq = *expected;
  std::size_t size = 0;
  while (const std::size_t row = WholeRow({in.data() + size, in.size() - size}, seq)) {
    ++seq;
    size += row;
  }
  if (size == 0) return 0;
  s_.rows.ExpectSequence(seq);
  if (s_.answer.refused) return size;
  PayOwedEof();
  if (s_.client.seq == *expected) {
    s_.client.seq = seq;
    // What is compressed, on either leg, does not lie in the driver's buffer.
    if (size >= settings_.least_passed && out_ != &plain_) {
      step_.passed = in.substr(0, size);
    } else {
      out_->to_client.append(in.substr(0, size));
    }
    return size;
  }
  std::string& out = out_->to_client;
  std::size_t at = out.size();
  out.append(in.substr(0, size));
  for (; at < out.size(); at += wire::kFrameHeaderSize + LengthAt(out.data() + at)) {
    out[at + 3] = static_cast<char>(s_.client.seq++);
  }
  return size;
}

bool Relay::ChangesRows() const {
  return s_.phase == Phase::kAnswer && s_.answer.stage == Stage::kRows &&
         s_.answer.has_rows_to_change && !s_.answer.refused && s_.server.in.BetweenMessages();
}

// The same for rows that change: read where they lie, one after the other.
std::size_t Relay::ChangeWholeRows(std::string_view in) {
  const auto expected = s_.server.in.expected_sequence();
  if (!expected) return 0;
  std::uint8_t seq = *expected;
  std::size_t size = 0;
  while (!s_.answer.refused) {
    const std::size_t row = WholeRow({in.data() + size, in.size() - size}, seq);
    if (row == 0) break;
    s_.server.in.ExpectSequence(++seq);
    ChangeRow(in.substr(size + wire::kFrameHeaderSize, row - wire::kFrameHeaderSize));
    size += row;
  }
  if (size > 0) s_.server.seq = seq;
  return size;
}

void Relay::OnRowFrame(const wire::FrameEvent& event) {
  using Kind = wire::FrameEvent::Kind;
  if (event.kind == Kind::kNeedInput) return;
  if (event.kind == Kind::kHeader) {
    if (event.message_offset == 0 && event.header.length == 0) {
      return FailProtocol(metrics::Leg::kBackend, "packet is empty");
    }
    if (event.message_offset > 0 && s_.row_passes) {
      wire::EncodeFrameHeader({.length = event.header.length, .seq = s_.client.seq++},
                              out_->to_client);
    }
  } else {
    if (!s_.row_started) {
      s_.row_started = true;
      const auto first = static_cast<std::uint8_t>(event.payload.front());
      const bool row =
          wire::ClassifyRow(first, event.header.length, s_.server_caps) == wire::RowKind::kRow;
      s_.row_passes = row && !s_.answer.refused;
      s_.row_is_end = !row;
      if (s_.row_passes) {
        PayOwedEof();
        wire::EncodeFrameHeader({.length = event.header.length, .seq = s_.client.seq++},
                                out_->to_client);
      }
    }
    if (s_.row_passes) out_->to_client.append(event.payload);
    if (s_.row_is_end) s_.row_end.append(event.payload);
    if (s_.row_end.size() > settings_.max_packet) {
      return FailProtocol(metrics::Leg::kBackend, "packet is bigger than limits.max_packet");
    }
  }
  if (!event.end_of_message) return;
  s_.row_started = false;
  s_.row_passes = false;
  if (!s_.row_is_end) return;
  s_.row_is_end = false;
  s_.server.in.ExpectSequence(s_.rows.expected_sequence());
  s_.server.seq = s_.rows.expected_sequence().value_or(0);
  const std::string end = std::move(s_.row_end);
  s_.row_end.clear();
  if (TakeProgressReport(end)) return;
  if (static_cast<std::uint8_t>(end.front()) == wire::kErrHeader) return OnServerError(end);
  OnResultEnd(end);
}

// A row, or what ends the rows, as one message.
void Relay::OnRow(std::string_view payload) {
  const auto length =
      static_cast<std::uint32_t>(std::min<std::size_t>(payload.size(), wire::kMaxFramePayload));
  switch (wire::ClassifyRow(static_cast<std::uint8_t>(payload.front()), length, s_.server_caps)) {
    case wire::RowKind::kErr:
      return OnServerError(payload);
    case wire::RowKind::kEnd:
      return OnResultEnd(payload);
    case wire::RowKind::kRow:
      break;
  }
  ChangeRow(payload);
}

void Relay::ChangeRow(std::string_view payload) {
  PayOwedEof();
  std::string& out = out_->to_client;
  const std::size_t at = out.size();
  out.append(wire::kFrameHeaderSize, '\0');
  const auto read = s_.answer.binary ? s_.answer.reader->BinaryRow(payload, out)
                                     : s_.answer.reader->TextRow(payload, out);
  if (!read) {
    out.resize(at);
    return RefuseAnswer(read.error());
  }
  const std::size_t size = out.size() - at - wire::kFrameHeaderSize;
  if (size < settings_.max_frame) {
    return wire::PutFrameHeader(
        {.length = static_cast<std::uint32_t>(size), .seq = s_.client.seq++}, out.data() + at);
  }
  const std::string row = out.substr(at + wire::kFrameHeaderSize);
  out.resize(at);
  SendToClient(row);
}

}  // namespace sealgate::relay
