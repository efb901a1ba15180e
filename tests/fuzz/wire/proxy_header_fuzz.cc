// A connection's first bytes as a PROXY header. However they arrive, what is
// found is the same: a shorter beginning gives the same answer or asks for more,
// more bytes behind change nothing, and a header is never longer than its bound.
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/wire/proxy_header.h"
#include "tests/fuzz/wire/round_trip.h"

namespace sealgate::wire {
namespace {

void Run(std::string_view bytes) {
  const auto whole = DecodeProxyHeader(bytes);
  const bool complete = whole && *whole;
  if (complete) {
    const std::size_t size = (*whole)->size;
    Require(size > 0 && size <= bytes.size() && size <= kLongestProxyHeader);
    Require(DecodeProxyHeader(bytes.substr(0, size)) == whole);
  } else if (whole) {
    Require(bytes.size() < kLongestProxyHeader);
  }
  if (!whole || complete) Require(DecodeProxyHeader(std::string(bytes) + "more") == whole);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = DecodeProxyHeader(bytes.substr(0, size));
    if (part && !*part) continue;
    Require(part == whole);
    break;
  }
}

/// Random bytes alone would rarely be a header.
std::string WithStart(std::uint8_t kind, std::string_view bytes) {
  switch (kind % 4) {
    case 0:
      return "PROXY TCP4 " + std::string(bytes);
    case 1:
      return "PROXY TCP6 " + std::string(bytes);
    case 2:
      return std::string("\r\n\r\n\0\r\nQUIT\n", 12) + std::string(bytes);
    default:
      return std::string(bytes);
  }
}

}  // namespace
}  // namespace sealgate::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  sealgate::wire::Run(sealgate::wire::WithStart(data[0], bytes));
  return 0;
}
