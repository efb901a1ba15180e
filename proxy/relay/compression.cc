// Compressed legs. Each leg has its own compression or none: what a side sends is
// expanded before it is looked at, and what goes to a side is compressed at the
// end of each call, as one stream.
//
// The count of compressed packets restarts with each command, as that of frames
// does on a leg without compression.

#include <utility>

#include "proxy/relay/relay.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErOutOfOrder = 1156;
constexpr std::uint16_t kErUncompress = 1157;
// Of expanded bytes in one call: a few compressed ones may hold a thousand times
// as many.
constexpr std::size_t kMostAtOnce = 256 * 1024;

wire::Compression AlgorithmOf(wire::Capabilities negotiated) {
  if (wire::Has(negotiated, wire::kClientCompress)) return wire::Compression::kZlib;
  if (wire::Has(negotiated, wire::kClientZstdCompression)) return wire::Compression::kZstd;
  return wire::Compression::kNone;
}

}  // namespace

bool Relay::holds_bytes(Side side) const {
  const Leg& leg = side == Side::kClient ? s_.client : s_.server;
  return leg.compressed != nullptr &&
         (!leg.compressed->left.empty() || leg.compressed->in.HasMore());
}

bool Relay::expands(Side side) const {
  return (side == Side::kClient ? s_.client : s_.server).compressed != nullptr;
}

// After the login, if it was negotiated: everything that follows is compressed.
void Relay::StartCompression(Side side) {
  const bool client = side == Side::kClient;
  Leg& leg = client ? s_.client : s_.server;
  const wire::Compression algorithm = AlgorithmOf(client ? s_.client_caps : s_.server_caps);
  if (leg.compressed != nullptr || algorithm == wire::Compression::kNone) return;
  if (out_ == &plain_) SendPlainOutputs();
  out_ = &plain_;
  leg.compressed = std::make_unique<CompressedLeg>(
      CompressedLeg{.algorithm = algorithm,
                    .level = client ? s_.client_zstd_level : wire::kDefaultZstdLevel,
                    .in = wire::CompressedReader(algorithm),
                    .seq = 0,
                    .left = {}});
  leg.in.IgnoreSequence();
  (client ? s_.file : s_.rows).IgnoreSequence();
}

void Relay::TakeCompressed(Side side, std::string_view& in) {
  const bool client = side == Side::kClient;
  CompressedLeg& leg = client ? *s_.client.compressed : *s_.server.compressed;
  std::size_t taken = 0;
  const auto take = [&](std::string_view bytes) {
    taken += bytes.size();
    if (client) {
      TakeFromClient(bytes);
    } else {
      TakeFromServer(bytes);
    }
    return bytes;
  };
  while (Takes(side) && taken < kMostAtOnce) {
    if (!leg.left.empty()) {
      const std::string bytes = std::exchange(leg.left, {});
      leg.left.assign(take(bytes));
      continue;
    }
    ExpectCompressedSequence(side);
    const auto piece = leg.in.Next(in);
    if (!piece) {
      return FailCompression(client ? metrics::Leg::kClient : metrics::Leg::kBackend,
                             piece.error());
    }
    in.remove_prefix(piece->consumed);
    if (piece->began) leg.seq = leg.in.next_sequence();
    if (piece->bytes.empty()) {
      if (piece->consumed == 0) return;
      continue;
    }
    leg.left.assign(take(piece->bytes));
  }
}

void Relay::ExpectCompressedSequence(Side side) {
  CompressedLeg& leg = side == Side::kClient ? *s_.client.compressed : *s_.server.compressed;
  if (!leg.in.BetweenPackets()) return;
  if (side == Side::kServer) {
    // Between two commands a server speaks only to end the session.
    if (s_.phase == Phase::kReady) return leg.in.ExpectSequence(std::nullopt);
    return leg.in.ExpectSequence(leg.seq);
  }
  const bool command = s_.phase == Phase::kReady && s_.client.in.BetweenMessages();
  leg.in.ExpectSequence(command ? std::uint8_t{0} : leg.seq);
}

void Relay::FailCompression(metrics::Leg leg, wire::CompressionError error) {
  if (leg == metrics::Leg::kBackend) return FailProtocol(leg, "compressed packet cannot be read");
  services_.metrics.protocol_errors.Add();
  if (error == wire::CompressionError::kBadSequence) {
    return Fail(kErOutOfOrder, "08S01", "sealgate: got compressed packets out of order");
  }
  Fail(kErUncompress, "08S01", "sealgate: a compressed packet cannot be expanded");
}

// The next message to the server is a command's first.
void Relay::BeginServerCommand() {
  s_.server.seq = 0;
  MarkCommandStart();
}

void Relay::MarkCommandStart() {
  if (s_.server.compressed != nullptr) command_starts_.push_back(plain_.to_server.size());
}

void Relay::SendPlainOutputs() {
  const auto send = [this](Leg& leg, std::string_view bytes, std::string& to) {
    if (bytes.empty()) return;
    if (leg.compressed == nullptr) {
      to.append(bytes);
      return;
    }
    CompressedLeg& compressed = *leg.compressed;
    services_.compressor.Append(compressed.algorithm, compressed.level, bytes, compressed.seq, to);
  };
  send(s_.client, plain_.to_client, final_out_->to_client);
  std::size_t from = 0;
  const std::string_view to_server = plain_.to_server;
  for (const std::size_t start : command_starts_) {
    // Commands that were refused before they were sent leave marks of their own.
    if (start >= to_server.size()) break;
    send(s_.server, to_server.substr(from, start - from), final_out_->to_server);
    if (s_.server.compressed != nullptr) s_.server.compressed->seq = 0;
    from = start;
  }
  send(s_.server, to_server.substr(from), final_out_->to_server);
  command_starts_.clear();
  plain_.to_client.clear();
  plain_.to_server.clear();
}

}  // namespace sealgate::relay
