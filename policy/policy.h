// What is protected and who may see or change it: policy.yaml, parsed once into
// an immutable object that is swapped by pointer on reload.
// Thread rule: const access from any thread.
#ifndef SEALGATE_POLICY_POLICY_H_
#define SEALGATE_POLICY_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/envelope.h"
#include "policy/diagnostic.h"

namespace sealgate::policy {

/// What a role gets to see of a column.
enum class Reveal : std::uint8_t { kClear, kMask, kNull, kCiphertext, kDeny };
std::string_view RevealName(Reveal reveal);

/// How a masked text looks: the first and last characters kept, each other
/// character replaced. Values that are not text become a fixed mask of their
/// type (see docs/policy.md).
struct Mask {
  std::uint32_t keep_first = 0;
  std::uint32_t keep_last = 0;
  char32_t with = U'*';

  bool operator==(const Mask&) const = default;
};

/// A set of columns that share keys and may be compared.
struct Domain {
  std::string name;
  crypto::Mode mode{};
};

struct ProtectedColumn {
  std::string schema;
  std::string table;
  std::string column;
  std::uint32_t domain = 0;        // index into Policy::domains
  bool plaintext_allowed = false;  // `plaintext: allow`
  /// "schema.table.column", for messages.
  std::string QualifiedName() const;
};

/// What one role may do with one protected column.
struct ColumnRule {
  Reveal reveal = Reveal::kDeny;
  Mask mask;
  bool write = false;
  /// May compare the column with a value (=, IN). Follows from reveal clear;
  /// else only when the policy says `search: true`.
  bool search = false;
};

/// An address range, "10.0.0.0/8", "::1/128". IPv4 addresses are mapped.
struct AddressRange {
  std::uint8_t bytes[16]{};
  std::uint8_t prefix_bits = 128;
  bool Contains(const std::uint8_t (&address)[16]) const;
};

struct RoleMatch {
  std::vector<std::string> users;       // empty: any user
  std::vector<AddressRange> addresses;  // empty: any address
};

struct Role {
  std::string name;
  std::vector<RoleMatch> match;     // any of these
  std::vector<ColumnRule> columns;  // one per Policy::columns, same order
  /// May read the binary log and apply its events, past every rule of columns.
  bool replication = false;
};

struct Policy {
  std::vector<Domain> domains;
  std::vector<ProtectedColumn> columns;
  std::vector<Role> roles;  // first match wins
  Role fallback;            // no role matches: everything denied

  /// The first role that matches. `address` is a 16-byte IPv6 or mapped IPv4
  /// address; a Unix socket counts as ::1.
  const Role& RoleOf(std::string_view user, const std::uint8_t (&address)[16]) const;
  /// Index into columns; names compared as the server does: schema and table
  /// by ASCII case folding, column likewise.
  std::optional<std::uint32_t> Find(std::string_view schema, std::string_view table,
                                    std::string_view column) const;
};

/// Where the policy's columns stand in its file, for messages about them.
struct PolicySource {
  std::string file;
  std::vector<Position> columns;  // one per Policy::columns, same order
};

/// Parses policy.yaml. Reports every mistake, unknown keys included. Fills
/// `source` when it is given and the policy is good.
tl::expected<Policy, Diagnostics> ParsePolicy(std::string_view yaml, const std::string& file,
                                              PolicySource* source = nullptr);
/// Reads and parses.
tl::expected<Policy, Diagnostics> LoadPolicy(const std::string& file,
                                             PolicySource* source = nullptr);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_POLICY_H_
