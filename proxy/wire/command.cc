#include "proxy/wire/command.h"

#include "proxy/wire/reader.h"

namespace sealgate::wire {
namespace {

constexpr std::uint8_t kLastShared = static_cast<std::uint8_t>(Command::kSubscribeGroupReplication);
constexpr std::uint8_t kFirstMariaDb = static_cast<std::uint8_t>(Command::kMariaDbStmtBulkExecute);
constexpr std::uint8_t kLastMariaDb = static_cast<std::uint8_t>(Command::kMariaDbMulti);

void ExpectCommand(Command command, Reader& reader) {
  reader.Expect(static_cast<std::uint8_t>(command));
}

void WriteCommand(Command command, Writer& out) { out.U8(static_cast<std::uint8_t>(command)); }

bool IsPlain(Command command) {
  return command == Command::kQuit || command == Command::kStatistics ||
         command == Command::kPing || command == Command::kDebug ||
         command == Command::kResetConnection;
}

}  // namespace

std::optional<Command> CommandOf(std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  const auto byte = static_cast<std::uint8_t>(payload.front());
  if (byte <= kLastShared || (byte >= kFirstMariaDb && byte <= kLastMariaDb)) {
    return static_cast<Command>(byte);
  }
  return std::nullopt;
}

Decoded<PlainCommand> DecodePlainCommand(std::string_view payload) {
  Reader reader(payload);
  const PlainCommand plain{.command = static_cast<Command>(reader.U8())};
  if (!IsPlain(plain.command)) reader.Fail(DecodeError::kMalformed);
  return reader.Finish(plain);
}

void Encode(const PlainCommand& command, Writer& out) {
  if (!IsPlain(command.command)) return out.Fail();
  WriteCommand(command.command, out);
}

Decoded<ComInitDb> DecodeComInitDb(std::string_view payload) {
  Reader reader(payload);
  ExpectCommand(Command::kInitDb, reader);
  const ComInitDb command{.schema = reader.Rest()};
  return reader.Finish(command);
}

void Encode(const ComInitDb& command, Writer& out) {
  WriteCommand(Command::kInitDb, out);
  out.Bytes(command.schema);
}

Decoded<ComFieldList> DecodeComFieldList(std::string_view payload) {
  Reader reader(payload);
  ComFieldList command;
  ExpectCommand(Command::kFieldList, reader);
  command.table = reader.NulString();
  command.wildcard = reader.Rest();
  return reader.Finish(command);
}

void Encode(const ComFieldList& command, Writer& out) {
  WriteCommand(Command::kFieldList, out);
  out.NulString(command.table);
  out.Bytes(command.wildcard);
}

Decoded<ComProcessKill> DecodeComProcessKill(std::string_view payload) {
  Reader reader(payload);
  ExpectCommand(Command::kProcessKill, reader);
  const ComProcessKill command{.thread_id = reader.U32()};
  return reader.Finish(command);
}

void Encode(const ComProcessKill& command, Writer& out) {
  WriteCommand(Command::kProcessKill, out);
  out.U32(command.thread_id);
}

Decoded<ComSetOption> DecodeComSetOption(std::string_view payload) {
  Reader reader(payload);
  ExpectCommand(Command::kSetOption, reader);
  const std::uint16_t option = reader.U16();
  if (option > static_cast<std::uint16_t>(SetOption::kMultiStatementsOff)) {
    reader.Fail(DecodeError::kUnsupported);
  }
  return reader.Finish(ComSetOption{.option = static_cast<SetOption>(option)});
}

void Encode(const ComSetOption& command, Writer& out) {
  WriteCommand(Command::kSetOption, out);
  out.U16(static_cast<std::uint16_t>(command.option));
}

Decoded<ComStmtPrepare> DecodeComStmtPrepare(std::string_view payload) {
  Reader reader(payload);
  ExpectCommand(Command::kStmtPrepare, reader);
  const ComStmtPrepare command{.statement = reader.Rest()};
  return reader.Finish(command);
}

void Encode(const ComStmtPrepare& command, Writer& out) {
  WriteCommand(Command::kStmtPrepare, out);
  out.Bytes(command.statement);
}

Decoded<ComStmtSendLongData> DecodeComStmtSendLongData(std::string_view payload) {
  Reader reader(payload);
  ComStmtSendLongData command;
  ExpectCommand(Command::kStmtSendLongData, reader);
  command.statement_id = reader.U32();
  command.parameter = reader.U16();
  command.data = reader.Rest();
  return reader.Finish(command);
}

void Encode(const ComStmtSendLongData& command, Writer& out) {
  WriteCommand(Command::kStmtSendLongData, out);
  out.U32(command.statement_id);
  out.U16(command.parameter);
  out.Bytes(command.data);
}

Decoded<ComStmtClose> DecodeComStmtClose(std::string_view payload) {
  Reader reader(payload);
  ExpectCommand(Command::kStmtClose, reader);
  const ComStmtClose command{.statement_id = reader.U32()};
  return reader.Finish(command);
}

void Encode(const ComStmtClose& command, Writer& out) {
  WriteCommand(Command::kStmtClose, out);
  out.U32(command.statement_id);
}

Decoded<ComStmtReset> DecodeComStmtReset(std::string_view payload) {
  Reader reader(payload);
  ExpectCommand(Command::kStmtReset, reader);
  const ComStmtReset command{.statement_id = reader.U32()};
  return reader.Finish(command);
}

void Encode(const ComStmtReset& command, Writer& out) {
  WriteCommand(Command::kStmtReset, out);
  out.U32(command.statement_id);
}

Decoded<ComStmtFetch> DecodeComStmtFetch(std::string_view payload) {
  Reader reader(payload);
  ComStmtFetch command;
  ExpectCommand(Command::kStmtFetch, reader);
  command.statement_id = reader.U32();
  command.num_rows = reader.U32();
  return reader.Finish(command);
}

void Encode(const ComStmtFetch& command, Writer& out) {
  WriteCommand(Command::kStmtFetch, out);
  out.U32(command.statement_id);
  out.U32(command.num_rows);
}

}  // namespace sealgate::wire
