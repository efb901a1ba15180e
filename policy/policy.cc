#include "policy/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

bool Matches(const RoleMatch& match, std::string_view user, const std::uint8_t (&address)[16]) {
  const bool user_matches = match.users.empty() || std::find(match.users.begin(), match.users.end(),
                                                             user) != match.users.end();
  const bool address_matches =
      match.addresses.empty() ||
      std::any_of(match.addresses.begin(), match.addresses.end(),
                  [&](const AddressRange& range) { return range.Contains(address); });
  return user_matches && address_matches;
}

}  // namespace

std::string_view RevealName(Reveal reveal) {
  switch (reveal) {
    case Reveal::kClear:
      return "clear";
    case Reveal::kMask:
      return "mask";
    case Reveal::kNull:
      return "null";
    case Reveal::kCiphertext:
      return "ciphertext";
    case Reveal::kDeny:
      return "deny";
  }
  return "deny";
}

std::string ProtectedColumn::QualifiedName() const {
  return fmt::format("{}.{}.{}", schema, table, column);
}

bool AddressRange::Contains(const std::uint8_t (&address)[16]) const {
  const unsigned whole = prefix_bits / 8;
  const unsigned rest = prefix_bits % 8;
  if (!std::equal(bytes, bytes + whole, address)) {
    return false;
  }
  return rest == 0 || (bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
}

const Role& Policy::RoleOf(std::string_view user, const std::uint8_t (&address)[16]) const {
  for (const Role& role : roles) {
    if (std::any_of(role.match.begin(), role.match.end(),
                    [&](const RoleMatch& match) { return Matches(match, user, address); })) {
      return role;
    }
  }
  return fallback;
}

std::optional<std::uint32_t> Policy::Find(std::string_view schema, std::string_view table,
                                          std::string_view column) const {
  for (std::uint32_t i = 0; i < columns.size(); ++i) {
    const ProtectedColumn& each = columns[i];
    if (EqualsFolded(each.column, column) && EqualsFolded(each.table, table) &&
        EqualsFolded(each.schema, schema)) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace sealgate::policy
