// One HTTP/1.1 connection to the admin or the metrics address: reads a request,
// has it answered, writes the response, and again. Untrusted input: sizes and
// times are bounded here, meaning is left to AdminApi.
// Thread rule: runs on its socket's strand. Owns itself while it has work.
#ifndef SEALGATE_PROXY_ADMIN_HTTP_CONNECTION_H_
#define SEALGATE_PROXY_ADMIN_HTTP_CONNECTION_H_

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "proxy/admin/admin_api.h"

namespace sealgate::admin {

struct HttpLimits {
  std::uint32_t header_bytes = 8 << 10;
  std::uint64_t body_bytes = 64 << 10;
  std::chrono::milliseconds request_timeout{5'000};  // from its first byte to our last
  std::chrono::milliseconds idle_timeout{60'000};    // between two requests
  int connections = 64;                              // for each address
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Answer = std::function<Response(const Request&)>;

  /// Counts itself in `open`.
  HttpConnection(boost::asio::ip::tcp::socket socket, const HttpLimits& limits, Answer answer,
                 std::shared_ptr<std::atomic<int>> open);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void Start();

 private:
  using Error = boost::beast::error_code;
  void AwaitRequest();
  void ReadRequest();
  void OnRequest(Error error);
  void Send(const Response& response, bool keep_alive);
  void OnSent(Error error);
  void CloseSlowly();
  void DiscardInput();

  boost::beast::tcp_stream stream_;
  const HttpLimits limits_;
  const Answer answer_;
  const std::shared_ptr<std::atomic<int>> open_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  std::uint64_t discarded_ = 0;
};

}  // namespace sealgate::admin

#endif  // SEALGATE_PROXY_ADMIN_HTTP_CONNECTION_H_
