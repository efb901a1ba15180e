// A file of collation weights, with whatever bytes before the trailer: what is
// read comes back when it is written.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "policy/weight_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate::policy;
  static const WeightSourceName name{"1", "x", true};
  const std::string raw(reinterpret_cast<const char*>(data), size);
  // As a file, and as what stands behind a right beginning.
  const std::string head(
      "SGWEIGHT\x01\x01"
      "1\x01x\x01",
      14);
  for (const std::string& body : {raw, head + raw}) {
    const std::string bytes = body + WeightTrailer(body);
    const auto weights = DecodeWeights(name, bytes);
    if (weights == nullptr) continue;
    if (EncodeWeights(name, *weights) != bytes) std::abort();
  }
  if (DecodeWeights(name, raw) != nullptr && size < 50) std::abort();
  return 0;
}
