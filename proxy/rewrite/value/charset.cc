#include "proxy/rewrite/value/charset.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "policy/code_point.h"

namespace sealgate::rewrite {
namespace {

using policy::Charset;

// Bytes 0x80 to 0x9F of cp1252; the unassigned ones stand for themselves.
constexpr std::array<char16_t, 32> kLatin1Controls = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

bool IsUtf8(Charset charset) {
  return charset == Charset::kUtf8mb3 || charset == Charset::kUtf8mb4;
}

std::size_t AsciiPrefix(std::string_view text) {
  std::size_t at = 0;
  std::uint64_t eight = 0;
  for (; text.size() - at >= sizeof eight; at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & 0x8080808080808080u) != 0) break;
  }
  while (at < text.size() && (text[at] & 0x80) == 0) ++at;
  return at;
}

char32_t FromLatin1(std::uint8_t byte) {
  return byte >= 0x80 && byte < 0xA0 ? kLatin1Controls[byte - 0x80] : byte;
}

std::optional<char> ToLatin1(char32_t code) {
  if (code < 0x80 || (code >= 0xA0 && code <= 0xFF)) return static_cast<char>(code);
  const auto* at = std::find(kLatin1Controls.begin(), kLatin1Controls.end(), code);
  if (at == kLatin1Controls.end()) return std::nullopt;
  return static_cast<char>(0x80 + (at - kLatin1Controls.begin()));
}

// Takes one character; nullopt when the front is not valid. Never for kBinary.
std::optional<char32_t> Take(Charset charset, std::string_view& text) {
  if (IsUtf8(charset)) {
    const std::optional<char32_t> code = policy::TakeCodePoint(text);
    if (code && *code > 0xFFFF && charset == Charset::kUtf8mb3) return std::nullopt;
    return code;
  }
  const auto byte = static_cast<std::uint8_t>(text.front());
  if (charset == Charset::kAscii && byte > 0x7F) return std::nullopt;
  text.remove_prefix(1);
  return FromLatin1(byte);
}

bool Put(Charset charset, char32_t code, std::string& out) {
  if (IsUtf8(charset)) {
    if (code > 0xFFFF && charset == Charset::kUtf8mb3) return false;
    policy::AppendUtf8(code, out);
    return true;
  }
  if (charset == Charset::kAscii && code > 0x7F) return false;
  const std::optional<char> byte = ToLatin1(code);
  if (byte) out.push_back(*byte);
  return byte.has_value();
}

}  // namespace

std::optional<std::size_t> CountCharacters(Charset charset, std::string_view text) {
  if (charset == Charset::kBinary || charset == Charset::kLatin1) return text.size();
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t ascii = AsciiPrefix(text);
    count += ascii;
    text.remove_prefix(ascii);
    if (text.empty()) break;
    if (!Take(charset, text)) return std::nullopt;
    ++count;
  }
  return count;
}

std::size_t CharacterOffset(Charset charset, std::string_view text, std::size_t index) {
  if (!IsUtf8(charset)) return std::min(index, text.size());
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (text[at] & 0xC0) != 0x80;
    if (begins && index-- == 0) break;
  }
  return at;
}

namespace {

// `missing` stands for a character that `to` lacks; nullopt: none may be missing.
bool ConvertWith(std::optional<char> missing, Charset from, Charset to, std::string_view text,
                 std::string& out) {
  const bool same_bytes = from == Charset::kLatin1 && to == Charset::kLatin1;
  if (same_bytes || from == Charset::kBinary || to == Charset::kBinary) {
    out.append(text);
    return true;
  }
  const std::size_t start = out.size();
  while (!text.empty()) {
    const std::size_t ascii = AsciiPrefix(text);
    out.append(text.substr(0, ascii));
    text.remove_prefix(ascii);
    if (text.empty()) break;
    const std::optional<char32_t> code = Take(from, text);
    if (code && Put(to, *code, out)) continue;
    if (!code || !missing) {
      out.resize(start);
      return false;
    }
    out.push_back(*missing);
  }
  return true;
}

}  // namespace

bool Convert(Charset from, Charset to, std::string_view text, std::string& out) {
  return ConvertWith(std::nullopt, from, to, text, out);
}

bool ConvertForResults(Charset from, Charset to, std::string_view text, std::string& out) {
  return ConvertWith('?', from, to, text, out);
}

}  // namespace sealgate::rewrite
