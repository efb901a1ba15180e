// Arbitrary bytes as a key ring: as they are, and with a right header and MAC
// so that the entries are reached. Oracle: what decodes, encodes to the same
// bytes.
#include <cstdint>
#include <cstdlib>

#include "crypto/big_endian.h"
#include "crypto/hkdf.h"
#include "crypto/hmac_sha256.h"
#include "crypto/key_ring_format.h"

namespace sealgate::crypto {
namespace {

constexpr std::size_t kLengthOffset = 10;
constexpr std::size_t kCheckOffset = 18;
constexpr std::size_t kHeaderBytes = 34;

void CheckRoundTrip(std::string_view bytes, const SecretBytes& master) {
  const auto keys = DecodeKeyRing(bytes, master, "ring");
  if (keys && EncodeKeyRing(*keys, master) != bytes) {
    std::abort();
  }
  for (std::size_t i = 0; keys && i < keys->size(); ++i) {
    (void)UnwrapDataKey((*keys)[i], master);
  }
}

// Magic, format, length, check value and MAC made right; the rest as given.
std::string MadeAuthentic(std::string_view bytes, const SecretBytes& master) {
  std::string ring = EncodeKeyRing({}, master).substr(0, kHeaderBytes);
  if (bytes.size() >= kHeaderBytes) {
    ring.replace(14, 4, bytes.substr(14, 4));
    ring.append(bytes.substr(kHeaderBytes));
  }
  StoreBigEndian(static_cast<std::uint32_t>(ring.size() + HmacSha256::kBytes),
                 ring.data() + kLengthOffset);
  const HmacSha256 mac(DeriveSubkey(master, kRingMacSubkey).Reveal());
  const HmacSha256::Tag tag = mac.Of(ring);
  return ring.append(tag.data(), tag.size());
}

static_assert(kCheckOffset + kRingCheckSubkey.bytes == kHeaderBytes);

}  // namespace
}  // namespace sealgate::crypto

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate::crypto;
  static const SecretBytes master = SecretBytes::CopyOf(std::string(32, 'm'));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckRoundTrip(bytes, master);
  CheckRoundTrip(MadeAuthentic(bytes, master), master);
  return 0;
}
