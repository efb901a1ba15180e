// The keys that seal the session tickets of clients (RFC 5077, RFC 8446): made
// at random, in memory only, and changed every hour, so that who takes one
// learns of an hour at most. OpenSSL would keep one key for as long as a
// context lives.
#ifndef SEALGATE_PROXY_NET_TRANSPORT_TLS_TICKETS_H_
#define SEALGATE_PROXY_NET_TRANSPORT_TLS_TICKETS_H_

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <memory>
#include <mutex>

namespace sealgate::net {

/// As OpenSSL wants them: AES-256 in CBC mode, then HMAC-SHA-256. Wiped when it goes.
struct TicketKey {
  std::array<unsigned char, 16> name{};
  std::array<unsigned char, 32> cipher{};
  std::array<unsigned char, 32> mac{};

  TicketKey() = default;
  TicketKey(const TicketKey&) = delete;
  TicketKey& operator=(const TicketKey&) = delete;
  ~TicketKey();
};
using TicketKeyPointer = std::shared_ptr<const TicketKey>;

/// Thread rule: any thread; a lock, held for a copy of a pointer.
class TicketKeys {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::hours kLife{1};

  /// The key for new tickets. Null when there is no randomness.
  TicketKeyPointer ForNew(Time now);
  /// The key of this name, the current one or the one before it; null for others.
  TicketKeyPointer Find(const unsigned char* name16, Time now);

 private:
  void Rotate(Time now);

  std::mutex mutex_;
  TicketKeyPointer current_;
  TicketKeyPointer previous_;
  Time made_{};
};

/// Gives the context keys of its own, which go with it.
void UseOwnTicketKeys(SSL_CTX* context);

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TRANSPORT_TLS_TICKETS_H_
