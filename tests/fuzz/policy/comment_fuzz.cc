// A comment that is read is written back as it was, but for the column's own comment behind it,
// and so is a type's text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/logical_type.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate::policy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto type = FromComment(text)) {
    const std::string_view ours = text.substr(0, text.find(kOwnComment));
    if (ToComment(*type) != ours || !IsOurComment(text)) {
      std::abort();
    }
  }
  if (auto type = TypeFromText(text)) {
    if (TypeFromText(ToText(*type)) != type) {
      std::abort();
    }
    if (IsText(type->kind)) {
      type->charset = Charset::kUtf8mb4;
      type->collation = "utf8mb4_bin";
    }
    if (FromComment(ToComment(*type)) != type) {
      std::abort();
    }
    for (auto mode : {sealgate::crypto::Mode::kRandom, sealgate::crypto::Mode::kSearchable}) {
      if (!PhysicalCapacity(PhysicalType(*type, mode))) {
        std::abort();
      }
    }
  }
  return 0;
}
