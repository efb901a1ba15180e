// A conversion that succeeds keeps the number of characters and comes back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy/rewrite/value/charset.h"

namespace {

using sealgate::policy::Charset;
using namespace sealgate::rewrite;

void Check(bool holds) {
  if (!holds) std::abort();
}

void Try(Charset from, Charset to, std::string_view text) {
  std::string converted;
  const auto count = CountCharacters(from, text);
  if (!Convert(from, to, text, converted)) {
    Check(converted.empty());
    return;
  }
  Check(count.has_value());
  Check(CountCharacters(to, converted) == count);
  std::string back;
  Check(Convert(to, from, converted, back));
  Check(back == text);
  Check(CharacterOffset(from, text, *count) == text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr Charset kCharsets[] = {Charset::kAscii, Charset::kLatin1, Charset::kUtf8mb3,
                                   Charset::kUtf8mb4};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Try(kCharsets[data[0] % 4], kCharsets[data[0] / 4 % 4], text);
  return 0;
}
