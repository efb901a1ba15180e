// Seals and opens the values of one domain. One class per leakage level, so
// that a review of the call sites sees what each domain gives away:
//
//   RandomCipher         length only                      XAES-256-GCM (C2SP)
//   SearchableCipher     + which rows are equal under the column's collation
//                        (HMAC-SHA-256 blind index, then XAES-256-GCM)
//   DeterministicCipher  + which rows are equal byte by byte  AES-256-SIV (RFC 5297)
//
// No key, nonce or associated data appears at a call site.
// Thread rule: all methods are const and may be called from any thread.
// Errors: one for every failure to open, on purpose.
#ifndef SEALGATE_CRYPTO_COLUMN_CIPHER_H_
#define SEALGATE_CRYPTO_COLUMN_CIPHER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "crypto/envelope.h"
#include "crypto/random_source.h"
#include "crypto/secret.h"

namespace sealgate::crypto {

enum class OpenError : std::uint8_t { kCannotOpen };
using OpenResult = tl::expected<void, OpenError>;

/// One version of a domain's keys as the ciphers need it.
struct DataKey {
  std::uint32_t id = 0;
  SecretBytes key;  // 32 bytes; HKDF-SHA-256 derives the subkeys from it
};

/// The keys of one domain: all versions that may be read and the one that
/// seals. A searchable domain also has the one equality key of its index.
struct DomainKeys {
  std::vector<DataKey> sealing;  // every readable version
  std::uint32_t active_sealing_id = 0;
  std::vector<DataKey> equality;  // exactly one for searchable and
                                  // deterministic, none for random
};

class RandomCipher {
 public:
  RandomCipher(std::string domain, DomainKeys keys);
  RandomCipher(RandomCipher&&) noexcept;
  ~RandomCipher();
  /// Appends the envelope of `plaintext` to `out`.
  void Seal(std::string_view plaintext, RandomSource& random, std::string& out) const;
  /// Appends the plaintext to `out`; on failure `out` is as before.
  OpenResult Open(std::string_view envelope, std::string& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class SearchableCipher {
 public:
  SearchableCipher(std::string domain, DomainKeys keys);
  SearchableCipher(SearchableCipher&&) noexcept;
  ~SearchableCipher();
  /// `weights` is what equality means for the column: the collation weights of
  /// a text value, or the canonical bytes of any other.
  void Seal(std::string_view plaintext, std::string_view weights, RandomSource& random,
            std::string& out) const;
  /// Appends the kEqualityPrefixBytes that lead every envelope whose value has
  /// these weights, and no other.
  void AppendEqualityPrefix(std::string_view weights, std::string& out) const;
  OpenResult Open(std::string_view envelope, std::string& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class DeterministicCipher {
 public:
  DeterministicCipher(std::string domain, DomainKeys keys);
  DeterministicCipher(DeterministicCipher&&) noexcept;
  ~DeterministicCipher();
  void Seal(std::string_view plaintext, std::string& out) const;
  OpenResult Open(std::string_view envelope, std::string& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

using ColumnCipher = std::variant<RandomCipher, SearchableCipher, DeterministicCipher>;

Mode ModeOf(const ColumnCipher& cipher);
OpenResult Open(const ColumnCipher& cipher, std::string_view envelope, std::string& out);

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_COLUMN_CIPHER_H_
