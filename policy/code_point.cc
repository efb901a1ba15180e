#include "policy/code_point.h"

namespace sealgate::policy {
namespace {

struct Lead {
  std::size_t size;
  char32_t bits;
  char32_t smallest;  // below it the form is overlong
};

std::optional<Lead> LeadOf(unsigned char byte) {
  if (byte < 0x80) {
    return Lead{1, byte, 0};
  }
  if (byte >= 0xC2 && byte < 0xE0) {
    return Lead{2, byte & 0x1Fu, 0x80};
  }
  if (byte >= 0xE0 && byte < 0xF0) {
    return Lead{3, byte & 0x0Fu, 0x800};
  }
  if (byte >= 0xF0 && byte < 0xF5) {
    return Lead{4, byte & 0x07u, 0x10000};
  }
  return std::nullopt;
}

}  // namespace

std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const std::optional<Lead> lead = LeadOf(static_cast<unsigned char>(text.front()));
  if (!lead || text.size() < lead->size) {
    return std::nullopt;
  }
  char32_t code = lead->bits;
  for (std::size_t i = 1; i < lead->size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) {
      return std::nullopt;
    }
    code = code << 6 | (byte & 0x3Fu);
  }
  if (code < lead->smallest || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    return std::nullopt;
  }
  text.remove_prefix(lead->size);
  return code;
}

void AppendUtf8(char32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (code & 0x3F));
}

}  // namespace sealgate::policy
