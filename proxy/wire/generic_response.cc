#include "proxy/wire/generic_response.h"

namespace sealgate::wire {
namespace {

constexpr std::size_t kSqlStateSize = 5;
constexpr std::uint16_t kProgressReport = 0xFFFF;

/// Without SESSION_TRACK nothing can follow, so the flag must not say so.
std::uint16_t TrackedStatus(std::uint16_t status, Capabilities negotiated) {
  if (Has(negotiated, kClientSessionTrack)) return status;
  return static_cast<std::uint16_t>(status & ~kStatusSessionStateChanged);
}

}  // namespace

std::optional<ResponseKind> ClassifyResponse(std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  switch (static_cast<std::uint8_t>(payload.front())) {
    case kOkHeader:
      return ResponseKind::kOk;
    case kErrHeader:
      return ResponseKind::kErr;
    case kLocalInfileHeader:
      return ResponseKind::kLocalInfile;
    default:
      return ResponseKind::kColumnCount;
  }
}

Decoded<OkPacket> DecodeOk(std::string_view payload, Capabilities negotiated) {
  Reader reader(payload);
  OkPacket ok;
  ok.header = reader.U8();
  if (ok.header != kOkHeader && ok.header != kEofHeader) reader.Fail(DecodeError::kMalformed);
  ok.affected_rows = reader.LenencInt();
  ok.last_insert_id = reader.LenencInt();
  ok.status = TrackedStatus(reader.U16(), negotiated);
  ok.warnings = reader.U16();
  const bool changed = (ok.status & kStatusSessionStateChanged) != 0;
  if (changed || !reader.AtEnd()) ok.info = reader.LenencString();
  if (changed) ok.state_changes = reader.LenencString();
  // MariaDB writes this length in the character set of the new default schema:
  // zeros stand before it in ucs2, utf16 and utf32.
  for (int zeros = 0; zeros < 3 && changed && ok.state_changes.empty() && !reader.AtEnd();
       ++zeros) {
    ok.state_changes = reader.LenencString();
  }
  return reader.Finish(ok);
}

void Encode(const OkPacket& ok, Capabilities negotiated, Writer& out) {
  const std::uint16_t status = TrackedStatus(ok.status, negotiated);
  const bool changed = (status & kStatusSessionStateChanged) != 0;
  out.U8(ok.header);
  out.LenencInt(ok.affected_rows);
  out.LenencInt(ok.last_insert_id);
  out.U16(status);
  out.U16(ok.warnings);
  if (changed || !ok.info.empty()) out.LenencString(ok.info);
  if (changed) out.LenencString(ok.state_changes);
}

Decoded<EofPacket> DecodeEof(std::string_view payload) {
  Reader reader(payload);
  EofPacket eof;
  reader.Expect(kEofHeader);
  eof.warnings = reader.U16();
  eof.status = reader.U16();
  return reader.Finish(eof);
}

void Encode(const EofPacket& eof, Writer& out) {
  out.U8(kEofHeader);
  out.U16(eof.warnings);
  out.U16(eof.status);
}

bool IsProgressReport(std::string_view payload) { return payload.starts_with("\xFF\xFF\xFF"); }

Decoded<ErrPacket> DecodeErr(std::string_view payload) {
  Reader reader(payload);
  ErrPacket err;
  reader.Expect(kErrHeader);
  err.code = reader.U16();
  if (reader.ok() && err.code == kProgressReport) reader.Fail(DecodeError::kUnsupported);
  err.message = reader.Rest();
  if (err.message.size() > kSqlStateSize && err.message.front() == '#') {
    err.sql_state = err.message.substr(1, kSqlStateSize);
    err.message.remove_prefix(1 + kSqlStateSize);
  }
  return reader.Finish(err);
}

void Encode(const ErrPacket& err, Writer& out) {
  if (err.code == kProgressReport) return out.Fail();
  out.U8(kErrHeader);
  out.U16(err.code);
  if (!err.sql_state.empty()) {
    if (err.sql_state.size() != kSqlStateSize) return out.Fail();
    out.U8('#');
    out.Bytes(err.sql_state);
  }
  out.Bytes(err.message);
}

std::optional<SessionStateChange> SessionStateReader::Next() {
  if (reader_.AtEnd()) return std::nullopt;
  SessionStateChange change;
  change.type = static_cast<SessionStateType>(reader_.U8());
  change.data = reader_.LenencString();
  if (!reader_.ok()) return std::nullopt;
  return change;
}

void Encode(const SessionStateChange& change, Writer& out) {
  out.U8(static_cast<std::uint8_t>(change.type));
  out.LenencString(change.data);
}

std::optional<std::pair<std::string_view, std::string_view>> SystemVariableReader::Next() {
  if (reader_.AtEnd()) return std::nullopt;
  const std::string_view name = reader_.LenencString();
  const std::string_view value = reader_.LenencString();
  if (!reader_.ok()) return std::nullopt;
  return std::pair(name, value);
}

Decoded<std::string_view> DecodeSessionStateText(std::string_view data) {
  Reader reader(data);
  const std::string_view text = reader.LenencString();
  return reader.Finish(text);
}

}  // namespace sealgate::wire
