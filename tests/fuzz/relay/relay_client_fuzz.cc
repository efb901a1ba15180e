// Messages of a client after its login, or raw bytes. What reaches the server
// must be a listed command, and a statement among them must be what a rewriter
// makes of the client's text: nothing that was refused, nothing else.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/rewrite/screen/unasked.h"
#include "proxy/wire/com_query.h"
#include "proxy/wire/command.h"
#include "tests/fuzz/relay/session.h"

namespace {

using namespace sealgate;
using relay::Require;

constexpr std::string_view kListed(
    "\x01\x02\x03\x04\x07\x09\x0A\x0C\x0D\x0E\x11\x16\x17\x18\x19\x1A\x1B\x1C\x1F\xFA", 20);

void CheckText(std::string_view said, std::string_view sent, bool prepare) {
  const rewrite::SessionFacts facts = relay::TheWorld().Facts("app");
  const policy::Snapshot& snapshot = relay::TheWorld().snapshot();
  const rewrite::Decision decision = prepare ? relay::TheRewriter().Prepare(snapshot, facts, said)
                                             : relay::TheRewriter().Query(snapshot, facts, said);
  if (!prepare && !decision.ask.empty()) {
    // Dynamic SQL: the question for its text, or what was looked at since.
    if (sent == decision.ask || sent == said) return;
    return Require(relay::TheRewriter().Query(snapshot, facts, sent).statement.has_value(),
                   "dynamic SQL leaves with a text that may");
  }
  Require(decision.statement.has_value(), "a refused statement is not sent");
  if (decision.statement->text() == said) return Require(said == sent, "untouched means equal");
  Require(
      relay::TheWorld().WithMarks(decision.statement->text()) == relay::TheWorld().WithMarks(sent),
      "what is sent is what the rewriter made");
}

// What leaves before the session's modes are known is the client's own text, and
// would be by every reading of it.
void CheckUnasked(std::string_view said, std::string_view sent) {
  Require(said == sent, "unasked, a statement leaves as it came");
  for (int modes = 0; modes < 8; ++modes) {
    rewrite::SessionFacts facts = relay::TheWorld().Facts("app");
    facts.lex.ansi_quotes = (modes & 1) != 0;
    facts.lex.no_backslash_escapes = (modes & 2) != 0;
    facts.lex.pipes_as_concat = (modes & 4) != 0;
    for (const auto& charset :
         {std::optional(policy::Charset::kUtf8mb4), std::optional(policy::Charset::kLatin1),
          std::optional<policy::Charset>()}) {
      facts.client = charset;
      const rewrite::Decision decision =
          relay::TheRewriter().Query(relay::TheWorld().snapshot(), facts, said);
      Require(decision.statement.has_value() && decision.statement->text() == said,
              "unasked, a statement leaves that passes in every mode");
    }
  }
}

bool IsQuestion(std::string_view sent) {
  return sent.starts_with("\x03SET SESSION session_track") ||
         sent.starts_with("\x03SELECT CAST(@@") ||
         sent.starts_with(std::string_view("\x03\0\1SET SESSION session_track", 28)) ||
         sent.starts_with(std::string_view("\x03\0\1SELECT CAST(@@", 17));
}

// A session whose modes nobody has asked for: until the first question.
void PlayUnasked(std::string_view rest, bool old_client) {
  relay::FuzzSession session(old_client, false);
  const wire::Capabilities capabilities = old_client ? 0 : wire::kClientQueryAttributes;
  while (!rest.empty() && !session.closed && session.relay->accepts_client()) {
    const std::size_t length = static_cast<std::uint8_t>(rest.front());
    const std::string_view said = rest.substr(1, length);
    rest.remove_prefix(1 + said.size());
    session.FromClient(said);
    const std::vector<std::string> all = session.TakeToServer();
    if (all.size() == 2) {
      Require(IsQuestion(all[0]) && IsQuestion(all[1]), "two messages are the question");
      return;
    }
    for (const std::string& sent : all) {
      Require(kListed.find(sent.front()) != std::string_view::npos,
              "only listed commands are sent");
      Require(sent.front() != 0x16 && sent.front() != 0x04, "what needs the modes waits");
      Require(sent.front() != 0x02 || (sent == said && rewrite::IsPlainName(sent.substr(1))),
              "so does a schema with an odd name");
      if (sent.front() != 0x03) continue;
      const auto mine = wire::DecodeComQuery(said, capabilities);
      const auto theirs = wire::DecodeComQuery(sent, capabilities);
      Require(mine.has_value() && theirs.has_value(), "statements can be read");
      CheckUnasked(mine->statement, theirs->statement);
    }
    if (session.relay->accepts_client() || session.closed) continue;
    if (said.front() == 0x11) return;  // another login
    session.FromServer(std::string("\0\0\0\2\0\0\0", 7), 1);
    session.TakeToServer();
  }
}

void CheckSent(std::string_view said, std::string_view sent, wire::Capabilities capabilities) {
  Require(!sent.empty() && kListed.find(sent.front()) != std::string_view::npos,
          "only listed commands are sent");
  Require(!said.empty() && said.front() == sent.front(), "no other command than the client's");
  if (sent.front() == 0x03) {
    const auto mine = wire::DecodeComQuery(said, capabilities);
    const auto theirs = wire::DecodeComQuery(sent, capabilities);
    Require(mine.has_value() && theirs.has_value(), "statements can be read");
    Require(mine->attributes == theirs->attributes, "attributes stay");
    CheckText(mine->statement, theirs->statement, false);
  }
  if (sent.front() == 0x16) CheckText(said.substr(1), sent.substr(1), true);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.empty()) return 0;
  const auto mode = static_cast<std::uint8_t>(rest.front());
  rest.remove_prefix(1);
  if ((mode & 4) != 0) {
    PlayUnasked(rest, (mode & 1) != 0);
    return 0;
  }
  relay::FuzzSession session((mode & 1) != 0);
  const wire::Capabilities capabilities = (mode & 1) != 0 ? 0 : wire::kClientQueryAttributes;
  if ((mode & 2) != 0) {
    session.RawFromClient(rest);
    for (const std::string& sent : session.TakeToServer()) {
      Require(!sent.empty() && kListed.find(sent.front()) != std::string_view::npos,
              "only listed commands are sent");
    }
    return 0;
  }
  while (!rest.empty() && !session.closed && session.relay->accepts_client()) {
    const std::size_t length = static_cast<std::uint8_t>(rest.front());
    const std::string_view said = rest.substr(1, length);
    rest.remove_prefix(1 + said.size());
    session.FromClient(said);
    bool answered = false;
    for (const std::string& sent : session.TakeToServer()) {
      // After what may have changed the modes, they are asked for before the command.
      if (sent != said && IsQuestion(sent)) continue;
      CheckSent(said, sent, capabilities);
      answered = answered || sent.front() == 0x16;
    }
    if (session.relay->accepts_client() || session.closed) continue;
    if (said.front() == 0x11 || said.front() == 0x1F) return 0;  // another login
    const std::string ok("\0\0\0\2\0\0\0", 7);
    const std::string prepared("\0\1\0\0\0\0\0\0\0\0\0\0", 12);
    session.FromServer(answered ? prepared : ok, 1);
    session.TakeToServer();
  }
  return 0;
}
