// YAML text to a tree that knows its positions. Only what a configuration
// needs: no anchors, aliases, tags, or second documents; bounded in size and
// depth; duplicate keys are mistakes. Nothing throws.
#ifndef SEALGATE_POLICY_YAML_TREE_H_
#define SEALGATE_POLICY_YAML_TREE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/diagnostic.h"

namespace sealgate::policy {

/// Deepest nesting of mappings and sequences.
inline constexpr std::size_t kMaxYamlDepth = 16;

struct YamlEntry;

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  Position at;
  std::string text;                // kScalar
  bool quoted = false;             // kScalar: a string, whatever it looks like
  std::vector<YamlNode> items;     // kSequence
  std::vector<YamlEntry> entries;  // kMap, in order, no key twice
};

struct YamlEntry {
  std::string key;
  Position at;  // of the key
  YamlNode value;
};

/// The root of the one document; a null node for an empty one. nullopt after a
/// syntax error. Mistakes are appended to `mistakes`; the tree is then without
/// them (the second of two equal keys is left out).
std::optional<YamlNode> ParseYaml(std::string_view yaml, const std::string& file,
                                  Diagnostics& mistakes);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_YAML_TREE_H_
