// What every connection's relay is given: fixed settings, and the thread's own
// services. All of it outlives the relays that use it.
#ifndef SEALGATE_PROXY_RELAY_SETTINGS_H_
#define SEALGATE_PROXY_RELAY_SETTINGS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "crypto/rsa_password.h"
#include "metrics/metrics.h"
#include "policy/config.h"
#include "proxy/relay/killed_threads.h"
#include "proxy/relay/user_limit.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/compressed_packet.h"
#include "proxy/wire/frame.h"

namespace sealgate::relay {

struct Settings {
  policy::TlsMode client_tls = policy::TlsMode::kDisabled;
  policy::TlsMode backend_tls = policy::TlsMode::kDisabled;
  /// The server is reached over a Unix socket, which counts as private: it takes
  /// a password there without TLS.
  bool backend_is_unix = false;
  policy::OtherPlugins other_plugins = policy::OtherPlugins::kPrivate;
  /// Of wire::kCompressionCapabilities: what clients are offered, and the one
  /// that is used with a server that offers it.
  wire::Capabilities client_compression = 0;
  wire::Capabilities backend_compression = 0;
  /// Bytes of one message, either way.
  std::uint64_t max_packet = 64ull << 20;
  /// Bytes of one login message; they come from who has not proven anything yet.
  std::uint64_t max_login_packet = 128 * 1024;
  /// Of one authentication by a plugin that is not known here, both ways. A ticket
  /// of Kerberos has 64 KiB at most.
  std::uint32_t max_opaque_messages = 64;
  std::uint64_t max_opaque_bytes = 1 << 20;
  std::size_t max_prepared_statements = 16'382;
  /// The protocol's frame limit; smaller in tests.
  std::uint32_t max_frame = wire::kMaxFramePayload;
  /// So many bytes of rows that need no change are forwarded where they lie
  /// (Step::passed); fewer are copied and leave with what follows them: up to here a
  /// copy costs less than one more system call.
  std::size_t least_passed = 32 * 1024;
};

/// One per thread.
struct Services {
  rewrite::Rewriter& rewriter;
  metrics::Metrics& metrics;
  wire::Compressor& compressor;
  /// For clients that send their password without TLS to a proxy that speaks
  /// TLS with the server. Shared by all threads.
  const crypto::RsaKeyPair& rsa;
  /// Of all threads; null: no limit.
  UserLimit* users = nullptr;
  /// Of all threads; null: none are remembered.
  KilledThreads* killed = nullptr;
};

/// The client's address as policy::Policy::RoleOf wants it.
using PeerAddress = std::array<std::uint8_t, 16>;

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_SETTINGS_H_
