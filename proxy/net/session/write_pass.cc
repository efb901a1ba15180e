#include "proxy/net/session/write_pass.h"

#include <utility>

namespace sealgate::net {

policy::Admission WritePass::Enter(bool transaction_wrote, std::uint64_t bytes,
                                   policy::Milliseconds now,
                                   policy::WriteGate::OnRelease on_release) {
  const policy::Admission admission =
      gate_.Enter(slot_, transaction_wrote, bytes, now, std::move(on_release), &ticket_);
  if (admission == policy::Admission::kHeld) held_ = true;
  if (admission == policy::Admission::kGo) under_way_ = true;
  return admission;
}

void WritePass::Released(policy::Release release) {
  held_ = false;
  if (release == policy::Release::kGo) under_way_ = true;
}

void WritePass::Leave(bool transaction_wrote) {
  if (!under_way_) return;
  if (transaction_wrote && !transaction_counted_) {
    transaction_counted_ = true;
    gate_.TransactionOpened(slot_);
  }
  under_way_ = false;
  gate_.Leave(slot_);
}

void WritePass::Track(bool transaction_wrote) {
  if (!transaction_counted_ || under_way_ || transaction_wrote) return;
  transaction_counted_ = false;
  gate_.TransactionEnded(slot_);
}

bool WritePass::Abandon() {
  const bool cancelled = held_ && gate_.Cancel(ticket_);
  if (cancelled) held_ = false;
  if (std::exchange(under_way_, false)) gate_.Leave(slot_);
  if (std::exchange(transaction_counted_, false)) gate_.TransactionEnded(slot_);
  return cancelled;
}

}  // namespace sealgate::net
