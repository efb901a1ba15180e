#include "policy/collation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/code_point.h"

namespace sealgate::policy {
namespace {

constexpr std::size_t kPageSize = 256;
constexpr std::size_t kPages = 0x110000 / kPageSize;

template <std::size_t N>
bool IsOneOf(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool IsSearchableUnicode(std::string_view kind) {
  static constexpr std::string_view kKinds[] = {
      "bin",        "nopad_bin",        "general_ci",     "general_nopad_ci",
      "unicode_ci", "unicode_nopad_ci", "unicode_520_ci", "unicode_520_nopad_ci"};
  return IsOneOf(kind, kKinds);
}

}  // namespace

CollationWeights::CollationWeights(std::string name, bool pad_space)
    : name_(std::move(name)), pad_space_(pad_space), pages_(kPages) {}

void CollationWeights::Set(char32_t code, std::string_view weight) {
  std::vector<Entry>& page = pages_.at(code / kPageSize);
  if (page.empty()) {
    page.resize(kPageSize);
  }
  page[code % kPageSize] = {static_cast<std::uint32_t>(bytes_.size()),
                            static_cast<std::uint32_t>(weight.size())};
  bytes_ += weight;
}

const CollationWeights::Entry* CollationWeights::Find(char32_t code) const {
  const std::vector<Entry>& page = pages_[code / kPageSize];
  if (page.empty() || page[code % kPageSize].offset == kUnknown) {
    return nullptr;
  }
  return &page[code % kPageSize];
}

void CollationWeights::ForEach(const std::function<void(char32_t, std::string_view)>& visit) const {
  for (std::size_t page = 0; page < pages_.size(); ++page) {
    for (std::size_t i = 0; i < pages_[page].size(); ++i) {
      const auto code = static_cast<char32_t>(page * kPageSize + i);
      if (const auto weight = WeightOf(code)) visit(code, *weight);
    }
  }
}

std::optional<std::string_view> CollationWeights::WeightOf(char32_t code) const {
  const Entry* entry = Find(code);
  if (entry == nullptr) return std::nullopt;
  return std::string_view(bytes_).substr(entry->offset, entry->size);
}

bool CollationWeights::Append(std::string_view utf8, std::string& out) const {
  const std::size_t start = out.size();
  while (!utf8.empty()) {
    const std::optional<char32_t> code = TakeCodePoint(utf8);
    const Entry* entry = code ? Find(*code) : nullptr;
    if (entry == nullptr) {
      out.resize(start);
      return false;
    }
    out.append(bytes_, entry->offset, entry->size);
  }
  if (pad_space_) {
    StripPadding(start, out);
  }
  return true;
}

// PAD SPACE compares as if the shorter text went on with spaces for ever, and
// it does so by weight: a trailing no-break space of the same weight and an
// ignorable character between spaces count as well. Weights come in units of
// one size per collation.
void CollationWeights::StripPadding(std::size_t start, std::string& out) const {
  const Entry* space = Find(U' ');
  if (space == nullptr || space->size == 0) {
    return;
  }
  const std::string_view weight = std::string_view(bytes_).substr(space->offset, space->size);
  while (out.size() - start >= weight.size() && std::string_view(out).ends_with(weight)) {
    out.resize(out.size() - weight.size());
  }
}

bool IsSearchableCollation(std::string_view name) {
  for (std::string_view charset : {"utf8mb4_", "utf8mb3_", "utf8_"}) {
    if (name.starts_with(charset)) {
      const std::string_view kind = name.substr(charset.size());
      return IsSearchableUnicode(kind) ||
             (charset == "utf8mb4_" && (kind == "0900_ai_ci" || kind == "0900_bin"));
    }
  }
  static constexpr std::string_view kOthers[] = {"latin1_bin",
                                                 "latin1_nopad_bin",
                                                 "latin1_swedish_ci",
                                                 "latin1_swedish_nopad_ci",
                                                 "latin1_general_ci",
                                                 "ascii_bin",
                                                 "ascii_nopad_bin",
                                                 "ascii_general_ci",
                                                 "ascii_general_nopad_ci"};
  return IsOneOf(name, kOthers);
}

}  // namespace sealgate::policy
