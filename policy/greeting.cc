#include "policy/greeting.h"

#include <cstddef>
#include <cstdint>

namespace sealgate::policy {
namespace {

constexpr char kProtocolVersion = 10;
// Behind the version's zero: connection id, first part of the nonce, a filler.
constexpr std::size_t kBeforeCapabilities = 4 + 8 + 1;
constexpr unsigned kClientSsl = 0x0800;

}  // namespace

bool OffersTls(std::string_view greeting) {
  if (greeting.empty() || greeting[0] != kProtocolVersion) return false;
  const std::size_t zero = greeting.find('\0', 1);
  if (zero == std::string_view::npos) return false;
  const std::size_t at = zero + 1 + kBeforeCapabilities;
  if (greeting.size() < at + 2) return false;
  const unsigned low = static_cast<std::uint8_t>(greeting[at]) |
                       static_cast<unsigned>(static_cast<std::uint8_t>(greeting[at + 1])) << 8;
  return (low & kClientSsl) != 0;
}

}  // namespace sealgate::policy
