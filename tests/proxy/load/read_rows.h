// A file read whole or in pieces, and written again, for tests.
#ifndef SEALGATE_TESTS_PROXY_LOAD_READ_ROWS_H_
#define SEALGATE_TESTS_PROXY_LOAD_READ_ROWS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/load/file_reader.h"
#include "proxy/load/row_writer.h"

namespace sealgate::load {

struct ReadRow {
  std::vector<std::optional<std::string>> fields;
  bool cut = false;
  bool operator==(const ReadRow&) const = default;
};

struct ReadFile {
  std::vector<ReadRow> rows;
  std::optional<FileError> error;
  bool operator==(const ReadFile&) const = default;
};

class RowCollector : public FileRows {
 public:
  bool OnBytes(std::string_view bytes) override {
    field_ += bytes;
    return true;
  }
  bool OnField(bool is_null) override {
    row_.fields.push_back(is_null ? std::nullopt : std::optional(field_));
    field_.clear();
    return true;
  }
  bool OnRow(bool cut) override {
    row_.cut = cut;
    rows.push_back(std::exchange(row_, {}));
    return true;
  }
  std::vector<ReadRow> rows;

 private:
  ReadRow row_;
  std::string field_;
};

/// `piece` bytes at a time, each in a buffer of its own; the end of the file comes
/// alone when `end_apart`.
inline ReadFile Read(const FileFormat& format, std::size_t fields, std::string_view file,
                     std::size_t piece, bool end_apart = true) {
  FileReader reader(format, fields);
  RowCollector collector;
  ReadFile result;
  const auto read = [&](std::string_view bytes, bool last) {
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const auto done = reader.Read({exact.data(), exact.size()}, last, collector);
    if (!done) result.error = done.error();
  };
  while (!file.empty() && !result.error) {
    const std::string_view part = file.substr(0, piece);
    file.remove_prefix(part.size());
    read(part, file.empty() && !end_apart);
    if (file.empty() && !end_apart) return {collector.rows, result.error};
  }
  if (!result.error) read({}, true);
  result.rows = collector.rows;
  return result;
}

/// Rows as RowWriter has them, none of the fields sealed.
inline std::string Write(const std::vector<ReadRow>& rows) {
  RowWriter writer;
  std::string out;
  for (const ReadRow& row : rows) {
    for (const auto& field : row.fields) {
      // In two pieces, as they may come.
      if (field) {
        writer.Bytes(field->substr(0, field->size() / 2), out);
        writer.Bytes(field->substr(field->size() / 2), out);
      }
      writer.EndBytes(!field, out);
    }
    writer.EndRow(row.cut, out);
  }
  return out;
}

/// What kRowFormat says.
inline FileFormat WrittenFormat() { return {}; }

}  // namespace sealgate::load

#endif  // SEALGATE_TESTS_PROXY_LOAD_READ_ROWS_H_
