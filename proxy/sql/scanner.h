// One token of a text, read at a place that the caller knows. Internal to the
// lexer. What statements are made of mostly, words and operators of one byte, is
// read here, so that it can be expanded where it is used; the rest in scanner.cc.
#ifndef SEALGATE_PROXY_SQL_SCANNER_H_
#define SEALGATE_PROXY_SQL_SCANNER_H_

#include <cstdint>
#include <string_view>

#include "proxy/sql/byte_class.h"
#include "proxy/sql/token.h"

namespace sealgate::sql {

/// A token without its beginning, and small enough to stay in registers.
struct Reading {
  std::uint32_t end = 0;
  TokenKind kind = TokenKind::kEnd;
  Operator op = Operator::kNone;
  Follows next = Follows::kOther;  // what the next token follows
};

class Scanner {
 public:
  Scanner(std::string_view text, LexMode mode) : text_(text), mode_(mode) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }

  /// The token at `at`, which is before the end; trivia too.
  [[gnu::always_inline]] Reading Read(std::uint32_t at, Follows before) const {
    const auto first = static_cast<unsigned char>(text_.data()[at]);
    const ByteClass of = kByteClasses[first];
    if (of == ByteClass::kLetter) {
      const std::uint32_t end = AsciiWordEnd(at);
      const char next = At(end);
      // Not x'41' and the like, nor the ASCII beginning of a longer word.
      const bool plain = next != '\'' || end - at > 1 || before == Follows::kDot;
      if (!IsHigh(next) && plain) return MakeWord(end);
    } else if (of == ByteClass::kSingle) {
      return Make(TokenKind::kOperator, at + 1, kSingleOperators[first]);
    } else if (of == ByteClass::kDot && before == Follows::kWord) {
      return Dot(at);
    }
    return ReadRare(at, before);
  }

  bool IsSpace(std::uint32_t at) const { return ClassAt(at) == ByteClass::kSpace; }
  /// The first byte at or behind `at` that is not whitespace.
  std::uint32_t SpaceEnd(std::uint32_t at) const {
    while (at < size() && IsSpace(at)) ++at;
    return at;
  }

 private:
  static Reading Make(TokenKind kind, std::uint32_t end, Operator op = Operator::kNone) {
    return {end, kind, op, Follows::kOther};
  }
  static Reading MakeWord(std::uint32_t end) {
    return {end, TokenKind::kWord, Operator::kNone, Follows::kWord};
  }
  static Reading Dot(std::uint32_t at) {
    return {at + 1, TokenKind::kOperator, Operator::kDot, Follows::kDot};
  }
  static bool IsHigh(char c) { return static_cast<unsigned char>(c) >= 0x80; }
  char At(std::uint32_t index) const { return index < size() ? text_.data()[index] : '\0'; }
  ByteClass ClassAt(std::uint32_t index) const {
    return kByteClasses[static_cast<unsigned char>(text_.data()[index])];
  }

  std::uint32_t AsciiWordEnd(std::uint32_t at) const {
    const char* const data = text_.data();
    std::uint32_t end = at + 1;
    while (end < size() && kAsciiWordBytes[static_cast<unsigned char>(data[end])]) ++end;
    return end;
  }

  Reading ReadRare(std::uint32_t at, Follows before) const;
  Reading Minus(std::uint32_t at) const;
  Reading LineComment(std::uint32_t at) const;
  Reading Slash(std::uint32_t at) const;
  Reading Hint(std::uint32_t at) const;
  Reading Word(std::uint32_t at) const;
  Reading WordRest(std::uint32_t at) const;
  Reading DigitFirst(std::uint32_t at) const;
  Reading Fraction(std::uint32_t from) const;
  Reading Quoted(std::uint32_t at, std::uint32_t prefix, TokenKind kind, bool backslash) const;
  Reading QuotedName(std::uint32_t at, std::uint32_t prefix, TokenKind kind) const;
  Reading QuotedDigits(std::uint32_t at, TokenKind kind) const;
  Reading UserVariable(std::uint32_t at) const;
  Reading Comparison(std::uint32_t at) const;
  Reading Pair(std::uint32_t at) const;
  Reading IllegalRest() const { return Make(TokenKind::kIllegal, size()); }
  bool HighBytesOk(std::uint32_t from, std::uint32_t to) const;

  std::string_view text_;
  LexMode mode_;
};

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_SCANNER_H_
