// Statements as text: COM_QUERY and COM_STMT_PREPARE. The only text that reaches
// the server is that of a rewrite::ServerStatement.

#include <algorithm>
#include <string>
#include <utility>

#include "proxy/relay/relay.h"
#include "proxy/wire/com_query.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErMalformed = 1835;
constexpr std::uint16_t kErTooManyPrepared = 1461;
constexpr std::size_t kMaxTemporaryTables = 64;
constexpr int kMostLooks = 3;

bool ChangesNames(const rewrite::Plan& plan) {
  return plan.changes_schema || !plan.name_change.empty();
}

// As they were understood: where the statement begins depends on them.
bool AppendAttributes(std::string_view attributes, std::string& out) {
  if (attributes.empty()) return true;
  const auto params = wire::DecodeQueryAttributes(attributes);
  wire::Writer writer(out);
  if (params) wire::EncodeQueryAttributes(*params, writer);
  return params && writer.ok();
}

bool Rewritten(const rewrite::Plan& plan) {
  return !plan.edits.empty() || plan.maps_parameters ||
         std::any_of(plan.statements.begin(), plan.statements.end(),
                     [](const auto& statement) { return Rewritten(*statement); });
}

}  // namespace

void Relay::OnQuery(std::string_view payload) {
  const auto query = wire::DecodeComQuery(payload, s_.client_caps);
  if (!query) return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  if (RefuseDisturbed(query->statement)) return;
  UpdateSnapshot(*current_);
  rewrite::Decision decision = services_.rewriter.Query(*s_.snapshot, s_.facts, query->statement,
                                                        rewrite::CatalogAge::kMayBeOld);
  if (decision.needs_modes) return AskForModes(payload);
  if (decision.needs_catalog) {
    if (!WereLookedUp(decision.unknown)) {
      return DeferUntilLookedUp(payload, std::move(decision.unknown));
    }
    decision = services_.rewriter.Query(*s_.snapshot, s_.facts, query->statement);
    if (decision.needs_modes) return AskForModes(payload);
  }
  if (!decision.ask.empty()) return AskForText(payload, decision.ask);
  SendDecided(payload, *query, std::move(decision));
}

void Relay::SendDecided(std::string_view payload, const wire::ComQuery& query,
                        rewrite::Decision decision) {
  s_.answer = {};
  s_.answer.plan = std::move(decision.plan);
  s_.answer.names = std::move(decision.names);
  if (!decision.statement) {
    CountStatement(metrics::Outcome::kRefused);
    return SendRefusal(decision.statement.error());
  }
  rewrite::TextPrepared& named = decision.text_prepared;
  if (!MayExecuteNamed(payload, named) || !HasRoomForNamed(named)) return;
  if (RefuseDisturbedWithin(query.statement, s_.facts, named)) return;
  s_.answer.plan = WithNamed(std::move(s_.answer.plan), named);
  s_.answer.kind = AnswerKind::kStatement;
  s_.answer.modes_after = ModesAfterNamed(named).value_or(decision.modes_after);
  s_.answer.temporary_after =
      named.executes ? TemporaryAfterNamed(named) : decision.temporary_after;
  s_.answer.text_prepared = std::move(named);
  if (decision.sets_tracked) s_.answer.tracks = decision.statement->text();
  NoteStatement();
  NoteKilled(s_.answer.plan->kills);
  if (ChangesNames(*s_.answer.plan)) {
    s_.answer.temporary_table = services_.rewriter.TemporaryTable(*s_.snapshot, s_.facts);
  }
  s_.answer.rewritten = Rewritten(*s_.answer.plan);
  if (s_.answer.plan->writes) s_.held_command = payload;
  scratch_.assign(1, payload.front());
  if (!AppendAttributes(query.attributes, scratch_)) {
    return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  }
  SendStatement(scratch_, *decision.statement, s_.answer.plan->writes);
}

void Relay::OnPrepare(std::string_view payload) {
  const auto prepare = wire::DecodeComStmtPrepare(payload);
  if (!prepare) return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  if (!s_.facts.asked) return AskForModes(payload);
  s_.last_prepared.reset();
  if (RefuseDisturbed(prepare->statement)) return;
  if (s_.prepared.size() >= settings_.max_prepared_statements) {
    return SendError(kErTooManyPrepared, "42000",
                     "sealgate: this session has too many prepared statements");
  }
  UpdateSnapshot(*current_);
  rewrite::Decision decision = services_.rewriter.Prepare(
      *s_.snapshot, s_.facts, prepare->statement, rewrite::CatalogAge::kMayBeOld);
  const bool open = decision.needs_catalog;
  if (open) {
    if (!WereLookedUp(decision.unknown)) {
      return DeferUntilLookedUp(payload, std::move(decision.unknown));
    }
    decision = services_.rewriter.Prepare(*s_.snapshot, s_.facts, prepare->statement);
  }
  StartAnswer(AnswerKind::kPrepare);
  s_.answer.plan = decision.plan;
  s_.answer.names = decision.names;
  if (!decision.statement) {
    s_.phase = Phase::kReady;
    CountStatement(metrics::Outcome::kRefused);
    return SendRefusal(decision.statement.error());
  }
  const std::string_view server_text = decision.statement->text();
  s_.preparing = {};
  s_.preparing.plan = std::move(decision.plan);
  s_.preparing.names = std::move(decision.names);
  s_.preparing.modes_after = decision.modes_after;
  s_.preparing.temporary_after = decision.temporary_after;
  s_.preparing.temporary_table = services_.rewriter.TemporaryTable(*s_.snapshot, s_.facts);
  s_.preparing.temporary_version = s_.temporary_version;
  s_.preparing.executes_any = decision.text_prepared.executes_any;
  s_.preparing.prepares_unseen = decision.text_prepared.prepares_unseen;
  s_.preparing.objects = open ? nullptr : s_.snapshot->objects;
  s_.preparing.snapshot_version = s_.snapshot->version;
  s_.preparing.facts = s_.facts;
  s_.preparing.text = prepare->statement;
  s_.preparing.same_text = server_text == prepare->statement;
  if (!s_.preparing.same_text) s_.preparing.server_text = server_text;
  scratch_.assign(1, payload.front());
  SendStatement(scratch_, *decision.statement, false);
}

bool Relay::WereLookedUp(const policy::UnknownNames& names) const {
  return s_.looked_up.Covers(names);
}

// A view or routine made at the server just now may be behind an unknown name.
// Other sessions may take names away meanwhile; after some rounds the schema is
// read as a whole, which answers for every name.
void Relay::DeferUntilLookedUp(std::string_view payload, policy::UnknownNames names) {
  s_.deferred = payload;
  s_.unknown = std::move(names);
  s_.unknown.whole = s_.unknown.whole || ++s_.times_deferred > kMostLooks;
  s_.phase = Phase::kRefreshing;
  step_.action = Action::kRefreshCatalog;
}

bool Relay::LosesTemporaryTables(const Answer& answer) const {
  switch (answer.temporary_after) {
    case rewrite::TemporaryAfter::kKept:
    case rewrite::TemporaryAfter::kNamed:
      return false;
    case rewrite::TemporaryAfter::kRenamed:
      return s_.facts.may_have_temporary();
    case rewrite::TemporaryAfter::kUnseen:
      break;
  }
  return true;
}

void Relay::LoseTemporaryTables() {
  s_.facts.temporary_tables.clear();
  s_.facts.made_unseen = true;
  ++s_.temporary_version;
}

// What the session itself made needs no look at the server, until a statement
// that may take it away.
void Relay::TrackTemporaryTables(const Answer& answer) {
  const rewrite::Plan& plan = *answer.plan;
  const std::size_t known = s_.facts.temporary_tables.size();
  if (plan.changes_schema || !plan.name_change.schemas.empty()) {
    s_.facts.temporary_tables.clear();
  } else {
    std::erase_if(s_.facts.temporary_tables, [&plan](const std::string& key) {
      return policy::Mentions(plan.name_change, key);
    });
  }
  const bool lost = s_.facts.temporary_tables.size() != known;
  if (lost || !answer.temporary_table.empty()) ++s_.temporary_version;
  if (answer.temporary_table.empty()) return;
  std::vector<std::string>& made = s_.facts.made_temporary;
  if (made.size() < rewrite::kMostMadeTemporary &&
      std::find(made.begin(), made.end(), answer.temporary_table) == made.end()) {
    made.push_back(answer.temporary_table);
  }
  if (!answer.server_error && !answer.refused &&
      s_.facts.temporary_tables.size() < kMaxTemporaryTables) {
    s_.facts.temporary_tables.push_back(answer.temporary_table);
  }
}

// Even a failed statement may have changed something; but made something only
// when it did not fail.
void Relay::NoteNameChange(const Answer& answer) {
  if (answer.kind != AnswerKind::kStatement || !ChangesNames(*answer.plan)) return;
  TrackTemporaryTables(answer);
  s_.name_change = answer.plan->name_change;
  if (answer.server_error || answer.refused) s_.name_change.made.reset();
  step_.names_changed = !s_.name_change.empty();
}

// Each statement has a count and warnings of its own, but not each a number of rows.
void Relay::NoteStatement() {
  if (!s_.facts.asked) s_.went_unasked = true;
  s_.disturbed.row_count = s_.disturbed.diagnostics = false;
}

void Relay::SendStatement(std::string_view head, rewrite::ServerStatement statement, bool writes) {
  SendStatementMessage(head, statement.text(), writes);
}

void Relay::SendExecute(std::string_view payload, bool writes) {
  SendStatementMessage(payload, {}, writes);
}

// One message of two parts, without joining them first when it is one frame.
void Relay::SendStatementMessage(std::string_view head, std::string_view tail, bool writes) {
  std::string& out = writes ? s_.held : out_->to_server;
  const std::size_t size = head.size() + tail.size();
  if (size < settings_.max_frame) {
    wire::EncodeFrameHeader({.length = static_cast<std::uint32_t>(size), .seq = s_.server.seq++},
                            out);
    out.append(head).append(tail);
  } else {
    std::string whole;
    whole.reserve(size);
    whole.append(head).append(tail);
    wire::EncodeMessage(whole, s_.server.seq, settings_.max_frame, out);
  }
  s_.server.in.ExpectSequence(s_.server.seq);
  if (!writes) {
    s_.phase = Phase::kAnswer;
    step_.statement_sent = true;
    return;
  }
  s_.phase = Phase::kHeld;
  s_.answer.is_write = true;
  step_.action = Action::kNeedsAdmission;
  step_.write_bytes = size;
  step_.transaction_wrote = transaction_wrote();
}

}  // namespace sealgate::relay
