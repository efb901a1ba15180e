// Names of what information_schema has of sealed columns as it is stored, otherwise than
// Sealgate shows it, among tokens. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_STORED_NAMES_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_STORED_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// What is stored otherwise of the columns that rows may tell of.
struct StoredOtherwise {
  bool type = false;  // and all that goes with it
  bool key = false;   // a unique key shows as one that is not
  bool has_default = false;
};

/// The token as a name, folded, without quotes; "" of what cannot be one.
std::string FoldedName(const sql::TokenList& tokens, std::size_t token);
/// Whether it is this name to the servers, which fold letters; in upper-case ASCII.
bool IsNamed(const sql::TokenList& tokens, std::size_t token, std::string_view upper);
/// Whether it names the table COLUMNS or STATISTICS.
bool NamesSchemaTable(const sql::TokenList& tokens, std::size_t token);
/// Whether it stands for all columns of a table, and they are shown.
bool ShowsAllColumns(const sql::TokenList& tokens, std::size_t token);

/// Valid as long as the tokens.
class StoredNames {
 public:
  StoredNames(const sql::TokenList& tokens, const StoredOtherwise& stored);

  /// Whether the token names such a thing, or all columns, where that makes a difference.
  bool Tells(std::size_t token) const;
  /// The first one that does, of first..last (both included).
  std::optional<std::uint32_t> Find(std::uint32_t first, std::uint32_t last) const;
  std::optional<std::uint32_t> Find() const;

 private:
  bool IsStored(std::string_view name) const;
  bool HoldsStored(std::string_view name) const;
  bool IsHarmless(std::string_view name, std::size_t token) const;

  const sql::TokenList& tokens_;
  const StoredOtherwise stored_;
  bool groups_ = false;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_STORED_NAMES_H_
