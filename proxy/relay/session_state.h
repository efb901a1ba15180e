// The state of one connection, in one place. Relay's files change it.
#ifndef SEALGATE_PROXY_RELAY_SESSION_STATE_H_
#define SEALGATE_PROXY_RELAY_SESSION_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crypto/secret.h"
#include "policy/snapshot.h"
#include "proxy/relay/auth_plugin.h"
#include "proxy/relay/prepared.h"
#include "proxy/relay/settings.h"
#include "proxy/rewrite/result.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/rewrite/screen/modes_after.h"
#include "proxy/rewrite/screen/temporary_after.h"
#include "proxy/rewrite/screen/text_prepared.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/column_definition.h"
#include "proxy/wire/compressed_packet.h"
#include "proxy/wire/frame.h"

namespace sealgate::relay {

enum class Phase : std::uint8_t {
  kGreeting,    // the server speaks first
  kLogin,       // the client's SSLRequest or login
  kServerTls,   // the driver starts TLS with the server
  kAuthServer,  // the server's turn in the authentication
  kAuthClient,  // the client's turn
  kReady,       // the client's next command
  kProbe,       // a command waits, while the session's facts are asked for
  kAsking,      // the text of dynamic SQL is asked for
  kHeld,        // a write waits for the gate
  kAnswer,      // the server answers a command
  kFile,        // the client sends a file that the server has asked for
  kReloading,   // the driver reads the catalog again
  kRefreshing,  // it does so before a statement goes out
  kClosed,
};

/// One side's compression.
struct CompressedLeg {
  wire::Compression algorithm{};
  int level = wire::kDefaultZstdLevel;  // of what is sent, for zstd
  wire::CompressedReader in;
  std::uint8_t seq = 0;  // of the next compressed packet, whoever sends it
  std::string left;      // expanded, and not wanted yet
};

/// One side's messages and its sequence numbers.
struct Leg {
  wire::MessageAssembler in;
  std::uint8_t seq = 0;  // of the next frame, whoever sends it
  std::unique_ptr<CompressedLeg> compressed = nullptr;
};

struct AuthState {
  const AuthPlugin* plugin = nullptr;  // null: not told yet
  std::string nonce;                   // 20 bytes, without the final NUL
  bool full = false;                   // the password itself is asked for
  /// The plugin is not known: its packets pass, and either side may go on.
  bool opaque = false;
  std::uint32_t opaque_messages = 0;
  std::uint64_t opaque_bytes = 0;
  /// Waits for the server's public key.
  crypto::SecretBytes password;
  bool change_user = false;
  std::string user_before;  // of the change
};

enum class AnswerKind : std::uint8_t {
  kStatement,  // COM_QUERY, COM_STMT_EXECUTE, COM_PROCESS_INFO: results
  kPrepare,
  kFetch,   // rows alone
  kBinlog,  // the same, and each is an event of the binary log
  kStatus,  // OK, EOF or ERR
  kReset,   // the same, then the facts are asked for again
  kText,    // COM_STATISTICS
  kFieldList,
};

enum class Stage : std::uint8_t { kFirst, kParameters, kColumns, kRows };

/// The answer under way.
struct Answer {
  AnswerKind kind{};
  Stage stage{};
  bool binary = false;
  bool asked_cursor = false;
  bool shows_rows = false;  // kPrepare: there are result columns
  std::shared_ptr<const rewrite::Plan> plan;
  std::shared_ptr<const rewrite::ExpressionNames> names;  // null: as the server says
  std::size_t statement = 0;                              // of a plan of several
  /// EXECUTE and FETCH: of this statement.
  std::uint32_t statement_id = 0;
  /// EXECUTE: the server has long data for it.
  bool uses_long_data = false;
  /// Long data that was kept here has become values of this execution.
  bool bound_long_data = false;
  bool brings_types = false;  // likewise: it has new ones
  std::uint32_t parameters_left = 0;
  std::uint32_t columns_left = 0;
  /// Definitions are shown to the client only when all of them are known to be
  /// right: where they began in to_client, and with which sequence number.
  bool holding = false;
  std::size_t held_from = 0;
  std::uint8_t held_seq = 0;
  /// The EOF after the definitions, which only the client's leg has.
  bool owes_eof = false;
  /// It has been written at held_from, but waits with the rows after it for what
  /// the server says at their end.
  bool eof_waits = false;
  bool has_rows_to_change = false;
  rewrite::ResultReader* reader = nullptr;  // of those rows
  bool refused = false;                     // the client has its error; the rest is swallowed
  /// A load that the server was made to fail: what the client is told instead.
  std::optional<rewrite::Refusal> load_refusal;
  bool file_asked = false;  // of a load that seals
  bool server_error = false;
  bool rewritten = false;
  bool is_write = false;
  rewrite::ModesAfter modes_after = rewrite::ModesAfter::kKept;
  bool modes_reported = false;  // that one of them has changed
  rewrite::TextPrepared text_prepared;
  std::string tracks;           // the text that sets which variables are tracked
  std::string temporary_table;  // that it makes; see rewrite::SessionFacts
  rewrite::TemporaryAfter temporary_after = rewrite::TemporaryAfter::kKept;
  std::string schema;  // that becomes the default one
};

struct SessionState {
  Phase phase = Phase::kGreeting;
  Leg client;
  Leg server;
  PeerAddress address{};

  // Login.
  wire::Capabilities offered = 0;       // to the client
  wire::Capabilities client_caps = 0;   // negotiated with the client
  wire::Capabilities server_offer = 0;  // by the server
  wire::Capabilities server_caps = 0;   // negotiated with the server
  bool is_mariadb = false;
  std::uint32_t server_thread = 0;  // as KILL names it
  bool told_end = false;            // an error of the server's said that it ends the session
  bool client_is_unix = false;
  int client_zstd_level = wire::kDefaultZstdLevel;
  bool client_tls = false;
  bool server_tls = false;
  bool greeted = false;  // errors carry an SQLSTATE from now on
  bool logged_in = false;
  std::string login;  // encoded, while TLS with the server starts
  AuthState auth;
  std::string user;
  std::uint16_t login_collation = 0;
  std::string login_schema;  // that the login or the change of user under way named

  // Facts.
  std::shared_ptr<const policy::Snapshot> snapshot;
  rewrite::SessionFacts facts;
  std::uint64_t temporary_version = 0;  // of what they say about temporary tables
  std::string results_charset;          // as the server names it; "" for NULL
  bool results_from_login = false;      // nothing but the login has set it
  int probe_step = 0;
  bool probe_failed = false;  // the client has the error already
  /// Since the modes were forgotten, without having asked for them: a statement went
  /// out, and one of them left warnings or an error.
  bool went_unasked = false;
  bool left_diagnostics = false;
  bool asked_once = false;  // since the login the modes were told
  /// What the last asking took away, until another statement makes it anew.
  rewrite::Disturbed disturbed;
  /// The last one that set the client's own list; "" for Sealgate's alone.
  std::string tracks;
  bool system_is_utc = false;  // time_zone SYSTEM, as far as the probe could see
  std::uint64_t probe_columns = 0;
  std::uint16_t server_status = 0;
  bool wrote_in_transaction = false;

  // Commands.
  std::string held;                // a write at the gate, framed
  std::string held_command;        // the client's, of the write under way
  bool let_go = false;             // it is decided again, and has its place at the gate
  std::string unasked;             // a command that waits for the end of the probe
  std::string deferred;            // a command that waits for names to be looked up
  policy::UnknownNames unknown;    // these, and
  policy::UnknownNames looked_up;  // those that were for the command under way
  int times_deferred = 0;          // the command under way
  bool is_deferred = false;        // while it is looked at again
  policy::NameChange name_change;  // of the last statement that had one
  std::string asked_for;           // COM_QUERY of dynamic SQL whose text is asked for
  int ask_step = 0;
  std::uint64_t ask_columns = 0;
  std::optional<std::string> dynamic_text;
  bool dynamic_text_known = false;
  bool dynamic_text_is_binary = false;
  bool dynamic_text_is_lost = false;
  std::uint8_t held_next_seq = 0;
  std::unordered_map<std::uint32_t, Prepared> prepared;
  Prepared preparing;
  /// By name, as rewrite::TextPrepared has it. Those that were prepared anew or are gone
  /// may be among them.
  std::map<std::string, NamedStatement> named;
  /// Snapshot::hot_version, when a text that nobody saw was prepared first.
  std::optional<std::uint64_t> unseen_hot_version;
  Binding binding;
  /// MariaDB's clients may execute what they have just prepared before they know
  /// its number.
  std::optional<std::uint32_t> last_prepared;
  /// Bytes in all statements' kept_data; at most Settings::max_packet.
  std::size_t kept_bytes = 0;
  /// Of all prepared statements' texts and what else is kept of them, about.
  std::size_t prepared_bytes = 0;
  Answer answer;
  rewrite::ResultReader reader;
  std::string held_definitions;

  // kFile.
  wire::FrameCursor file;
  std::unique_ptr<rewrite::FileSealer> file_sealer;  // null: the file passes
  std::string sealed_file;

  // Rows that are forwarded in pieces.
  wire::FrameCursor rows;
  bool row_passes = false;   // the row under way is forwarded
  bool row_started = false;  // its first payload byte was seen
  bool row_is_end = false;   // it is no row, but what ends them
  std::string row_end;       // the message that ends the rows

  SessionState(const Settings& settings, metrics::Metrics& metrics)
      : client{{settings.max_frame, settings.max_login_packet}},
        server{{settings.max_frame, settings.max_packet}},
        reader(metrics),
        file(settings.max_frame),
        rows(settings.max_frame) {}
};

/// Whether this answer, now at its end, leaves the session's modes unknown.
bool LeavesModesUnknown(const Answer& answer);

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_SESSION_STATE_H_
