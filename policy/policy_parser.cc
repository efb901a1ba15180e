// policy.yaml -> Policy. docs/policy.md is the reference.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "policy/address.h"
#include "policy/code_point.h"
#include "policy/file_text.h"
#include "policy/name_folding.h"
#include "policy/policy.h"
#include "policy/yaml_reader.h"

namespace sealgate::policy {
namespace {

constexpr std::size_t kLongestIdentifier = 64;  // characters, on both servers
constexpr std::size_t kLongestDomain = 256;     // fits three identifiers and dots
constexpr std::uint32_t kMostKept = 65'535;

const Words<crypto::Mode> kModes = {{"random", crypto::Mode::kRandom},
                                    {"searchable", crypto::Mode::kSearchable},
                                    {"deterministic", crypto::Mode::kDeterministic}};
const Words<bool> kPlaintext = {{"allow", true}, {"refuse", false}};
const Words<Reveal> kReveals = {{"clear", Reveal::kClear},
                                {"mask", Reveal::kMask},
                                {"null", Reveal::kNull},
                                {"ciphertext", Reveal::kCiphertext},
                                {"deny", Reveal::kDeny}};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '-' || c == ' ';
}

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

class PolicyReader {
 public:
  PolicyReader(const std::string& file, Diagnostics& mistakes) : report_(file, mistakes) {}

  Policy Read(const YamlNode& root) {
    Fields fields(root, report_, "the policy");
    std::uint32_t version = 0;
    ReadUnsigned32(fields.Required("version"), report_, 1, 1, version);
    for (const YamlNode* item : ReadSequence(fields.Optional("columns"), report_)) {
      ReadColumn(*item);
    }
    for (const YamlNode* item : ReadSequence(fields.Optional("roles"), report_)) {
      ReadRole(*item);
    }
    fields.Finish();
    policy_.fallback.name = "none";
    policy_.fallback.columns.resize(policy_.columns.size());
    return std::move(policy_);
  }

  std::vector<Position> TakePositions() { return std::move(positions_); }

 private:
  bool CheckName(Position at, std::string_view name, std::string_view whole) {
    if (name.empty()) {
      report_.Add(at, fmt::format("'{}' has an empty name in it", whole),
                  "Write schema.table.column");
    } else if (!std::all_of(name.begin(), name.end(), IsNameCharacter) || name.front() == ' ' ||
               name.back() == ' ') {
      report_.Add(at, fmt::format("'{}' has a character that no protected name may have", whole),
                  "Names of ASCII letters, digits, '_', '$', '-' and inner spaces only: servers "
                  "fold other letters in ways that would let a name pass unseen");
    } else if (name.size() > kLongestIdentifier) {
      report_.Add(at, "a name is longer than 64 characters", "Check the name");
    } else {
      return true;
    }
    return false;
  }

  /// "schema.table.column".
  bool ReadColumnName(Position at, const std::string& text, ProtectedColumn& column) {
    const std::size_t first = text.find('.');
    const std::size_t last = text.rfind('.');
    if (first == std::string::npos || text.find('.', first + 1) != last || first == last) {
      report_.Add(at, fmt::format("'{}' is not a column's full name", text.substr(0, 200)),
                  "Write schema.table.column");
      return false;
    }
    column.schema = text.substr(0, first);
    column.table = text.substr(first + 1, last - first - 1);
    column.column = text.substr(last + 1);
    return CheckName(at, column.schema, text) && CheckName(at, column.table, text) &&
           CheckName(at, column.column, text);
  }

  void ReadColumn(const YamlNode& node) {
    Fields fields(node, report_, "a column");
    if (!fields.is_map()) {
      return;
    }
    const YamlNode* name = fields.Required("column");
    const YamlNode* mode_node = fields.Required("mode");
    const YamlNode* domain_node = fields.Optional("domain");
    ProtectedColumn column;
    std::string text;
    const bool named = ReadText(name, report_, text) && ReadColumnName(name->at, text, column);
    crypto::Mode mode{};
    const bool has_mode = ReadWord(mode_node, report_, kModes, mode);
    std::string domain = column.QualifiedName();
    ReadDomainName(domain_node, domain);
    ReadWord(fields.Optional("plaintext"), report_, kPlaintext, column.plaintext_allowed);
    fields.Finish();
    if (!named || !has_mode) {
      return;
    }
    const auto [other, is_new] = indices_.emplace(FoldName(column.QualifiedName()),
                                                  static_cast<std::uint32_t>(positions_.size()));
    if (!is_new) {
      report_.Add(
          name->at, fmt::format("column {} stands here twice", column.QualifiedName()),
          fmt::format("Remove one; the other is in line {}", positions_[other->second].line));
      return;
    }
    column.domain =
        DomainIndex(domain, mode, (domain_node != nullptr ? domain_node : name)->at, mode_node->at);
    policy_.columns.push_back(std::move(column));
    positions_.push_back(name->at);
  }

  void ReadDomainName(const YamlNode* node, std::string& domain) {
    std::string text;
    if (!ReadText(node, report_, text)) {
      return;
    }
    if (!IsPrintableAscii(text) || text.size() > kLongestDomain) {
      report_.Add(node->at, "a domain's name has 1 to 256 printable ASCII characters",
                  "Choose another name");
      return;
    }
    domain = text;
  }

  std::uint32_t DomainIndex(const std::string& name, crypto::Mode mode, Position at,
                            Position mode_at) {
    for (std::uint32_t i = 0; i < policy_.domains.size(); ++i) {
      const Domain& domain = policy_.domains[i];
      if (domain.name != name) {
        continue;
      }
      if (domain.mode != mode) {
        report_.Add(mode_at,
                    fmt::format("domain '{}' has mode {} in line {} and {} here", name,
                                crypto::ModeName(domain.mode), domain_positions_[i].line,
                                crypto::ModeName(mode)),
                    "Columns of one domain have one mode; change it, or name another domain");
      }
      return i;
    }
    policy_.domains.push_back({name, mode});
    domain_positions_.push_back(at);
    return static_cast<std::uint32_t>(policy_.domains.size() - 1);
  }

  void ReadRole(const YamlNode& node) {
    Fields fields(node, report_, "a role");
    if (!fields.is_map()) {
      return;
    }
    Role role;
    const YamlNode* name = fields.Required("name");
    if (ReadText(name, report_, role.name)) {
      CheckRoleName(*name, role.name);
    }
    ReadMatches(fields.Required("match"), role);
    ColumnRule usual;
    if (const YamlNode* rule = fields.Optional("default")) {
      ReadRule(*rule, "'default'", usual);
    }
    role.columns.assign(policy_.columns.size(), usual);
    ReadRoleColumns(fields.Optional("columns"), role);
    ReadBool(fields.Optional("replication"), report_, role.replication);
    fields.Finish();
    policy_.roles.push_back(std::move(role));
  }

  void CheckRoleName(const YamlNode& node, const std::string& name) {
    const bool good =
        name.size() <= kLongestIdentifier && std::all_of(name.begin(), name.end(), [](char c) {
          return c != ' ' && (IsNameCharacter(c) || c == '.');
        });
    if (!good || name == "none") {
      report_.Add(node.at,
                  fmt::format("'{}' is no name for a role", name.substr(0, kLongestDomain)),
                  "Use up to 64 ASCII letters, digits, '_', '-', '$' or '.'; 'none' is taken");
    }
    if (std::any_of(policy_.roles.begin(), policy_.roles.end(),
                    [&](const Role& other) { return other.name == name; })) {
      report_.Add(node.at, fmt::format("role '{}' stands here twice", name),
                  "Rename one, or join their 'match' lists");
    }
  }

  void ReadMatches(const YamlNode* node, Role& role) {
    if (node != nullptr && node->kind == YamlNode::Kind::kScalar && node->text == "any") {
      role.match.emplace_back();
      return;
    }
    const std::vector<const YamlNode*> items = ReadSequence(node, report_);
    if (node != nullptr && node->kind == YamlNode::Kind::kSequence && items.empty()) {
      report_.Add(node->at, "an empty 'match' matches nobody", "Add an item, or write match: any");
    }
    for (const YamlNode* item : items) {
      Fields fields(*item, report_, "an item of 'match'");
      if (fields.is_map()) {
        role.match.push_back(ReadMatch(*item, fields));
      }
    }
  }

  RoleMatch ReadMatch(const YamlNode& node, Fields& fields) {
    RoleMatch match;
    for (const YamlNode* user : ReadList(fields.Optional("user"), "user")) {
      std::string name;
      if (ReadText(user, report_, name)) {
        match.users.push_back(std::move(name));
      }
    }
    for (const YamlNode* from : ReadList(fields.Optional("from"), "from")) {
      ReadRange(*from, match);
    }
    fields.Finish();
    if (node.entries.empty()) {
      report_.Add(node.at, "an empty item of 'match'", "Name a user or an address");
    }
    return match;
  }

  /// One value or a list that is not empty: an empty one would match anybody.
  std::vector<const YamlNode*> ReadList(const YamlNode* node, std::string_view key) {
    std::vector<const YamlNode*> items = ItemsOf(node);
    if (node != nullptr && items.empty()) {
      report_.Add(node->at, fmt::format("'{}' is an empty list", key),
                  "Add an item, or remove the key to match any");
    }
    return items;
  }

  void ReadRange(const YamlNode& node, RoleMatch& match) {
    std::string text;
    if (!ReadText(&node, report_, text)) {
      return;
    }
    const tl::expected<AddressRange, std::string> range = ParseAddressRange(text);
    if (range) {
      match.addresses.push_back(*range);
    } else {
      report_.Add(node.at, fmt::format("'{}' {}", text.substr(0, kLongestDomain), range.error()),
                  "Write an address or a range, such as 10.0.0.0/8 or \"::1/128\"");
    }
  }

  void ReadRoleColumns(const YamlNode* node, Role& role) {
    if (node == nullptr) {
      return;
    }
    Fields fields(*node, report_, "'columns' of a role");
    std::vector<bool> seen(policy_.columns.size());
    for (const YamlEntry& entry : node->entries) {
      ColumnRule rule;
      ReadRule(entry.value, fmt::format("'{}'", entry.key.substr(0, kLongestDomain)), rule);
      ProtectedColumn name;
      if (!ReadColumnName(entry.at, entry.key, name)) {
        continue;
      }
      const auto index = indices_.find(FoldName(entry.key));
      if (index == indices_.end()) {
        ReportUnprotected(entry);
        continue;
      }
      if (seen[index->second]) {
        report_.Add(entry.at, fmt::format("column {} stands here twice", entry.key), "Remove one");
      }
      seen[index->second] = true;
      role.columns[index->second] = rule;
    }
  }

  void ReportUnprotected(const YamlEntry& entry) {
    std::vector<std::string> names;
    for (const ProtectedColumn& column : policy_.columns) {
      names.push_back(column.QualifiedName());
    }
    const std::string nearest = NearestWord(entry.key, names);
    report_.Add(entry.at, fmt::format("column {} is not protected", entry.key),
                nearest.empty() ? "List it under 'columns' of the policy first"
                                : fmt::format("Did you mean '{}'?", nearest));
  }

  void ReadRule(const YamlNode& node, std::string what, ColumnRule& rule) {
    Fields fields(node, report_, std::move(what));
    if (!fields.is_map()) {
      return;
    }
    if (const YamlNode* reveal = fields.OptionalOrNull("reveal")) {
      ReadReveal(*reveal, rule);
    }
    ReadBool(fields.Optional("write"), report_, rule.write);
    rule.search = rule.reveal == Reveal::kClear;
    ReadBool(fields.Optional("search"), report_, rule.search);
    fields.Finish();
  }

  void ReadReveal(const YamlNode& node, ColumnRule& rule) {
    if (node.kind == YamlNode::Kind::kNull) {
      rule.reveal = Reveal::kNull;  // a plain null
    } else if (node.kind == YamlNode::Kind::kMap) {
      Fields fields(node, report_, "'reveal'");
      if (const YamlNode* mask = fields.Required("mask")) {
        rule.reveal = Reveal::kMask;
        ReadMask(*mask, rule.mask);
      }
      fields.Finish();
    } else {
      ReadWord(&node, report_, kReveals, rule.reveal);
    }
  }

  void ReadMask(const YamlNode& node, Mask& mask) {
    Fields fields(node, report_, "'mask'");
    ReadUnsigned32(fields.Optional("keep_first"), report_, 0, kMostKept, mask.keep_first);
    ReadUnsigned32(fields.Optional("keep_last"), report_, 0, kMostKept, mask.keep_last);
    const YamlNode* with = fields.Optional("with");
    std::string text;
    if (ReadText(with, report_, text)) {
      std::string_view rest = text;
      const std::optional<char32_t> code = TakeCodePoint(rest);
      if (code && rest.empty()) {
        mask.with = *code;
      } else {
        report_.Add(with->at, "'with' has more than one character", "Write one, such as \"*\"");
      }
    }
    fields.Finish();
  }

  Report report_;
  Policy policy_;
  std::vector<Position> positions_;
  std::vector<Position> domain_positions_;
  std::unordered_map<std::string, std::uint32_t> indices_;  // of columns, by folded full name
};

}  // namespace

tl::expected<Policy, Diagnostics> ParsePolicy(std::string_view yaml, const std::string& file,
                                              PolicySource* source) {
  Diagnostics mistakes;
  const std::optional<YamlNode> root = ParseYaml(yaml, file, mistakes);
  if (root) {
    PolicyReader reader(file, mistakes);
    Policy policy = reader.Read(*root);
    if (mistakes.empty()) {
      if (source != nullptr) {
        *source = {file, reader.TakePositions()};
      }
      return policy;
    }
  }
  return tl::make_unexpected(std::move(mistakes));
}

tl::expected<Policy, Diagnostics> LoadPolicy(const std::string& file, PolicySource* source) {
  const tl::expected<std::string, Diagnostic> text = ReadFileText(file);
  if (!text) {
    return tl::make_unexpected(Diagnostics{text.error()});
  }
  return ParsePolicy(*text, file, source);
}

}  // namespace sealgate::policy
