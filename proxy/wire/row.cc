#include "proxy/wire/row.h"

#include <cassert>

#include "proxy/wire/binary_value.h"

namespace sealgate::wire {
namespace {

constexpr std::size_t kBitmapOffset = 2;

std::size_t BitmapSize(std::size_t columns) { return (columns + kBitmapOffset + 7) / 8; }

std::optional<DecodeError> FinishRow(Reader& reader) {
  const Decoded<bool> result = reader.Finish(true);
  if (result) return std::nullopt;
  return result.error();
}

}  // namespace

std::optional<DecodeError> TextRowReader::Finish() { return FinishRow(reader_); }

void WriteTextValue(std::optional<std::string_view> value, Writer& out) {
  if (value) {
    out.LenencString(*value);
  } else {
    out.LenencNull();
  }
}

BinaryRowReader::BinaryRowReader(std::string_view payload, std::span<const FieldType> types)
    : reader_(payload), types_(types) {
  reader_.Expect(0);
  null_bitmap_ = reader_.Bytes(BitmapSize(types.size()));
}

std::optional<std::string_view> BinaryRowReader::Next() {
  assert(column_ < types_.size());
  const std::size_t bit = column_ + kBitmapOffset;
  const FieldType type = types_[column_++];
  if (!reader_.ok()) return std::string_view();
  if (((static_cast<unsigned char>(null_bitmap_[bit / 8]) >> (bit % 8)) & 1) != 0) {
    return std::nullopt;
  }
  return ReadBinaryValue(type, reader_);
}

std::optional<DecodeError> BinaryRowReader::Finish() { return FinishRow(reader_); }

void MarkNull(std::size_t column, char* row) {
  const std::size_t bit = column + kBitmapOffset;
  char& byte = row[1 + bit / 8];
  byte = static_cast<char>(static_cast<unsigned char>(byte) | (1u << (bit % 8)));
}

BinaryRowWriter::BinaryRowWriter(std::size_t column_count, std::string& out)
    : out_(out), writer_(out), column_count_(column_count), row_at_(out.size()) {
  writer_.Zeros(1 + BitmapSize(column_count));
}

void BinaryRowWriter::AppendNull() {
  const std::size_t column = column_++;
  if (column_ > column_count_) return writer_.Fail();
  MarkNull(column, out_.data() + row_at_);
}

void BinaryRowWriter::Append(FieldType type, std::string_view bytes) {
  ++column_;
  WriteBinaryValue(type, bytes, writer_);
}

}  // namespace sealgate::wire
