// Prepared statements after their preparation: parameters go from the client's
// numbering to the server's.

#include <string>
#include <utility>
#include <vector>

#include "proxy/relay/relay.h"
#include "proxy/wire/com_stmt_execute.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErUnknownStatement = 1243;
constexpr std::uint16_t kErNoOpenCursor = 1421;
constexpr std::uint16_t kErMalformed = 1835;
constexpr std::uint16_t kErLongData = 1105;
constexpr std::uint16_t kErWrongArguments = 1210;
constexpr std::uint32_t kLastPrepared = 0xFFFFFFFF;
constexpr std::size_t kIdAt = 1;
constexpr std::size_t kFlagsAt = 5;
constexpr std::uint8_t kCursorFlags =
    wire::kCursorReadOnly | wire::kCursorForUpdate | wire::kCursorScrollable;

// False when long data cannot be of the type that was said.
bool TakeKept(std::string_view kept, wire::ParamValue& value) {
  switch (value.type) {
    case wire::FieldType::kTinyBlob:
    case wire::FieldType::kMediumBlob:
    case wire::FieldType::kLongBlob:
    case wire::FieldType::kBlob:
    case wire::FieldType::kVarchar:
    case wire::FieldType::kVarString:
    case wire::FieldType::kString:
      break;
    default:
      return false;
  }
  value.is_null = false;
  value.long_data = false;
  value.bytes = kept;
  return true;
}

}  // namespace

Prepared* Relay::FindPrepared(std::string_view payload, std::string_view command) {
  const auto id = wire::StatementIdOf(payload);
  if (!id) {
    SendError(kErMalformed, "HY000", "sealgate: malformed packet");
    return nullptr;
  }
  const auto found = s_.prepared.find(*id);
  if (found != s_.prepared.end()) return &found->second;
  std::string message = "Unknown prepared statement handler (";
  message.append(std::to_string(*id)).append(") given to ").append(command);
  SendError(kErUnknownStatement, "HY000", message);
  return nullptr;
}

// The number that stands for the last one gives way to its own, so that it
// cannot mean another one to the server.
std::string_view Relay::WithStatementId(std::string_view payload, std::string& named) const {
  const auto id = wire::StatementIdOf(payload);
  if (!id || *id != kLastPrepared || !s_.is_mariadb || !s_.last_prepared) return payload;
  named.clear();
  named += payload.substr(0, kIdAt);
  wire::Writer(named).U32(*s_.last_prepared);
  named += payload.substr(kIdAt + sizeof(std::uint32_t));
  return named;
}

void Relay::OnExecute(std::string_view message) {
  std::string named;
  const std::string_view payload = WithStatementId(message, named);
  Prepared* prepared = FindPrepared(payload, "EXECUTE");
  if (prepared == nullptr) return;
  ExecuteOrRefuse(payload, *prepared);
  if (s_.phase == Phase::kReady) DropLongDataOf(payload);
}

// Values are read by the types that got through last, which may not be the client's.
bool Relay::HasTypes(bool sent, Prepared& prepared) {
  const bool mapped = prepared.plan->maps_parameters && !prepared.types.empty();
  const bool by_another = mapped && prepared.types_client != s_.facts.client;
  if (!sent && (prepared.types_lost || by_another)) return RefuseStale();
  prepared.types_lost = sent;
  return true;
}

bool Relay::RefusePoisoned() {
  CountStatement(metrics::Outcome::kRefused);
  SendError(kErLongData, "HY000",
            "sealgate: long data (COM_STMT_SEND_LONG_DATA) was for a parameter that there is not, "
            "or longer than limits.max_packet");
  return false;
}

void Relay::TakeTypes(Prepared& prepared) const {
  prepared.types_client = s_.facts.client;
  prepared.types_lost = false;
}

void Relay::ExecuteOrRefuse(std::string_view payload, Prepared& prepared) {
  if (!HasTypes(wire::SendsTypes(payload, s_.client_caps, prepared.logical), prepared)) return;
  if (!s_.facts.asked) return AskForModes(payload);
  if (RefuseDisturbed(prepared.text)) return;
  if (payload.size() <= kFlagsAt) {
    return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  }
  UpdateSnapshot(*current_);
  s_.answer = {};
  s_.answer.plan = prepared.plan;
  if (!StillValid(payload, prepared) || !MayExecuteOthers(payload, prepared)) return;
  if (RefuseDisturbedWithin(prepared.text, prepared.facts,
                            {.executes_any = prepared.executes_any})) {
    return;
  }
  const auto flags = static_cast<std::uint8_t>(payload[kFlagsAt]);
  if (!SendWaitingData(prepared)) return;
  prepared.cursor_open = false;
  prepared.cursor.reset();
  StartExecute(payload, prepared);
  s_.answer.plan = WithNamed(prepared.plan, {.executes_any = prepared.executes_any});
  s_.answer.asked_cursor = (flags & kCursorFlags) != 0;
  if (prepared.plan->maps_parameters) return ExecuteMapped(payload, prepared);
  SendExecute(payload, prepared.plan->writes);
}

void Relay::StartExecute(std::string_view payload, Prepared& prepared) {
  s_.answer.plan = prepared.plan;
  s_.answer.names = prepared.names;
  s_.answer.kind = AnswerKind::kStatement;
  s_.answer.binary = true;
  s_.answer.statement_id = *wire::StatementIdOf(payload);
  s_.answer.uses_long_data = std::exchange(prepared.long_data_left, false);
  s_.answer.brings_types = prepared.types_lost;
  if (!prepared.plan->writes && !prepared.plan->maps_parameters) prepared.types_lost = false;
  s_.answer.modes_after = prepared.modes_after;
  s_.answer.temporary_after = prepared.temporary_after;
  // The server may take it into the schema that is the default one by now.
  s_.answer.temporary_table = prepared.temporary_table;
  if (!prepared.temporary_table.empty() && prepared.facts.schema != s_.facts.schema) {
    s_.answer.temporary_after = rewrite::TemporaryAfter::kUnseen;
  }
  s_.answer.text_prepared.prepares_unseen = prepared.prepares_unseen;
  NoteStatement();
  s_.answer.rewritten = !prepared.plan->edits.empty() || prepared.plan->maps_parameters;
  if (prepared.plan->writes) s_.held_command = payload;
}

// MariaDB takes a parameter of such a type for NULL and reads none of its bytes, so that the
// values behind it are others to it.
bool Relay::RefuseType(wire::FieldType type) {
  using wire::FieldType;
  const bool unread = type == FieldType::kBit || type == FieldType::kGeometry ||
                      type == FieldType::kJson || type == FieldType::kVector;
  if (!s_.is_mariadb || !unread) return false;
  CountStatement(metrics::Outcome::kRefused);
  SendRefusal(rewrite::Unsupported(
      "a parameter of type BIT, GEOMETRY, JSON or VECTOR beside protected columns is not "
      "supported on MariaDB, which does not read it"));
  return true;
}

void Relay::ExecuteMapped(std::string_view payload, Prepared& prepared) {
  const wire::StatementContext context{.num_params = prepared.logical,
                                       .previous_types = prepared.types,
                                       .long_data = prepared.long_data};
  wire::ComStmtExecute& execute = s_.binding.execute;
  const bool malformed =
      wire::ReadComStmtExecute(payload, s_.client_caps, context, execute).has_value();
  if (!malformed && execute.types_sent) {
    prepared.types.clear();
    for (const wire::Param& param : execute.params) {
      prepared.types.push_back({.type = param.value.type, .is_unsigned = param.value.is_unsigned});
    }
    TakeTypes(prepared);
  }
  const bool poisoned = prepared.poisoned;
  const auto kept = TakeLongData(prepared);
  s_.answer.bound_long_data = !kept.empty();
  if (poisoned) {
    RefusePoisoned();
    return;
  }
  if (malformed) return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  for (const wire::Param& param : execute.params) {
    if (RefuseType(param.value.type)) return;
  }
  for (std::size_t i = 0; i < kept.size() && i < execute.params.size(); ++i) {
    if (!kept[i] || TakeKept(*kept[i], execute.params[i].value)) continue;
    CountStatement(metrics::Outcome::kRefused);
    return SendError(kErWrongArguments, "HY000",
                     "sealgate: long data (COM_STMT_SEND_LONG_DATA) for a parameter whose type is "
                     "neither a string nor a BLOB");
  }
  if (!BindParameters(prepared)) return;
  scratch_.clear();
  wire::Writer writer(scratch_);
  wire::Encode(execute, s_.server_caps, prepared.physical, writer);
  if (!writer.ok()) return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  SendExecute(scratch_, prepared.plan->writes);
}

// The statement's own parameters become the server's; query attributes stay.
bool Relay::BindParameters(Prepared& prepared) {
  Binding& binding = s_.binding;
  std::vector<wire::Param>& params = binding.execute.params;
  binding.logical.clear();
  binding.physical.clear();
  for (std::size_t i = 0; i < prepared.logical; ++i) binding.logical.push_back(params[i].value);
  auto bound = services_.rewriter.Bind(*s_.snapshot, s_.facts, *prepared.plan, binding.logical,
                                       binding.physical);
  if (bound) bound = prepared.derived.Check(*prepared.plan, s_.facts, binding.logical);
  if (!bound) {
    CountStatement(metrics::Outcome::kRefused);
    SendRefusal(bound.error());
    return false;
  }
  binding.params.clear();
  for (const wire::ParamValue& value : binding.physical) {
    binding.params.push_back({.value = value, .name = {}});
  }
  binding.params.insert(binding.params.end(), params.begin() + prepared.logical, params.end());
  params.swap(binding.params);
  binding.execute.types_sent = true;
  return true;
}

void Relay::OnFetch(std::string_view message) {
  std::string named;
  const std::string_view payload = WithStatementId(message, named);
  if (!wire::DecodeComStmtFetch(payload)) {
    return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  }
  Prepared* prepared = FindPrepared(payload, "FETCH");
  if (prepared == nullptr) return;
  if (!prepared->cursor_open) {
    return SendError(kErNoOpenCursor, "HY000", "The statement has no open cursor");
  }
  if (prepared->cursor_policy != nullptr && prepared->cursor_policy != (*current_)->policy) {
    return SendError(kErNoOpenCursor, "HY000",
                     "sealgate: the policy has changed since the cursor was opened; execute the "
                     "statement again");
  }
  if (prepared->cursor != nullptr) {
    if (!s_.facts.asked) return AskForModes(payload);
    if (!MayFetch(*prepared->cursor)) return;
  }
  ForwardCommand(payload, AnswerKind::kFetch);
  s_.answer.stage = Stage::kRows;
  s_.answer.statement_id = *wire::StatementIdOf(payload);
  if (prepared->cursor != nullptr) {
    s_.answer.binary = true;
    s_.answer.has_rows_to_change = true;
    s_.answer.reader = &prepared->cursor->reader;
  }
  StartRows();
}

// The session may have changed since the cursor was opened.
bool Relay::MayFetch(OpenCursor& cursor) {
  cursor.facts.utc_offset = s_.facts.utc_offset;
  if (!s_.is_mariadb) return true;
  cursor.facts.results = s_.facts.results;
  cursor.facts.results_unconverted = s_.facts.results_unconverted;
  if (!s_.facts.results_unread()) return true;
  SendRefusal(rewrite::SessionRefusal(
      "protected columns cannot be fetched while the session's character set is one that "
      "Sealgate cannot read; use SET NAMES utf8mb4"));
  return false;
}

void Relay::OnStmtReset(std::string_view message) {
  std::string named;
  const std::string_view payload = WithStatementId(message, named);
  Prepared* prepared = FindPrepared(payload, "RESET");
  if (prepared == nullptr) return;
  if (!wire::DecodeComStmtReset(payload)) {
    return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  }
  TakeLongData(*prepared);
  prepared->long_data_left = false;
  prepared->cursor_open = false;
  prepared->cursor.reset();
  ForwardCommand(payload, AnswerKind::kStatus);
}

void Relay::OnStmtClose(std::string_view message) {
  std::string named;
  const std::string_view payload = WithStatementId(message, named);
  const auto close = wire::DecodeComStmtClose(payload);
  const auto found = close ? s_.prepared.find(close->statement_id) : s_.prepared.end();
  if (found == s_.prepared.end()) return;
  TakeLongData(found->second);
  s_.prepared_bytes -= found->second.counted_bytes;
  if (s_.last_prepared == close->statement_id) s_.last_prepared.reset();
  s_.prepared.erase(found);
  SendToServer(payload);
}

}  // namespace sealgate::relay
