#include "proxy/wire/proxy_header.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace sealgate::wire {
namespace {

using Address = std::array<std::uint8_t, 16>;

constexpr Address kIpv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 7};
constexpr Address kIpv6{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};

std::string Binary(std::uint8_t command, std::uint8_t family, const std::string& rest) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
  bytes.push_back(static_cast<char>(command));
  bytes.push_back(static_cast<char>(family));
  bytes.push_back(static_cast<char>(rest.size() >> 8));
  bytes.push_back(static_cast<char>(rest.size()));
  return bytes + rest;
}

const std::string kIpv4Addresses("\xC0\0\2\7\x0A\0\0\1\xC3\x50\x0C\xEA", 12);
const std::string kIpv6Addresses = std::string("\x20\1\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\7", 16) +
                                   std::string(16, '\1') + std::string("\xC3\x50\x0C\xEA", 4);

struct Good {
  const char* name;
  std::string bytes;
  std::optional<Address> source;
};

const std::vector<Good>& GoodRows() {
  static const std::vector<Good> rows = {
      {"TCP4", "PROXY TCP4 192.0.2.7 10.0.0.1 50000 3306\r\n", kIpv4},
      {"TCP6", "PROXY TCP6 2001:db8::7 ::1 0 65535\r\n", kIpv6},
      {"UNKNOWN", "PROXY UNKNOWN\r\n", {}},
      {"UNKNOWN with more", "PROXY UNKNOWN ffff:f...f:ffff ffff 65535 65535\r\n", {}},
      {"longest", "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", {}},
      {"IPv4", Binary(0x21, 0x11, kIpv4Addresses), kIpv4},
      {"IPv6", Binary(0x21, 0x21, kIpv6Addresses), kIpv6},
      {"IPv4 and extras", Binary(0x21, 0x11, kIpv4Addresses + "\x04" + std::string(40, '\0')),
       kIpv4},
      {"Unix", Binary(0x21, 0x31, std::string(216, '/')), {}},
      {"unspecified", Binary(0x21, 0x00, ""), {}},
      {"unspecified and extras", Binary(0x21, 0x00, "abc"), {}},
      {"LOCAL", Binary(0x20, 0x00, ""), {}},
      {"LOCAL of any family", Binary(0x20, 0x7F, "abc"), {}},
      {"as long as may be", Binary(0x21, 0x11, kIpv4Addresses + std::string(2020, 'x')), kIpv4},
  };
  return rows;
}

/// On the heap and exactly so long, so that a sanitizer sees reads beyond.
auto Decode(std::string_view bytes) {
  const std::unique_ptr<char[]> exact(new char[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), exact.get());
  return DecodeProxyHeader({exact.get(), bytes.size()});
}

TEST(ProxyHeader, Good) {
  for (const Good& row : GoodRows()) {
    const ProxyHeader expected{row.bytes.size(), row.source};
    for (const char* behind : {"", "x", "\r\n", "PROXY UNKNOWN\r\n"}) {
      const auto header = Decode(row.bytes + behind);
      ASSERT_TRUE(header) << row.name;
      ASSERT_TRUE(*header) << row.name;
      EXPECT_EQ(**header, expected) << row.name;
    }
  }
}

TEST(ProxyHeader, TruncatedAtEachByteNeedsMore) {
  for (const Good& row : GoodRows()) {
    for (std::size_t size = 0; size < row.bytes.size(); ++size) {
      const auto header = Decode(std::string_view(row.bytes).substr(0, size));
      ASSERT_TRUE(header) << row.name << " at " << size;
      EXPECT_FALSE(*header) << row.name << " at " << size;
    }
  }
}

TEST(ProxyHeader, Malformed) {
  const std::vector<std::string> rows = {
      "GET / HTTP/1.1\r\n",
      "proxy TCP4 192.0.2.7 10.0.0.1 50000 3306\r\n",
      "PROXY\r\n",
      "PROXY \r\n",
      "PROXY UNKNOWNX\r\n",
      "PROXY TCP5 192.0.2.7 10.0.0.1 50000 3306\r\n",
      "PROXY TCP4 2001:db8::7 ::1 50000 3306\r\n",
      "PROXY TCP6 192.0.2.7 10.0.0.1 50000 3306\r\n",
      "PROXY TCP4 192.0.2.07 10.0.0.1 50000 3306\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 50000\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 50000 3306 \r\n",
      "PROXY TCP4 192.0.2.7  10.0.0.1 50000 3306\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 50000 65536\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 -1 3306\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 00 3306\r\n",
      std::string("PROXY TCP4 192.0.2.7\0 10.0.0.1 5 3306\r\n", 40),
      "PROXY TCP4 192.0.2.7 10.0.0.1 50000 3306\n\r\n",
      "\r\n\r\n\r\n",
      Binary(0x11, 0x11, kIpv4Addresses),
      Binary(0x22, 0x11, kIpv4Addresses),
      Binary(0x21, 0x12, kIpv4Addresses),
      Binary(0x21, 0x41, kIpv4Addresses),
      Binary(0x21, 0x11, kIpv4Addresses.substr(1)),
      Binary(0x21, 0x21, kIpv4Addresses),
      Binary(0x21, 0x31, std::string(215, '/')),
  };
  for (const std::string& row : rows) {
    const auto header = Decode(row);
    ASSERT_FALSE(header) << row;
    EXPECT_EQ(header.error(), ProxyHeaderError::kMalformed) << row;
  }
}

TEST(ProxyHeader, WrongFirstByteIsKnownAtOnce) {
  for (int first = 0; first < 256; ++first) {
    const char byte = static_cast<char>(first);
    EXPECT_EQ(Decode({&byte, 1}).has_value(), byte == 'P' || byte == '\r') << first;
  }
}

TEST(ProxyHeader, TooLong) {
  const auto text = Decode("PROXY UNKNOWN " + std::string(93, 'x'));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error(), ProxyHeaderError::kTooLong);
  const std::string binary = Binary(0x21, 0x11, kIpv4Addresses + std::string(2021, 'x'));
  const auto known = Decode(std::string_view(binary).substr(0, 16));
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error(), ProxyHeaderError::kTooLong);
}

}  // namespace
}  // namespace sealgate::wire
