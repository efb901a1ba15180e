// LOAD DATA LOCAL: the server asks for a file, and the client sends it, in frames
// of its own until an empty one. They are passed on as they arrive; nothing of
// the file is kept.
// Source: MySQL manual, "LOCAL INFILE Request".

#include "proxy/relay/relay.h"

namespace sealgate::relay {

// A server could ask for any file at any time, so only a statement that loads one
// may be answered so. The rewriter says that of no statement that names a
// protected table.
void Relay::OnFileRequest(std::string_view payload) {
  const bool expected = s_.answer.plan != nullptr && s_.answer.plan->loads_file &&
                        !s_.answer.refused && wire::Has(s_.client_caps, wire::kClientLocalFiles);
  if (!expected) {
    return FailProtocol(metrics::Leg::kBackend, "answer asks for a file of the client's");
  }
  SendToClient(payload);
  s_.file.ExpectSequence(s_.client.seq);
  s_.phase = Phase::kFile;
}

// One step.
std::size_t Relay::StreamFile(std::string_view in) {
  const auto event = s_.file.Next(in);
  if (!event) {
    FailFrame(metrics::Leg::kClient, event.error());
    return in.size();
  }
  using Kind = wire::FrameEvent::Kind;
  if (event->kind == Kind::kHeader) {
    wire::EncodeFrameHeader({.length = event->header.length, .seq = s_.server.seq++},
                            out_->to_server);
    s_.client.seq = static_cast<std::uint8_t>(event->header.seq + 1);
  } else if (event->kind == Kind::kPayload) {
    out_->to_server.append(event->payload);
  }
  const bool last = event->end_of_message && event->message_offset == 0 && event->payload.empty();
  if (last) {
    s_.server.in.ExpectSequence(s_.server.seq);
    s_.phase = Phase::kAnswer;
  }
  return event->consumed;
}

}  // namespace sealgate::relay
