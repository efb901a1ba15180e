#include "proxy/wire/handshake.h"

#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

constexpr Capabilities kAll = ~Capabilities{0};

void CheckGreeting(const char* name, std::string_view hex, const HandshakeV10& value, Tail tail) {
  CheckRow(name, hex, value, tail, DecodeHandshakeV10,
           [](const HandshakeV10& v, Writer& out) { Encode(v, out); });
}

void CheckLogin(const char* name, std::string_view hex, const HandshakeResponse41& value, Tail tail,
                Capabilities offered = kAll) {
  CheckRow(
      name, hex, value, tail,
      [offered](std::string_view bytes) { return DecodeHandshakeResponse41(bytes, offered); },
      [offered](const HandshakeResponse41& v, Writer& out) { Encode(v, offered, out); });
}

// Captured from MariaDB 10.11 (Debian 12).
constexpr std::string_view kMariaDbGreeting =
    "0a 352e352e352d31302e31312e31392d4d6172696144422d302b64656231327531 00 03000000"
    "407a666f7c416f2b 00 fef7 08 0200 ff81 15 000000000000 1d000000"
    "26795372637b5f493158473b00 'mysql_native_password' 00";

// Captured from MySQL 9.7 (Debian unstable).
constexpr std::string_view kMySqlGreeting =
    "0a '9.7.4-2' 00 08000000 2c01651c0628734c 00 ffff ff 0200 ffdf 15 000000000000 00000000"
    "512645340742712316 2e335c 00 'caching_sha2_password' 00";

TEST(HandshakeTest, Greetings) {
  const std::string maria_tail = Hex("26795372637b5f493158473b00");
  CheckGreeting("MariaDB 10.11", kMariaDbGreeting,
                {.server_version = "5.5.5-10.11.19-MariaDB-0+deb12u1",
                 .thread_id = 3,
                 .scramble_head = "@zfo|Ao+",
                 .scramble_tail = maria_tail,
                 .capabilities = 0x1d'81ff'f7fe,
                 .collation = 8,
                 .status = 2,
                 .plugin = "mysql_native_password"},
                Tail::kOptionalTerminator);
  const std::string head = Hex("2c01651c0628734c");
  const std::string tail = Hex("512645340742712316 2e335c 00");
  CheckGreeting("MySQL 9.7", kMySqlGreeting,
                {.server_version = "9.7.4-2",
                 .thread_id = 8,
                 .scramble_head = head,
                 .scramble_tail = tail,
                 .capabilities = 0xdfff'ffff,
                 .collation = 255,
                 .status = 2,
                 .plugin = "caching_sha2_password"},
                Tail::kOptionalTerminator);
  CheckGreeting("without plugins",
                "0a 'x' 00 01000000 '01234567' 00 0182 21 0200 0000 00 000000000000 00000000"
                "'0123456789ab' 00",
                {.server_version = "x",
                 .thread_id = 1,
                 .scramble_head = "01234567",
                 .scramble_tail = std::string_view("0123456789ab\0", 13),
                 .capabilities = kClientLongPassword | kClientProtocol41 | kClientSecureConnection,
                 .collation = 33,
                 .status = 2},
                Tail::kFixed);
}

TEST(HandshakeTest, LengthWithoutPluginsIsIgnored) {
  // Only PLUGIN_AUTH gives the length a meaning.
  const std::string bytes =
      Hex("0a 'x' 00 01000000 '01234567' 00 0182 21 0200 0000 ff 000000000000 00000000"
          "'0123456789ab' 00");
  const auto greeting = DecodeHandshakeV10(bytes);
  ASSERT_TRUE(greeting);
  EXPECT_EQ(greeting->scramble_tail.size(), 13u);
}

TEST(HandshakeTest, ScrambleIsTwentyBytes) {
  const std::string bytes = Hex(kMariaDbGreeting);
  EXPECT_EQ(DecodeHandshakeV10(bytes)->Scramble(), "@zfo|Ao+&ySrc{_I1XG;");
}

TEST(HandshakeTest, MaskedGreetingOffersOnlyWhatIsHandled) {
  const std::string bytes = Hex(kMySqlGreeting);
  HandshakeV10 greeting = *DecodeHandshakeV10(bytes);
  greeting.capabilities &= kHandledCapabilities;
  std::string out;
  Writer writer(out);
  Encode(greeting, writer);
  const auto masked = DecodeHandshakeV10(out);
  ASSERT_TRUE(masked);
  EXPECT_EQ(masked->capabilities & ~kHandledCapabilities, 0u);
  EXPECT_FALSE(Has(masked->capabilities, kClientCompress));
  EXPECT_TRUE(Has(masked->capabilities, kClientQueryAttributes));
}

TEST(HandshakeTest, RefusedGreetings) {
  ExpectError("09 'x' 00", DecodeError::kUnsupported, DecodeHandshakeV10);
  ExpectError("ff 1004 'Too many connections'", DecodeError::kUnsupported, DecodeHandshakeV10);
  ExpectError(
      "0a 'x' 00 01000000 '01234567' 00 0180 21 0200 0000 00 000000000000 00000000"
      "'0123456789ab' 00",
      DecodeError::kUnsupported, DecodeHandshakeV10);
}

// Captured from the mysql client 9.7 with an empty password.
constexpr std::string_view kMySqlLogin =
    "85a2bf19 00000001 ff 00000000000000000000000000000000000000 00000000 'root' 00 01 00"
    "'caching_sha2_password' 00 72 04'_pid' 05'28288' 09'_platform' 06'x86_64' 03'_os' 05'Linux'"
    "0c'_client_name' 08'libmysql' 07'os_user' 04'root' 0f'_client_version' 05'9.7.4'"
    "0c'program_name' 05'mysql'";

// Captured from the mariadb client 10.11, talking to MariaDB.
constexpr std::string_view kMariaDbLogin =
    "8ca2bf00 00000010 21 00000000000000000000000000000000000000 1d000000 'root' 00 00 'mysql' 00"
    "'mysql_native_password' 00 7f 03'_os' 05'Linux' 0c'_client_name' 0a'libmariadb'"
    "04'_pid' 05'28294' 0f'_client_version' 06'3.3.20' 09'_platform' 06'x86_64'"
    "0c'program_name' 05'mysql' 0c'_server_host' 09'127.0.0.1'";

TEST(HandshakeTest, Logins) {
  const std::string mysql = Hex(kMySqlLogin);
  CheckLogin("mysql client 9.7", kMySqlLogin,
             {.capabilities = 0x19bf'a285,
              .max_packet = 0x01000000,
              .collation = 255,
              .user = "root",
              .auth_response = std::string_view("\0", 1),
              .plugin = "caching_sha2_password",
              .connect_attributes = std::string_view(mysql).substr(mysql.size() - 0x72)},
             Tail::kFixed);
  const std::string maria = Hex(kMariaDbLogin);
  CheckLogin("mariadb client 10.11", kMariaDbLogin,
             {.capabilities = 0x1d'00bf'a28c,
              .max_packet = 0x10000000,
              .collation = 33,
              .user = "root",
              .database = "mysql",
              .plugin = "mysql_native_password",
              .connect_attributes = std::string_view(maria).substr(maria.size() - 0x7f)},
             Tail::kFixed);
  CheckLogin("one-byte length, nothing else",
             "01820000 00000001 2d 00000000000000000000000000000000000000 00000000 'u' 00 03 'abc'",
             {.capabilities = kClientLongPassword | kClientProtocol41 | kClientSecureConnection,
              .max_packet = 0x01000000,
              .collation = 45,
              .user = "u",
              .auth_response = "abc"},
             Tail::kFixed);
  CheckLogin("plugin last",
             "01820800 00000001 2d 00000000000000000000000000000000000000 00000000 00 00 'p' 00",
             {.capabilities = kClientLongPassword | kClientProtocol41 | kClientSecureConnection |
                              kClientPluginAuth,
              .max_packet = 0x01000000,
              .collation = 45,
              .plugin = "p"},
             Tail::kOptionalTerminator);
  CheckLogin("zstd level",
             "01820004 00000001 2d 00000000000000000000000000000000000000 00000000 00 00 03",
             {.capabilities = kClientLongPassword | kClientProtocol41 | kClientSecureConnection |
                              kClientZstdCompression,
              .max_packet = 0x01000000,
              .collation = 45,
              .zstd_level = 3},
             Tail::kFixed);
}

TEST(HandshakeTest, FieldsNotOfferedAreNotSent) {
  CheckLogin("flags set, not offered",
             "09823800 00000001 2d 00000000000000000000000000000000000000 00000000 'u' 00 01 'a'",
             {.capabilities = kClientLongPassword | kClientConnectWithDb | kClientProtocol41 |
                              kClientSecureConnection | kClientPluginAuth | kClientConnectAttrs |
                              kClientPluginAuthLenencData,
              .max_packet = 0x01000000,
              .collation = 45,
              .user = "u",
              .auth_response = "a"},
             Tail::kFixed, kClientProtocol41 | kClientSecureConnection);
}

TEST(HandshakeTest, RefusedLogins) {
  const auto decode = [](std::string_view bytes) { return DecodeHandshakeResponse41(bytes, kAll); };
  // A 3.20 login: two bytes of flags, three of packet size.
  ExpectError("0500 000001 'root' 00 00 00 00", DecodeError::kUnsupported, decode);
}

TEST(HandshakeTest, ConnectAttributes) {
  std::string attributes;
  AppendConnectAttribute("_os", "Linux", attributes);
  AppendConnectAttribute("empty", "", attributes);
  ConnectAttributeReader reader(attributes);
  EXPECT_EQ(reader.Next(), std::pair(std::string_view("_os"), std::string_view("Linux")));
  EXPECT_EQ(reader.Next(), std::pair(std::string_view("empty"), std::string_view()));
  EXPECT_EQ(reader.Next(), std::nullopt);
  EXPECT_TRUE(reader.ok());
  ConnectAttributeReader broken(std::string_view(attributes).substr(0, 6));
  EXPECT_EQ(broken.Next(), std::nullopt);
  EXPECT_FALSE(broken.ok());
}

// Captured from the mysql client 9.7 with --ssl-mode=REQUIRED.
constexpr std::string_view kSslRequestHex =
    "85aabf19 00000001 ff 00000000000000000000000000000000000000 00000000";

TEST(HandshakeTest, SslRequests) {
  CheckRow("mysql client 9.7", kSslRequestHex,
           SslRequest{.capabilities = 0x19bf'aa85, .max_packet = 0x01000000, .collation = 255},
           Tail::kFixed, DecodeSslRequest,
           [](const SslRequest& v, Writer& out) { Encode(v, out); });
  EXPECT_TRUE(IsSslRequest(Hex(kSslRequestHex)));
  EXPECT_FALSE(IsSslRequest(Hex(kMySqlLogin)));
  EXPECT_FALSE(IsSslRequest(""));
}

TEST(HandshakeTest, Authentication) {
  CheckRow("AuthSwitchRequest", "fe 'mysql_native_password' 00 '01234567890123456789' 00",
           AuthSwitchRequest{.plugin = "mysql_native_password",
                             .data = std::string_view("01234567890123456789\0", 21)},
           Tail::kOpen, DecodeAuthSwitchRequest,
           [](const AuthSwitchRequest& v, Writer& out) { Encode(v, out); });
  CheckRow("AuthMoreData", "01 04", AuthMoreData{.data = "\x04"}, Tail::kOpen, DecodeAuthMoreData,
           [](const AuthMoreData& v, Writer& out) { Encode(v, out); });
  CheckRow("AuthSwitchResponse", "'abc'", AuthSwitchResponse{.data = "abc"}, Tail::kOpen,
           DecodeAuthSwitchResponse,
           [](const AuthSwitchResponse& v, Writer& out) { Encode(v, out); });
  ExpectError("fe", DecodeError::kUnsupported, DecodeAuthSwitchRequest);
  ExpectError("fe 'p'", DecodeError::kTruncated, DecodeAuthSwitchRequest);
  ExpectError("00", DecodeError::kMalformed, DecodeAuthMoreData);
}

void CheckChangeUser(const char* name, std::string_view hex, const ComChangeUser& value, Tail tail,
                     Capabilities negotiated) {
  CheckRow(
      name, hex, value, tail,
      [negotiated](std::string_view bytes) { return DecodeComChangeUser(bytes, negotiated); },
      [negotiated](const ComChangeUser& v, Writer& out) { Encode(v, negotiated, out); });
}

TEST(HandshakeTest, ChangeUser) {
  CheckChangeUser("all", "11 'bob' 00 02 'xy' 'shop' 00 2d00 'p' 00 04 01'k' 01'v'",
                  {.user = "bob",
                   .auth_response = "xy",
                   .database = "shop",
                   .collation = 45,
                   .plugin = "p",
                   .connect_attributes = "\x01k\x01v"},
                  Tail::kOpen, kClientPluginAuth | kClientConnectAttrs);
  CheckChangeUser("old", "11 'bob' 00 00 00", {.user = "bob"}, Tail::kOptionalFieldsFollow, 0);
  CheckChangeUser("collation last", "11 'bob' 00 00 00 2d00",
                  {.user = "bob", .collation = std::uint16_t{45}}, Tail::kOpen, 0);
}

TEST(HandshakeTest, EncodingRefusesWhatWouldBeReadDifferently) {
  std::string out;
  Writer nul_in_user(out);
  Encode(HandshakeResponse41{.user = std::string_view("a\0b", 3)}, kAll, nul_in_user);
  EXPECT_FALSE(nul_in_user.ok());
  Writer short_scramble(out);
  Encode(HandshakeV10{.scramble_head = "abc"}, short_scramble);
  EXPECT_FALSE(short_scramble.ok());
}

}  // namespace
}  // namespace sealgate::wire
