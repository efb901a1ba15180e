// One session's part in the write gate: at most one write that waits or is under
// way, and at most one open transaction that has written. It keeps the gate's
// count right however the session ends.
//
// Thread rule: the session's thread; what the gate calls comes from any.
#ifndef SEALGATE_PROXY_NET_SESSION_WRITE_PASS_H_
#define SEALGATE_PROXY_NET_SESSION_WRITE_PASS_H_

#include <cstdint>

#include "policy/write_gate.h"

namespace sealgate::net {

class WritePass {
 public:
  /// `slot`: the thread's, as the gate counts. The gate outlives the pass.
  WritePass(policy::WriteGate& gate, std::uint32_t slot) : gate_(gate), slot_(slot) {}
  WritePass(const WritePass&) = delete;
  WritePass& operator=(const WritePass&) = delete;

  /// Asks for one write. kGo: it is under way until Leave(). kHeld: `on_release`
  /// comes once, perhaps before this returns, unless Abandon() says otherwise;
  /// Released() is to be told of it on the session's thread.
  policy::Admission Enter(bool transaction_wrote, std::uint64_t bytes, policy::Milliseconds now,
                          policy::WriteGate::OnRelease on_release);
  /// After kGo the write is under way.
  void Released(policy::Release release);
  bool under_way() const { return under_way_; }
  /// The write under way, if any, was answered. `transaction_wrote`: it stands in
  /// a transaction that is open still.
  void Leave(bool transaction_wrote);
  /// After each step of the relay.
  void Track(bool transaction_wrote);
  /// The session ends: nothing of it is counted any more. True when a write was
  /// held whose `on_release` will not come now.
  bool Abandon();

 private:
  policy::WriteGate& gate_;
  const std::uint32_t slot_;
  policy::WriteGate::Ticket ticket_ = 0;
  bool held_ = false;
  bool under_way_ = false;
  bool transaction_counted_ = false;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SESSION_WRITE_PASS_H_
