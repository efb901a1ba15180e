// What a session asks of the schema: that it be read again after a change of its
// own, and names looked up that nobody knows.
#include <boost/asio/post.hpp>
#include <memory>

#include "proxy/net/session/session.h"

namespace sealgate::net {

// The client's answer waits until its own change of the schema is known here.
Awaitable<void> Session::Reload() {
  reload_wanted_ = false;
  shared_.catalog.Reload([this](bool) {
    // This coroutine keeps the session until it was told.
    asio::post(host_.context(), [this] { reloaded_.Notify(); });
  });
  co_await reloaded_.Wait();
  if (closing_) co_return;
  Apply(relay_.CatalogReloaded());
}

// A statement waits for the catalog; nothing else of the session does.
void Session::Refresh() {
  refresh_self_ = shared_from_this();
  shared_.catalog.LookUp(relay_.unknown_names(), [this](bool read) {
    asio::post(host_.context(), [this, read] { OnRefreshed(read); });
  });
}

void Session::OnRefreshed(bool read) {
  const std::shared_ptr<Session> self = std::move(refresh_self_);
  if (closing_) return;
  active_ = true;
  clock_.Begin();
  const relay::Step step = relay_.CatalogRefreshed(read, host_.snapshots().Get(), out_);
  clock_.Count(step);
  Apply(step);
  OfferClientBytes();
  EndIfDraining();
}

}  // namespace sealgate::net
