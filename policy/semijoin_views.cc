#include "policy/semijoin_views.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "policy/ascii.h"
#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

constexpr const char* kComparisons[] = {"in", "any", "some", "exists"};

struct View {
  std::string schema;
  std::string name;
  WordScan words;
};

bool HasSubquery(std::string_view text) {
  constexpr std::string_view kSelect = "select";
  const std::string lower = ascii::ToLower(text);
  return lower.find(kSelect) != lower.rfind(kSelect) || lower.find("values") != std::string::npos;
}

bool Compares(const std::string& text, const WordScan& words) {
  return text.empty() ||
         (HasSubquery(text) && std::any_of(std::begin(kComparisons), std::end(kComparisons),
                                           [&](const char* word) { return words.Mentions(word); }));
}

}  // namespace

std::set<std::pair<std::string, std::string>> FindSemijoinViews(const Rows& views) {
  std::vector<View> others;
  std::vector<std::string> names;  // that are still to be looked for in the others
  std::set<std::pair<std::string, std::string>> found;
  const auto add = [&](const View& view) {
    found.emplace(view.schema, view.name);
    names.push_back(view.name);
  };
  for (const Row& row : views) {
    const std::string text = row[2].value_or("");
    View view{FoldName(row[0].value_or("")), FoldName(row[1].value_or("")), WordScan(text)};
    if (Compares(text, view.words)) {
      add(view);
    } else {
      others.push_back(std::move(view));
    }
  }
  while (!names.empty()) {
    const std::string name = std::move(names.back());
    names.pop_back();
    std::erase_if(others, [&](const View& view) {
      const bool mentions = view.words.Mentions(name);
      if (mentions) add(view);
      return mentions;
    });
  }
  return found;
}

}  // namespace sealgate::policy
