// Writes that wait at the write gate, and what becomes of them.

#include <string>

#include "proxy/relay/relay.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErServerShutdown = 1053;
constexpr std::uint16_t kErHeld = 1290;

}  // namespace

Step Relay::AdmitHeld(const SnapshotPointer& snapshot, Output& out) {
  if (s_.phase != Phase::kHeld || snapshot == s_.snapshot) return Admit(out);
  Begin(out);
  DecideAgain(snapshot);
  if (s_.phase == Phase::kHeld) return Admit(out);
  s_.let_go = true;
  return Finish(0);
}

Step Relay::Admit(Output& out) {
  Begin(out);
  if (s_.phase != Phase::kHeld) return Finish(0);
  MarkCommandStart();
  if (out_->to_server.empty()) {
    out_->to_server.swap(s_.held);
  } else {
    out_->to_server.append(s_.held);
  }
  s_.held.clear();
  const auto prepared =
      s_.answer.brings_types ? s_.prepared.find(s_.answer.statement_id) : s_.prepared.end();
  if (prepared != s_.prepared.end()) prepared->second.types_lost = false;
  s_.wrote_in_transaction = true;
  s_.phase = Phase::kAnswer;
  step_.statement_sent = true;
  return Finish(0);
}

// The schema or the policy has changed while the write was held: it is as if it had just come.
void Relay::DecideAgain(const SnapshotPointer& snapshot) {
  s_.answer.is_write = false;
  s_.held.clear();
  s_.phase = Phase::kReady;
  s_.client.in.ExpectSequence(0);
  if (s_.answer.binary) {
    const auto prepared = s_.prepared.find(s_.answer.statement_id);
    // What came as long data was bound and is gone.
    if (prepared == s_.prepared.end() || s_.answer.bound_long_data) {
      RefuseStale();
      return;
    }
    prepared->second.long_data_left = s_.answer.uses_long_data;
  }
  current_ = &snapshot;
  OnCommand(std::string(s_.held_command));
  current_ = nullptr;
}

// A write that was let go, and then had to be decided again, keeps its place at the gate while it
// waits for what the server or the catalog says. It leaves it when it is no write any more.
void Relay::LeaveGateUnlessWaiting() {
  switch (s_.phase) {
    case Phase::kProbe:
    case Phase::kAsking:
    case Phase::kRefreshing:
    case Phase::kHeld:  // Admit() follows
      return;
    default:
      s_.let_go = false;
      step_.write_done = step_.write_done || !s_.answer.is_write;
  }
}

Step Relay::RefuseHeld(policy::Release release, std::string_view reason, Output& out) {
  Begin(out);
  if (s_.phase != Phase::kHeld) return Finish(0);
  s_.held.clear();
  s_.phase = Phase::kReady;
  services_.metrics.refusals[static_cast<std::size_t>(metrics::RefusalReason::kGate)].Add();
  s_.answer.is_write = false;
  CountStatement(metrics::Outcome::kHeldExpired);
  std::string message = "sealgate: writes are held";
  if (!reason.empty()) message.append(" (").append(reason).append(")");
  if (release == policy::Release::kShutdown) {
    SendError(kErServerShutdown, "08S01", message + ", and the proxy is shutting down");
  } else if (release == policy::Release::kQueueFull) {
    SendError(kErHeld, "HY000", message + ", and too many are waiting already");
  } else {
    SendError(kErHeld, "HY000", message + ", and this one waited for too long");
  }
  s_.client.in.ExpectSequence(0);
  if (s_.answer.uses_long_data) ResetAtServer(s_.answer.statement_id);
  return Finish(0);
}

}  // namespace sealgate::relay
