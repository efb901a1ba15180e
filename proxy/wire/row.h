// Rows of results, in the text and in the binary protocol.
//
// Sources: MySQL manual, "Text Resultset Row" and "Binary Protocol Resultset
// Row". Readers go from value to value, keep nothing and say how far they came,
// so that untouched columns are copied with their neighbours in one piece.
#ifndef SEALGATE_PROXY_WIRE_ROW_H_
#define SEALGATE_PROXY_WIRE_ROW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy/wire/decode_error.h"
#include "proxy/wire/field_type.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

/// Text row: for each column a string<lenenc>, or 0xFB for NULL.
class TextRowReader {
 public:
  explicit TextRowReader(std::string_view payload) : reader_(payload) {}

  /// The next column; nullopt is NULL. After a failure, empty values.
  std::optional<std::string_view> Next() {
    start_ = reader_.position();
    return reader_.LenencStringOrNull();
  }
  /// Goes past the next `columns` columns.
  void Skip(std::size_t columns) {
    for (; columns > 0; --columns) Next();
  }
  /// The column that Next() returned, with its prefix.
  std::string_view last_encoded() const { return reader_.Since(start_); }
  /// Bytes of the row before the next column.
  std::size_t position() const { return reader_.position(); }
  bool ok() const { return reader_.ok(); }
  /// After all columns: whether the row was right and ended here.
  std::optional<DecodeError> Finish();

 private:
  Reader reader_;
  std::size_t start_ = 0;
};

/// One column of a text row; nullopt is NULL.
void WriteTextValue(std::optional<std::string_view> value, Writer& out);

/// Binary row.
///
///   header       int<1>       0x00
///   NULL bitmap  string[n]    n = (columns + 9) / 8, column i is bit i + 2
///   values       those that are not NULL, see binary_value.h
class BinaryRowReader {
 public:
  /// `types` of the columns as the server sent them; must outlive the reader.
  BinaryRowReader(std::string_view payload, std::span<const FieldType> types);

  /// The next column's bytes as in binary_value.h; nullopt is NULL. Must not
  /// be called more often than there are types.
  std::optional<std::string_view> Next();
  /// Goes past the next `columns` columns.
  void Skip(std::size_t columns) {
    for (; columns > 0; --columns) Next();
  }
  /// Bytes of the row before the next column's value; header and NULL bitmap
  /// come before the first.
  std::size_t position() const { return reader_.position(); }
  bool ok() const { return reader_.ok(); }
  std::optional<DecodeError> Finish();

 private:
  Reader reader_;
  std::span<const FieldType> types_;
  std::string_view null_bitmap_;
  std::size_t column_ = 0;
};

/// Sets the bit of column number `column` in the NULL bitmap of the binary row
/// that begins at `row`.
void MarkNull(std::size_t column, char* row);

/// Appends a binary row column by column.
class BinaryRowWriter {
 public:
  /// Appends the header and an empty bitmap. `out` must outlive the writer and
  /// grow only through it until the row is complete.
  BinaryRowWriter(std::size_t column_count, std::string& out);

  void AppendNull();
  /// `bytes` as in binary_value.h.
  void Append(FieldType type, std::string_view bytes);
  /// False if a value did not fit its type or the count of columns is wrong;
  /// then discard what was appended.
  bool Finish() const { return writer_.ok() && column_ == column_count_; }

 private:
  std::string& out_;
  Writer writer_;
  std::size_t column_count_;
  std::size_t row_at_;
  std::size_t column_ = 0;
};

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_ROW_H_
