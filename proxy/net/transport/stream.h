// One TCP connection, plain or under TLS; it is upgraded in place.
//
// Reads are awaited. Writes are queued in order and go out at once when the
// socket takes them; who produces more than it takes awaits Drained().
// Thread rule: the io_context's one thread. The owner outlives every operation:
// it passes a pointer that keeps it alive.
#ifndef SEALGATE_PROXY_NET_TRANSPORT_STREAM_H_
#define SEALGATE_PROXY_NET_TRANSPORT_STREAM_H_

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "policy/write_gate.h"
#include "proxy/net/transport/asio_types.h"
#include "proxy/net/transport/event.h"
#include "proxy/net/transport/tls.h"
#include "proxy/net/transport/tls_sessions.h"

namespace sealgate::net {

using Keeper = std::shared_ptr<const void>;

class Stream {
 public:
  explicit Stream(Socket socket);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  Socket& socket() { return socket_; }
  bool is_tls() const { return tls_ != nullptr; }
  /// After the connection is there: no delay, no blocking, and on TCP that a
  /// peer that has gone without a word is noticed: after `keepalive` of silence
  /// it is asked (0: as the system does), and what is sent to it must be
  /// acknowledged within `unacknowledged` (0: as the system does).
  void SetOptions(policy::Milliseconds keepalive, policy::Milliseconds unacknowledged);

  /// At least one byte, or an error (end of file is one).
  Awaitable<std::size_t> Read(char* to, std::size_t size, ErrorCode& error);

  /// A Read that waits fails with operation_aborted, and loses nothing. Not while
  /// something waits to be sent.
  void CancelRead();

  /// Queues `bytes` and leaves it empty. Nothing after Close or an error.
  void Write(std::string& bytes, const Keeper& owner);
  /// The same, and `more` after it, which may be sent from where it lies: it must
  /// stay there until drained() or failed().
  void Write(std::string& bytes, std::string_view more, const Keeper& owner);
  bool drained() const { return !writes() && pending_.empty(); }
  Awaitable<void> Drained();
  bool failed() const { return failed_; }
  /// Something waits to be sent, and the peer has taken nothing since a call
  /// that is `limit` or longer ago. To be called now and then.
  bool Stalled(Clock::time_point now, policy::Milliseconds limit);
  /// Bytes of the buffers.
  std::size_t memory() const { return writing_.capacity() + pending_.capacity(); }
  /// Written bytes are overwritten in memory while this is on.
  void WipeWrites(bool wipe) { wipe_ = wipe; }
  /// Gives back memory of buffers that are empty.
  void Trim();

  /// The peer's side of the handshake. `received` are bytes that came behind
  /// the request for TLS: they can only be the handshake's first ones.
  Awaitable<bool> AcceptTls(asio::ssl::context& context, std::string_view received);
  /// The server's host name is told to it; name or address is what its certificate
  /// must be for, where `verify` says so. `sessions` outlive the stream. `problem`
  /// says why it failed.
  Awaitable<bool> ConnectTls(const TlsPointer& contexts, const policy::SocketAddress& server,
                             policy::TlsVerify verify, TlsSessions& sessions, std::string& problem);
  /// After a handshake: it went on with an earlier session.
  bool tls_resumed() const;

  void ShutdownSend();
  void Close();

 private:
  using Tls = asio::ssl::stream<Socket&>;
  bool writes() const { return !writing_.empty() || !lent_.empty(); }
  void SendNow(std::string& bytes, std::string_view& more);
  void StartWrite(const Keeper& owner);
  void OnWritten(ErrorCode error, const Keeper& owner);
  void Fail();
  void Empty(std::string& bytes);
  std::string TlsProblem(const ErrorCode& error) const;

  Socket socket_;
  std::unique_ptr<Tls> tls_;
  std::string writing_;    // under way
  std::string_view lent_;  // with it; never under TLS, which copies anyway
  std::string pending_;    // after them
  Event drained_;
  bool failed_ = false;
  bool wipe_ = false;
  std::uint64_t sent_ = 0;     // by writes that have ended
  std::uint64_t sending_ = 0;  // by the one under way
  std::uint64_t taken_ = 0;    // by the peer, when Stalled was called
  Clock::time_point taken_at_{};
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TRANSPORT_STREAM_H_
