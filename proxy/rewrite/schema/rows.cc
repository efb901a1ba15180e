#include "proxy/rewrite/schema/rows.h"

#include <charconv>
#include <cstdint>
#include <utility>

#include "crypto/column_cipher.h"
#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/rewrite/value/value.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = ascii::HexValue(digits[i]);
    const int low = ascii::HexValue(digits[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

// The value of the column that is called `name`, or nullptr.
std::optional<std::string>* Find(const std::vector<std::string>& names, SchemaRow& row,
                                 std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return &row[i];
  }
  return nullptr;
}

std::uint16_t NumberOf(std::string_view digits) {
  std::uint16_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

const Target* TargetNamed(const Plan& plan, const std::optional<std::string>* name) {
  if (name == nullptr || !*name) return nullptr;
  const std::string folded = policy::FoldName(**name);
  for (const Target& target : plan.targets) {
    const bool logical = target.rule->reveal != policy::Reveal::kCiphertext ||
                         target.column->state == policy::ColumnState::kPlaintext;
    if (logical && policy::FoldName(target.column->name) == folded) return &target;
  }
  return nullptr;
}

void Set(const std::vector<std::string>& names, SchemaRow& row, std::string_view name,
         std::optional<std::string> value) {
  if (auto* found = Find(names, row, name)) *found = std::move(value);
}

void ShowColumn(const policy::Snapshot& snapshot, const SessionFacts& facts, const Target& target,
                const std::vector<std::string>& names, SchemaRow& row) {
  auto* shown = Find(names, row, "Default");
  if (target.column->state == policy::ColumnState::kPlaintext) {
    if (shown != nullptr && *shown) *shown = kSealedDefault;
    return;
  }
  const policy::LogicalType& type = target.column->type;
  Set(names, row, "Type", ShownType(type, snapshot.catalog->is_mariadb));
  if (policy::IsText(type.kind)) Set(names, row, "Collation", type.collation);
  if (auto* comment = Find(names, row, "Comment"); comment != nullptr && *comment) {
    *comment = std::string(policy::OwnComment(**comment));
  }
  if (auto* key = Find(names, row, "Key"); key != nullptr && *key == "MUL") {
    if (target.column->unique_prefix) *key = "UNI";
  }
  if (shown == nullptr || !*shown) return;
  *shown = OpenDefault(facts, target, **shown).value_or(std::string(kSealedDefault));
  auto* extra = Find(names, row, "Extra");
  if (extra != nullptr && *extra) *extra = WithoutDefaultGenerated(std::move(**extra));
}

void ShowKeyPart(const Target& target, const std::vector<std::string>& names, SchemaRow& row) {
  const bool ours = target.column->state == policy::ColumnState::kSealed &&
                    target.protection != nullptr &&
                    crypto::ModeOf(*target.cipher) == crypto::Mode::kSearchable;
  auto* part = Find(names, row, "Sub_part");
  const bool prefix = part != nullptr && *part == std::to_string(crypto::kEqualityPrefixBytes);
  if (ours && prefix) *part = std::nullopt;
}

}  // namespace

std::string WithoutDefaultGenerated(std::string extra) {
  constexpr std::string_view kWord = "DEFAULT_GENERATED";
  const std::size_t at = extra.find(kWord);
  if (at == std::string::npos) return extra;
  const std::size_t end = at + kWord.size();
  extra.erase(at, kWord.size() + (end < extra.size() && extra[end] == ' ' ? 1 : 0));
  if (extra.ends_with(' ')) extra.pop_back();
  return extra;
}

std::string ShownType(const policy::LogicalType& type, bool is_mariadb) {
  std::string text = policy::ToText(type);
  if (!is_mariadb) return text;
  // MariaDB still shows the widths that integers have by default.
  struct Width {
    policy::TypeKind kind;
    std::string_view with_sign;
    std::string_view without;
  };
  static constexpr Width kWidths[] = {
      {policy::TypeKind::kTinyint, "(4)", "(3)"},   {policy::TypeKind::kSmallint, "(6)", "(5)"},
      {policy::TypeKind::kMediumint, "(9)", "(8)"}, {policy::TypeKind::kInt, "(11)", "(10)"},
      {policy::TypeKind::kBigint, "(20)", "(20)"},  {policy::TypeKind::kYear, "(4)", "(4)"},
  };
  for (const Width& width : kWidths) {
    if (width.kind != type.kind) continue;
    const std::size_t word = std::min(text.find(' '), text.size());
    if (text.find('(') == std::string::npos) {
      text.insert(word, type.is_unsigned ? width.without : width.with_sign);
    }
  }
  return text;
}

std::optional<std::string> OpenDefault(const SessionFacts& facts, const Target& target,
                                       std::string_view shown) {
  if (target.cipher == nullptr || target.rule->reveal != policy::Reveal::kClear) {
    return std::nullopt;
  }
  std::string stored(shown);
  if (shown.starts_with("0x") || shown.starts_with("0X")) stored = FromHex(shown.substr(2));
  std::string canonical;
  std::string text;
  if (!crypto::Open(*target.cipher, stored, canonical) ||
      !CanonicalToText(target.column->type, facts, canonical, text)) {
    return std::nullopt;
  }
  return text;
}

bool MakeLogical(const policy::Snapshot& snapshot, const SessionFacts& facts, const Plan& plan,
                 const std::vector<std::string>& names, SchemaRow& row) {
  switch (plan.schema_rows) {
    case SchemaRows::kNone:
      return true;
    case SchemaRows::kColumns:
      if (const Target* target = TargetNamed(plan, Find(names, row, "Field"))) {
        ShowColumn(snapshot, facts, *target, names, row);
      } else if (IsUnusableView(plan.created.get())) {
        auto* shown = Find(names, row, "Default");
        if (shown != nullptr && *shown) *shown = kSealedDefault;
      }
      return true;
    case SchemaRows::kIndex:
      if (const Target* target = TargetNamed(plan, Find(names, row, "Column_name"))) {
        ShowKeyPart(*target, names, row);
      }
      return true;
    case SchemaRows::kInformationColumns:
    case SchemaRows::kInformationStatistics:
      MakeInformationLogical(snapshot, facts, plan, names, row);
      return true;
    case SchemaRows::kWarnings:
      if (auto* message = Find(names, row, "Message"); message != nullptr && *message) {
        const auto* code = Find(names, row, "Code");
        const std::uint16_t number = code != nullptr && *code ? NumberOf(**code) : 0;
        auto shown = ShownMessage(*snapshot.catalog, facts, number, **message);
        if (shown) *message = std::move(shown);
      }
      return true;
    case SchemaRows::kCreateTable: {
      auto* text = Find(names, row, "Create Table");
      return text != nullptr && *text && MakeCreateTableLogical(snapshot, facts, plan, **text);
    }
  }
  return false;
}

}  // namespace sealgate::rewrite
