// The floor that Sealgate is measured against: a TCP relay that does nothing
// but two reads and two writes, on the same library and one thread.
//
//   relay LISTEN_PORT TARGET_PORT     both on 127.0.0.1
// clang-format off: Boost 1.74 uses std::exchange without asking for it.
#include <utility>
// clang-format on
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;
using Awaitable = asio::awaitable<void>;

constexpr std::size_t kBufferBytes = 16 * 1024;

struct Pair {
  tcp::socket client;
  tcp::socket server;
};

// Until one side ends; then both do.
Awaitable Pump(std::shared_ptr<Pair> pair, tcp::socket& from, tcp::socket& to) {
  std::array<char, kBufferBytes> buffer;
  Error error;
  while (!error) {
    const std::size_t size = co_await from.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    co_await asio::async_write(to, asio::buffer(buffer, size),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  pair->client.close(error);
  pair->server.close(error);
}

Awaitable Serve(tcp::socket client, tcp::endpoint target) {
  tcp::socket server(client.get_executor());
  auto pair = std::make_shared<Pair>(Pair{std::move(client), std::move(server)});
  Error error;
  co_await pair->server.async_connect(target, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  pair->client.set_option(tcp::no_delay(true), error);
  pair->server.set_option(tcp::no_delay(true), error);
  asio::co_spawn(pair->client.get_executor(), Pump(pair, pair->client, pair->server),
                 asio::detached);
  co_await Pump(pair, pair->server, pair->client);
}

Awaitable Accept(tcp::acceptor& acceptor, tcp::endpoint target) {
  while (true) {
    Error error;
    tcp::socket client =
        co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error) continue;
    asio::co_spawn(acceptor.get_executor(), Serve(std::move(client), target), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: relay LISTEN_PORT TARGET_PORT\n";
    return 2;
  }
  const auto port = [&](int i) { return static_cast<std::uint16_t>(std::atoi(argv[i])); };
  const auto loopback = asio::ip::address_v4::loopback();
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {loopback, port(1)});
  asio::co_spawn(context, Accept(acceptor, {loopback, port(2)}), asio::detached);
  context.run();
}
