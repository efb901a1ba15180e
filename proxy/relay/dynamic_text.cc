// Dynamic SQL whose text the proxy does not see: it is asked for with a query of
// the proxy's own (rewrite/screen/dynamic_sql.h) before the client's statement leaves.
// One row of two columns comes back; the client sees nothing of it, but for an
// error, which is the one that its own statement would have met. What it changes of
// FOUND_ROWS(), ROW_COUNT() and the warnings is refused to who reads it next.

#include <string>
#include <utility>

#include "proxy/relay/relay.h"
#include "proxy/wire/com_query.h"
#include "proxy/wire/row.h"

namespace sealgate::relay {
namespace {

constexpr std::uint64_t kAskedColumns = 2;
constexpr std::string_view kCannotBeRead = "answer cannot be read";

// Which message of the server is next.
enum AskStep : int { kColumnCount, kDefinitions, kRowOrEnd, kEnd };

}  // namespace

void Relay::AskForText(std::string_view payload, std::string_view question) {
  s_.disturbed = {.found_rows = true, .row_count = true};
  s_.asked_for = payload;
  s_.dynamic_text.reset();
  s_.dynamic_text_known = false;
  s_.dynamic_text_is_binary = false;
  s_.dynamic_text_is_lost = false;
  scratch_.clear();
  wire::Writer writer(scratch_);
  wire::Encode(wire::ComQuery{.attributes = {}, .statement = question}, s_.server_caps, writer);
  SendToServer(scratch_);
  s_.phase = Phase::kAsking;
  s_.ask_step = kColumnCount;
}

void Relay::OnAskedText(std::string_view payload) {
  if (wire::ClassifyResponse(payload) == wire::ResponseKind::kErr && s_.ask_step != kDefinitions) {
    services_.metrics.backend_errors.Add();
    s_.disturbed.row_count = false;
    s_.phase = Phase::kReady;
    s_.asked_for.clear();
    s_.client.in.ExpectSequence(0);
    return SendToClient(payload);
  }
  switch (s_.ask_step) {
    case kColumnCount: {
      wire::Reader reader(payload);
      s_.ask_columns = reader.LenencInt();
      if (!reader.ok() || s_.ask_columns != kAskedColumns) {
        return FailProtocol(metrics::Leg::kBackend, kCannotBeRead);
      }
      s_.ask_step = kDefinitions;
      return;
    }
    case kDefinitions:
      if (--s_.ask_columns == 0) s_.ask_step = kRowOrEnd;
      return;
    case kRowOrEnd:
      s_.ask_step = kEnd;
      return OnAskedRow(payload);
    case kEnd:
      break;
  }
  const auto ok = wire::DecodeOk(payload, s_.server_caps);
  if (!ok || !ApplySessionChanges(ok->state_changes)) {
    return FailProtocol(metrics::Leg::kBackend, kCannotBeRead);
  }
  s_.disturbed.diagnostics = !s_.is_mariadb || ok->warnings > 0;
  OnServerStatus(ok->status);
  EndAsking();
}

void Relay::OnAskedRow(std::string_view payload) {
  wire::TextRowReader row(payload);
  const auto text = row.Next();
  const auto charset = row.Next();
  if (row.Finish()) return FailProtocol(metrics::Leg::kBackend, kCannotBeRead);
  if (text) s_.dynamic_text = std::string(*text);
  s_.dynamic_text_is_binary = charset.value_or("") == "binary";
  s_.dynamic_text_is_lost = !text && charset;
  s_.dynamic_text_known = true;
}

void Relay::EndAsking() {
  const std::string payload = std::move(s_.asked_for);
  s_.asked_for.clear();
  s_.phase = Phase::kReady;
  s_.client.in.ExpectSequence(0);
  const auto query = wire::DecodeComQuery(payload, s_.client_caps);
  if (!query || !s_.dynamic_text_known) {
    return FailProtocol(metrics::Leg::kBackend, kCannotBeRead);
  }
  rewrite::DynamicText text;
  if (s_.dynamic_text) text.text = *s_.dynamic_text;
  text.is_binary = s_.dynamic_text_is_binary;
  text.is_lost = s_.dynamic_text_is_lost;
  BeginServerCommand();
  rewrite::Decision decision = services_.rewriter.QueryDynamic(
      *s_.snapshot, s_.facts, query->statement, text, rewrite::CatalogAge::kMayBeOld);
  if (decision.needs_catalog) {
    if (!WereLookedUp(decision.unknown)) {
      s_.dynamic_text.reset();
      return DeferUntilLookedUp(payload, std::move(decision.unknown));
    }
    decision = services_.rewriter.QueryDynamic(*s_.snapshot, s_.facts, query->statement, text);
  }
  const bool executed = s_.dynamic_text && !decision.text_prepared.prepares;
  const bool lost = decision.statement && executed && AsksForDisturbed(*s_.dynamic_text, s_.facts);
  s_.dynamic_text.reset();
  if (lost) {
    RefuseLost();
    return;
  }
  SendDecided(payload, *query, std::move(decision));
}

}  // namespace sealgate::relay
