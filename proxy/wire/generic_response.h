// OK, EOF and ERR, and the session changes that OK carries.
//
// Sources: MySQL manual, "Generic Response Packets" (OK_Packet, EOF_Packet,
// ERR_Packet, Session State Information) and "SERVER_STATUS_flags_enum".
// Views as decode_error.h says. Every function is pure and thread-safe.
#ifndef SEALGATE_PROXY_WIRE_GENERIC_RESPONSE_H_
#define SEALGATE_PROXY_WIRE_GENERIC_RESPONSE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "proxy/wire/capabilities.h"
#include "proxy/wire/decode_error.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

inline constexpr std::uint16_t kStatusInTrans = 0x0001;
inline constexpr std::uint16_t kStatusAutocommit = 0x0002;
inline constexpr std::uint16_t kStatusMoreResultsExists = 0x0008;
inline constexpr std::uint16_t kStatusNoGoodIndexUsed = 0x0010;
inline constexpr std::uint16_t kStatusNoIndexUsed = 0x0020;
inline constexpr std::uint16_t kStatusCursorExists = 0x0040;
inline constexpr std::uint16_t kStatusLastRowSent = 0x0080;
inline constexpr std::uint16_t kStatusDbDropped = 0x0100;
inline constexpr std::uint16_t kStatusNoBackslashEscapes = 0x0200;
inline constexpr std::uint16_t kStatusMetadataChanged = 0x0400;
inline constexpr std::uint16_t kStatusQueryWasSlow = 0x0800;
inline constexpr std::uint16_t kStatusPsOutParams = 0x1000;
inline constexpr std::uint16_t kStatusInTransReadonly = 0x2000;
inline constexpr std::uint16_t kStatusSessionStateChanged = 0x4000;

inline constexpr std::uint8_t kOkHeader = 0x00;
inline constexpr std::uint8_t kLocalInfileHeader = 0xFB;
inline constexpr std::uint8_t kEofHeader = 0xFE;
inline constexpr std::uint8_t kErrHeader = 0xFF;
/// An EOF_Packet is shorter than this; a row that begins with 0xFE is not.
inline constexpr std::uint32_t kEofLimit = 9;

/// The first message that answers a command which may return rows.
enum class ResponseKind { kOk, kErr, kLocalInfile, kColumnCount };
/// nullopt for an empty payload.
std::optional<ResponseKind> ClassifyResponse(std::string_view payload);

/// MariaDB's report of how far a statement is, in the shape of an error with a number
/// that no error has. Source: MariaDB documentation, "ERR_Packet".
bool IsProgressReport(std::string_view payload);

/// A message where a row is possible.
enum class RowKind { kRow, kEnd, kErr };
/// `first` is the payload's first byte and `frame_length` the length of the
/// message's first frame: enough to tell before the payload has arrived. A row
/// may begin with 0xFE only if its first value fills whole frames. Under
/// DEPRECATE_EOF the end is an OkPacket with header 0xFE, else an EofPacket.
inline RowKind ClassifyRow(std::uint8_t first, std::uint32_t frame_length,
                           Capabilities negotiated) {
  if (first < kEofHeader) return RowKind::kRow;
  if (first == kErrHeader) return RowKind::kErr;
  const std::uint32_t limit = Has(negotiated, kClientDeprecateEof) ? kMaxFramePayload : kEofLimit;
  return frame_length < limit ? RowKind::kEnd : RowKind::kRow;
}

/// OK_Packet.
///
///   header          int<1>          0x00, or 0xFE as the end of a result
///   affected rows   int<lenenc>
///   last insert id  int<lenenc>
///   status flags    int<2>
///   warnings        int<2>
///   info            string<lenenc>  absent if empty and no changes follow
///   state changes   string<lenenc>  if SESSION_TRACK and SESSION_STATE_CHANGED
///
/// The manual gives info as string<EOF> without SESSION_TRACK; both servers
/// send a string<lenenc>, and both client libraries expect one.
struct OkPacket {
  std::uint8_t header = kOkHeader;
  std::uint64_t affected_rows = 0;
  std::uint64_t last_insert_id = 0;
  std::uint16_t status = 0;
  std::uint16_t warnings = 0;
  std::string_view info = {};
  /// For SessionStateReader.
  std::string_view state_changes = {};
  bool operator==(const OkPacket&) const = default;
};

/// Without SESSION_TRACK, SESSION_STATE_CHANGED has no meaning and is cleared.
Decoded<OkPacket> DecodeOk(std::string_view payload, Capabilities negotiated);
/// Without SESSION_TRACK in `negotiated`, the state changes and their flag are
/// left out: for a client that did not ask for what the backend leg tracks.
void Encode(const OkPacket& ok, Capabilities negotiated, Writer& out);

/// EOF_Packet: int<1> 0xFE, int<2> warnings, int<2> status flags.
struct EofPacket {
  std::uint16_t warnings = 0;
  std::uint16_t status = 0;
  bool operator==(const EofPacket&) const = default;
};

Decoded<EofPacket> DecodeEof(std::string_view payload);
void Encode(const EofPacket& eof, Writer& out);

/// ERR_Packet.
///
///   header          int<1>          0xFF
///   error code      int<2>          0xFFFF is MariaDB's progress report: kUnsupported
///   marker, state   string[6]       '#' and SQLSTATE; absent before the login
///   message         string<EOF>
struct ErrPacket {
  std::uint16_t code = 0;
  /// Five bytes or empty.
  std::string_view sql_state = {};
  std::string_view message = {};
  bool operator==(const ErrPacket&) const = default;
};

Decoded<ErrPacket> DecodeErr(std::string_view payload);
void Encode(const ErrPacket& err, Writer& out);

enum class SessionStateType : std::uint8_t {
  kSystemVariables = 0,
  kSchema = 1,
  kStateChange = 2,
  kGtids = 3,
  kTransactionCharacteristics = 4,
  kTransactionState = 5,
};

/// One entry: int<1> type, string<lenenc> data. Types not named above are
/// passed through; their data is opaque.
struct SessionStateChange {
  SessionStateType type = SessionStateType::kSystemVariables;
  std::string_view data = {};
  bool operator==(const SessionStateChange&) const = default;
};

/// Iterates over OkPacket::state_changes.
class SessionStateReader {
 public:
  explicit SessionStateReader(std::string_view state_changes) : reader_(state_changes) {}
  /// nullopt at the end or at the first malformed entry; ok() tells which.
  std::optional<SessionStateChange> Next();
  bool ok() const { return reader_.ok(); }

 private:
  Reader reader_;
};

void Encode(const SessionStateChange& change, Writer& out);

/// Iterates over the data of kSystemVariables: pairs of string<lenenc>, one in
/// MySQL, several in MariaDB.
class SystemVariableReader {
 public:
  explicit SystemVariableReader(std::string_view data) : reader_(data) {}
  std::optional<std::pair<std::string_view, std::string_view>> Next();
  bool ok() const { return reader_.ok(); }

 private:
  Reader reader_;
};

/// The data of kSchema, kStateChange, kTransactionCharacteristics and
/// kTransactionState: one string<lenenc>.
Decoded<std::string_view> DecodeSessionStateText(std::string_view data);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_GENERIC_RESPONSE_H_
