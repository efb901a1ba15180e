// A file in a fuzzed format. Oracle: however it is split, the rows are the same; no
// row has more fields than asked for; and RowWriter's form of them reads the same.
#include "tests/fuzz/load/format_of.h"
#include "tests/proxy/load/read_rows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate::load;
  if (size < kFormatBytes + 1) return 0;
  const FileFormat format = FormatOf(data);
  const std::size_t fields = 1 + data[kFormatBytes] % 3;
  const std::string_view file(reinterpret_cast<const char*>(data) + kFormatBytes + 1,
                              size - kFormatBytes - 1);
  const ReadFile whole = Read(format, fields, file, file.size() + 1, false);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{97}}) {
    Require(Read(format, fields, file, piece) == whole);
    Require(Read(format, fields, file, piece, false) == whole);
  }
  std::vector<ReadRow> expected = whole.rows;
  for (ReadRow& row : expected) {
    Require(!row.fields.empty() && row.fields.size() <= fields);
    Require(!row.cut || row.fields.size() == fields);
    if (row.cut) row.fields.emplace_back("");
  }
  const std::string written = Write(whole.rows);
  const ReadFile again = Read({}, fields + 1, written, written.size() + 1);
  Require(!again.error && again.rows == expected);
  return 0;
}
