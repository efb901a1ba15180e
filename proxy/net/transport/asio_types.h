// Asio's types with the one executor that this folder uses: an io_context that
// one thread runs. A fixed executor spares the query path a virtual call and an
// allocation per operation.
#ifndef SEALGATE_PROXY_NET_TRANSPORT_ASIO_TYPES_H_
#define SEALGATE_PROXY_NET_TRANSPORT_ASIO_TYPES_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>  // Asio 1.74 needs it first

namespace sealgate::net {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Clock = std::chrono::steady_clock;

/// A TCP connection or one over a Unix socket.
using Transport = asio::generic::stream_protocol;
using Endpoint = Transport::endpoint;
using Socket = asio::basic_stream_socket<Transport, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

template <typename T>
using Awaitable = asio::awaitable<T, Executor>;

/// Completion token: awaits, and puts the error into `error` instead of throwing.
inline auto Into(ErrorCode& error) {
  return asio::redirect_error(asio::use_awaitable_t<Executor>(), error);
}

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TRANSPORT_ASIO_TYPES_H_
