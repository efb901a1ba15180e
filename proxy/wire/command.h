// Command bytes and the commands with few fields. COM_QUERY stands in
// com_query.h, COM_STMT_EXECUTE in com_stmt_execute.h, COM_CHANGE_USER in
// handshake.h.
//
// Sources: MySQL manual, "Command Phase"; MariaDB knowledge base, "Text
// Protocol" and "COM_STMT_BULK_EXECUTE". Views as decode_error.h says.
#ifndef SEALGATE_PROXY_WIRE_COMMAND_H_
#define SEALGATE_PROXY_WIRE_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/wire/decode_error.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

/// Every command byte of either server, so that a switch over them can show
/// that nothing is forwarded by default. Bytes not named here do not exist.
enum class Command : std::uint8_t {
  kSleep = 0x00,
  kQuit = 0x01,
  kInitDb = 0x02,
  kQuery = 0x03,
  kFieldList = 0x04,
  kCreateDb = 0x05,
  kDropDb = 0x06,
  kRefresh = 0x07,
  kShutdown = 0x08,
  kStatistics = 0x09,
  kProcessInfo = 0x0A,
  kConnect = 0x0B,
  kProcessKill = 0x0C,
  kDebug = 0x0D,
  kPing = 0x0E,
  kTime = 0x0F,
  kDelayedInsert = 0x10,
  kChangeUser = 0x11,
  kBinlogDump = 0x12,
  kTableDump = 0x13,
  kConnectOut = 0x14,
  kRegisterReplica = 0x15,
  kStmtPrepare = 0x16,
  kStmtExecute = 0x17,
  kStmtSendLongData = 0x18,
  kStmtClose = 0x19,
  kStmtReset = 0x1A,
  kSetOption = 0x1B,
  kStmtFetch = 0x1C,
  kDaemon = 0x1D,
  kBinlogDumpGtid = 0x1E,
  kResetConnection = 0x1F,
  kClone = 0x20,
  kSubscribeGroupReplication = 0x21,
  kMariaDbStmtBulkExecute = 0xFA,
  kMariaDbReplicaWorker = 0xFB,
  kMariaDbReplicaIo = 0xFC,
  kMariaDbReplicaSql = 0xFD,
  kMariaDbMulti = 0xFE,
};

/// The command of a message; nullopt if it is empty or its first byte names none.
std::optional<Command> CommandOf(std::string_view payload);

/// QUIT, STATISTICS, PING, DEBUG, RESET_CONNECTION: the command byte alone.
struct PlainCommand {
  Command command = Command::kPing;
  bool operator==(const PlainCommand&) const = default;
};
/// kMalformed for a command that has fields.
Decoded<PlainCommand> DecodePlainCommand(std::string_view payload);
void Encode(const PlainCommand& command, Writer& out);

/// COM_INIT_DB: int<1> 0x02, string<EOF> schema.
struct ComInitDb {
  std::string_view schema = {};
  bool operator==(const ComInitDb&) const = default;
};
Decoded<ComInitDb> DecodeComInitDb(std::string_view payload);
void Encode(const ComInitDb& command, Writer& out);

/// COM_FIELD_LIST: int<1> 0x04, string<NUL> table, string<EOF> wildcard.
struct ComFieldList {
  std::string_view table = {};
  std::string_view wildcard = {};
  bool operator==(const ComFieldList&) const = default;
};
Decoded<ComFieldList> DecodeComFieldList(std::string_view payload);
void Encode(const ComFieldList& command, Writer& out);

/// COM_PROCESS_KILL: int<1> 0x0C, int<4> thread id.
struct ComProcessKill {
  std::uint32_t thread_id = 0;
  bool operator==(const ComProcessKill&) const = default;
};
Decoded<ComProcessKill> DecodeComProcessKill(std::string_view payload);
void Encode(const ComProcessKill& command, Writer& out);

enum class SetOption : std::uint16_t { kMultiStatementsOn = 0, kMultiStatementsOff = 1 };

/// COM_SET_OPTION: int<1> 0x1B, int<2> option. Other options are kUnsupported.
struct ComSetOption {
  SetOption option = SetOption::kMultiStatementsOn;
  bool operator==(const ComSetOption&) const = default;
};
Decoded<ComSetOption> DecodeComSetOption(std::string_view payload);
void Encode(const ComSetOption& command, Writer& out);

/// COM_STMT_PREPARE: int<1> 0x16, string<EOF> statement.
struct ComStmtPrepare {
  std::string_view statement = {};
  bool operator==(const ComStmtPrepare&) const = default;
};
Decoded<ComStmtPrepare> DecodeComStmtPrepare(std::string_view payload);
void Encode(const ComStmtPrepare& command, Writer& out);

/// COM_STMT_SEND_LONG_DATA: int<1> 0x18, int<4> statement id, int<2> parameter,
/// string<EOF> data. Has no answer.
struct ComStmtSendLongData {
  std::uint32_t statement_id = 0;
  std::uint16_t parameter = 0;
  std::string_view data = {};
  bool operator==(const ComStmtSendLongData&) const = default;
};
Decoded<ComStmtSendLongData> DecodeComStmtSendLongData(std::string_view payload);
void Encode(const ComStmtSendLongData& command, Writer& out);

/// COM_STMT_CLOSE: int<1> 0x19, int<4> statement id. Has no answer.
struct ComStmtClose {
  std::uint32_t statement_id = 0;
  bool operator==(const ComStmtClose&) const = default;
};
Decoded<ComStmtClose> DecodeComStmtClose(std::string_view payload);
void Encode(const ComStmtClose& command, Writer& out);

/// COM_STMT_RESET: int<1> 0x1A, int<4> statement id.
struct ComStmtReset {
  std::uint32_t statement_id = 0;
  bool operator==(const ComStmtReset&) const = default;
};
Decoded<ComStmtReset> DecodeComStmtReset(std::string_view payload);
void Encode(const ComStmtReset& command, Writer& out);

/// COM_STMT_FETCH: int<1> 0x1C, int<4> statement id, int<4> rows.
struct ComStmtFetch {
  std::uint32_t statement_id = 0;
  std::uint32_t num_rows = 0;
  bool operator==(const ComStmtFetch&) const = default;
};
Decoded<ComStmtFetch> DecodeComStmtFetch(std::string_view payload);
void Encode(const ComStmtFetch& command, Writer& out);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_COMMAND_H_
