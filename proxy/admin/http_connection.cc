#include "proxy/admin/http_connection.h"

#include <boost/asio/dispatch.hpp>
#include <string>

namespace sealgate::admin {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// What a peer may still send after a refusal before it is cut off: closing with
// unread input makes the kernel throw the response away.
constexpr std::uint64_t kMostDiscarded = 1 << 20;
constexpr std::chrono::seconds kClosingTime{1};

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

Response RefusalFor(const beast::error_code& error) {
  if (error == http::error::body_limit) {
    return ErrorResponse(413, {"the body is too long", "send at most 64 KiB"});
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return ErrorResponse(431, {"the header is too long", "send at most 8 KiB"});
  }
  return ErrorResponse(400, {"this is not an HTTP/1.1 request", "speak HTTP to this port"});
}

bool IsPeerGone(const beast::error_code& error) {
  return error == http::error::end_of_stream || error == http::error::partial_message ||
         error == beast::error::timeout ||
         error.category() == boost::asio::error::get_system_category();
}

}  // namespace

HttpConnection::HttpConnection(boost::asio::ip::tcp::socket socket, const HttpLimits& limits,
                               Answer answer, std::shared_ptr<std::atomic<int>> open)
    : stream_(std::move(socket)),
      limits_(limits),
      answer_(std::move(answer)),
      open_(std::move(open)),
      buffer_(limits.header_bytes + limits.body_bytes) {
  open_->fetch_add(1);
}

HttpConnection::~HttpConnection() { open_->fetch_sub(1); }

void HttpConnection::Start() {
  boost::asio::dispatch(stream_.get_executor(),
                        [self = shared_from_this()] { self->ReadRequest(); });
}

void HttpConnection::AwaitRequest() {
  if (buffer_.size() > 0) return ReadRequest();
  stream_.expires_after(limits_.idle_timeout);
  stream_.async_read_some(buffer_.prepare(4'096),
                          [self = shared_from_this()](Error error, std::size_t size) {
                            if (error) return;
                            self->buffer_.commit(size);
                            self->ReadRequest();
                          });
}

void HttpConnection::ReadRequest() {
  parser_.emplace();
  parser_->header_limit(limits_.header_bytes);
  parser_->body_limit(limits_.body_bytes);
  stream_.expires_after(limits_.request_timeout);
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](Error error, std::size_t) { self->OnRequest(error); });
}

void HttpConnection::OnRequest(Error error) {
  if (error && IsPeerGone(error)) return;
  if (error) return Send(RefusalFor(error), false);
  const auto& request = parser_->get();
  const Request plain{View(request.method_string()), View(request.target()),
                      View(request[http::field::authorization]), request.body()};
  // A hook may take its time; the limit is for the peer's part.
  const Response response = answer_(plain);
  stream_.expires_after(limits_.request_timeout);
  Send(response, request.keep_alive());
}

void HttpConnection::Send(const Response& response, bool keep_alive) {
  response_ = {};
  response_.version(11);
  response_.result(response.status);
  response_.set(http::field::content_type, response.content_type);
  response_.set(http::field::cache_control, "no-store");
  if (!response.allow.empty()) response_.set(http::field::allow, response.allow);
  if (response.status == 401) response_.set(http::field::www_authenticate, "Bearer");
  response_.body() = response.body;
  response_.keep_alive(keep_alive);
  response_.prepare_payload();
  http::async_write(stream_, response_,
                    [self = shared_from_this()](Error error, std::size_t) { self->OnSent(error); });
}

void HttpConnection::OnSent(Error error) {
  if (error) return;
  if (!response_.keep_alive()) return CloseSlowly();
  AwaitRequest();
}

void HttpConnection::CloseSlowly() {
  Error ignored;
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(kClosingTime);
  DiscardInput();
}

void HttpConnection::DiscardInput() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(8'192),
                          [self = shared_from_this()](Error error, std::size_t size) {
                            self->discarded_ += size;
                            if (!error && self->discarded_ < kMostDiscarded) self->DiscardInput();
                          });
}

}  // namespace sealgate::admin
