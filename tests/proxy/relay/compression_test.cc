// A compressed client's leg before a server's leg without; integration tests
// have the other combinations.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "proxy/wire/compressed_packet.h"
#include "proxy/wire/handshake.h"
#include "tests/proxy/relay/script.h"

namespace sealgate::relay {
namespace {

constexpr std::string_view kNative = "mysql_native_password";
constexpr wire::Capabilities kShown = wire::kHandledCapabilities & ~wire::kClientSsl;

Settings Offering(wire::Capabilities compression) {
  Settings settings;
  settings.client_compression = compression;
  return settings;
}

std::string CompressedLogin(wire::Capabilities compression, std::uint8_t level) {
  std::string out;
  wire::Writer writer(out);
  wire::Encode(wire::HandshakeResponse41{.capabilities = kNewClient | compression,
                                         .max_packet = 1 << 24,
                                         .collation = 45,
                                         .user = "app",
                                         .auth_response = "scrambled",
                                         .database = {},
                                         .plugin = kNative,
                                         .connect_attributes = {},
                                         .zstd_level = level},
               wire::kHandledCapabilities | compression, writer);
  return out;
}

Script LoggedInCompressed(wire::Capabilities compression) {
  return Script{Server(0, Greeting(kServerCapabilities, kNative)),
                ToClient(0, Greeting(kShown | compression, kNative)),
                Client(1, CompressedLogin(compression, 3)),
                // The server's leg has none, although the server offers it.
                ToServer(1, Login(kNewClient, "app", kNative)), Server(2, Ok()), ToClient(2, Ok())};
}

class Compressed : public testing::TestWithParam<wire::Compression> {
 protected:
  wire::Capabilities Flag() const {
    return GetParam() == wire::Compression::kZlib ? wire::kClientCompress
                                                  : wire::kClientZstdCompression;
  }
  void SetUp() override {
    player_ = std::make_unique<Player>(Offering(Flag()));
    player_->Play(LoggedInCompressed(Flag()), 1 << 20);
    snapshot_ = std::make_shared<const policy::Snapshot>(player_->world().snapshot());
    Say(0, "\x02my-shop", 1 << 20);
    for (const Event& event : Probe()) {
      if (event.kind == Event::Kind::kServer) Answer(event.seq, event.payload);
    }
    Answer(1, Ok());
    EXPECT_EQ(Expanded(1), Framed(1, Ok()));
    out_ = {};
  }
  /// One command of the client in one compressed packet, in pieces. The end of
  /// the packet's stream may have to wait until the command is answered.
  void Say(std::uint8_t packet, const std::string& payload, std::size_t piece) {
    std::string frame;
    std::uint8_t seq = 0;
    wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frame);
    std::string packed = std::move(waiting_);
    waiting_.clear();
    wire::Compressor().Append(GetParam(), 3, frame, packet, packed);
    while (!packed.empty()) {
      const Step step = player_->relay().FromClient(packed.substr(0, piece), snapshot_, out_);
      packed.erase(0, step.consumed);
      action_ = step.action;
      if (step.consumed == 0) break;
    }
    waiting_ = std::move(packed);
  }
  void Answer(std::uint8_t seq, const std::string& payload) {
    std::string frame;
    wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frame);
    player_->relay().FromServer(frame, out_);
  }
  /// The next frames for the client, expanded; the first packet is number `first`.
  std::string Expanded(std::uint8_t first) {
    wire::CompressedReader reader(GetParam());
    reader.ExpectSequence(first);
    std::string plain;
    std::string_view in = out_.to_client;
    for (;;) {
      const auto piece = reader.Next(in);
      EXPECT_TRUE(piece.has_value());
      if (!piece || (piece->consumed == 0 && piece->bytes.empty())) break;
      in.remove_prefix(piece->consumed);
      plain.append(piece->bytes);
    }
    out_.to_client.clear();
    return plain;
  }
  static std::string Framed(std::uint8_t seq, const std::string& payload) {
    std::string frame;
    wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frame);
    return frame;
  }

  std::unique_ptr<Player> player_;
  std::string waiting_;
  SnapshotPointer snapshot_;
  Output out_;
  Action action_{};
};

TEST_P(Compressed, CommandsComeInPiecesAndAnswersAreCompressed) {
  const std::string sql = Query("SELECT '" + std::string(500, 'x') + "'");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{6}, std::size_t{10'000}}) {
    Say(0, sql, piece);
    EXPECT_EQ(out_.to_server, Framed(0, sql));
    out_.to_server.clear();
    Answer(1, Ok());
    EXPECT_EQ(Expanded(1), Framed(1, Ok()));
  }
  EXPECT_TRUE(player_->relay().idle());
}

TEST_P(Compressed, ACommandBehindAnotherInOnePacketWaits) {
  std::string frames = Framed(0, Query("SELECT 1")) + Framed(0, Query("SELECT 2"));
  std::string packed;
  std::uint8_t seq = 0;
  wire::Compressor().Append(GetParam(), 3, frames, seq, packed);
  EXPECT_EQ(player_->relay().FromClient(packed, snapshot_, out_).consumed, packed.size());
  EXPECT_EQ(out_.to_server, Framed(0, Query("SELECT 1")));
  EXPECT_TRUE(player_->relay().holds_bytes(Side::kClient));
  EXPECT_FALSE(player_->relay().idle());
  out_.to_server.clear();
  Answer(1, Ok());
  EXPECT_TRUE(player_->relay().accepts_client());
  player_->relay().FromClient({}, snapshot_, out_);
  EXPECT_EQ(out_.to_server, Framed(0, Query("SELECT 2")));
  EXPECT_FALSE(player_->relay().holds_bytes(Side::kClient));
}

TEST_P(Compressed, RefusalsAndFailuresAreCompressedToo) {
  Say(0, std::string("\x05", 1), 100);
  EXPECT_NE(Expanded(1).find("not supported"), std::string::npos);
  EXPECT_TRUE(out_.to_server.empty());
  Say(0, Query("SELECT 1"), 100);
  player_->relay().BackendLost(out_);
  EXPECT_NE(Expanded(1).find("closed the connection"), std::string::npos);
}

TEST_P(Compressed, PacketsOutOfOrderEndTheSession) {
  Say(1, Query("SELECT 1"), 100);
  EXPECT_EQ(action_, Action::kClose);
  EXPECT_TRUE(out_.to_server.empty());
}

TEST_P(Compressed, HeldWritesLeaveWhole) {
  const std::string sql = Query("INSERT INTO plain_notes VALUES (1)");
  Say(0, sql, 100);
  EXPECT_EQ(action_, Action::kNeedsAdmission);
  EXPECT_TRUE(out_.to_server.empty());
  player_->relay().Admit(out_);
  EXPECT_EQ(out_.to_server, Framed(0, sql));
}

TEST_P(Compressed, MuchThatWasLittleComesInBoundedParts) {
  const std::string sql = Query("LOAD DATA LOCAL INFILE 'f' INTO TABLE items");
  Say(0, sql, 100);
  player_->relay().Admit(out_);
  Answer(1,
         "\xFB"
         "f");
  out_ = {};
  std::string frames;
  std::uint8_t seq = 2;
  wire::EncodeMessage(std::string(5'000'000, 'a'), seq, wire::kMaxFramePayload, frames);
  wire::EncodeMessage("", seq, wire::kMaxFramePayload, frames);
  std::string packed;
  std::uint8_t packet = 2;
  wire::Compressor().Append(GetParam(), 3, frames, packet, packed);
  EXPECT_LT(packed.size(), 50'000u);
  std::string sent;
  while (player_->relay().accepts_client()) {
    const Step step = player_->relay().FromClient(packed, snapshot_, out_);
    packed.erase(0, step.consumed);
    ASSERT_LE(out_.to_server.size(), 300'000u);
    ASSERT_FALSE(out_.to_server.empty());
    sent += out_.to_server;
    out_.to_server.clear();
  }
  EXPECT_TRUE(sent == frames);
  EXPECT_TRUE(packed.empty());
}

INSTANTIATE_TEST_SUITE_P(Both, Compressed,
                         testing::Values(wire::Compression::kZlib, wire::Compression::kZstd));

TEST(CompressedLogin, AZstdLevelThatThereIsNotIsABadHandshake) {
  for (const std::uint8_t level : {0, 23, 255}) {
    Player(Offering(wire::kClientZstdCompression))
        .Play({Server(0, Greeting(kServerCapabilities, kNative)),
               ToClient(0, Greeting(kShown | wire::kClientZstdCompression, kNative)),
               Client(1, CompressedLogin(wire::kClientZstdCompression, level)),
               ErrorToClient(2, 1043), Asks(Action::kClose)},
              1 << 20);
  }
}

}  // namespace
}  // namespace sealgate::relay
