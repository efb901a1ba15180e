// The login: greetings, capabilities, TLS, authentication, session facts.

#include <gtest/gtest.h>

#include "proxy/wire/handshake.h"
#include "tests/proxy/relay/script.h"

namespace sealgate::relay {
namespace {

constexpr wire::Capabilities kShown = wire::kHandledCapabilities & ~wire::kClientSsl;
constexpr std::string_view kNative = "mysql_native_password";
constexpr std::string_view kSha2 = "caching_sha2_password";

wire::Capabilities Backend(wire::Capabilities client) {
  return client | wire::kClientSessionTrack | wire::kClientDeprecateEof;
}

std::string AuthSwitch(std::string_view plugin) {
  return "\xFE" + std::string(plugin) + '\0' + "abcdefghijklmnopqrst" + '\0';
}

std::string SslRequest(wire::Capabilities capabilities) {
  std::string out;
  wire::Writer writer(out);
  wire::Encode(
      wire::SslRequest{.capabilities = capabilities, .max_packet = 1 << 24, .collation = 45},
      writer);
  return out;
}

Script Greeted(std::string_view plugin, wire::Capabilities shown = kShown) {
  return {Server(0, Greeting(kServerCapabilities, plugin)), ToClient(0, Greeting(shown, plugin))};
}

TEST(Login, MasksWhatIsNotHandled) {
  Player player;
  player.PlayEverywhere(LoggedIn(kNewClient));
  player.PlayEverywhere(LoggedIn(kOldClient));
  player.Play(LoggedIn(kNewClient), 1 << 20);
  EXPECT_TRUE(player.relay().logged_in());
  EXPECT_TRUE(player.relay().idle());
}

TEST(Login, ServerRefusesBeforeTheGreeting) {
  const std::string error = Err(1040, "", "Too many connections");
  Player().PlayEverywhere({Server(0, error), ToClient(0, error), Asks(Action::kClose)});
}

TEST(Login, ServerThatCannotTrackIsRefused) {
  for (const auto missing : {wire::kClientSessionTrack, wire::kClientDeprecateEof}) {
    Player().Play(
        {Server(0, Greeting(kServerCapabilities & ~missing, kNative)),
         ToClient(0, Err(1105, "",
                         "sealgate: the database server is too old; MariaDB 10.2 or MySQL 5.7 is "
                         "needed")),
         Asks(Action::kClose)},
        1 << 20);
  }
}

TEST(Login, ServerRefusesTheLogin) {
  const std::string error = Err(1045, "28000", "Access denied");
  Player().PlayEverywhere(Greeted(kNative) +
                          Script{Client(1, Login(kNewClient, "app", kNative)),
                                 ToServer(1, Login(Backend(kNewClient), "app", kNative)),
                                 Server(2, error), ToClient(2, error), Asks(Action::kClose)});
}

TEST(Login, AuthSwitchAndFastPath) {
  Player().PlayEverywhere(Greeted(kNative) +
                          Script{Client(1, Login(kOldClient, "app", kNative)),
                                 ToServer(1, Login(Backend(kOldClient), "app", kNative)),
                                 Server(2, AuthSwitch(kSha2)), ToClient(2, AuthSwitch(kSha2)),
                                 Client(3, "hash"), ToServer(3, "hash"), Server(4, "\x01\x03"),
                                 ToClient(4, "\x01\x03"), Server(5, Ok()), ToClient(5, Ok())});
}

TEST(Login, FullPathWithoutTlsIsRelayed) {
  Player().PlayEverywhere(Greeted(kSha2) +
                          Script{Client(1, Login(kNewClient, "app", kSha2)),
                                 ToServer(1, Login(Backend(kNewClient), "app", kSha2)),
                                 Server(2, "\x01\x04"), ToClient(2, "\x01\x04"), Client(3, "\x02"),
                                 ToServer(3, "\x02"), Server(4, "\x01PEM"), ToClient(4, "\x01PEM"),
                                 Client(5, "encrypted"), ToServer(5, "encrypted"), Server(6, Ok()),
                                 ToClient(6, Ok())});
}

TEST(Login, FullPathFromTlsToPlainEncryptsForTheServer) {
  Settings settings;
  settings.client_tls = policy::TlsMode::kPreferred;
  const auto server = crypto::RsaKeyPair::Generate();
  const auto client = kNewClient | wire::kClientSsl;
  Player player(settings);
  const Script until_password = Greeted(kSha2, wire::kHandledCapabilities) +
                                Script{Client(1, SslRequest(client)),
                                       Asks(Action::kStartClientTls),
                                       Client(2, Login(client, "app", kSha2)),
                                       ToServer(1, Login(Backend(kNewClient), "app", kSha2)),
                                       Server(2, "\x01\x04"),
                                       ToClient(3, "\x01\x04"),
                                       Client(4, std::string("secret\0", 7)),
                                       ToServer(3, "\x02")};
  player.PlayEverywhere(until_password);
  player.Play(until_password, 1);
  // What is sent differs each time: look at it by decrypting it.
  Output out;
  std::string frames;
  std::uint8_t seq = 4;
  wire::EncodeMessage("\x01" + server.PublicKeyPem(), seq, wire::kMaxFramePayload, frames);
  player.relay().FromServer(frames, out);
  ASSERT_GT(out.to_server.size(), 4u);
  EXPECT_EQ(out.to_server[3], 5);
  EXPECT_TRUE(out.to_client.empty());
  const auto password =
      server.DecryptPassword(std::string_view(out.to_server).substr(4), "12345678901234567890");
  ASSERT_TRUE(password.has_value());
  EXPECT_EQ(password->Reveal(), std::string_view("secret\0", 7));
}

TEST(Login, ServersLegHasTlsWhenTheClientHas) {
  Settings settings;
  settings.backend_tls = policy::TlsMode::kAsClient;
  settings.client_tls = policy::TlsMode::kPreferred;
  Player plain(settings);
  plain.Play(Greeted(kSha2, wire::kHandledCapabilities) +
                 Script{Client(1, Login(kNewClient, "app", kSha2)),
                        ToServer(1, Login(Backend(kNewClient), "app", kSha2))},
             1 << 20);
  Player secure(settings);
  const auto caps = kNewClient | wire::kClientSsl;
  secure.Play(Greeted(kSha2, wire::kHandledCapabilities) +
                  Script{Client(1, SslRequest(caps)), Asks(Action::kStartClientTls),
                         Client(2, Login(caps, "app", kSha2)),
                         ToServer(1, SslRequest(Backend(kNewClient) | wire::kClientSsl)),
                         Asks(Action::kStartServerTls)},
              1 << 20);
}

TEST(Login, FullPathFromPlainToTlsUsesOurKey) {
  Settings settings;
  settings.backend_tls = policy::TlsMode::kRequired;
  Player player(settings);
  const auto backend = Backend(kNewClient) | wire::kClientSsl;
  player.Play(
      Greeted(kSha2) + Script{Client(1, Login(kNewClient, "app", kSha2)),
                              ToServer(1, SslRequest(backend)), Asks(Action::kStartServerTls)},
      1 << 20);
  Output out;
  const auto feed = [&](bool from_client, std::uint8_t seq, std::string_view payload) {
    std::string frames;
    wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frames);
    return from_client ? player.relay().FromClient(frames, nullptr, out)
                       : player.relay().FromServer(frames, out);
  };
  player.relay().ServerTlsStarted(out);
  EXPECT_EQ(std::string_view(out.to_server).substr(4), Login(backend, "app", kSha2));
  EXPECT_EQ(out.to_server[3], 2);
  out = {};
  feed(false, 3, "\x01\x04");
  EXPECT_EQ(out.to_client, std::string("\x02\0\0\x02\x01\x04", 6));
  out = {};
  feed(true, 3, "\x02");
  EXPECT_TRUE(out.to_server.empty());
  const std::string pem = out.to_client.substr(5);
  const auto encrypted =
      crypto::EncryptPassword(pem, std::string_view("secret\0", 7), "12345678901234567890");
  ASSERT_TRUE(encrypted.has_value());
  out = {};
  feed(true, 5, *encrypted);
  EXPECT_EQ(out.to_server, std::string("\x07\0\0\x04secret\0", 11));
}

TEST(Login, TlsRequiredRefusesBeforeAuthentication) {
  Settings settings;
  settings.client_tls = policy::TlsMode::kRequired;
  Player(settings).PlayEverywhere(
      Greeted(kNative, wire::kHandledCapabilities) +
      Script{Client(1, Login(kNewClient, "app", kNative)),
             ToClient(2, Err(3159, "HY000",
                             "sealgate: connections without TLS are refused (listen.tls.mode is "
                             "'required')")),
             Asks(Action::kClose)});
}

TEST(Login, SslRequestIsRefusedWhereTlsWasNotOffered) {
  Player().Play(
      Greeted(kNative) + Script{Client(1, SslRequest(kNewClient | wire::kClientSsl)),
                                ToClient(2, Err(1043, "08S01", "sealgate: bad handshake")),
                                Asks(Action::kClose)},
      1 << 20);
}

TEST(Login, UnlistedPluginIsRefusedByName) {
  const std::string error =
      Err(1524, "HY000",
          "sealgate: authentication plugin 'auth_other' is not supported without TLS "
          "(backend.other_plugins); use "
          "mysql_native_password, caching_sha2_password, sha256_password, ed25519, or "
          "mysql_clear_password over TLS");
  Player().PlayEverywhere(Greeted(kNative) +
                          Script{Client(1, Login(kNewClient, "app", kNative)),
                                 ToServer(1, Login(Backend(kNewClient), "app", kNative)),
                                 Server(2, AuthSwitch("auth_other")), ToClient(2, error),
                                 Asks(Action::kClose)});
}

TEST(Login, HugeLoginIsRefused) {
  Player player;
  player.Play(Greeted(kNative), 1 << 20);
  Output out;
  const Step step = player.relay().FromClient(std::string("\xFF\xFF\x7F\x01", 4), nullptr, out);
  EXPECT_EQ(step.action, Action::kClose);
  EXPECT_NE(out.to_client.find("bigger than"), std::string::npos);
}

TEST(Login, AResetForgetsTheModes) {
  const Script reset = LoggedIn(kNewClient) + Script{Client(0, "\x1F"), ToServer(0, "\x1F"),
                                                     Server(1, Ok()), ToClient(1, Ok())};
  Player().PlayEverywhere(reset + AskedFirst());
}

TEST(Login, AChangeOfUserForgetsTheModes) {
  const std::string change = std::string("\x11support\0\x01x\0", 12);
  Player().PlayEverywhere(LoggedIn(kNewClient) +
                          Script{Client(0, change), ToServer(0, change),
                                 Server(1, AuthSwitch(kNative)), ToClient(1, AuthSwitch(kNative)),
                                 Client(2, "hash"), ToServer(2, "hash"), Server(3, Ok()),
                                 ToClient(3, Ok())} +
                          AskedFirst());
}

TEST(Login, AFailedChangeOfUserKeepsTheSession) {
  const std::string change = std::string("\x11support\0\x01x\0", 12);
  const std::string error = Err(1045, "28000", "Access denied");
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, change), ToServer(0, change), Server(1, error), ToClient(1, error)} +
      AskedFirst() +
      Script{Client(0, "\x0E"), ToServer(0, "\x0E"), Server(1, Ok()), ToClient(1, Ok())});
}

}  // namespace
}  // namespace sealgate::relay
