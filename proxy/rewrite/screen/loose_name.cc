#include "proxy/rewrite/screen/loose_name.h"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <iterator>
#include <string>

#include "policy/ascii.h"

namespace sealgate::rewrite {
namespace {

constexpr std::size_t kLongest = 256;
constexpr char kAnyLetter = '\x01';

bool GoesOn(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

// The name, each character of UTF-8 above ASCII as kAnyLetter.
std::string LettersOf(std::string_view name) {
  std::string letters;
  while (!name.empty()) {
    const bool high = ascii::IsHigh(name.front());
    letters.push_back(high ? kAnyLetter : name.front());
    name.remove_prefix(1);
    while (high && !name.empty() && GoesOn(name.front())) name.remove_prefix(1);
  }
  return letters;
}

// How many of the name's first letters may have been read by now, by how many bytes may
// still be of the last character: its first one is high, any may follow (gbk, gb18030).
class Reading {
 public:
  explicit Reading(std::string_view letters, std::string_view folding = {}) : letters_(letters) {
    const auto folds = [folding](char c) {
      return folding.empty() ? IsLetter(c) : folding.find(c) != std::string_view::npos;
    };
    for (std::size_t i = 0; i < letters.size(); ++i) {
      fold_[i + 1] = letters[i] == kAnyLetter || folds(letters[i]);
    }
  }

  void Begin() { read_[0].set(0); }
  bool MayBegin(char c) const {
    return ascii::IsHigh(c) || letters_[0] == kAnyLetter || letters_[0] == ascii::ToLower(c);
  }
  bool idle() const { return ReadSoFar().none(); }
  void Read(char c) {
    const Places before = ReadSoFar();
    const Places next = before << 1;
    std::copy(std::begin(read_) + 1, std::end(read_), std::begin(read_));
    Places& last = read_[kMostBytes - 1] = {};
    if (ascii::IsHigh(c)) {
      last = next & fold_;
      read_[0] |= before;  // a part of the letter before
      return;
    }
    const char lower = ascii::ToLower(c);
    for (std::size_t i = 0; i < letters_.size(); ++i) {
      const bool same = letters_[i] == lower || (letters_[i] == kAnyLetter && IsLetter(lower));
      if (next[i + 1] && same) read_[0].set(i + 1);
    }
  }
  bool done() const { return ReadSoFar()[letters_.size()]; }

 private:
  using Places = std::bitset<kLongest + 1>;
  static constexpr std::size_t kMostBytes = 4;

  Places ReadSoFar() const {
    Places any;
    for (const Places& read : read_) any |= read;
    return any;
  }

  std::string_view letters_;
  Places fold_;  // those that another character may be equal to
  Places read_[kMostBytes];
};

}  // namespace

bool MayBeName(std::string_view name, std::string_view folded) {
  const std::string letters = LettersOf(folded);
  if (letters.size() > kLongest) return true;
  Reading reading(letters);
  reading.Begin();
  for (const char c : name) reading.Read(c);
  return reading.done();
}

bool MayBeNameInUtf8(std::string_view name, std::string_view ascii) {
  for (const char letter : ascii) {
    if (name.empty()) return false;
    const bool high = ascii::IsHigh(name.front());
    if (!high && ascii::ToLower(name.front()) != letter) return false;
    name.remove_prefix(1);
    while (high && !name.empty() && GoesOn(name.front())) name.remove_prefix(1);
  }
  return name.empty();
}

bool MayHoldName(std::string_view text, std::string_view folded, std::string_view folding) {
  const std::string letters = LettersOf(folded);
  if (letters.empty() || letters.size() > kLongest) return true;
  Reading reading(letters, folding);
  bool idle = true;
  for (const char c : text) {
    if (idle && !reading.MayBegin(c)) continue;
    reading.Begin();
    reading.Read(c);
    if (reading.done()) return true;
    idle = reading.idle();
  }
  return false;
}

}  // namespace sealgate::rewrite
