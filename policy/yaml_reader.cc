#include "policy/yaml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

namespace sealgate::policy {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From the largest, for printing.
constexpr Unit kSizeUnits[] = {{"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}};
constexpr Unit kDurationUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

std::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a value";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a mapping";
  }
  return "nothing";
}

/// Only ever text of a configuration file, cut for the message's sake.
std::string Shown(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) {
    return std::string(KindName(node));
  }
  return node.text.size() <= 60 ? "'" + node.text + "'" : "this value";
}

/// Digits, then what follows them; nullopt on no digits or overflow.
std::optional<std::pair<std::uint64_t, std::string_view>> SplitNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

template <std::size_t N>
std::optional<std::uint64_t> ParseQuantity(const YamlNode& node, const Unit (&units)[N],
                                           bool plain_number) {
  if (node.kind != YamlNode::Kind::kScalar) {
    return std::nullopt;
  }
  const auto split = SplitNumber(node.text);
  if (!split) {
    return std::nullopt;
  }
  const auto& [number, unit] = *split;
  if (unit.empty() && (plain_number || number == 0)) {
    return number;
  }
  for (const Unit& each : units) {
    std::uint64_t product = 0;
    if (unit == each.name && !__builtin_mul_overflow(number, each.factor, &product)) {
      return product;
    }
  }
  return std::nullopt;
}

template <std::size_t N>
std::string QuantityText(std::uint64_t number, const Unit (&units)[N], std::string_view plain) {
  for (const Unit& unit : units) {
    if (number >= unit.factor && number % unit.factor == 0) {
      return fmt::format("{}{}", number / unit.factor, unit.name);
    }
  }
  return fmt::format("{}{}", number, plain);
}

bool CheckRange(const YamlNode& node, Report& report, std::uint64_t value, std::uint64_t smallest,
                std::uint64_t largest, const std::string& smallest_text,
                const std::string& largest_text) {
  if (value >= smallest && value <= largest) {
    return true;
  }
  report.Add(node.at, fmt::format("{} is out of range", Shown(node)),
             fmt::format("Write a value from {} to {}", smallest_text, largest_text));
  return false;
}

std::size_t EditDistance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::vector<std::string_view> Views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

}  // namespace

void Report::Add(Position at, std::string problem, std::string advice) {
  mistakes_.push_back({file_, at.line, at.column, std::move(problem), std::move(advice)});
}

Fields::Fields(const YamlNode& node, Report& report, std::string what)
    : node_(node),
      report_(report),
      what_(std::move(what)),
      is_map_(node.kind == YamlNode::Kind::kMap) {
  if (!is_map_) {
    report_.Add(node.at, fmt::format("{} must be a mapping, but is {}", what_, Shown(node)),
                "Write 'key: value' lines");
  }
}

const YamlNode* Fields::OptionalOrNull(std::string_view key) {
  known_.emplace_back(key);
  const auto found = std::find_if(node_.entries.begin(), node_.entries.end(),
                                  [key](const YamlEntry& entry) { return entry.key == key; });
  return found == node_.entries.end() ? nullptr : &found->value;
}

const YamlNode* Fields::Optional(std::string_view key) {
  const YamlNode* value = OptionalOrNull(key);
  if (value == nullptr || value->kind != YamlNode::Kind::kNull) {
    return value;
  }
  const auto entry = std::find_if(node_.entries.begin(), node_.entries.end(),
                                  [key](const YamlEntry& each) { return each.key == key; });
  report_.Add(entry->at, fmt::format("key '{}' has no value", key), "Write one, or remove the key");
  return nullptr;
}

const YamlNode* Fields::Required(std::string_view key) {
  const bool there = OptionalOrNull(key) != nullptr;
  known_.pop_back();
  const YamlNode* value = Optional(key);
  if (!there && is_map_) {
    report_.Add(node_.at, fmt::format("{} lacks the key '{}'", what_, key), "Add it");
  }
  return value;
}

void Fields::Finish() {
  for (const YamlEntry& entry : node_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) {
      continue;
    }
    const std::string nearest = NearestWord(entry.key, known_);
    report_.Add(entry.at, fmt::format("unknown key '{}' in {}", entry.key.substr(0, 60), what_),
                nearest.empty() ? fmt::format("Known here: {}", ListWords(Views(known_)))
                                : fmt::format("Did you mean '{}'?", nearest));
  }
}

bool ReadText(const YamlNode* node, Report& report, std::string& out) {
  if (node == nullptr) {
    return false;
  }
  if (node->kind != YamlNode::Kind::kScalar || node->text.empty()) {
    report.Add(node->at,
               node->kind == YamlNode::Kind::kScalar
                   ? std::string("the text is empty")
                   : fmt::format("a text is expected, not {}", KindName(*node)),
               "Write one word, or a text in quotes");
    return false;
  }
  out = node->text;
  return true;
}

bool ReadBool(const YamlNode* node, Report& report, bool& out) {
  return ReadWord<bool>(node, report, {{"true", true}, {"false", false}}, out);
}

bool ReadUnsigned(const YamlNode* node, Report& report, std::uint64_t smallest,
                  std::uint64_t largest, std::uint64_t& out) {
  if (node == nullptr) {
    return false;
  }
  const auto split = node->kind == YamlNode::Kind::kScalar ? SplitNumber(node->text) : std::nullopt;
  if (!split || !split->second.empty()) {
    report.Add(node->at, fmt::format("{} is not a whole number", Shown(*node)),
               fmt::format("Write a number from {} to {}", smallest, largest));
    return false;
  }
  if (!CheckRange(*node, report, split->first, smallest, largest, std::to_string(smallest),
                  std::to_string(largest))) {
    return false;
  }
  out = split->first;
  return true;
}

bool ReadUnsigned32(const YamlNode* node, Report& report, std::uint32_t smallest,
                    std::uint32_t largest, std::uint32_t& out) {
  std::uint64_t value = 0;
  if (!ReadUnsigned(node, report, smallest, largest, value)) {
    return false;
  }
  out = static_cast<std::uint32_t>(value);
  return true;
}

bool ReadSize(const YamlNode* node, Report& report, std::uint64_t smallest, std::uint64_t largest,
              std::uint64_t& out) {
  if (node == nullptr) {
    return false;
  }
  const std::optional<std::uint64_t> bytes = ParseQuantity(*node, kSizeUnits, true);
  if (!bytes) {
    report.Add(node->at, fmt::format("{} is not a size", Shown(*node)),
               "Write a number with KiB, MiB or GiB, such as 64MiB");
    return false;
  }
  if (!CheckRange(*node, report, *bytes, smallest, largest, SizeText(smallest),
                  SizeText(largest))) {
    return false;
  }
  out = *bytes;
  return true;
}

bool ReadDuration(const YamlNode* node, Report& report, milliseconds smallest, milliseconds largest,
                  milliseconds& out) {
  if (node == nullptr) {
    return false;
  }
  const std::optional<std::uint64_t> count = ParseQuantity(*node, kDurationUnits, false);
  if (!count) {
    report.Add(node->at, fmt::format("{} is not a duration", Shown(*node)),
               "Write a number with ms, s, m or h, such as 30s");
    return false;
  }
  if (!CheckRange(*node, report, *count, static_cast<std::uint64_t>(smallest.count()),
                  static_cast<std::uint64_t>(largest.count()), DurationText(smallest),
                  DurationText(largest))) {
    return false;
  }
  out = milliseconds(static_cast<std::int64_t>(*count));
  return true;
}

bool ReadPath(const YamlNode* node, Report& report, const std::filesystem::path& directory,
              std::string& out) {
  std::string text;
  if (!ReadText(node, report, text)) {
    return false;
  }
  out = text == "-" ? text : (directory / text).lexically_normal().string();
  return true;
}

std::vector<const YamlNode*> ItemsOf(const YamlNode* node) {
  std::vector<const YamlNode*> items;
  if (node != nullptr && node->kind == YamlNode::Kind::kSequence) {
    for (const YamlNode& item : node->items) {
      items.push_back(&item);
    }
  } else if (node != nullptr) {
    items.push_back(node);
  }
  return items;
}

std::vector<const YamlNode*> ReadSequence(const YamlNode* node, Report& report) {
  if (node == nullptr || node->kind == YamlNode::Kind::kSequence) {
    return ItemsOf(node);
  }
  report.Add(node->at, fmt::format("a list is expected, not {}", KindName(*node)),
             "Begin each item with '- '");
  return {};
}

std::string SizeText(std::uint64_t bytes) { return QuantityText(bytes, kSizeUnits, ""); }

std::string DurationText(milliseconds duration) {
  return QuantityText(static_cast<std::uint64_t>(duration.count()), kDurationUnits, "s");
}

std::string ListWords(const std::vector<std::string_view>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    list += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    list += fmt::format("'{}'", words[i]);
  }
  return list;
}

std::string NearestWord(std::string_view word, const std::vector<std::string>& words) {
  std::string nearest;
  std::size_t best = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& each : words) {
    if (word.size() > 64 || each.size() > 64) {
      continue;
    }
    const std::size_t distance = EditDistance(word, each);
    if (distance < best) {
      best = distance;
      nearest = each;
    }
  }
  return nearest;
}

void ReportWord(const YamlNode& node, Report& report, const std::vector<std::string_view>& valid) {
  report.Add(node.at, fmt::format("{} is not valid here", Shown(node)),
             fmt::format("Write {}", ListWords(valid)));
}

}  // namespace sealgate::policy
