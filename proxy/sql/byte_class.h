// What a byte of SQL can begin or belong to. Internal to the lexer.
#ifndef SEALGATE_PROXY_SQL_BYTE_CLASS_H_
#define SEALGATE_PROXY_SQL_BYTE_CLASS_H_

#include <array>
#include <cstdint>

#include "proxy/sql/token.h"

namespace sealgate::sql {

enum class ByteClass : std::uint8_t {
  kIllegal,
  kSpace,
  kLetter,  // also "_"
  kDollar,
  kDigit,
  kHigh,
  kSingleQuote,
  kDoubleQuote,
  kBacktick,
  kComparison,
  kHash,
  kMinus,
  kSlash,
  kDot,
  kAt,
  kQuestion,
  kSemicolon,
  kSingle,  // an operator that no other byte makes longer
  kDouble,  // & | :
};

constexpr std::array<ByteClass, 256> MakeByteClasses() {
  std::array<ByteClass, 256> classes{};
  for (int c = 9; c <= 13; ++c) classes[c] = ByteClass::kSpace;
  classes[' '] = ByteClass::kSpace;
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = ByteClass::kLetter;
  classes['_'] = ByteClass::kLetter;
  classes['$'] = ByteClass::kDollar;
  for (int c = '0'; c <= '9'; ++c) classes[c] = ByteClass::kDigit;
  for (int c = 0x80; c <= 0xFF; ++c) classes[c] = ByteClass::kHigh;
  for (const char c : {'(', ')', ',', '+', '*', '%', '^', '~', '{', '}'}) {
    classes[static_cast<unsigned char>(c)] = ByteClass::kSingle;
  }
  for (const char c : {'&', '|', ':'}) classes[static_cast<unsigned char>(c)] = ByteClass::kDouble;
  for (const char c : {'<', '=', '>', '!'}) {
    classes[static_cast<unsigned char>(c)] = ByteClass::kComparison;
  }
  classes['\''] = ByteClass::kSingleQuote;
  classes['"'] = ByteClass::kDoubleQuote;
  classes['`'] = ByteClass::kBacktick;
  classes['#'] = ByteClass::kHash;
  classes['-'] = ByteClass::kMinus;
  classes['/'] = ByteClass::kSlash;
  classes['.'] = ByteClass::kDot;
  classes['@'] = ByteClass::kAt;
  classes['?'] = ByteClass::kQuestion;
  classes[';'] = ByteClass::kSemicolon;
  return classes;
}
inline constexpr std::array<ByteClass, 256> kByteClasses = MakeByteClasses();

constexpr std::array<bool, 256> MakeWordBytes(bool high) {
  std::array<bool, 256> word{};
  for (int c = 0; c < 256; ++c) {
    const ByteClass of = kByteClasses[c];
    word[c] = of == ByteClass::kLetter || of == ByteClass::kDollar || of == ByteClass::kDigit ||
              (high && of == ByteClass::kHigh);
  }
  return word;
}
/// Bytes within a word.
inline constexpr std::array<bool, 256> kWordBytes = MakeWordBytes(true);
inline constexpr std::array<bool, 256> kAsciiWordBytes = MakeWordBytes(false);

/// The operators of ByteClass::kSingle.
constexpr std::array<Operator, 128> MakeSingleOperators() {
  std::array<Operator, 128> operators{};
  operators['('] = Operator::kOpen;
  operators[')'] = Operator::kClose;
  operators[','] = Operator::kComma;
  operators['+'] = Operator::kPlus;
  operators['*'] = Operator::kStar;
  operators['%'] = Operator::kPercent;
  operators['^'] = Operator::kCaret;
  operators['~'] = Operator::kTilde;
  operators['{'] = Operator::kOpenBrace;
  operators['}'] = Operator::kCloseBrace;
  return operators;
}
inline constexpr std::array<Operator, 128> kSingleOperators = MakeSingleOperators();

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_BYTE_CLASS_H_
