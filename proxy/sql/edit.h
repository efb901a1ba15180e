// Span edits: the only way in which a statement is changed. What no edit
// touches goes out byte for byte.
#ifndef SEALGATE_PROXY_SQL_EDIT_H_
#define SEALGATE_PROXY_SQL_EDIT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sealgate::sql {

/// Replaces bytes begin..end of the text (end excluded; begin == end inserts).
struct Edit {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string_view with;  // valid until the edits are applied
};

/// Applies edits that are sorted by begin and do not overlap, in one pass.
/// False, and `out` untouched, when they are not or reach beyond the text.
/// Appends to `out`.
bool ApplyEdits(std::string_view text, std::span<const Edit> edits, std::string& out);

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_EDIT_H_
