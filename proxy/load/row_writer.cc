#include "proxy/load/row_writer.h"

#include <algorithm>

namespace sealgate::load {
namespace {

constexpr std::size_t kLongestNull = 4;  // NULL; \N has one byte
constexpr char kHex[] = "0123456789ABCDEF";

}  // namespace

void RowWriter::Bytes(std::string_view bytes, std::string& out) {
  if (!in_field_ && held_.size() + bytes.size() <= kLongestNull) {
    held_.append(bytes);
    return;
  }
  if (!in_field_) BeginField(out);
  Escape(held_, out);
  held_.clear();
  Escape(bytes, out);
}

void RowWriter::EndBytes(bool is_null, std::string& out) {
  if (!in_field_) BeginField(out);
  if (is_null) {
    out += "\\N";
  } else {
    Escape(held_, out);
  }
  held_.clear();
  in_field_ = false;
}

void RowWriter::Sealed(std::string_view value, std::string& out) {
  BeginField(out);
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHex[byte >> 4];
    out += kHex[byte & 0xF];
  }
  in_field_ = false;
}

void RowWriter::EndRow(bool cut, std::string& out) {
  out += cut ? "\t\tx\n" : "\n";
  fields_ = 0;
}

void RowWriter::EndWithFailure(std::size_t fields, std::string& out) {
  held_.clear();
  in_field_ = false;
  while (fields_ < fields) BeginField(out);
  out += "\tx\n";
  fields_ = 0;
  in_field_ = false;
}

void RowWriter::BeginField(std::string& out) {
  if (fields_ > 0) out += '\t';
  ++fields_;
  in_field_ = true;
}

void RowWriter::Escape(std::string_view bytes, std::string& out) {
  constexpr std::string_view kSpecial("\\\t\n\0", 4);
  constexpr std::string_view kMeaning = "\\tn0";
  while (!bytes.empty()) {
    const std::size_t plain = std::min(bytes.find_first_of(kSpecial), bytes.size());
    out.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) return;
    out += '\\';
    out += kMeaning[kSpecial.find(bytes.front())];
    bytes.remove_prefix(1);
  }
}

}  // namespace sealgate::load
