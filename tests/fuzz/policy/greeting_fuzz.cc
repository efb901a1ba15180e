// Where a server's greeting is one, the way to TLS and the relay read the same of it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/greeting.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/handshake.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate;
  const std::string_view greeting(reinterpret_cast<const char*>(data), size);
  const bool offers = policy::OffersTls(greeting);
  const auto decoded = wire::DecodeHandshakeV10(greeting);
  if (decoded && offers != ((decoded->capabilities & wire::kClientSsl) != 0)) {
    std::abort();
  }
  return 0;
}
