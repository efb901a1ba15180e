#include "proxy/rewrite/plan/plan_key.h"

#include <limits>
#include <optional>
#include <type_traits>

#include "proxy/sql/shape.h"

namespace sealgate::rewrite {
namespace {

// What leads a key. The schema's name follows, and then the shape: each part has a
// fixed or a stated length, so none can run into another.
struct KeyHead {
  std::uint64_t version = 0;
  std::uint64_t role = 0;
  std::uint32_t modes = 0;
  unsigned char schema_size = 0;
  unsigned char client = 0;
  unsigned char connection = 0;
  unsigned char results = 0;
};
// No bytes between the fields, whose values would be anything.
static_assert(std::has_unique_object_representations_v<KeyHead>);

constexpr unsigned char kUnread = 0x7E;

unsigned char KeyOf(const std::optional<policy::Charset>& charset) {
  return charset ? static_cast<unsigned char>(*charset) : 0x7F;
}

}  // namespace

bool MakePlanKey(std::uint64_t snapshot_version, const SessionFacts& facts,
                 const sql::TokenList& tokens, std::span<const sql::Run> runs,
                 std::size_t max_shape, sql::KeyBuffer& key) {
  KeyHead head;
  head.version = snapshot_version;
  head.role = reinterpret_cast<std::uintptr_t>(facts.role);
  if (facts.schema.size() > std::numeric_limits<unsigned char>::max()) return false;
  head.schema_size = static_cast<unsigned char>(facts.schema.size());
  head.modes = static_cast<std::uint32_t>(
      (facts.lex.ansi_quotes ? 1 : 0) | (facts.lex.no_backslash_escapes ? 2 : 0) |
      (facts.lex.pipes_as_concat ? 4 : 0) | (facts.unsupported_mode ? 8 : 0) |
      (facts.utc_offset ? 16 : 0) | (facts.explicit_timestamps ? 32 : 0) | (facts.asked ? 0 : 64) |
      (facts.may_have_temporary() ? 128 : 0) | (facts.strict ? 256 : 0));
  head.client = KeyOf(facts.client);
  head.connection = KeyOf(facts.connection);
  head.results = facts.results_unread() ? kUnread : KeyOf(facts.results);
  key.Clear();
  key.Append({reinterpret_cast<const char*>(&head), sizeof head});
  key.Append(facts.schema);
  return sql::AppendShape(tokens, runs, max_shape, key);
}

}  // namespace sealgate::rewrite
