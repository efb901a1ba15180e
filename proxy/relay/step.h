// What the relay tells its driver. The driver moves bytes and waits; it decides
// nothing.
#ifndef SEALGATE_PROXY_RELAY_STEP_H_
#define SEALGATE_PROXY_RELAY_STEP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealgate::relay {

/// Bytes on their way out. The relay appends, the driver writes and clears.
/// During the login they may hold a password: the driver wipes them then.
struct Output {
  std::string to_client;
  std::string to_server;
};

enum class Action : std::uint8_t {
  /// Write both outputs, then read on.
  kContinue,
  /// Write both outputs; the client's next bytes begin a TLS handshake.
  kStartClientTls,
  /// Write both outputs, start TLS with the server, then call ServerTlsStarted().
  kStartServerTls,
  /// A write waits for the write gate: then Admit() or RefuseHeld().
  kNeedsAdmission,
  /// The schema changed: read the catalog again, call CatalogReloaded(), and
  /// only then write the outputs.
  kReloadCatalog,
  /// A statement waits: have unknown_names() looked up, then call
  /// CatalogRefreshed().
  kRefreshCatalog,
  /// Write both outputs, then close both connections.
  kClose,
};

struct Step {
  Action action = Action::kContinue;
  /// Bytes of the input that were used. The rest is to be offered again, to the
  /// same side, after the action.
  std::size_t consumed = 0;
  /// The last bytes of what was consumed: they go to the client as they are,
  /// after out.to_client. Offer the rest only when they were written or copied.
  std::string_view passed{};
  /// kNeedsAdmission: size of the write, and whether the session's open
  /// transaction has already written.
  std::uint64_t write_bytes = 0;
  bool transaction_wrote = false;
  /// A statement was sent to the server; its answer ended.
  bool statement_sent = false;
  bool statement_done = false;
  /// An admitted write was answered: it leaves the gate.
  bool write_done = false;
  /// A statement changed what names mean: note name_change() before the outputs
  /// are written.
  bool names_changed = false;
};

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_STEP_H_
