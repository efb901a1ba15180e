// Long data: parameters of the next execution that come in pieces, ahead of it. Those of
// a statement whose parameters are mapped are kept here; others are at the server, or wait
// until an execution is found to mean what it did.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/relay/relay.h"
#include "proxy/wire/com_stmt_execute.h"

namespace sealgate::relay {

// Has no answer; what is wrong is said when the statement is executed.
void Relay::OnSendLongData(std::string_view message) {
  std::string named;
  const std::string_view payload = WithStatementId(message, named);
  const auto data = wire::DecodeComStmtSendLongData(payload);
  if (!data) return;
  const auto found = s_.prepared.find(data->statement_id);
  if (found == s_.prepared.end()) return;
  Prepared& prepared = found->second;
  if (!prepared.plan->maps_parameters) {
    if (!prepared.waiting_data.empty() || !MeansTheSame(prepared)) {
      return LetDataWait(prepared, payload);
    }
    prepared.long_data_left = true;
    return SendToServer(payload);
  }
  if (data->parameter >= prepared.long_data.size()) {
    prepared.poisoned = true;
    return;
  }
  // Also of a parameter that is not sealed: an execution that is refused here would leave
  // it at the server, which would read the next one's values a place too late.
  prepared.long_data[data->parameter] = static_cast<std::uint8_t>(LongData::kSent);
  KeepLongData(prepared, data->parameter, data->data);
}

void Relay::KeepLongData(Prepared& prepared, std::uint16_t parameter, std::string_view data) {
  if (data.size() > settings_.max_packet - s_.kept_bytes) {
    prepared.poisoned = true;
    return;
  }
  prepared.kept_data.resize(prepared.logical);
  auto& kept = prepared.kept_data[parameter];
  if (!kept) kept.emplace();
  kept->append(data);
  s_.kept_bytes += data.size();
}

void Relay::LetDataWait(Prepared& prepared, std::string_view payload) {
  if (payload.size() > settings_.max_packet - s_.kept_bytes) {
    prepared.poisoned = true;
    return;
  }
  prepared.waiting_data.emplace_back(payload);
  s_.kept_bytes += payload.size();
}

// Ahead of its execution, which may go, unless some was too long to wait.
bool Relay::SendWaitingData(Prepared& prepared) {
  if (prepared.plan->maps_parameters) return true;
  if (prepared.poisoned) return RefusePoisoned();
  if (prepared.waiting_data.empty()) return true;
  for (const std::string& payload : prepared.waiting_data) {
    BeginServerCommand();
    SendToServer(payload);
  }
  ForgetWaitingData(prepared);
  prepared.long_data_left = true;
  BeginServerCommand();
  return true;
}

void Relay::ForgetWaitingData(Prepared& prepared) {
  for (const std::string& payload : prepared.waiting_data) s_.kept_bytes -= payload.size();
  prepared.waiting_data.clear();
}

// The statement is as if none had come.
std::vector<std::optional<std::string>> Relay::TakeLongData(Prepared& prepared) {
  std::vector<std::optional<std::string>> kept;
  kept.swap(prepared.kept_data);
  for (const auto& data : kept) s_.kept_bytes -= data ? data->size() : 0;
  std::fill(prepared.long_data.begin(), prepared.long_data.end(), 0);
  ForgetWaitingData(prepared);
  prepared.poisoned = false;
  return kept;
}

// With a server, every execution uses up what has come, one that fails, too. It closes
// the cursor as well.
void Relay::DropLongData(std::uint32_t statement_id, Prepared& prepared) {
  TakeLongData(prepared);
  if (!std::exchange(prepared.long_data_left, false)) return;
  prepared.cursor_open = false;
  prepared.cursor.reset();
  ResetAtServer(statement_id);
}

void Relay::DropLongDataOf(std::string_view command) {
  const auto is = wire::CommandOf(command);
  if (is != wire::Command::kStmtExecute && is != wire::Command::kMariaDbStmtBulkExecute) return;
  const auto id = wire::StatementIdOf(command);
  const auto found = id ? s_.prepared.find(*id) : s_.prepared.end();
  if (found != s_.prepared.end()) DropLongData(*id, found->second);
}

// The client has its error already: the answer is swallowed.
void Relay::ResetAtServer(std::uint32_t statement_id) {
  std::string reset;
  wire::Writer writer(reset);
  wire::Encode(wire::ComStmtReset{.statement_id = statement_id}, writer);
  BeginServerCommand();
  SendToServer(reset);
  StartAnswer(AnswerKind::kStatus);
  s_.answer.refused = true;
}

}  // namespace sealgate::relay
