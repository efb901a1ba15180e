#include <cstddef>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"

namespace sealgate::sql {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

// MySQL manual, "String Literals", table of escape sequences.
void AppendEscaped(char c, std::string& out) {
  switch (c) {
    case '0':
      out.push_back('\0');
      return;
    case 'b':
      out.push_back('\b');
      return;
    case 'n':
      out.push_back('\n');
      return;
    case 'r':
      out.push_back('\r');
      return;
    case 't':
      out.push_back('\t');
      return;
    case 'Z':
      out.push_back('\x1A');
      return;
    case '%':
    case '_':
      out.push_back('\\');
      [[fallthrough]];
    default:
      out.push_back(c);
      return;
  }
}

// The digits of X'..', 0x.., B'..', 0b...
std::string_view Digits(std::string_view token_text) {
  token_text.remove_prefix(2);
  if (!token_text.empty() && token_text.back() == '\'') token_text.remove_suffix(1);
  return token_text;
}

void AppendHexDigits(std::string_view digits, std::string& out) {
  std::size_t i = 0;
  if (digits.size() % 2 != 0) {  // 0xABC is 0x0ABC
    out.push_back(static_cast<char>(ascii::HexValue(digits[0])));
    i = 1;
  }
  for (; i < digits.size(); i += 2) {
    out.push_back(
        static_cast<char>(ascii::HexValue(digits[i]) << 4 | ascii::HexValue(digits[i + 1])));
  }
}

void AppendBits(std::string_view digits, std::string& out) {
  unsigned value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    value = value << 1 | (digits[i] == '1' ? 1u : 0u);
    if ((digits.size() - i - 1) % 8 == 0) {
      out.push_back(static_cast<char>(value));
      value = 0;
    }
  }
}

}  // namespace

void UnescapeString(std::string_view token_text, LexMode mode, std::string& out) {
  if (!token_text.empty() && (token_text[0] == 'N' || token_text[0] == 'n')) {
    token_text.remove_prefix(1);
  }
  if (token_text.size() < 2) return;
  const char quote = token_text[0];
  const std::string_view body = token_text.substr(1, token_text.size() - 2);
  const char stops[] = {quote, mode.no_backslash_escapes ? quote : '\\'};
  std::size_t from = 0;
  for (;;) {
    const std::size_t stop = body.find_first_of(std::string_view(stops, 2), from);
    if (stop == std::string_view::npos || stop + 1 >= body.size()) break;
    out.append(body.substr(from, stop - from));
    if (body[stop] == quote) {
      out.push_back(quote);
    } else {
      AppendEscaped(body[stop + 1], out);
    }
    from = stop + 2;
  }
  out.append(body.substr(from));
}

void UnquoteIdentifier(std::string_view token_text, std::string& out) {
  if (token_text.empty() || (token_text[0] != '`' && token_text[0] != '"')) {
    out.append(token_text);
    return;
  }
  const char quote = token_text[0];
  for (std::size_t i = 1; i + 1 < token_text.size(); ++i) {
    out.push_back(token_text[i]);
    if (token_text[i] == quote) ++i;
  }
}

void DecodeHexOrBit(std::string_view token_text, std::string& out) {
  if (token_text.size() < 2) return;
  const bool hex = ascii::ToLower(token_text[0] == '0' ? token_text[1] : token_text[0]) == 'x';
  if (hex) {
    AppendHexDigits(Digits(token_text), out);
  } else {
    AppendBits(Digits(token_text), out);
  }
}

void AppendHexLiteral(std::string_view bytes, std::string& out) {
  const std::size_t at = out.size();
  out.resize(at + 3 + bytes.size() * 2);
  char* to = out.data() + at;
  *to++ = 'X';
  *to++ = '\'';
  for (const char c : bytes) {
    *to++ = kHexDigits[static_cast<unsigned char>(c) >> 4];
    *to++ = kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  *to = '\'';
}

void AppendQuotedIdentifier(std::string_view name, std::string& out) {
  out.push_back('`');
  for (const char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
}

bool EqualsKeyword(std::string_view word, std::string_view upper) {
  if (word.size() != upper.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (ascii::ToUpper(word[i]) != upper[i]) return false;
  }
  return true;
}

}  // namespace sealgate::sql
