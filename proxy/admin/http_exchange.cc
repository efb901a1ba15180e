#include "proxy/admin/http_exchange.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <utility>

namespace sealgate::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

/// Beast's deadlines work on asynchronous operations only, so one is started at
/// a time and waited for.
class Conversation {
 public:
  explicit Conversation(std::chrono::milliseconds timeout) { stream_.expires_after(timeout); }

  beast::error_code Connect(const asio::ip::tcp::endpoint& endpoint) {
    stream_.async_connect(endpoint, [this](beast::error_code error) { error_ = error; });
    return Wait();
  }

  beast::error_code Write(const http::request<http::string_body>& request) {
    http::async_write(stream_, request,
                      [this](beast::error_code error, std::size_t) { error_ = error; });
    return Wait();
  }

  beast::error_code Read(http::response<http::string_body>& response) {
    http::async_read(stream_, buffer_, response,
                     [this](beast::error_code error, std::size_t) { error_ = error; });
    return Wait();
  }

 private:
  beast::error_code Wait() {
    context_.restart();
    context_.run();
    return error_;
  }

  asio::io_context context_;
  beast::tcp_stream stream_{context_};
  beast::flat_buffer buffer_;
  beast::error_code error_;
};

http::request<http::string_body> Message(const Endpoint& endpoint, const Outgoing& request) {
  http::request<http::string_body> message(http::string_to_verb(request.method), request.target,
                                           11);
  message.set(http::field::host, endpoint.address);
  message.set(http::field::authorization, "Bearer " + request.token);
  message.set(http::field::content_type, "application/json");
  message.body() = request.body;
  message.keep_alive(false);
  message.prepare_payload();
  return message;
}

ExchangeError ErrorOf(const beast::error_code& error, ExchangeError otherwise) {
  return error == beast::error::timeout ? ExchangeError::kTimeout : otherwise;
}

}  // namespace

tl::expected<Incoming, ExchangeError> Exchange(const Endpoint& endpoint, const Outgoing& request,
                                               std::chrono::milliseconds timeout) {
  beast::error_code error;
  const auto address = asio::ip::make_address(endpoint.address, error);
  if (error) return tl::unexpected(ExchangeError::kAddress);
  Conversation conversation(timeout);
  error = conversation.Connect({address, endpoint.port});
  if (error) return tl::unexpected(ErrorOf(error, ExchangeError::kUnreachable));
  // A server that refuses early may close its side before all is written; what
  // it said is still there to be read.
  error = conversation.Write(Message(endpoint, request));
  if (error == beast::error::timeout) return tl::unexpected(ExchangeError::kTimeout);
  http::response<http::string_body> response;
  error = conversation.Read(response);
  if (error) return tl::unexpected(ErrorOf(error, ExchangeError::kNotHttp));
  return Incoming{response.result_int(), std::move(response.body())};
}

}  // namespace sealgate::admin
