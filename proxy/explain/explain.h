// What Sealgate would do with a statement, for people: which names of it are
// protected, what the server would get, what the client would see, or why it is
// refused and what to write instead. The same rewriter decides as in the proxy.
//
// Pure. Nothing here holds a sealed value: where one would stand is a mark.
#ifndef SEALGATE_PROXY_EXPLAIN_EXPLAIN_H_
#define SEALGATE_PROXY_EXPLAIN_EXPLAIN_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/random_source.h"
#include "policy/snapshot.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"

namespace sealgate::explain {

/// A name of the statement because of which it does not pass unread.
struct HotTable {
  std::string name;  // "shop.customers"
  std::string what;  // "protected table"
};

/// A protected column that the statement reads, compares or writes.
struct Reference {
  std::string column;
  std::string domain;
  std::string mode;
  std::string type;    // logical, "" when the column is still plaintext
  std::string reveal;  // what the role gets to see
  bool write = false;
  bool search = false;
};

struct Explanation {
  enum class Outcome : std::uint8_t { kPasses, kRewritten, kRefused };
  Outcome outcome = Outcome::kPasses;
  std::string role;
  std::string shape;  // the statement with ? for each literal
  bool prepared = false;
  bool writes = false;  // is held while the write gate is closed
  std::vector<HotTable> tables;
  std::vector<Reference> references;
  std::string to_server;                // with marks; kRewritten only
  std::vector<std::string> parameters;  // of a prepared statement, as the server gets them
  std::vector<std::string> results;     // one per column; empty when nothing is changed
  // kRefused:
  std::uint16_t code = 0;
  std::string sqlstate;
  std::string message;
  std::optional<std::size_t> position;  // byte of the statement
  std::string advice;
  /// Not printed: collations whose weights were not in the snapshot, and are needed.
  std::vector<std::string> unknown_collations;
};

/// A statement with parameter markers is explained as a prepared one.
Explanation Explain(const policy::Snapshot& snapshot, const rewrite::SessionFacts& facts,
                    crypto::RandomSource& random, std::string_view statement);

/// What to write instead; never empty.
std::string_view AdviceFor(const rewrite::Refusal& refusal);
/// The byte that a refusal's "(at character N)" names.
std::optional<std::size_t> PositionOf(const rewrite::Refusal& refusal);

/// For a terminal: sections, and the place of a refusal under its line.
std::string ToText(const Explanation& explanation, std::string_view statement);
nlohmann::json ToJson(const Explanation& explanation);

}  // namespace sealgate::explain

#endif  // SEALGATE_PROXY_EXPLAIN_EXPLAIN_H_
