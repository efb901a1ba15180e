// The key ring file: data keys, one per domain, kind and version, each wrapped
// by the master key. docs/envelope_format.md describes the file.
//
// Errors: every function that reads or writes returns a message that names the
// file, what is wrong and what to do; never a byte of a key.
// Thread rule: a KeyRing is changed by one thread; a Keychain is immutable.
#ifndef SEALGATE_CRYPTO_KEY_RING_H_
#define SEALGATE_CRYPTO_KEY_RING_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/column_cipher.h"
#include "crypto/key_info.h"
#include "crypto/random_source.h"
#include "crypto/secret.h"

namespace sealgate::crypto {

/// Reads a master key: 64 hex digits or 32 raw bytes in a regular file of mode
/// 0600 (or stricter) owned by the caller.
tl::expected<SecretBytes, KeyFailure> ReadMasterKey(const std::string& path);
/// Makes one with mode 0600; refuses to overwrite.
tl::expected<void, KeyFailure> CreateMasterKey(const std::string& path, RandomSource& random);

class KeyRing {
 public:
  /// An empty ring under `master`, which has 32 bytes; throws
  /// std::invalid_argument otherwise.
  explicit KeyRing(SecretBytes master);
  static tl::expected<KeyRing, KeyFailure> Load(const std::string& path, SecretBytes master);
  /// Atomic: temporary file, fsync, rename; mode 0600.
  tl::expected<void, KeyFailure> Save(const std::string& path) const;

  /// Adds the keys that `mode` needs: a sealing key for random, a sealing and
  /// an equality key for searchable, an equality key for deterministic. Keys
  /// that the domain already has stay; kDomainExists when it has them all.
  /// Changes nothing on failure.
  tl::expected<std::vector<KeyInfo>, KeyFailure> AddDomain(std::string_view domain, Mode mode,
                                                           RandomSource& random,
                                                           std::int64_t now_unix_seconds);
  std::vector<KeyInfo> List() const;
  /// The unwrapped keys for a cipher of `mode`: every sealing key that is not
  /// retired, and the active equality key.
  tl::expected<DomainKeys, KeyFailure> KeysOf(std::string_view domain, Mode mode) const;
  tl::expected<ColumnCipher, KeyFailure> CipherOf(std::string_view domain, Mode mode) const;

 private:
  SecretBytes master_;
  std::vector<WrappedKey> entries_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_KEY_RING_H_
