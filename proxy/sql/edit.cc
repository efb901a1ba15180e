#include "proxy/sql/edit.h"

#include <cstddef>

namespace sealgate::sql {

bool ApplyEdits(std::string_view text, std::span<const Edit> edits, std::string& out) {
  std::size_t added = 0;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < at || edit.end < edit.begin || edit.end > text.size()) return false;
    at = edit.end;
    added += edit.with.size();
  }
  out.reserve(out.size() + text.size() + added);
  at = 0;
  for (const Edit& edit : edits) {
    out.append(text.substr(at, edit.begin - at)).append(edit.with);
    at = edit.end;
  }
  out.append(text.substr(at));
  return true;
}

}  // namespace sealgate::sql
