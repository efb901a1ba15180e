#include "tests/proxy/relay/script.h"

#include <gtest/gtest.h>

#include <utility>
#include <variant>
#include <vector>

#include "proxy/wire/column_definition.h"
#include "proxy/wire/com_query.h"
#include "proxy/wire/handshake.h"
#include "proxy/wire/row.h"

namespace sealgate::relay {
namespace {

using Kind = Event::Kind;

constexpr std::string_view kTrack =
    "SET SESSION session_track_system_variables=_latin1'autocommit,character_set_client,"
    "character_set_connection,character_set_results,collation_connection,"
    "explicit_defaults_for_timestamp,sql_mode,time_zone',"
    "session_track_schema=ON";
constexpr std::string_view kAsk =
    "SELECT CAST(@@sql_mode AS BINARY),CAST(@@character_set_client AS BINARY),"
    "CAST(@@character_set_connection AS BINARY),CAST(@@character_set_results AS BINARY),"
    "CAST(DATABASE() AS BINARY),CAST(@@time_zone AS BINARY),CAST(@@system_time_zone AS BINARY),"
    "CAST(FROM_UNIXTIME(1000000000) AS BINARY),"
    "CAST(@@explicit_defaults_for_timestamp+0 AS BINARY),CAST(CURRENT_USER() AS BINARY) LIMIT 1";
constexpr std::string_view kScramble = "12345678901234567890";

template <typename Encode>
std::string Encoded(Encode encode) {
  std::string out;
  wire::Writer writer(out);
  encode(writer);
  EXPECT_TRUE(writer.ok());
  return out;
}

const crypto::RsaKeyPair& Rsa() {
  static const crypto::RsaKeyPair pair = crypto::RsaKeyPair::Generate();
  return pair;
}

Event Make(Kind kind, std::uint8_t seq, std::string payload) {
  return {.kind = kind, .seq = seq, .payload = std::move(payload), .action = {}};
}

}  // namespace

Event Client(std::uint8_t seq, std::string payload) {
  return Make(Kind::kClient, seq, std::move(payload));
}
Event Server(std::uint8_t seq, std::string payload) {
  return Make(Kind::kServer, seq, std::move(payload));
}
Event ToClient(std::uint8_t seq, std::string payload) {
  return Make(Kind::kToClient, seq, std::move(payload));
}
Event ToServer(std::uint8_t seq, std::string payload) {
  return Make(Kind::kToServer, seq, std::move(payload));
}
Event AnyToClient(std::uint8_t seq) { return Make(Kind::kAnyToClient, seq, {}); }
Event AnyToServer(std::uint8_t seq) { return Make(Kind::kAnyToServer, seq, {}); }
Event ErrorToClient(std::uint8_t seq, std::uint16_t code) {
  return Make(Kind::kErrorToClient, seq,
              {'\xFF', static_cast<char>(code & 0xFF), static_cast<char>(code >> 8)});
}
Event Asks(Action action) {
  return {.kind = Kind::kAction, .seq = 0, .payload = {}, .action = action};
}
Event Admit() { return Make(Kind::kAdmit, 0, {}); }
Event Refuse() { return Make(Kind::kRefuse, 0, {}); }
Event Reloaded() { return Make(Kind::kReloaded, 0, {}); }
Event NewPolicy() { return Make(Kind::kNewPolicy, 0, {}); }
Event NewView(std::string name) { return Make(Kind::kNewView, 0, std::move(name)); }

Script operator+(Script a, const Script& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const wire::Capabilities kServerCapabilities =
    (wire::kHandledCapabilities | wire::kClientLocalFiles | wire::kClientCompress);
const wire::Capabilities kNewClient = wire::kHandledCapabilities & ~wire::kClientSsl &
                                      ~wire::kClientConnectWithDb & ~wire::kClientConnectAttrs &
                                      ~wire::kClientQueryAttributes;
const wire::Capabilities kOldClient =
    kNewClient & ~wire::kClientDeprecateEof & ~wire::kClientSessionTrack;

std::string Greeting(wire::Capabilities capabilities, std::string_view plugin) {
  return Encoded([&](wire::Writer& out) {
    const std::string tail = std::string(kScramble.substr(8)) + '\0';
    wire::Encode(wire::HandshakeV10{.server_version = "9.7.4",
                                    .thread_id = 7,
                                    .scramble_head = kScramble.substr(0, 8),
                                    .scramble_tail = tail,
                                    .capabilities = capabilities,
                                    .collation = 45,
                                    .status = 2,
                                    .plugin = plugin},
                 out);
  });
}

std::string Login(wire::Capabilities capabilities, std::string_view user, std::string_view plugin) {
  return Encoded([&](wire::Writer& out) {
    wire::Encode(wire::HandshakeResponse41{.capabilities = capabilities,
                                           .max_packet = 1 << 24,
                                           .collation = 45,
                                           .user = user,
                                           .auth_response = "scrambled",
                                           .database = {},
                                           .plugin = plugin,
                                           .connect_attributes = {}},
                 wire::kHandledCapabilities, out);
  });
}

std::string Ok(std::uint16_t status, std::string_view changes, std::uint8_t header) {
  if (!changes.empty()) status |= wire::kStatusSessionStateChanged;
  return Encoded([&](wire::Writer& out) {
    wire::Encode(
        wire::OkPacket{.header = header, .status = status, .info = {}, .state_changes = changes},
        wire::kHandledCapabilities, out);
  });
}

std::string Eof(std::uint16_t status) {
  return Encoded([&](wire::Writer& out) {
    wire::Encode(wire::EofPacket{.warnings = 0, .status = status}, out);
  });
}

std::string Err(std::uint16_t code, std::string_view state, std::string_view message) {
  return Encoded([&](wire::Writer& out) {
    wire::Encode(wire::ErrPacket{.code = code, .sql_state = state, .message = message}, out);
  });
}

std::string SchemaChange(std::string_view schema) {
  const std::string data = Encoded([&](wire::Writer& out) { out.LenencString(schema); });
  return Encoded([&](wire::Writer& out) {
    wire::Encode(wire::SessionStateChange{wire::SessionStateType::kSchema, data}, out);
  });
}

std::string VariableChange(std::string_view name, std::string_view value) {
  const std::string data = Encoded([&](wire::Writer& out) {
    out.LenencString(name);
    out.LenencString(value);
  });
  return Encoded([&](wire::Writer& out) {
    wire::Encode(wire::SessionStateChange{wire::SessionStateType::kSystemVariables, data}, out);
  });
}

std::string Definition(std::string_view table, std::string_view column) {
  wire::ColumnDefinition41 definition;
  definition.schema = table.empty() ? "" : "shop";
  definition.table = definition.org_table = table;
  definition.name = definition.org_name = column;
  definition.type = wire::FieldType::kVarString;
  definition.collation = 63;
  definition.flags = wire::kFieldBinary;
  return Encoded([&](wire::Writer& out) { wire::Encode(definition, out); });
}

std::string TextRow(const std::vector<std::string>& values) {
  return Encoded([&](wire::Writer& out) {
    for (const std::string& value : values) out.LenencString(value);
  });
}

std::string Query(std::string_view sql) { return "\x03" + std::string(sql); }

Script Probe(std::string_view modes, std::string_view user) {
  const std::string row =
      TextRow({std::string(modes), "utf8mb4", "utf8mb4", "utf8mb4", "shop", "SYSTEM", "UTC",
               "2001-09-09 01:46:40", "1", std::string(user) + "@%"});
  return {ToServer(0, Query(kTrack)),
          ToServer(0, Query(kAsk)),
          Server(1, Ok()),
          Server(1, "\x0A"),
          Server(2, Definition("", "a")),
          Server(3, Definition("", "b")),
          Server(4, Definition("", "c")),
          Server(5, Definition("", "d")),
          Server(6, Definition("", "e")),
          Server(7, Definition("", "f")),
          Server(8, Definition("", "g")),
          Server(9, Definition("", "h")),
          Server(10, Definition("", "i")),
          Server(11, Definition("", "j")),
          Server(12, row),
          Server(13, Ok(2, {}, wire::kEofHeader))};
}

Script AskedFirst(std::string_view modes, std::string_view user) {
  const std::string use = "\x02my-shop";
  return Script{Client(0, use)} + Probe(modes, user) +
         Script{ToServer(0, use), Server(1, Ok()), ToClient(1, Ok())};
}

Script LoggedIn(wire::Capabilities client, std::string_view user) {
  return JustLoggedIn(client, user) + AskedFirst("", user);
}

Script JustLoggedIn(wire::Capabilities client, std::string_view user) {
  const wire::Capabilities backend = client | wire::kClientSessionTrack | wire::kClientDeprecateEof;
  const wire::Capabilities shown = wire::kHandledCapabilities & ~wire::kClientSsl;
  return {Server(0, Greeting(kServerCapabilities, "mysql_native_password")),
          ToClient(0, Greeting(shown, "mysql_native_password")),
          Client(1, Login(client, user, "mysql_native_password")),
          ToServer(1, Login(backend, user, "mysql_native_password")),
          Server(2, Ok()),
          ToClient(2, Ok())};
}

Player::Player(Settings settings)
    : settings_(settings),
      rewriter_(world_.random(), world_.metrics(), {}),
      snapshot_(std::make_shared<const policy::Snapshot>(world_.snapshot())) {
  settings_.least_passed = 16;  // fewer than most rows have, so that both ways run
  Restart();
}

void Player::Restart() {
  PeerAddress address{};
  address[15] = 1;
  relay_ = std::make_unique<Relay>(
      settings_, Services{rewriter_, world_.metrics(), compressor_, Rsa(), nullptr, &killed_},
      address);
  out_ = {};
  partial_client_.clear();
  partial_server_.clear();
  to_client_.clear();
  to_server_.clear();
  said_by_client_.clear();
  said_by_server_.clear();
  last_action_ = {};
  closed_ = false;
}

void Player::RenewPolicy() {
  policy::Snapshot renewed = *snapshot_;
  renewed.policy = std::make_shared<const policy::Policy>(*renewed.policy);
  snapshot_ = std::make_shared<const policy::Snapshot>(std::move(renewed));
}

void Player::AddView(const std::string& name) {
  policy::Snapshot renewed = *snapshot_;
  auto catalog = std::make_shared<policy::Catalog>(*renewed.catalog);
  catalog->AddHot({policy::NameKind::kView, "shop", name});
  renewed.catalog = std::move(catalog);
  ++renewed.version;
  snapshot_ = std::make_shared<const policy::Snapshot>(std::move(renewed));
}

std::string Player::Seal(const std::string& domain, std::string_view canonical,
                         std::string_view weights) {
  const crypto::ColumnCipher* cipher = world_.snapshot().keys->Find(domain);
  std::string out;
  if (const auto* random = std::get_if<crypto::RandomCipher>(cipher)) {
    random->Seal(canonical, world_.random(), out);
  } else if (const auto* searchable = std::get_if<crypto::SearchableCipher>(cipher)) {
    searchable->Seal(canonical, weights, world_.random(), out);
  } else {
    std::get<crypto::DeterministicCipher>(*cipher).Seal(canonical, out);
  }
  return out;
}

void Player::Note(const Step& step) {
  if (step.action != Action::kContinue) last_action_ = step.action;
  if (step.action == Action::kClose) closed_ = true;
  out_.to_client += step.passed;
  Collect(out_.to_client, partial_client_, to_client_);
  Collect(out_.to_server, partial_server_, to_server_);
}

// Joins what the relay wrote to messages; numbers within one must be in order.
void Player::Collect(std::string& bytes, std::string& partial, std::vector<Message>& queue) {
  partial += bytes;
  bytes.clear();
  wire::MessageAssembler assembler(settings_.max_frame, 1ull << 32);
  std::string_view rest = partial;
  while (!rest.empty()) {
    assembler.ExpectSequence(std::nullopt);
    std::string_view probe = rest;
    const auto progress = assembler.Feed(probe);
    ASSERT_TRUE(progress.has_value()) << "badly framed output";
    if (!progress->message) break;
    queue.push_back({progress->message->first_seq, std::string(progress->message->payload)});
    rest.remove_prefix(progress->consumed);
  }
  partial.erase(0, partial.size() - rest.size());
}

void Player::Deliver(const Event& event, std::size_t piece) {
  if (event.kind == Kind::kAdmit) return Note(relay_->Admit(out_));
  if (event.kind == Kind::kReloaded) return Note(relay_->CatalogReloaded());
  if (event.kind == Kind::kNewPolicy) return RenewPolicy();
  if (event.kind == Kind::kNewView) return AddView(event.payload);
  if (event.kind == Kind::kRefuse) {
    return Note(relay_->RefuseHeld(policy::Release::kExpired, "tests", out_));
  }
  const bool client = event.kind == Kind::kClient;
  std::string& said = client ? said_by_client_ : said_by_server_;
  std::string frames;
  std::uint8_t seq = event.seq;
  wire::EncodeMessage(event.payload, seq, settings_.max_frame, frames);
  last_action_ = {};
  for (std::size_t at = 0; at < frames.size() && !closed_; at += piece) {
    said += frames.substr(at, piece);
    bool more = true;
    while (more && !closed_ && !said.empty() && (!client || relay_->accepts_client())) {
      // An exactly sized copy: a read beyond it is found by the sanitizer.
      const std::vector<char> exact(said.begin(), said.end());
      const std::string_view bytes(exact.data(), exact.size());
      const Step step =
          client ? relay_->FromClient(bytes, snapshot_, out_) : relay_->FromServer(bytes, out_);
      said.erase(0, step.consumed);
      Note(step);
      more = step.consumed > 0 && step.action == Action::kContinue;
    }
  }
}

void Player::Expect(std::vector<Message>& queue, const Event& event, const char* side) {
  ASSERT_FALSE(queue.empty()) << "nothing for the " << side << " instead of: " << event.payload;
  Message message = std::move(queue.front());
  queue.erase(queue.begin());
  const bool any = event.kind == Kind::kAnyToClient || event.kind == Kind::kAnyToServer;
  if (any) message.payload.clear();
  if (event.kind == Kind::kErrorToClient) message.payload.resize(event.payload.size());
  if (event.payload.find('<') != std::string::npos && message.payload.size() > 1) {
    message.payload = message.payload.substr(0, 1) + world_.WithMarks(message.payload.substr(1));
  }
  EXPECT_EQ(message.payload, event.payload) << "to the " << side;
  EXPECT_EQ(int{message.seq}, int{event.seq}) << "to the " << side << ": " << event.payload;
}

void Player::Play(const Script& script, std::size_t piece) {
  Restart();
  for (const Event& event : script) {
    if (testing::Test::HasFatalFailure()) return;
    switch (event.kind) {
      case Kind::kToClient:
      case Kind::kAnyToClient:
      case Kind::kErrorToClient:
        Expect(to_client_, event, "client");
        break;
      case Kind::kToServer:
      case Kind::kAnyToServer:
        Expect(to_server_, event, "server");
        break;
      case Kind::kAction:
        EXPECT_EQ(last_action_, event.action);
        break;
      default:
        Deliver(event, piece);
    }
  }
  EXPECT_TRUE(to_client_.empty()) << "more than expected for the client: "
                                  << to_client_.front().payload;
  EXPECT_TRUE(to_server_.empty()) << "more than expected for the server: "
                                  << to_server_.front().payload;
}

void Player::PlayBroken(const Script& script, std::size_t at, int failure) {
  Restart();
  for (std::size_t i = 0; i < at; ++i) {
    const Kind kind = script[i].kind;
    const bool said = kind == Kind::kClient || kind == Kind::kServer || kind == Kind::kAdmit ||
                      kind == Kind::kRefuse || kind == Kind::kReloaded;
    if (said) Deliver(script[i], 1 << 20);
  }
  const std::size_t sent = to_server_.size();
  const bool logged_in = relay_->logged_in();  // before, plugins' data pass as they are
  if (failure == 0) {
    relay_->BackendLost(out_);
    Note({});
  } else {
    const std::string rubbish = "\xFE\xFD\xFC rubbish SENTINEL";
    Deliver(failure == 1 ? Server(relay_->turn() == Side::kServer ? 1 : 0, rubbish)
                         : Client(0, rubbish),
            1 << 20);
  }
  for (std::size_t i = sent; logged_in && i < to_server_.size(); ++i) {
    EXPECT_EQ(to_server_[i].payload.find("SENTINEL"), std::string::npos);
  }
  relay_->Trim();
}

void Player::PlayEverywhere(const Script& script) {
  for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{1}, std::size_t{3}}) {
    SCOPED_TRACE("in pieces of " + std::to_string(piece));
    Play(script, piece);
    if (testing::Test::HasFatalFailure()) return;
  }
  for (std::size_t at = 0; at < script.size(); ++at) {
    for (const int failure : {0, 1, 2}) PlayBroken(script, at, failure);
  }
}

}  // namespace sealgate::relay
