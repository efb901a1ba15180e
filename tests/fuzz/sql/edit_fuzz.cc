// No edits, same bytes; edits that apply give a text of the predicted length
// that keeps the bytes around them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "proxy/sql/edit.h"

using namespace sealgate::sql;

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t count = data[0] % 5;
  if (size < 1 + count * 2) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1 + count * 2, size - 1 - count * 2);
  std::string same;
  Require(ApplyEdits(text, {}, same) && same == text);
  std::vector<Edit> edits;
  std::size_t length = text.size();
  for (std::size_t i = 0; i < count; ++i) {
    Edit edit;
    edit.begin = data[1 + i * 2];
    edit.end = data[2 + i * 2];
    edit.with = "<new>";
    length += edit.with.size() + edit.begin - edit.end;
    edits.push_back(edit);
  }
  std::string out = "kept";
  if (!ApplyEdits(text, edits, out)) {
    Require(out == "kept");
    return 0;
  }
  Require(out.size() == 4 + length);
  if (!edits.empty()) {
    Require(out.compare(4, edits[0].begin, text, 0, edits[0].begin) == 0);
    const std::size_t tail = text.size() - edits.back().end;
    Require(out.compare(out.size() - tail, tail, text, edits.back().end, tail) == 0);
  }
  return 0;
}
