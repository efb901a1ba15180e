// The ciphers of all protected domains, ready for use by the query path.
//
// Ownership: the keychain owns its ciphers; a pointer from Find() is valid as
// long as the keychain is, also when the keychain was moved.
// Thread rule: immutable, any thread.
#ifndef SEALGATE_CRYPTO_KEYCHAIN_H_
#define SEALGATE_CRYPTO_KEYCHAIN_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "crypto/column_cipher.h"
#include "crypto/key_ring.h"

namespace sealgate::crypto {

class Keychain {
 public:
  /// Fails when a domain lacks the keys of its mode (see KeyRing::KeysOf), and
  /// with kDomainExists when it is listed with two modes.
  static tl::expected<Keychain, KeyFailure> Build(
      const KeyRing& ring, const std::vector<std::pair<std::string, Mode>>& domains);

  /// Null when the keychain was built without `domain`.
  const ColumnCipher* Find(std::string_view domain) const;

 private:
  std::map<std::string, ColumnCipher, std::less<>> ciphers_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_KEYCHAIN_H_
