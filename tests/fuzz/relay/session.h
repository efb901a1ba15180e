// A relay behind its login, for the fuzz targets.
#ifndef SEALGATE_TESTS_FUZZ_RELAY_SESSION_H_
#define SEALGATE_TESTS_FUZZ_RELAY_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/relay/relay.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::relay {

rewrite::World& TheWorld();
rewrite::Rewriter& TheRewriter();

/// Ends the process: the oracle does not hold.
void Require(bool holds, const char* what);

struct FuzzSession {
  /// `asked`: its modes are known.
  explicit FuzzSession(bool old_client, bool asked = true);

  /// One message of a side.
  Step FromClient(std::string_view payload);
  Step FromServer(std::string_view payload, std::uint8_t seq);
  /// Raw bytes, offered until they are used or nobody wants them.
  void RawFromClient(std::string_view bytes);
  void RawFromServer(std::string_view bytes);
  /// Messages that reached the server since the last call.
  std::vector<std::string> TakeToServer();

  SnapshotPointer snapshot;
  std::unique_ptr<Relay> relay;
  Output out;
  bool closed = false;

 private:
  void Note(const Step& step);
  void AskForModes(std::string_view ok);
};

}  // namespace sealgate::relay

#endif  // SEALGATE_TESTS_FUZZ_RELAY_SESSION_H_
