#include "tests/fuzz/relay/session.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "proxy/wire/handshake.h"
#include "proxy/wire/row.h"

namespace sealgate::relay {
namespace {

const crypto::RsaKeyPair& Rsa() {
  static const crypto::RsaKeyPair pair = crypto::RsaKeyPair::Generate();
  return pair;
}

const Settings& TheSettings() {
  static const Settings settings = [] {
    Settings small;
    small.max_packet = 1 << 20;
    small.max_prepared_statements = 16;
    small.least_passed = 1;
    return small;
  }();
  return settings;
}

template <typename T, typename... More>
std::string Encoded(const T& value, More... more) {
  std::string out;
  wire::Writer writer(out);
  wire::Encode(value, more..., writer);
  return out;
}

}  // namespace

rewrite::World& TheWorld() {
  static rewrite::World world;
  return world;
}

rewrite::Rewriter& TheRewriter() {
  static rewrite::Rewriter rewriter(TheWorld().random(), TheWorld().metrics(), {});
  return rewriter;
}

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "oracle: %s\n", what);
  std::abort();
}

FuzzSession::FuzzSession(bool old_client, bool asked)
    : snapshot(std::make_shared<const policy::Snapshot>(TheWorld().snapshot())) {
  PeerAddress address{};
  address[15] = 1;
  static wire::Compressor compressor;
  relay = std::make_unique<Relay>(
      TheSettings(), Services{TheRewriter(), TheWorld().metrics(), compressor, Rsa()}, address);
  wire::Capabilities client = wire::kHandledCapabilities & ~wire::kClientSsl &
                              ~wire::kClientConnectWithDb & ~wire::kClientConnectAttrs;
  if (old_client) {
    client &=
        ~wire::kClientDeprecateEof & ~wire::kClientSessionTrack & ~wire::kClientQueryAttributes;
  }
  const std::string tail("9012345678901\0", 13);
  FromServer(Encoded(wire::HandshakeV10{.server_version = "9.7.4",
                                        .scramble_head = "12345678",
                                        .scramble_tail = tail,
                                        .capabilities = wire::kHandledCapabilities,
                                        .plugin = "mysql_native_password"}),
             0);
  std::string frame;
  std::uint8_t seq = 1;
  wire::EncodeMessage(Encoded(wire::HandshakeResponse41{.capabilities = client,
                                                        .max_packet = 1 << 24,
                                                        .collation = 45,
                                                        .user = "app",
                                                        .auth_response = "x",
                                                        .database = {},
                                                        .plugin = "mysql_native_password",
                                                        .connect_attributes = {}},
                              wire::kHandledCapabilities),
                      seq, wire::kMaxFramePayload, frame);
  Note(relay->FromClient(frame, snapshot, out));
  const std::string ok("\0\0\0\2\0\0\0", 7);
  FromServer(ok, 2);
  Require(relay->logged_in() && !closed, "the login works");
  if (asked) AskForModes(ok);
  out = {};
}

// By a command that needs them.
void FuzzSession::AskForModes(std::string_view ok) {
  FromClient("\x02my-shop");
  FromServer(ok, 1);
  constexpr std::string_view kAnswers[] = {"",     "utf8mb4", "utf8mb4", "utf8mb4",
                                           "shop", "SYSTEM",  "UTC",     "2001-09-09 01:46:40",
                                           "1",    "app@%"};
  std::uint8_t seq_of_answer = 1;
  FromServer(std::string(1, static_cast<char>(std::size(kAnswers))), seq_of_answer++);
  std::string row;
  wire::Writer writer(row);
  for (const std::string_view value : kAnswers) {
    FromServer("definition", seq_of_answer++);
    writer.LenencString(value);
  }
  FromServer(row, seq_of_answer++);
  FromServer(std::string("\xFE\0\0\2\0\0\0", 7), seq_of_answer);
  FromServer(ok, 1);
  Require(relay->accepts_client() && !closed, "the question works");
}

void FuzzSession::Note(const Step& step) {
  if (step.action == Action::kClose) closed = true;
  out.to_client += step.passed;
  if (step.action == Action::kNeedsAdmission) relay->Admit(out);
  if (step.action == Action::kReloadCatalog) relay->CatalogReloaded();
  if (step.action == Action::kRefreshCatalog) relay->CatalogRefreshed(false, {}, out);
}

Step FuzzSession::FromClient(std::string_view payload) {
  std::string frame;
  std::uint8_t seq = 0;
  wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frame);
  const Step step = relay->FromClient(frame, snapshot, out);
  Note(step);
  return step;
}

Step FuzzSession::FromServer(std::string_view payload, std::uint8_t seq) {
  std::string frame;
  wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frame);
  const Step step = relay->FromServer(frame, out);
  Note(step);
  return step;
}

void FuzzSession::RawFromClient(std::string_view bytes) {
  while (!closed && !bytes.empty() && relay->accepts_client()) {
    const Step step = relay->FromClient(bytes, snapshot, out);
    bytes.remove_prefix(step.consumed);
    Note(step);
    if (step.consumed == 0) return;
  }
}

void FuzzSession::RawFromServer(std::string_view bytes) {
  while (!closed && !bytes.empty()) {
    const Step step = relay->FromServer(bytes, out);
    bytes.remove_prefix(step.consumed);
    Note(step);
    if (step.consumed == 0) return;
  }
}

std::vector<std::string> FuzzSession::TakeToServer() {
  std::vector<std::string> messages;
  std::string_view rest = out.to_server;
  while (!rest.empty()) {
    wire::MessageAssembler assembler(wire::kMaxFramePayload, 1ull << 32);
    assembler.ExpectSequence(std::nullopt);
    const auto progress = assembler.Feed(rest);
    Require(progress.has_value() && progress->message.has_value(), "whole messages are sent");
    messages.emplace_back(progress->message->payload);
    rest.remove_prefix(progress->consumed);
  }
  out.to_server.clear();
  return messages;
}

}  // namespace sealgate::relay
