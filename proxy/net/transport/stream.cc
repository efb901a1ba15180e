#include "proxy/net/transport/stream.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/completion_condition.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace sealgate::net {
namespace {

constexpr std::size_t kKeptCapacity = 4 * 1024;
constexpr int kKeepaliveProbes = 6;

template <int Name>
using TcpNumber = asio::detail::socket_option::integer<IPPROTO_TCP, Name>;
using KeepIdle = TcpNumber<TCP_KEEPIDLE>;
using KeepInterval = TcpNumber<TCP_KEEPINTVL>;
using KeepCount = TcpNumber<TCP_KEEPCNT>;
using UserTimeout = TcpNumber<TCP_USER_TIMEOUT>;

bool IsAddress(const std::string& name) {
  ErrorCode error;
  asio::ip::make_address(name, error);
  return !error;
}

// The address among the certificate's alternative names, or the host name,
// which may have a wildcard for a whole label.
bool VerifyIdentity(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl);
  if (IsAddress(name)) return X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size()) == 1;
}

void TrimString(std::string& text) {
  if (text.empty() && text.capacity() > kKeptCapacity) text.shrink_to_fit();
}

}  // namespace

Stream::Stream(Socket socket) : socket_(std::move(socket)), drained_(socket_.get_executor()) {}

// Without this, OpenSSL takes the end of a connection for an attack and forgets
// the session that others could resume.
Stream::~Stream() {
  if (tls_ != nullptr) {
    SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

void Stream::SetOptions(policy::Milliseconds keepalive, policy::Milliseconds unacknowledged) {
  ErrorCode ignored;
  socket_.non_blocking(true, ignored);
  // A Unix socket has none of these.
  socket_.set_option(Tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  if (keepalive.count() > 0) {
    const int idle =
        static_cast<int>((keepalive + std::chrono::milliseconds(999)) / std::chrono::seconds(1));
    socket_.set_option(KeepIdle(idle), ignored);
    socket_.set_option(KeepInterval(std::max(1, idle / kKeepaliveProbes)), ignored);
    socket_.set_option(KeepCount(kKeepaliveProbes), ignored);
  }
  if (unacknowledged.count() > 0) {
    socket_.set_option(UserTimeout(static_cast<int>(unacknowledged.count())), ignored);
  }
}

bool Stream::Stalled(Clock::time_point now, policy::Milliseconds limit) {
  if (drained() || failed_) {
    taken_at_ = {};
    return false;
  }
  int waiting = 0;  // in the kernel
  ::ioctl(socket_.native_handle(), SIOCOUTQ, &waiting);
  const std::uint64_t taken = sent_ + sending_ - static_cast<std::uint64_t>(waiting);
  if (taken_at_ == Clock::time_point{} || taken != taken_) {
    taken_ = taken;
    taken_at_ = now;
  }
  return now - taken_at_ >= limit;
}

// Asio tries a read at once unless the last one came short, so that a plain
// read costs one system call and the wait.
Awaitable<std::size_t> Stream::Read(char* to, std::size_t size, ErrorCode& error) {
  const auto buffer = asio::buffer(to, size);
  if (tls_ != nullptr) return tls_->async_read_some(buffer, Into(error));
  return socket_.async_read_some(buffer, Into(error));
}

void Stream::CancelRead() {
  ErrorCode ignored;
  if (drained()) socket_.cancel(ignored);
}

void Stream::Write(std::string& bytes, const Keeper& owner) { Write(bytes, {}, owner); }

void Stream::Write(std::string& bytes, std::string_view more, const Keeper& owner) {
  if (bytes.empty() && more.empty()) return;
  if (failed_) return Empty(bytes);
  if (writes()) {
    if (pending_.empty()) {
      pending_.swap(bytes);
    } else {
      pending_.append(bytes);
      Empty(bytes);
    }
    pending_.append(more);
    return;
  }
  if (tls_ == nullptr) SendNow(bytes, more);
  if (bytes.empty() && more.empty()) return;
  writing_.swap(bytes);
  if (tls_ == nullptr) {
    lent_ = more;
  } else {
    writing_.append(more);
  }
  StartWrite(owner);
}

// Leaves of both what the socket does not take.
void Stream::SendNow(std::string& bytes, std::string_view& more) {
  ErrorCode error;
  std::size_t sent = 0;
  if (more.empty()) {
    sent = socket_.write_some(asio::buffer(bytes), error);
  } else if (bytes.empty()) {
    sent = socket_.write_some(asio::buffer(more), error);
  } else {
    sent = socket_.write_some(std::array{asio::buffer(std::as_const(bytes)), asio::buffer(more)},
                              error);
  }
  if (error == asio::error::would_block || error == asio::error::try_again) return;
  if (error) {
    Empty(bytes);
    more = {};
    return Fail();
  }
  const std::size_t of_bytes = std::min(sent, bytes.size());
  more.remove_prefix(sent - of_bytes);
  if (of_bytes == bytes.size()) return Empty(bytes);
  if (wipe_) OPENSSL_cleanse(bytes.data(), of_bytes);
  bytes.erase(0, of_bytes);
}

void Stream::StartWrite(const Keeper& owner) {
  auto done = [this, owner](ErrorCode error, std::size_t) { OnWritten(error, owner); };
  auto note = [this](const ErrorCode& error, std::size_t sent) {
    sending_ = sent;
    return asio::transfer_all()(error, sent);
  };
  if (tls_ != nullptr) {
    asio::async_write(*tls_, asio::buffer(writing_), note, std::move(done));
  } else {
    const std::array buffers{asio::buffer(std::as_const(writing_)), asio::buffer(lent_)};
    asio::async_write(socket_, buffers, note, std::move(done));
  }
}

void Stream::OnWritten(ErrorCode error, const Keeper& owner) {
  sent_ += writing_.size() + lent_.size();
  sending_ = 0;
  Empty(writing_);
  lent_ = {};
  if (error) return Fail();
  if (!pending_.empty()) {
    writing_.swap(pending_);
    return StartWrite(owner);
  }
  drained_.Notify();
}

void Stream::Fail() {
  failed_ = true;
  Empty(pending_);
  drained_.Notify();
}

void Stream::Empty(std::string& bytes) {
  if (wipe_) OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

Awaitable<void> Stream::Drained() {
  while (!drained() && !failed_) {
    co_await drained_.Wait();
  }
}

void Stream::Trim() {
  TrimString(writing_);
  TrimString(pending_);
}

Awaitable<bool> Stream::AcceptTls(asio::ssl::context& context, std::string_view received) {
  tls_ = std::make_unique<Tls>(socket_, context);
  ErrorCode error;
  const std::size_t used = co_await tls_->async_handshake(
      asio::ssl::stream_base::server, asio::buffer(received.data(), received.size()), Into(error));
  // What came in the clear and is not the handshake's was put there by somebody
  // in between: none of it may be taken for the client's.
  co_return !error && used == received.size();
}

Awaitable<bool> Stream::ConnectTls(const TlsPointer& contexts, const policy::SocketAddress& server,
                                   policy::TlsVerify verify, TlsSessions& sessions,
                                   std::string& problem) {
  tls_ = std::make_unique<Tls>(socket_, *contexts->backend);
  SSL* const ssl = tls_->native_handle();
  const std::string& name = server.address;
  if (!IsAddress(name)) SSL_set_tlsext_host_name(ssl, name.c_str());
  if (verify == policy::TlsVerify::kIdentity && !VerifyIdentity(ssl, name)) {
    problem = "its name cannot be verified";
    co_return false;
  }
  sessions.Attach(ssl, contexts, policy::ToText(server));
  ErrorCode error;
  co_await tls_->async_handshake(asio::ssl::stream_base::client, Into(error));
  if (error) problem = TlsProblem(error);
  co_return !error;
}

std::string Stream::TlsProblem(const ErrorCode& error) const {
  const long verified = SSL_get_verify_result(tls_->native_handle());
  const bool judges = (SSL_get_verify_mode(tls_->native_handle()) & SSL_VERIFY_PEER) != 0;
  if (!judges || verified == X509_V_OK) return error.message();
  return error.message() + " (" + X509_verify_cert_error_string(verified) + ")";
}

bool Stream::tls_resumed() const {
  return tls_ != nullptr && SSL_session_reused(tls_->native_handle()) == 1;
}

void Stream::ShutdownSend() {
  ErrorCode ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Stream::Close() {
  ErrorCode ignored;
  failed_ = true;
  socket_.close(ignored);
  Empty(pending_);
  drained_.Notify();
}

}  // namespace sealgate::net
