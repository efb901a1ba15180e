// Bytes of a server that answers one command. Nothing of them may reach the
// server again, and what the client gets must not depend on how the bytes were
// cut into reads.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/relay/session.h"

namespace {

using namespace sealgate;
using relay::Require;

std::string Play(std::string_view command, bool old_client, bool asked, std::string_view answer,
                 std::size_t piece) {
  relay::FuzzSession session(old_client, asked);
  session.FromClient(command);
  session.TakeToServer();
  session.out.to_client.clear();
  for (std::size_t at = 0; at < answer.size() && !session.closed; at += piece) {
    session.RawFromServer(answer.substr(at, piece));
    for (const std::string& sent : session.TakeToServer()) {
      // Only a statement that turned out wrong is closed, or the one that waited for
      // the session's modes goes on.
      Require(sent.front() == 0x19 || (!asked && sent.front() == command.front()),
              "answers do not make commands");
    }
  }
  return session.out.to_client;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<std::string, 8> kCommands = {
      std::string("\x03\0\x01SELECT id, email FROM customers", 34),
      std::string("\x03\0\x01SELECT x FROM items", 22),
      std::string("\x16SELECT email FROM customers WHERE email = ?"),
      std::string("\x16UPDATE orders SET card = ? WHERE id = ?"),
      std::string("\x0E"),
      std::string("\x1F"),
      std::string("\x04"
                  "customers\0",
                  11),
      std::string("\x09"),
  };
  if (size < 1) return 0;
  const std::uint8_t mode = data[0];
  const std::string_view answer(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool old_client = (mode & 0x80) != 0;
  std::string command = kCommands[mode % kCommands.size()];
  if (old_client && command.front() == 0x03) command.erase(1, 2);
  const bool asked = (mode & 0x40) == 0;
  const std::string whole =
      Play(command, old_client, asked, answer, std::max<std::size_t>(size, 1));
  const std::string bytes = Play(command, old_client, asked, answer, 1);
  Require(whole == bytes, "the same bytes whatever the reads");
  return 0;
}
