// Arbitrary bytes as a stored value and as a plaintext. Oracles: a parsed
// envelope's parts tile it; what does not open leaves the output alone; what
// is sealed opens to itself, and the equality prefix leads it.
#include <cstdint>
#include <cstdlib>

#include "crypto/column_cipher.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/replayed_random.h"

namespace sealgate::crypto {
namespace {

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

DataKey Key(std::uint32_t id) { return {id, SecretBytes::CopyOf(Sequence(id, 32))}; }

DomainKeys Keys(bool sealing, bool equality) {
  DomainKeys keys;
  if (sealing) {
    keys.sealing.push_back(Key(1));
    keys.active_sealing_id = 1;
  }
  if (equality) {
    keys.equality.push_back(Key(2));
  }
  return keys;
}

void CheckParts(std::string_view bytes) {
  const auto view = ParseEnvelope(bytes);
  if (!view) {
    return;
  }
  Check(std::string(view->associated).append(view->nonce).append(view->sealed) == bytes);
  Check(view->blind_index.size() == (view->mode == Mode::kSearchable ? kBlindIndexBytes : 0));
}

void CheckOpens(const ColumnCipher& cipher, std::string_view envelope, std::string_view plaintext) {
  std::string out = "before";
  Check(Open(cipher, envelope, out).has_value() && out == "before" + std::string(plaintext));
}

}  // namespace
}  // namespace sealgate::crypto

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate::crypto;
  static const ColumnCipher random = RandomCipher("domain", Keys(true, false));
  static const ColumnCipher searchable = SearchableCipher("domain", Keys(true, true));
  static const ColumnCipher deterministic = DeterministicCipher("domain", Keys(false, true));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckParts(bytes);
  for (const ColumnCipher* cipher : {&random, &searchable, &deterministic}) {
    std::string out = "before";
    Check(Open(*cipher, bytes, out).has_value() || out == "before");
  }

  ReplayedRandom nonces(static_cast<unsigned>(size));
  const std::string_view weights = bytes.substr(0, size / 2);
  std::string sealed;
  std::get<RandomCipher>(random).Seal(bytes, nonces, sealed);
  CheckOpens(random, sealed, bytes);
  CheckParts(sealed);
  sealed.clear();
  std::get<SearchableCipher>(searchable).Seal(bytes, weights, nonces, sealed);
  CheckOpens(searchable, sealed, bytes);
  std::string prefix;
  std::get<SearchableCipher>(searchable).AppendEqualityPrefix(weights, prefix);
  Check(sealed.starts_with(prefix));
  sealed.clear();
  std::get<DeterministicCipher>(deterministic).Seal(bytes, sealed);
  CheckOpens(deterministic, sealed, bytes);
  return 0;
}
