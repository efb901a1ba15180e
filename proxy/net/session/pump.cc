// Bytes of a session that has logged in, or soon has: a coroutine for what the
// client says, one for what the server says, each of which waits for its own writes.
#include "proxy/net/session/session.h"

namespace sealgate::net {

Awaitable<void> Session::ClientPump() {
  while (!closed_) {
    if (client_in_.full()) {
      co_await room_.Wait();
      continue;
    }
    client_in_.Prepare();
    ErrorCode error;
    const std::size_t size =
        co_await client_.Read(client_in_.space(), client_in_.space_size(), error);
    if (TookBack(client_in_, error)) continue;
    if (error) break;
    active_ = true;
    if (closing_) continue;  // what comes after the end is not looked at
    client_in_.Commit(size);
    OfferClientBytes();
    AccountMemory();
    if (!client_.drained() || !backend_.drained()) co_await DrainWrites();
    while (MoreToExpand()) {
      OfferClientBytes();
      co_await DrainWrites();
    }
  }
  if (!closing_) KillStatement();
  Close();
}

Awaitable<void> Session::ServerPump() {
  while (!closing_) {
    server_in_.Prepare();
    ErrorCode error;
    const std::size_t size =
        co_await backend_.Read(server_in_.space(), server_in_.space_size(), error);
    if (closing_) co_return;
    if (TookBack(server_in_, error)) continue;
    if (error) co_return OnBackendLost();
    active_ = true;
    server_in_.Commit(size);
    while ((!server_in_.empty() || relay_.holds_bytes(relay::Side::kServer)) && !closing_) {
      clock_.Begin();
      const relay::Step step = relay_.FromServer(server_in_.bytes(), out_);
      clock_.Count(step);
      Apply(step);
      // What is passed lies in the buffer until it was written.
      if (!step.passed.empty() && !client_.drained()) co_await client_.Drained();
      if (logging_in_) {
        server_in_.ConsumeAndWipe(step.consumed);
        if (relay_.logged_in()) co_await DrainWrites();
        if (!closing_ && relay_.logged_in()) EndLogin();
      } else {
        server_in_.Consume(step.consumed);
      }
      if (reload_wanted_) co_await Reload();
      if (relay_.expands(relay::Side::kServer) && !client_.drained()) co_await DrainWrites();
      if (step.consumed == 0 && !relay_.holds_bytes(relay::Side::kServer)) break;
    }
    OfferClientBytes();
    EndIfDraining();
    AccountMemory();
    if (!client_.drained() || !backend_.drained()) co_await DrainWrites();
    while (MoreToExpand()) {
      OfferClientBytes();
      co_await DrainWrites();
    }
  }
}

// TrimIfIdle() ended the wait for bytes, so that the buffer can become a small one.
bool Session::TookBack(ReadBuffer& buffer, const ErrorCode& error) const {
  if (error != asio::error::operation_aborted || closing_ || closed_) return false;
  buffer.Shrink();
  return true;
}

void Session::OfferClientBytes() {
  bool used = false;
  const auto holds = [this] { return relay_.holds_bytes(relay::Side::kClient); };
  while (!closing_ && (!client_in_.empty() || holds()) && relay_.accepts_client()) {
    clock_.BeginForClient();
    const relay::Step step = relay_.FromClient(client_in_.bytes(), host_.snapshots().Get(), out_);
    if (!logging_in_) {
      client_in_.Consume(step.consumed);
    } else {
      client_in_.ConsumeAndWipe(step.consumed);
    }
    clock_.Count(step);
    Apply(step);
    if (step.consumed == 0 && !holds()) break;
    used = true;
    if (relay_.expands(relay::Side::kClient) && !backend_.drained()) break;  // see MoreToExpand
  }
  if (used) room_.Notify();
}

// Of what a client has sent compressed, after the last of it was written.
bool Session::MoreToExpand() const {
  return !closing_ && relay_.expands(relay::Side::kClient) && relay_.accepts_client() &&
         (!client_in_.empty() || relay_.holds_bytes(relay::Side::kClient));
}

Awaitable<void> Session::DrainWrites() {
  co_await client_.Drained();
  co_await backend_.Drained();
}

}  // namespace sealgate::net
