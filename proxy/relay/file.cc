// LOAD DATA LOCAL: the server asks for a file, and the client sends it, in frames
// of its own until an empty one. They are passed on as they arrive; or, into
// protected columns, their content is sealed on the way (rewrite/file_sealer.h).
//
// A file that cannot be sealed fails the load: the server gets a row that makes it
// fail the statement, the rest of the client's file is dropped, and the client is told
// why when both are done, as a server would.
// Source: MySQL manual, "LOCAL INFILE Request".

#include <memory>

#include "proxy/relay/relay.h"

namespace sealgate::relay {

// A server could ask for any file at any time, so only a statement that loads one
// may be answered so.
void Relay::OnFileRequest(std::string_view payload) {
  const auto& plan = s_.answer.plan;
  const bool expected = plan != nullptr && plan->loads_file && !s_.answer.refused &&
                        !s_.answer.file_asked && wire::Has(s_.client_caps, wire::kClientLocalFiles);
  if (!expected) {
    return FailProtocol(metrics::Leg::kBackend, "answer asks for a file of the client's");
  }
  // One load seals one file; an unsealed text of several may load several.
  if (plan->file_load != nullptr) {
    s_.answer.file_asked = true;
    s_.file_sealer = std::make_unique<rewrite::FileSealer>(plan, s_.facts, settings_.max_packet);
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
  const bool last = event->end_of_message && event->message_offset == 0 && event->payload.empty();
  if (event->kind == Kind::kHeader) {
    s_.client.seq = static_cast<std::uint8_t>(event->header.seq + 1);
  }
  if (s_.file_sealer != nullptr) {
    SealFile(*event, last);
  } else if (event->kind == Kind::kHeader) {
    wire::EncodeFrameHeader({.length = event->header.length, .seq = s_.server.seq++},
                            out_->to_server);
  } else if (event->kind == Kind::kPayload) {
    out_->to_server.append(event->payload);
  }
  if (last) EndFile();
  return event->consumed;
}

// Frames of our own. While the rest of a failed file is dropped, a byte now and then
// tells the server that there still is somebody.
void Relay::SealFile(const wire::FrameEvent& event, bool last) {
  s_.sealed_file.clear();
  if (!s_.answer.load_refusal) {
    const auto done =
        services_.rewriter.SealFile(*s_.file_sealer, event.payload, last, s_.sealed_file);
    if (!done) s_.answer.load_refusal = done.error();
  } else if (event.kind == wire::FrameEvent::Kind::kHeader && !last) {
    s_.sealed_file.append(rewrite::FileSealer::kIdle);
  }
  std::string_view rest = s_.sealed_file;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, settings_.max_frame - 1);
    wire::EncodeFrameHeader(
        {.length = static_cast<std::uint32_t>(part.size()), .seq = s_.server.seq++},
        out_->to_server);
    out_->to_server.append(part);
    rest.remove_prefix(part.size());
  }
  if (last) {
    wire::EncodeFrameHeader({.length = 0, .seq = s_.server.seq++}, out_->to_server);
  }
}

void Relay::EndFile() {
  s_.file_sealer.reset();
  s_.sealed_file.clear();
  s_.server.in.ExpectSequence(s_.server.seq);
  s_.phase = Phase::kAnswer;
}

// The server's answer to a load that it was made to fail.
void Relay::OnFailedLoad(std::string_view payload) {
  if (wire::ClassifyResponse(payload) != wire::ResponseKind::kErr) {
    return FailProtocol(metrics::Leg::kBackend, "answer says that a load that had to fail did not");
  }
  s_.answer.refused = true;
  SendRefusal(*s_.answer.load_refusal);
  EndAnswer();
}

}  // namespace sealgate::relay
