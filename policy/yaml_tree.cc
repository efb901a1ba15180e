#include "policy/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <sstream>
#include <unordered_map>

#include "policy/code_point.h"
#include "policy/file_text.h"

namespace sealgate::policy {
namespace {

/// Thrown through yaml-cpp and caught in ParseYaml; a handler cannot stop the
/// parser otherwise.
struct Abandoned : std::exception {};

Position PositionOf(const YAML::Mark& mark) {
  if (mark.is_null()) {
    return {};
  }
  return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, Diagnostics& mistakes) : file_(file), mistakes_(mistakes) {}

  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Refuse(mark, "", anchor);
    YamlNode node;
    node.at = PositionOf(mark);
    Put(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Abandon(mark, "an alias ('*name') is not supported", "Write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Refuse(mark, tag, anchor);
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.at = PositionOf(mark);
    node.text = value;
    node.quoted = tag == "!";
    Put(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  /// A mapping or sequence under way, with the key whose value comes next.
  struct Level {
    YamlNode node;
    std::optional<YamlEntry> key;
    std::unordered_map<std::string, std::uint32_t> lines;  // of the keys so far
  };

  [[noreturn]] void Abandon(const YAML::Mark& mark, std::string problem, std::string advice) {
    const Position at = PositionOf(mark);
    mistakes_.push_back({file_, at.line, at.column, std::move(problem), std::move(advice)});
    throw Abandoned();
  }

  void Refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      Abandon(mark, "an anchor ('&name') is not supported", "Write the value out");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      Abandon(mark, "a tag is not supported", "Remove the '!'");
    }
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    Refuse(mark, tag, anchor);
    if (levels_.size() >= kMaxYamlDepth) {
      Abandon(mark, fmt::format("nested deeper than {} levels", kMaxYamlDepth),
              "Check the indentation and the brackets");
    }
    if (!levels_.empty() && levels_.back().node.kind == YamlNode::Kind::kMap &&
        !levels_.back().key) {
      Abandon(mark, "a key must be a word", "Write 'key: value'");
    }
    Level level;
    level.node.kind = kind;
    level.node.at = PositionOf(mark);
    levels_.push_back(std::move(level));
  }

  void Close() {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    Put(std::move(node));
  }

  void Put(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::kSequence) {
      level.node.items.push_back(std::move(node));
    } else if (!level.key) {
      // A null in a key's place: '~', 'null' or nothing.
      level.key = YamlEntry{std::move(node.text), node.at, {}};
    } else {
      level.key->value = std::move(node);
      AddEntry(level, std::move(*level.key));
      level.key.reset();
    }
  }

  void AddEntry(Level& map, YamlEntry entry) {
    const auto [first, is_new] = map.lines.emplace(entry.key, entry.at.line);
    if (is_new) {
      map.node.entries.push_back(std::move(entry));
      return;
    }
    mistakes_.push_back({file_, entry.at.line, entry.at.column,
                         fmt::format("key '{}' stands here twice", entry.key),
                         fmt::format("Remove one; the other is in line {}", first->second)});
  }

  const std::string& file_;
  Diagnostics& mistakes_;
  std::vector<Level> levels_;
  YamlNode root_;
};

bool IsAllowed(char32_t code) {
  return code >= 0x20 ? code != 0x7F && code != 0xFEFF
                      : code == '\t' || code == '\n' || code == '\r';
}

/// yaml-cpp guesses other encodings and replaces what it cannot read.
bool IsPlainUtf8(std::string_view yaml, const std::string& file, Diagnostics& mistakes) {
  Position at{1, 1};
  while (!yaml.empty()) {
    const std::optional<char32_t> code = TakeCodePoint(yaml);
    if (!code || !IsAllowed(*code)) {
      mistakes.push_back({file, at.line, at.column,
                          code ? "a control character" : "not valid UTF-8",
                          "Save the file as plain UTF-8 text"});
      return false;
    }
    at = *code == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
  }
  return true;
}

std::optional<YamlNode> ParseDocument(std::string_view yaml, const std::string& file,
                                      Diagnostics& mistakes) {
  std::istringstream stream{std::string(yaml)};
  YAML::Parser parser(stream);
  TreeBuilder builder(file, mistakes);
  parser.HandleNextDocument(builder);
  YamlNode root = builder.TakeRoot();
  TreeBuilder rest(file, mistakes);
  if (parser.HandleNextDocument(rest)) {
    const Position at = rest.TakeRoot().at;
    mistakes.push_back({file, at.line, at.column, "a second document", "Remove the '---' line"});
  }
  return root;
}

}  // namespace

std::optional<YamlNode> ParseYaml(std::string_view yaml, const std::string& file,
                                  Diagnostics& mistakes) {
  if (yaml.size() > kMaxConfigurationBytes) {
    mistakes.push_back({file, 0, 0, "is longer than 1 MiB", "Check that this is the right file"});
    return std::nullopt;
  }
  if (!IsPlainUtf8(yaml, file, mistakes)) {
    return std::nullopt;
  }
  try {
    return ParseDocument(yaml, file, mistakes);
  } catch (const Abandoned&) {
  } catch (const YAML::Exception& error) {
    const Position at = PositionOf(error.mark);
    mistakes.push_back({file, at.line, at.column, fmt::format("not valid YAML: {}", error.msg),
                        "Check the indentation and the brackets"});
  } catch (const std::exception&) {
    mistakes.push_back({file, 0, 0, "not valid YAML", "Check the indentation and the brackets"});
  }
  return std::nullopt;
}

}  // namespace sealgate::policy
