#include "policy/name_folding.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "policy/ascii.h"
#include "policy/code_point.h"
#include "policy/letter_case.h"

namespace sealgate::policy {
namespace {

struct Lookalike {
  std::string_view utf8;
  char letter;
};

constexpr Lookalike kLookalikes[] = {
    {"\xE2\x84\xAA", 'k'},  // U+212A KELVIN SIGN
    {"\xC4\xB0", 'i'},      // U+0130 I WITH DOT ABOVE
    {"\xC5\xBF", 's'},      // U+017F LONG S
};

const Lookalike* LookalikeAt(std::string_view text) {
  for (const Lookalike& each : kLookalikes) {
    if (text.starts_with(each.utf8)) {
      return &each;
    }
  }
  return nullptr;
}

// A byte that is no UTF-8 stays as it is.
void FoldHigh(std::string_view& name, std::string& out) {
  const char byte = name.front();
  if (const std::optional<char32_t> letter = TakeCodePoint(name)) {
    AppendUtf8(FoldLetter(*letter), out);
  } else {
    out.push_back(byte);
    name.remove_prefix(1);
  }
}

bool IsAsciiWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

bool IsWordByte(char c) { return IsAsciiWordByte(c) || ascii::IsHigh(c); }

}  // namespace

void FoldName(std::string_view name, std::string& out) {
  if (ascii::IsAscii(name)) {
    const auto begin = static_cast<std::ptrdiff_t>(out.size());
    out.resize(out.size() + name.size());
    std::transform(name.begin(), name.end(), out.begin() + begin,
                   [](char c) { return ascii::ToLower(c); });
    return;
  }
  while (!name.empty()) {
    if (const Lookalike* const lookalike = LookalikeAt(name)) {
      out.push_back(lookalike->letter);
      name.remove_prefix(lookalike->utf8.size());
    } else if (ascii::IsHigh(name.front())) {
      FoldHigh(name, out);
    } else {
      out.push_back(ascii::ToLower(name.front()));
      name.remove_prefix(1);
    }
  }
}

std::string FoldName(std::string_view name) {
  std::string folded;
  FoldName(name, folded);
  return folded;
}

bool EqualsFolded(std::string_view left, std::string_view right) {
  return left == right || FoldName(left) == FoldName(right);
}

namespace {

constexpr char kLatin = '\0';
constexpr char kOther = '\x01';

bool GoesOn(std::string_view text) {
  return !text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0u) == 0x80u;
}

// Takes the first character off; of one above ASCII, kLatin for a Latin letter in UTF-8 or a
// byte that is none of UTF-8.
char TakeCharacter(std::string_view& name) {
  const char first = name.front();
  name.remove_prefix(1);
  if (!ascii::IsHigh(first)) return first;
  const auto lead = static_cast<unsigned char>(first);
  if (lead < 0xC0 || !GoesOn(name)) return kLatin;
  const auto second = static_cast<unsigned char>(name.front());
  const bool latin = (lead >= 0xC3 && lead <= 0xCA) ||
                     (lead == 0xE1 && second >= 0xB8 && second <= 0xBB) ||
                     (lead == 0xE2 && second == 0x84);
  while (GoesOn(name)) name.remove_prefix(1);
  return latin ? kLatin : kOther;
}

bool IsLetter(char c) { return c == kLatin || (c >= 'a' && c <= 'z'); }

// Takes what may be the name off the text's beginning.
bool TakeWithoutAccents(std::string_view name, std::string_view& text) {
  while (!name.empty()) {
    if (text.empty()) return false;
    const char one = TakeCharacter(name);
    const char other = TakeCharacter(text);
    const bool may = (one == kLatin && IsLetter(other)) || (other == kLatin && IsLetter(one));
    if (one != other && !may) return false;
  }
  return true;
}

bool HoldsWithoutAccents(std::string_view text, std::string_view name) {
  for (; !text.empty(); text.remove_prefix(1)) {
    std::string_view rest = text;
    if (TakeWithoutAccents(name, rest)) return true;
  }
  return false;
}

}  // namespace

bool MayBeWithoutAccents(std::string_view left, std::string_view right) {
  return TakeWithoutAccents(left, right) && right.empty();
}

std::string InQuotes(std::string_view name, char quote) {
  std::string text;
  for (const char c : name) text.append(c == quote ? 2 : 1, c);
  return text;
}

WordScan::WordScan(std::string_view sql) : text_(FoldName(sql)) {
  AddWords(IsWordByte);
  // A character above ASCII may have been a space to the server (U+00A0).
  AddWords(IsAsciiWordByte);
}

void WordScan::AddWords(bool (*is_part)(char)) {
  auto at = text_.begin();
  while (at != text_.end()) {
    const auto start = std::find_if(at, text_.end(), is_part);
    at = std::find_if_not(start, text_.end(), is_part);
    if (start != at) {
      words_.emplace(start, at);
    }
  }
}

bool WordScan::MentionsWithoutAccents(const std::string& folded) const {
  if (Mentions(folded)) return true;
  const bool plain = ascii::IsAscii(folded);
  if (plain && ascii::IsAscii(text_)) return false;
  if (!std::all_of(folded.begin(), folded.end(), IsWordByte)) {
    return StandsInAnyQuotes(
        folded, [this](std::string_view name) { return HoldsWithoutAccents(text_, name); });
  }
  return std::any_of(words_.begin(), words_.end(), [&](const std::string& word) {
    return (!plain || !ascii::IsAscii(word)) && MayBeWithoutAccents(word, folded);
  });
}

bool WordScan::Mentions(const std::string& folded) const {
  if (std::all_of(folded.begin(), folded.end(), IsWordByte)) {
    return words_.contains(folded);
  }
  return StandsInAnyQuotes(folded, [this](std::string_view name) {
    return std::string_view(text_).find(name) != std::string_view::npos;
  });
}

}  // namespace sealgate::policy
