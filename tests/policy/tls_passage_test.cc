#include "policy/tls_passage.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>
#include <thread>

#include "policy/greeting.h"

namespace sealgate::policy {
namespace {

using namespace std::chrono_literals;

std::string Greeting(unsigned capabilities) {
  std::string greeting =
      "\x0A"
      "9.7.4";
  greeting.append(1, '\0');                   // of the version
  greeting.append("\1\0\0\0nonce123\0", 13);  // connection id, nonce, filler
  greeting.push_back(static_cast<char>(capabilities & 0xFF));
  greeting.push_back(static_cast<char>(capabilities >> 8));
  return greeting + std::string(30, '\0');
}

std::string Framed(const std::string& packet) {
  return std::string(1, static_cast<char>(packet.size())) + std::string(3, '\0') + packet;
}

std::string ReadSome(int fd) {
  std::array<char, 256> bytes{};
  const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), 0);
  return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
}

/// Sends `first` to one client, and then what that sends, back to it, until it ends.
class Echo {
 public:
  explicit Echo(std::string first) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), plain, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener_.get(), plain, &size), 0);
    where_.address = "127.0.0.1";
    where_.port = ntohs(address.sin_port);
    thread_ = std::thread([this, first = std::move(first)] { Serve(first); });
  }
  ~Echo() { thread_.join(); }

  const SocketAddress& where() const { return where_; }
  /// All that came, once the client has gone.
  std::string received() {
    thread_.join();
    thread_ = std::thread([] {});
    return received_;
  }

 private:
  void Serve(const std::string& first) {
    const Descriptor client(::accept(listener_.get(), nullptr, nullptr));
    ::send(client.get(), first.data(), first.size(), MSG_NOSIGNAL);
    for (std::string part = ReadSome(client.get()); !part.empty(); part = ReadSome(client.get())) {
      received_ += part;
      ::send(client.get(), part.data(), part.size(), MSG_NOSIGNAL);
    }
  }

  Descriptor listener_;
  SocketAddress where_;
  std::string received_;
  std::thread thread_;
};

Descriptor ConnectTo(const std::string& name) {
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  EXPECT_EQ(::connect(made.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  return made;
}

TEST(TlsPassage, OffersTls) {
  EXPECT_TRUE(OffersTls(Greeting(0x0800)));
  EXPECT_TRUE(OffersTls(Greeting(0xFFFF)));
  EXPECT_FALSE(OffersTls(Greeting(0xF7FF)));
  EXPECT_FALSE(OffersTls(Greeting(0)));
  std::string other = Greeting(0x0800);
  other[0] = '\x09';
  EXPECT_FALSE(OffersTls(other));
  const std::string whole = Greeting(0x0800);
  const std::size_t needed = whole.size() - 30;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(OffersTls(std::string_view(whole).substr(0, length)), length >= needed) << length;
  }
}

TEST(TlsPassage, AServerWithoutTlsGetsNothing) {
  Echo server(Framed(Greeting(0xF7FF)));
  const auto passage = TlsPassage::Open(server.where(), 5s);
  ASSERT_FALSE(passage);
  EXPECT_TRUE(passage.error().no_tls);
  EXPECT_EQ(server.received(), "");
}

TEST(TlsPassage, BytesPass) {
  const std::string greeting = Framed(Greeting(0x0800));
  Echo server(greeting);
  auto passage = TlsPassage::Open(server.where(), 5s);
  ASSERT_TRUE(passage) << passage.error().text;
  {
    const Descriptor client = ConnectTo((*passage)->socket());
    EXPECT_EQ(ReadSome(client.get()), greeting);
    for (const std::string text : {"one", "two"}) {
      ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL);
      EXPECT_EQ(ReadSome(client.get()), text);
    }
  }
  EXPECT_EQ(server.received(), "onetwo");
}

TEST(TlsPassage, ItsEndEndsTheConnection) {
  Echo server(Framed(Greeting(0x0800)));
  auto passage = TlsPassage::Open(server.where(), 5s);
  ASSERT_TRUE(passage) << passage.error().text;
  const Descriptor client = ConnectTo((*passage)->socket());
  EXPECT_NE(ReadSome(client.get()), "");
  passage->reset();
  EXPECT_EQ(ReadSome(client.get()), "");
  EXPECT_EQ(server.received(), "");
}

TEST(TlsPassage, NobodyNeedsToConnect) {
  Echo server(Framed(Greeting(0x0800)));
  EXPECT_TRUE(TlsPassage::Open(server.where(), 5s));
}

TEST(TlsPassage, WhatIsNoGreeting) {
  const std::string error("\xFF\x10\x04Too many connections", 23);
  for (const std::string& first : {Framed(error), std::string("SSH-2.0-x\r\n"), Framed("\x0A")}) {
    Echo server(first);
    const auto passage = TlsPassage::Open(server.where(), 200ms);
    ASSERT_FALSE(passage);
    EXPECT_EQ(passage.error().no_tls, first == Framed("\x0A"));
    EXPECT_EQ(passage.error().text.find("Too many connections (1040)") != std::string::npos,
              first == Framed(error));
    EXPECT_EQ(server.received(), "");
  }
}

}  // namespace
}  // namespace sealgate::policy
