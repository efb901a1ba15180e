#include "policy/stored_definition.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

// Takes the word from the end of `folded`, with the blanks around it.
bool TakeLast(std::string_view word, std::string_view& folded) {
  folded = folded.substr(0, folded.find_last_not_of(kBlanks) + 1);
  if (!folded.ends_with(word)) return false;
  folded.remove_suffix(word.size());
  return true;
}

// EXISTS (SELECT *, which shows nothing
bool IsOfExists(std::string_view before) {
  return TakeLast("select", before) && TakeLast("(", before) && TakeLast("exists", before);
}

// Whether all columns may end there: not a product, nor a comment.
bool EndsItem(std::string_view behind) {
  if (behind.starts_with('/')) return behind.starts_with("/*");
  const std::size_t at = behind.find_first_not_of(kBlanks);
  if (at == std::string_view::npos) return true;
  behind = behind.substr(at);
  for (const std::string_view next : {",", ")", ";", "/*", "--", "#", "from", "into"}) {
    if (behind.starts_with(next)) return true;
  }
  return false;
}

// "SELECT *", "t.*"; not COUNT(*).
bool NamesAllColumns(std::string_view folded) {
  const bool groups = folded.find("group") != std::string_view::npos;
  for (std::size_t at = folded.find('*'); at != std::string_view::npos;
       at = folded.find('*', at + 1)) {
    std::string_view before = folded.substr(0, at);
    if (before.ends_with('/') || TakeLast("(", before)) continue;
    if (!groups && IsOfExists(before)) continue;
    if (EndsItem(folded.substr(at + 1))) return true;
  }
  return folded.find("table information_schema") != std::string_view::npos ||
         folded.find("table `information_schema") != std::string_view::npos;
}

}  // namespace

bool MayUseStoredDefinition(std::string_view schema, std::string_view sql) {
  const WordScan words(sql);
  const auto named = [&words](std::string_view name) { return words.Mentions(std::string(name)); };
  const bool there = named("information_schema") || EqualsFolded(schema, "information_schema");
  if (!there || (!named("columns") && !named("statistics"))) return false;
  return named(kStoredKeyName) || named("natural") || NamesAllColumns(FoldName(sql)) ||
         std::any_of(std::begin(kStoredTypeNames), std::end(kStoredTypeNames), named) ||
         std::any_of(std::begin(kStoredDefaultNames), std::end(kStoredDefaultNames), named);
}

}  // namespace sealgate::policy
