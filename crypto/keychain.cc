#include "crypto/keychain.h"

#include <fmt/format.h>

namespace sealgate::crypto {

tl::expected<Keychain, KeyFailure> Keychain::Build(
    const KeyRing& ring, const std::vector<std::pair<std::string, Mode>>& domains) {
  Keychain keychain;
  for (const auto& [domain, mode] : domains) {
    if (const ColumnCipher* const present = keychain.Find(domain)) {
      if (ModeOf(*present) == mode) {
        continue;
      }
      return Fail(KeyError::kDomainExists,
                  fmt::format("domain {} is used with mode {} and with mode {}; the columns of a "
                              "domain have one mode",
                              domain, ModeName(ModeOf(*present)), ModeName(mode)));
    }
    auto cipher = ring.CipherOf(domain, mode);
    if (!cipher) {
      return tl::make_unexpected(cipher.error());
    }
    keychain.ciphers_.emplace(domain, *std::move(cipher));
  }
  return keychain;
}

const ColumnCipher* Keychain::Find(std::string_view domain) const {
  const auto found = ciphers_.find(domain);
  return found == ciphers_.end() ? nullptr : &found->second;
}

}  // namespace sealgate::crypto
