// Column definitions of results and of prepared statements. The client sees
// them only when the last one was found right: so a refusal is the answer, not
// something in the middle of one.

#include <string>
#include <utility>

#include "proxy/relay/relay.h"
#include "proxy/wire/charset_id.h"
#include "proxy/wire/column_definition.h"
#include "proxy/wire/prepare_response.h"

namespace sealgate::relay {
namespace {

using wire::Has;

const rewrite::Plan& PlanOf(const Answer& answer) {
  static const rewrite::Plan kNothingKnown;
  if (answer.plan == nullptr) return kNothingKnown;
  const auto& statements = answer.plan->statements;
  if (statements.empty()) return *answer.plan;
  return answer.statement < statements.size() ? *statements[answer.statement] : kNothingKnown;
}

// What a parameter's definition says is "?" and nothing that clients use.
constexpr wire::ColumnDefinition41 kParameterDefinition{.name = "?",
                                                        .collation = wire::kCharsetBinary,
                                                        .type = wire::FieldType::kVarString,
                                                        .flags = wire::kFieldBinary};

// A server keeps as much to itself before it writes (net_buffer_length).
constexpr std::size_t kMostHeldRows = 16 * 1024;

constexpr std::uint16_t kLastingStatus = wire::kStatusInTrans | wire::kStatusAutocommit |
                                         wire::kStatusNoBackslashEscapes |
                                         wire::kStatusInTransReadonly;

}  // namespace

void Relay::BeginHolding() {
  s_.answer.holding = true;
  s_.answer.held_from = out_->to_client.size();
  s_.answer.held_seq = s_.client.seq;
}

void Relay::StashHeldDefinitions() {
  const std::size_t held = out_->to_client.size() - s_.answer.held_from;
  if (s_.phase != Phase::kAnswer || held > kMostHeldRows) s_.answer.eof_waits = false;
  if (!s_.answer.holding && !s_.answer.eof_waits) return;
  s_.held_definitions.assign(out_->to_client, s_.answer.held_from);
  out_->to_client.resize(s_.answer.held_from);
}

void Relay::RestoreHeldDefinitions() {
  if (!s_.answer.holding && !s_.answer.eof_waits) return;
  s_.answer.held_from = out_->to_client.size();
  out_->to_client.append(s_.held_definitions);
  s_.held_definitions.clear();
}

// The client gets an error; what is left of the server's answer is swallowed.
void Relay::RefuseAnswer(const rewrite::Refusal& refusal) {
  if (s_.answer.holding) {
    out_->to_client.resize(s_.answer.held_from);
    s_.client.seq = s_.answer.held_seq;
    s_.answer.holding = false;
  }
  PayOwedEof();
  s_.answer.eof_waits = false;
  SendRefusal(refusal);
  s_.answer.refused = true;
  if (s_.answer.stage == Stage::kRows) StartRows();
}

void Relay::StartColumns(std::uint64_t count) {
  s_.answer.stage = Stage::kColumns;
  s_.answer.columns_left = static_cast<std::uint32_t>(count);
  if (s_.answer.refused) return;
  BeginHolding();
  scratch_.clear();
  wire::Writer(scratch_).LenencInt(count);
  SendToClient(scratch_);
  const auto begun = s_.reader.Begin(*s_.snapshot, s_.facts, PlanOf(s_.answer), count);
  if (!begun) RefuseAnswer(begun.error());
}

void Relay::OnColumnDefinition(std::string_view payload) {
  auto definition =
      wire::DecodeColumnDefinition41(payload, wire::ColumnUse::kResult, s_.server_caps);
  if (!definition) {
    if (static_cast<std::uint8_t>(payload.front()) == wire::kErrHeader) {
      return OnServerError(payload);
    }
    return FailProtocol(metrics::Leg::kBackend, "column definition cannot be read");
  }
  if (!s_.answer.refused) {
    const auto before = *definition;
    const auto shown = s_.reader.Column(*definition);
    if (shown && s_.answer.names != nullptr) s_.answer.names->Show(*definition);
    if (!shown) {
      RefuseAnswer(shown.error());
    } else if (*definition == before) {
      SendToClient(payload);
    } else {
      scratch_.clear();
      wire::Writer writer(scratch_);
      wire::Encode(*definition, s_.client_caps, writer);
      SendToClient(scratch_);
    }
  }
  if (--s_.answer.columns_left == 0) EndColumns();
}

void Relay::EndColumns() {
  if (s_.answer.kind == AnswerKind::kPrepare) {
    if (!s_.answer.refused) s_.answer.owes_eof = !Has(s_.client_caps, wire::kClientDeprecateEof);
    return EndPrepare();
  }
  s_.answer.has_rows_to_change = !s_.answer.refused && s_.reader.changes_rows();
  s_.answer.rewritten = s_.answer.rewritten || s_.answer.has_rows_to_change;
  s_.answer.reader = &s_.reader;
  s_.answer.holding = false;
  s_.answer.owes_eof = !s_.answer.refused && !Has(s_.client_caps, wire::kClientDeprecateEof);
  s_.answer.stage = Stage::kRows;
  StartRows();
}

// The EOF that clients without DEPRECATE_EOF expect after definitions. After
// those of a result it has to wait for the next message: if a cursor was opened,
// that one is it.
void Relay::PayOwedEof() {
  if (!s_.answer.owes_eof) return;
  s_.answer.owes_eof = false;
  std::string encoded;
  wire::Writer writer(encoded);
  wire::Encode(
      wire::EofPacket{.warnings = 0,
                      .status = static_cast<std::uint16_t>(s_.server_status & kLastingStatus)},
      writer);
  s_.answer.eof_waits = s_.answer.stage == Stage::kRows;
  if (s_.answer.eof_waits) s_.answer.held_from = out_->to_client.size();
  SendToClient(encoded);
}

// An older client may go by this EOF before it reads the rows: are there more results
// behind these, are these the OUT parameters of a CALL? The server tells Sealgate at the
// end of the rows.
void Relay::CompleteEof(std::uint16_t warnings, std::uint16_t status) {
  if (!s_.answer.eof_waits) return;
  s_.answer.eof_waits = false;
  std::string encoded;
  wire::Writer writer(encoded);
  // A cursor of the server's own is none of the client's.
  const std::uint16_t hidden =
      wire::kStatusSessionStateChanged | (s_.answer.binary ? 0 : wire::kStatusCursorExists);
  const auto shown = static_cast<std::uint16_t>(status & ~hidden);
  wire::Encode(wire::EofPacket{.warnings = warnings, .status = shown}, writer);
  const std::size_t at = s_.answer.held_from + wire::kFrameHeaderSize;
  out_->to_client.replace(at, encoded.size(), encoded);
}

void Relay::OnPrepareFirst(std::string_view payload) {
  if (static_cast<std::uint8_t>(payload.front()) == wire::kErrHeader) {
    return OnServerError(payload);
  }
  const auto server = wire::DecodePrepareOk(payload, s_.server_caps);
  if (!server) return FailProtocol(metrics::Leg::kBackend, "answer cannot be read");
  Prepared& prepared = s_.preparing;
  const rewrite::Plan& plan = *prepared.plan;
  const bool maps = plan.maps_parameters;
  if (maps && plan.parameters.size() != server->num_params) {
    return FailProtocol(metrics::Leg::kBackend, "count of parameters is not the expected one");
  }
  prepared.physical = server->num_params;
  prepared.logical =
      maps ? static_cast<std::uint16_t>(plan.logical_parameters) : server->num_params;
  if (maps) prepared.long_data.assign(prepared.logical, 0);
  s_.answer.statement_id = server->statement_id;
  s_.answer.parameters_left = server->num_params;
  s_.answer.columns_left = server->num_columns;
  s_.answer.shows_rows = server->num_columns > 0;

  BeginHolding();
  wire::PrepareOk shown = *server;
  shown.num_params = prepared.logical;
  scratch_.clear();
  wire::Writer writer(scratch_);
  wire::Encode(shown, s_.client_caps, writer);
  SendToClient(scratch_);
  if (maps) {
    scratch_.clear();
    wire::Encode(kParameterDefinition, s_.client_caps, writer);
    for (std::uint16_t i = 0; i < prepared.logical; ++i) SendToClient(scratch_);
  }
  if (server->num_columns > 0) {
    const auto begun = s_.reader.Begin(*s_.snapshot, s_.facts, plan, server->num_columns);
    if (!begun) RefuseAnswer(begun.error());
  }
  s_.answer.stage = Stage::kParameters;
  if (server->num_params == 0) EndParameters();
}

void Relay::OnParameterDefinition(std::string_view payload) {
  const bool maps = s_.preparing.plan->maps_parameters;
  if (!maps && !s_.answer.refused) SendToClient(payload);
  if (maps && !s_.is_mariadb) {
    const auto definition =
        wire::DecodeColumnDefinition41(payload, wire::ColumnUse::kResult, s_.server_caps);
    if (!definition) return FailProtocol(metrics::Leg::kBackend, "definition cannot be read");
    s_.preparing.derived.Add(*definition);
  }
  if (--s_.answer.parameters_left == 0) EndParameters();
}

void Relay::EndParameters() {
  s_.answer.owes_eof = !s_.answer.refused && s_.preparing.logical > 0 &&
                       !Has(s_.client_caps, wire::kClientDeprecateEof);
  PayOwedEof();
  s_.answer.stage = Stage::kColumns;
  if (s_.answer.columns_left == 0) EndPrepare();
}

void Relay::KeepPrepared() {
  constexpr std::size_t kBesidesTexts = 512;
  const std::size_t names = s_.preparing.names ? s_.preparing.names->bytes() : 0;
  s_.preparing.counted_bytes =
      s_.preparing.text.size() + s_.preparing.server_text.size() + names + kBesidesTexts;
  s_.prepared_bytes += s_.preparing.counted_bytes;
  Prepared& kept = s_.prepared[s_.answer.statement_id];
  s_.prepared_bytes -= kept.counted_bytes;
  kept = std::move(s_.preparing);
}

void Relay::EndPrepare() {
  PayOwedEof();
  s_.answer.holding = false;
  if (s_.answer.refused) {
    std::string close;
    wire::Writer writer(close);
    wire::Encode(wire::ComStmtClose{.statement_id = s_.answer.statement_id}, writer);
    BeginServerCommand();
    SendToServer(close);
  } else {
    s_.preparing.changes_rows = s_.answer.shows_rows && s_.reader.changes_rows();
    s_.last_prepared = s_.answer.statement_id;
    KeepPrepared();
  }
  s_.preparing = {};
  EndAnswer();
}

}  // namespace sealgate::relay
