// What each authentication plugin sends over which leg. The legs are private
// (TLS) or not; the server asks, the client answers.

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "proxy/wire/handshake.h"
#include "tests/proxy/relay/script.h"

namespace sealgate::relay {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kNonce = "abcdefghijklmnopqrst";
constexpr std::string_view kSecret("secret\0", 7);

struct Legs {
  bool client_tls;
  bool server_tls;
};
constexpr std::array<Legs, 4> kLegs = {
    {{false, false}, {false, true}, {true, false}, {true, true}}};

std::ostream& operator<<(std::ostream& out, const Legs& legs) {
  return out << (legs.client_tls ? "TLS" : "plain") << " to "
             << (legs.server_tls ? "TLS" : "plain");
}

Settings SettingsOf(Legs legs) {
  Settings settings;
  if (legs.client_tls) settings.client_tls = policy::TlsMode::kRequired;
  if (legs.server_tls) settings.backend_tls = policy::TlsMode::kRequired;
  return settings;
}

template <typename T, typename... Rest>
std::string Encoded(const T& value, Rest... rest) {
  std::string payload;
  wire::Writer writer(payload);
  wire::Encode(value, rest..., writer);
  return payload;
}

/// One login, message by message.
class Conversation {
 public:
  explicit Conversation(Legs legs) : Conversation(legs, SettingsOf(legs)) {}
  Conversation(Legs legs, const Settings& settings) : legs_(legs), player_(settings) {
    Server(Greeting(kServerCapabilities, "caching_sha2_password"));
    Take(out_.to_client);
  }

  /// Until the server's turn; `login` is what the server got.
  void LogIn(std::string_view plugin, std::string_view response) {
    const wire::Capabilities flags = kNewClient | (legs_.client_tls ? wire::kClientSsl : 0);
    if (legs_.client_tls) {
      Client(Encoded(wire::SslRequest{.capabilities = flags, .collation = 45}));
    }
    Client(Encoded(wire::HandshakeResponse41{.capabilities = flags,
                                             .collation = 45,
                                             .user = "app",
                                             .auth_response = response,
                                             .plugin = plugin},
                   kServerCapabilities | wire::kClientSsl));
    if (legs_.server_tls) {
      Take(out_.to_server);  // the request for TLS
      player_.relay().ServerTlsStarted(out_);
    }
    login = Take(out_.to_server);
  }

  void Ask(std::string_view plugin) {
    asked_ = "\xFE" + std::string(plugin) + '\0' + std::string(kNonce) + '\0';
    Server(asked_);
  }

  void Client(std::string_view payload) { Feed(client_seq_, payload, true); }
  void Server(std::string_view payload) { Feed(server_seq_, payload, false); }

  /// The message that was sent to a side, or "" for none.
  std::string ToClient() { return Take(out_.to_client); }
  std::string ToServer() { return Take(out_.to_server); }
  bool ClientIsAsked() { return ToClient() == asked_; }
  Relay& relay() { return player_.relay(); }
  bool closed() const { return action_ == Action::kClose; }

  std::string login;

 private:
  void Feed(std::uint8_t& seq, std::string_view payload, bool from_client) {
    std::string frames;
    wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frames);
    const Step step = from_client ? player_.relay().FromClient(frames, nullptr, out_)
                                  : player_.relay().FromServer(frames, out_);
    EXPECT_EQ(step.consumed, frames.size());
    action_ = step.action;
  }

  std::string Take(std::string& bytes) {
    if (bytes.empty()) return {};
    std::uint8_t& seq = &bytes == &out_.to_client ? client_seq_ : server_seq_;
    seq = static_cast<std::uint8_t>(bytes[3] + 1);
    const std::size_t size = static_cast<std::uint8_t>(bytes[0]) |
                             static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[1])) << 8;
    EXPECT_EQ(bytes.size(), size + 4) << "one message is expected";
    std::string payload = bytes.substr(4);
    bytes.clear();
    return payload;
  }

  Legs legs_;
  Player player_;
  Output out_;
  Action action_{};
  std::string asked_;
  std::uint8_t client_seq_ = 0;
  std::uint8_t server_seq_ = 0;
};

std::string Decrypted(const crypto::RsaKeyPair& key, std::string_view cipher) {
  const auto password = key.DecryptPassword(cipher, kNonce);
  return password ? std::string(password->Reveal()) : "not decrypted";
}

TEST(Auth, OnlyAHashGoesWithTheLogin) {
  struct Row {
    std::string_view plugin;
    bool goes;
  };
  const Row rows[] = {{"mysql_native_password", true}, {"caching_sha2_password", true},
                      {"client_ed25519", true},        {"sha256_password", false},
                      {"mysql_clear_password", false}, {"dialog", false},
                      {"mysql_old_password", false},   {"something_else", false}};
  for (const Legs legs : kLegs) {
    for (const Row& row : rows) {
      Conversation talk(legs);
      talk.LogIn(row.plugin, kSecret);
      const auto login = wire::DecodeHandshakeResponse41(talk.login, kServerCapabilities);
      ASSERT_TRUE(login) << legs << row.plugin;
      EXPECT_EQ(login->plugin, row.goes ? row.plugin : kNoPlugin) << legs;
      EXPECT_EQ(login->auth_response, row.goes ? kSecret : "") << legs << row.plugin;
      EXPECT_EQ(talk.login.find("secret") != std::string::npos, row.goes) << legs << row.plugin;
    }
  }
}

TEST(Auth, Sha256OverLegsAlikePassesThrough) {
  for (const Legs legs : {Legs{false, false}, Legs{true, true}}) {
    Conversation talk(legs);
    talk.LogIn("sha256_password", legs.client_tls ? kSecret : "\x01");
    talk.Ask("sha256_password");
    ASSERT_TRUE(talk.ClientIsAsked()) << legs;
    if (!legs.client_tls) {
      talk.Client("\x01");
      EXPECT_EQ(talk.ToServer(), "\x01");
      talk.Server("\x01PEM");
      EXPECT_EQ(talk.ToClient(), "\x01PEM");
      talk.Client("encrypted");
      EXPECT_EQ(talk.ToServer(), "encrypted");
    } else {
      talk.Client(kSecret);
      EXPECT_EQ(talk.ToServer(), kSecret);
    }
  }
}

TEST(Auth, Sha256FromTlsToPlainIsEncryptedForTheServer) {
  const auto server = crypto::RsaKeyPair::Generate();
  Conversation talk({true, false});
  talk.LogIn("sha256_password", kSecret);
  talk.Ask("sha256_password");
  ASSERT_TRUE(talk.ClientIsAsked());
  talk.Client(kSecret);
  EXPECT_EQ(talk.ToServer(), "\x01");
  EXPECT_EQ(talk.ToClient(), "");
  talk.Server("\x01" + server.PublicKeyPem());
  EXPECT_EQ(talk.ToClient(), "");
  EXPECT_EQ(Decrypted(server, talk.ToServer()), kSecret);
}

TEST(Auth, AClientThatEncryptsOverTlsPassesThrough) {
  for (const std::string_view plugin : {"sha256_password"sv, "caching_sha2_password"sv}) {
    const std::string_view request = plugin == "sha256_password" ? "\x01"sv : "\x02"sv;
    Conversation talk({true, false});
    talk.LogIn(plugin, "hash");
    talk.Ask(plugin);
    ASSERT_TRUE(talk.ClientIsAsked());
    if (plugin == "caching_sha2_password") {
      talk.Client("hash");
      EXPECT_EQ(talk.ToServer(), "hash");
      talk.Server("\x01\x04");
      EXPECT_EQ(talk.ToClient(), "\x01\x04");
    }
    talk.Client(request);
    EXPECT_EQ(talk.ToServer(), request);
    talk.Server("\x01PEM");
    EXPECT_EQ(talk.ToClient(), "\x01PEM");
    talk.Client("encrypted");
    EXPECT_EQ(talk.ToServer(), "encrypted");
  }
}

TEST(Auth, Sha256FromPlainToTlsUsesOurKey) {
  Conversation talk({false, true});
  talk.LogIn("sha256_password", "\x01");
  talk.Ask("sha256_password");
  ASSERT_TRUE(talk.ClientIsAsked());
  talk.Client("\x01");
  EXPECT_EQ(talk.ToServer(), "");
  const std::string pem = talk.ToClient();
  ASSERT_FALSE(pem.empty());
  EXPECT_EQ(pem[0], '\x01');
  const auto cipher = crypto::EncryptPassword(pem.substr(1), kSecret, kNonce);
  ASSERT_TRUE(cipher);
  talk.Client(*cipher);
  EXPECT_EQ(talk.ToServer(), kSecret);
}

TEST(Auth, Sha256WithoutAPassword) {
  for (const Legs legs : kLegs) {
    Conversation talk(legs);
    talk.LogIn("sha256_password", "\0"sv);
    talk.Ask("sha256_password");
    ASSERT_TRUE(talk.ClientIsAsked()) << legs;
    talk.Client("\0"sv);
    EXPECT_EQ(talk.ToServer(), "\0"sv) << legs;
  }
}

TEST(Auth, WhatCannotBeDecryptedIsRefused) {
  Conversation talk({false, true});
  talk.LogIn("sha256_password", "\x01");
  talk.Ask("sha256_password");
  ASSERT_TRUE(talk.ClientIsAsked());
  talk.Client(std::string(256, 'x'));
  EXPECT_EQ(talk.ToServer(), "");
  EXPECT_NE(talk.ToClient().find("cannot be decrypted"), std::string::npos);
  EXPECT_TRUE(talk.closed());
}

TEST(Auth, ThePasswordInTheClearNeedsTlsOnBothLegs) {
  for (const std::string_view plugin : {"mysql_clear_password"sv, "dialog"sv}) {
    for (const Legs legs : kLegs) {
      Conversation talk(legs);
      talk.LogIn("caching_sha2_password", "hash");
      talk.Ask(plugin);
      if (legs.client_tls && legs.server_tls) {
        EXPECT_TRUE(talk.ClientIsAsked());
        talk.Client(kSecret);
        EXPECT_EQ(talk.ToServer(), kSecret);
        continue;
      }
      const std::string leg = legs.client_tls ? "to the database server" : "from the client";
      EXPECT_EQ(talk.ToClient(), Err(1045, "28000",
                                     "sealgate: this account's plugin, " + std::string(plugin) +
                                         ", sends the password in the clear, and the connection " +
                                         leg + " has no TLS"))
          << legs;
      EXPECT_EQ(talk.ToServer(), "");
      EXPECT_TRUE(talk.closed());
    }
  }
}

TEST(Auth, DialogGoesOnAsking) {
  Conversation talk({true, true});
  talk.LogIn("dialog", "");
  talk.Ask("dialog");
  ASSERT_TRUE(talk.ClientIsAsked());
  talk.Client("first\0"sv);
  EXPECT_EQ(talk.ToServer(), "first\0"sv);
  for (const std::string_view question : {"\x04Again: "sv, "\x05Last: "sv, "\x01\xFEodd"sv}) {
    talk.Server(question);
    EXPECT_EQ(talk.ToClient(), question);
    talk.Client(kSecret);
    EXPECT_EQ(talk.ToServer(), kSecret);
  }
}

TEST(Auth, OthersMayNotGoOnAsking) {
  Conversation talk({true, true});
  talk.LogIn("mysql_native_password", "hash");
  talk.Server("\x04Password: ");
  EXPECT_EQ(talk.ToServer(), "");
  EXPECT_TRUE(talk.closed());
}

// The login's hash went to the server already; the weak one does not follow it from
// TLS to a leg without.
TEST(Auth, OldPasswordsGoWhereTheyAreNoLessPrivate) {
  for (const bool by_name : {false, true}) {
    for (const Legs legs : kLegs) {
      Conversation talk(legs);
      talk.LogIn("mysql_native_password", "hash");
      if (by_name) {
        talk.Ask("mysql_old_password");
      } else {
        talk.Server("\xFE");
      }
      if (legs.client_tls && !legs.server_tls) {
        EXPECT_NE(talk.ToClient().find("mysql_old_password, needs TLS"), std::string::npos);
        EXPECT_EQ(talk.ToServer(), "");
        EXPECT_TRUE(talk.closed());
        continue;
      }
      const std::string asked = talk.ToClient();
      EXPECT_EQ(asked.substr(0, 1), "\xFE");
      EXPECT_EQ(asked.size() == 1, !by_name);
      talk.Client("12345678\0"sv);
      EXPECT_EQ(talk.ToServer(), "12345678\0"sv) << legs;
      talk.Server("\x01PEM");  // nothing that it could ask
      EXPECT_EQ(talk.ToServer(), "");
      EXPECT_TRUE(talk.closed());
    }
  }
}

TEST(Auth, OtherPluginsPassWhereTheLegsAreAlike) {
  using policy::OtherPlugins;
  for (const OtherPlugins rule :
       {OtherPlugins::kRefused, OtherPlugins::kPrivate, OtherPlugins::kAlike}) {
    for (const Legs legs : kLegs) {
      Settings settings = SettingsOf(legs);
      settings.other_plugins = rule;
      Conversation talk(legs, settings);
      talk.LogIn("caching_sha2_password", "hash");
      talk.Ask("auth_gssapi_client");
      const bool alike = legs.client_tls == legs.server_tls;
      if (alike &&
          (rule == OtherPlugins::kAlike || (rule == OtherPlugins::kPrivate && legs.client_tls))) {
        EXPECT_TRUE(talk.ClientIsAsked()) << legs;
        EXPECT_TRUE(talk.relay().both_may_speak());
        continue;
      }
      EXPECT_EQ(talk.ToServer(), "") << legs;
      EXPECT_EQ(talk.ToClient().substr(0, 72),
                Err(1524, "HY000",
                    "sealgate: authentication plugin 'auth_gssapi_client' is not supported")
                    .substr(0, 72));
      EXPECT_TRUE(talk.closed());
    }
  }
}

// As Kerberos does: the server's last ticket and its OK come without a word of the
// client's between them. Servers mark what would look like OK, ERR or a switch by 01.
TEST(Auth, OtherPluginsMaySpeakTwice) {
  Conversation talk({true, true});
  talk.LogIn("something_else", "");
  talk.Ask("something_else");
  ASSERT_TRUE(talk.ClientIsAsked());
  for (const std::string_view said : {"ticket\0"sv, "\x03SELECT 1"sv, ""sv}) {
    talk.Client(said);
    EXPECT_EQ(talk.ToServer(), said);
  }
  for (const std::string_view said : {"answer"sv, "\x01\0"sv, "\x01\xFE"sv, "\x02"sv}) {
    talk.Server(said);
    EXPECT_EQ(talk.ToClient(), said);
  }
  EXPECT_TRUE(talk.relay().both_may_speak());
  talk.Server(Ok());
  EXPECT_FALSE(talk.relay().both_may_speak());
}

TEST(Auth, OtherPluginsHaveAnEnd) {
  for (const bool by_bytes : {false, true}) {
    for (const bool client : {false, true}) {
      Conversation talk({true, true});
      talk.LogIn("something_else", "");
      talk.Ask("something_else");
      ASSERT_TRUE(talk.ClientIsAsked());
      const std::string said(by_bytes ? 60'000 : 1, 'x');
      int passed = 0;
      while (!talk.closed()) {
        ASSERT_LT(passed, 100);
        client ? talk.Client(said) : talk.Server(said);
        if (talk.closed()) break;
        EXPECT_EQ(client ? talk.ToServer() : talk.ToClient(), said);
        ++passed;
      }
      EXPECT_EQ(passed, by_bytes ? 17 : 63);
      EXPECT_EQ(talk.ToServer(), "");
      EXPECT_NE(talk.ToClient().find("does not end"), std::string::npos);
    }
  }
}

TEST(Auth, AKnownPluginEndsWhatPassed) {
  Conversation talk({true, true});
  talk.LogIn("something_else", "");
  talk.Ask("something_else");
  ASSERT_TRUE(talk.ClientIsAsked());
  talk.Client("anything");
  EXPECT_EQ(talk.ToServer(), "anything");
  talk.Ask("mysql_native_password");
  ASSERT_TRUE(talk.ClientIsAsked());
  EXPECT_FALSE(talk.relay().both_may_speak());
}

TEST(Auth, AChangeOfUserByAnotherPlugin) {
  const std::string change = Encoded(
      wire::ComChangeUser{.user = "support", .database = "shop", .collation = 45, .plugin = "odd"},
      kNewClient);
  const std::string told = Encoded(
      wire::ComChangeUser{
          .user = "support", .database = "shop", .collation = 45, .plugin = kNoPlugin},
      kNewClient);
  const std::string asked("\xFEodd\0nonce\0", 11);
  Settings settings;
  settings.other_plugins = policy::OtherPlugins::kAlike;
  Player(settings).PlayEverywhere(LoggedIn(kNewClient) +
                                  Script{Client(0, change), ToServer(0, told), Server(1, asked),
                                         ToClient(1, asked), Client(2, "one"), ToServer(2, "one"),
                                         Server(3, "two"), ToClient(3, "two"), Server(4, "three"),
                                         ToClient(4, "three")});
}

TEST(Auth, OnlyAHashGoesWithAChangeOfUser) {
  const std::string change = Encoded(wire::ComChangeUser{.user = "support",
                                                         .auth_response = kSecret,
                                                         .database = "shop",
                                                         .collation = 45,
                                                         .plugin = "mysql_clear_password"},
                                     kNewClient);
  const std::string told = Encoded(
      wire::ComChangeUser{
          .user = "support", .database = "shop", .collation = 45, .plugin = kNoPlugin},
      kNewClient);
  Player().PlayEverywhere(
      LoggedIn(kNewClient) +
      Script{Client(0, change), ToServer(0, told),
             Server(1, std::string("\xFEmysql_clear_password\0nonce\0", 28)),
             ToClient(1, Err(1045, "28000",
                             "sealgate: this account's plugin, mysql_clear_password, sends the "
                             "password in the clear, and the connection from the client has no "
                             "TLS")),
             Asks(Action::kClose)});
}

}  // namespace
}  // namespace sealgate::relay
