#include "proxy/relay/account_name.h"

#include <algorithm>

#include "policy/ascii.h"
#include "proxy/rewrite/value/charset.h"

namespace sealgate::relay {
namespace {

using policy::Charset;

// The same in every character set that a client may have.
bool IsPlain(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    const char lower = ascii::ToLower(c);
    return (lower >= 'a' && lower <= 'z') || ascii::IsDigit(c) || c == '_' || c == '-' || c == '.';
  });
}

std::string_view WithoutQuotes(std::string_view name) {
  const bool quoted = name.size() > 1 && name.front() == '\'' && name.back() == '\'';
  return quoted ? name.substr(1, name.size() - 2) : name;
}

}  // namespace

std::optional<std::string> AccountName(const policy::Catalog* catalog, std::uint16_t collation,
                                       NameOf use, std::string_view name) {
  if (use == NameOf::kLogin) name = WithoutQuotes(name);
  if (IsPlain(name)) return std::string(name);
  const policy::CollationInfo* info =
      catalog == nullptr ? nullptr : catalog->FindCollation(collation);
  const auto charset = info == nullptr ? std::nullopt : policy::CharsetFromName(info->charset);
  if (!charset || *charset == Charset::kBinary) return std::nullopt;
  std::string converted;
  // Accounts' names have no character outside of utf8mb3.
  if (!rewrite::Convert(*charset, Charset::kUtf8mb3, name, converted)) return std::nullopt;
  return converted;
}

}  // namespace sealgate::relay
