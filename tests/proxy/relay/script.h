// Conversations as scripts: what each side says and what the relay must make of
// it, played whole, byte by byte, and with a failure at every step.
#ifndef SEALGATE_TESTS_PROXY_RELAY_SCRIPT_H_
#define SEALGATE_TESTS_PROXY_RELAY_SCRIPT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/relay/relay.h"
#include "proxy/wire/capabilities.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::relay {

struct Event {
  enum class Kind {
    kClient,
    kServer,
    kToClient,
    kToServer,
    kAdmit,
    kRefuse,
    kReloaded,
    kNewPolicy,
    kNewView,
    kAction,
    kAnyToClient,
    kAnyToServer,
    kErrorToClient
  };
  Kind kind{};
  std::uint8_t seq = 0;
  std::string payload;
  Action action{};
};
using Script = std::vector<Event>;

/// Said by a side, as one message whose first frame has number `seq`.
Event Client(std::uint8_t seq, std::string payload);
Event Server(std::uint8_t seq, std::string payload);
/// The next message to a side. In statements, sealed literals are compared as
/// World::WithMarks writes them.
Event ToClient(std::uint8_t seq, std::string payload);
Event ToServer(std::uint8_t seq, std::string payload);
/// A message whose contents another test looks at; an error of this number.
Event AnyToClient(std::uint8_t seq);
Event AnyToServer(std::uint8_t seq);
Event ErrorToClient(std::uint8_t seq, std::uint16_t code);
/// The relay asked for this since the last Client() or Server().
Event Asks(Action action);
Event Admit();
Event Refuse();
Event Reloaded();
/// The policy was read anew; it says the same.
Event NewPolicy();
/// The schema was read anew, and there is a view of this name over a protected table.
Event NewView(std::string name);

Script operator+(Script a, const Script& b);

/// Capabilities of a client of today, and of one without EOF deprecation and
/// session tracking.
extern const wire::Capabilities kNewClient;
extern const wire::Capabilities kOldClient;
extern const wire::Capabilities kServerCapabilities;

std::string Greeting(wire::Capabilities capabilities, std::string_view plugin);
std::string Login(wire::Capabilities capabilities, std::string_view user, std::string_view plugin);
std::string Ok(std::uint16_t status = 2, std::string_view changes = {}, std::uint8_t header = 0);
std::string Eof(std::uint16_t status = 2);
std::string Err(std::uint16_t code, std::string_view state, std::string_view message);
std::string SchemaChange(std::string_view schema);
std::string VariableChange(std::string_view name, std::string_view value);
std::string Definition(std::string_view table, std::string_view column);
std::string TextRow(const std::vector<std::string>& values);
std::string Query(std::string_view sql);
/// Until commands are accepted; what the session's modes are, is not known yet.
Script JustLoggedIn(wire::Capabilities client, std::string_view user = "app");
/// The same, and then a command after which they are.
Script LoggedIn(wire::Capabilities client, std::string_view user = "app");
/// A command that has to know them and is answered, from a client whose session's
/// modes are not known.
Script AskedFirst(std::string_view modes = "", std::string_view user = "app");
/// What the relay asks the server before a command that has to know them, and an
/// answer.
Script Probe(std::string_view modes = "", std::string_view user = "app");

class Player {
 public:
  explicit Player(Settings settings = {});

  /// Plays once; expectations are checked.
  void Play(const Script& script, std::size_t piece);
  Relay& relay() { return *relay_; }
  rewrite::World& world() { return world_; }
  KilledThreads& killed() { return killed_; }
  /// A value as a protected column stores it.
  std::string Seal(const std::string& domain, std::string_view canonical, std::string_view weights);

  /// Whole, byte by byte, and in pieces of three; then with each step replaced
  /// by the backend's death, by rubbish of either side, and by the client's end.
  void PlayEverywhere(const Script& script);

 private:
  struct Message {
    std::uint8_t seq = 0;
    std::string payload;
  };
  void Restart();
  void RenewPolicy();
  void AddView(const std::string& name);
  void Deliver(const Event& event, std::size_t piece);
  void Note(const Step& step);
  void Expect(std::vector<Message>& queue, const Event& event, const char* side);
  void Collect(std::string& bytes, std::string& partial, std::vector<Message>& queue);
  void PlayBroken(const Script& script, std::size_t at, int failure);

  Settings settings_;
  rewrite::World world_;
  rewrite::Rewriter rewriter_;
  wire::Compressor compressor_;
  KilledThreads killed_;
  SnapshotPointer snapshot_;
  std::unique_ptr<Relay> relay_;
  Output out_;
  std::string partial_client_;
  std::string partial_server_;
  std::vector<Message> to_client_;
  std::vector<Message> to_server_;
  std::string said_by_client_;
  std::string said_by_server_;
  Action last_action_{};
  bool closed_ = false;
};

}  // namespace sealgate::relay

#endif  // SEALGATE_TESTS_PROXY_RELAY_SCRIPT_H_
