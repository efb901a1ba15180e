// Writes, which wait while the write gate is closed.
#include <boost/asio/post.hpp>
#include <memory>

#include "proxy/net/session/session.h"

namespace sealgate::net {
namespace {

policy::Milliseconds Now() {
  return std::chrono::duration_cast<policy::Milliseconds>(Clock::now().time_since_epoch());
}

}  // namespace

void Session::EnterGate(const relay::Step& step) {
  // It was let go already, and decided again.
  if (pass_.under_way()) return Admit();
  // The gate may let go of the write from another thread, even before Enter
  // returns; what is posted here runs after held_self_ was set.
  auto on_release = [this](policy::Release release) {
    asio::post(host_.context(), [this, release] { OnRelease(release); });
  };
  const policy::Admission admission =
      pass_.Enter(step.transaction_wrote, step.write_bytes, Now(), on_release);
  if (admission == policy::Admission::kHeld) {
    shared_.metrics.writes_held.Add();
    held_self_ = shared_from_this();
  } else if (admission == policy::Admission::kGo) {
    Admit();
  } else {
    RefuseHeld(policy::Release::kQueueFull);
  }
}

void Session::OnRelease(policy::Release release) {
  const std::shared_ptr<Session> self = std::move(held_self_);
  pass_.Released(release);
  if (closing_) {
    pass_.Abandon();
    return;
  }
  active_ = true;
  if (release == policy::Release::kGo) {
    AdmitHeld();
  } else {
    RefuseHeld(release);
  }
  OfferClientBytes();
  EndIfDraining();
}

void Session::Admit() {
  clock_.Begin();
  const relay::Step step = relay_.Admit(out_);
  clock_.Count(step);
  Apply(step);
}

// It may have to wait for the catalog first; Apply() sees to that.
void Session::AdmitHeld() {
  clock_.Begin();
  const relay::Step step = relay_.AdmitHeld(host_.snapshots().Get(), out_);
  clock_.Count(step);
  Apply(step);
}

void Session::RefuseHeld(policy::Release release) {
  Apply(relay_.RefuseHeld(release, shared_.gate.Status(Now()).reason, out_));
}

void Session::AbandonGate() {
  if (pass_.Abandon()) held_self_.reset();
}

}  // namespace sealgate::net
