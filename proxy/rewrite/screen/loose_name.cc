#include "proxy/rewrite/screen/loose_name.h"

#include <bitset>
#include <cstddef>

#include "policy/ascii.h"

namespace sealgate::rewrite {
namespace {

constexpr std::size_t kLongest = 256;

// How many of the name's first letters may have been read by now.
class Reading {
 public:
  explicit Reading(std::string_view ascii) : ascii_(ascii) {}

  void Begin() { read_.set(0); }
  void Read(char c) {
    const auto next = read_ << 1;
    if (ascii::IsHigh(c)) {
      read_ |= next;
      return;
    }
    read_.reset();
    for (std::size_t i = 0; i < ascii_.size(); ++i) {
      if (ascii_[i] == ascii::ToLower(c)) read_[i + 1] = next[i + 1];
    }
  }
  bool done() const { return read_[ascii_.size()]; }

 private:
  std::string_view ascii_;
  std::bitset<kLongest + 1> read_;
};

}  // namespace

bool MayBeName(std::string_view name, std::string_view ascii) {
  if (ascii.size() > kLongest) return true;
  Reading reading(ascii);
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
    while (high && !name.empty() && (name.front() & 0xC0) == 0x80) name.remove_prefix(1);
  }
  return name.empty();
}

bool MayHoldName(std::string_view text, std::string_view ascii) {
  if (ascii.empty() || ascii.size() > kLongest) return true;
  Reading reading(ascii);
  for (const char c : text) {
    reading.Begin();
    reading.Read(c);
    if (reading.done()) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
