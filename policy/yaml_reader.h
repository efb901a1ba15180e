// Walks a YAML tree by a schema and reports every mistake with its place.
//
//   Report report(file, mistakes);
//   Fields fields(root, report, "the configuration");
//   ReadText(fields.Required("user"), report, user);
//   fields.Finish();   // whatever was not asked for is unknown
//
// A reader that gets a null pointer (a key that is not there) leaves its output
// alone, so that defaults stand.
#ifndef SEALGATE_POLICY_YAML_READER_H_
#define SEALGATE_POLICY_YAML_READER_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/diagnostic.h"
#include "policy/yaml_tree.h"

namespace sealgate::policy {

/// Collects the mistakes of one file.
class Report {
 public:
  Report(const std::string& file, Diagnostics& mistakes) : file_(file), mistakes_(mistakes) {}
  void Add(Position at, std::string problem, std::string advice);

 private:
  const std::string& file_;
  Diagnostics& mistakes_;
};

/// The keys of one mapping. `what` names it in messages ("'listen'").
class Fields {
 public:
  Fields(const YamlNode& node, Report& report, std::string what);

  /// Null when the key is not there. A key without a value is a mistake and
  /// counts as not there.
  const YamlNode* Optional(std::string_view key);
  /// As Optional; a missing key is a mistake.
  const YamlNode* Required(std::string_view key);
  /// As Optional, but a null value is given as such.
  const YamlNode* OptionalOrNull(std::string_view key);
  /// Reports the keys that nobody asked for.
  void Finish();
  bool is_map() const { return is_map_; }

 private:
  const YamlNode& node_;
  Report& report_;
  std::string what_;
  bool is_map_;
  std::vector<std::string> known_;
};

/// Each returns whether `out` was set.
bool ReadText(const YamlNode* node, Report& report, std::string& out);
bool ReadBool(const YamlNode* node, Report& report, bool& out);
bool ReadUnsigned(const YamlNode* node, Report& report, std::uint64_t smallest,
                  std::uint64_t largest, std::uint64_t& out);
/// "64MiB", "512KiB", "1GiB", or bytes.
bool ReadSize(const YamlNode* node, Report& report, std::uint64_t smallest, std::uint64_t largest,
              std::uint64_t& out);
/// "250ms", "30s", "10m", "4h".
bool ReadDuration(const YamlNode* node, Report& report, std::chrono::milliseconds smallest,
                  std::chrono::milliseconds largest, std::chrono::milliseconds& out);
/// A path, relative to `directory`; "-" stays as it is.
bool ReadPath(const YamlNode* node, Report& report, const std::filesystem::path& directory,
              std::string& out);
/// The items of a sequence, or the node itself as the only one; empty for null.
std::vector<const YamlNode*> ItemsOf(const YamlNode* node);
/// The items of a sequence; anything else is a mistake.
std::vector<const YamlNode*> ReadSequence(const YamlNode* node, Report& report);

bool ReadUnsigned32(const YamlNode* node, Report& report, std::uint32_t smallest,
                    std::uint32_t largest, std::uint32_t& out);

/// "64 MiB" and "30 s" for messages, in the largest unit that divides.
std::string SizeText(std::uint64_t bytes);
std::string DurationText(std::chrono::milliseconds duration);

template <typename T>
using Words = std::vector<std::pair<std::string_view, T>>;

/// "'a', 'b' or 'c'".
std::string ListWords(const std::vector<std::string_view>& words);
/// The one nearest to `word` by edits, "" when none is near.
std::string NearestWord(std::string_view word, const std::vector<std::string>& words);
/// Reports a word that is none of the valid ones.
void ReportWord(const YamlNode& node, Report& report, const std::vector<std::string_view>& valid);

template <typename T>
bool ReadWord(const YamlNode* node, Report& report, const Words<T>& words, T& out) {
  if (node == nullptr) {
    return false;
  }
  std::vector<std::string_view> valid;
  for (const auto& [word, value] : words) {
    if (node->kind == YamlNode::Kind::kScalar && node->text == word) {
      out = value;
      return true;
    }
    valid.push_back(word);
  }
  ReportWord(*node, report, valid);
  return false;
}

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_YAML_READER_H_
