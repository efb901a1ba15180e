#include "policy/logical_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "policy/type_names.h"

namespace sealgate::policy {
namespace {

constexpr std::string_view kCommentPrefix = "sealgate:";
constexpr std::string_view kCommentStart = "sealgate:1;type=";
constexpr std::string_view kCharsetKey = ";charset=";
constexpr std::string_view kCollationKey = ";collation=";

/// Takes `prefix` off the front of `text`.
bool Skip(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

bool IsCollationName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::optional<Charset> CharsetFromName(std::string_view name) {
  if (name == "utf8") {
    return Charset::kUtf8mb3;
  }
  for (Charset charset : {Charset::kBinary, Charset::kAscii, Charset::kLatin1, Charset::kUtf8mb3,
                          Charset::kUtf8mb4}) {
    if (name == CharsetName(charset)) {
      return charset;
    }
  }
  return std::nullopt;
}

std::string_view CharsetName(Charset charset) {
  switch (charset) {
    case Charset::kBinary:
      return "binary";
    case Charset::kAscii:
      return "ascii";
    case Charset::kLatin1:
      return "latin1";
    case Charset::kUtf8mb3:
      return "utf8mb3";
    case Charset::kUtf8mb4:
      return "utf8mb4";
  }
  return "binary";
}

std::uint32_t MaxBytesPerCharacter(Charset charset) {
  switch (charset) {
    case Charset::kUtf8mb3:
      return 3;
    case Charset::kUtf8mb4:
      return 4;
    default:
      return 1;
  }
}

bool IsText(TypeKind kind) { return kind <= TypeKind::kLongText; }
bool IsBinary(TypeKind kind) { return kind >= TypeKind::kBinary && kind <= TypeKind::kLongBlob; }
bool IsInteger(TypeKind kind) { return kind >= TypeKind::kTinyint && kind <= TypeKind::kBigint; }
bool IsTemporal(TypeKind kind) { return kind >= TypeKind::kDate; }

std::string ToText(const LogicalType& type) {
  const TypeName& name = NameOf(type.kind);
  std::string text(name.name);
  switch (name.arguments) {
    case TypeArguments::kNone:
      break;
    case TypeArguments::kLength:
      text += fmt::format("({})", type.length);
      break;
    case TypeArguments::kDisplayWidth:
      if (type.one_digit) text += "(1)";
      break;
    case TypeArguments::kDecimal:
      text += fmt::format("({},{})", type.precision, type.scale);
      break;
    case TypeArguments::kFraction:
      if (type.fraction != 0) {
        text += fmt::format("({})", type.fraction);
      }
      break;
  }
  if (type.is_unsigned) {
    text += " unsigned";
  }
  return text;
}

std::string ToComment(const LogicalType& type) {
  std::string comment(kCommentStart);
  comment += ToText(type);
  if (IsText(type.kind)) {
    comment += fmt::format("{}{}{}{}", kCharsetKey, CharsetName(type.charset), kCollationKey,
                           type.collation);
  }
  return comment;
}

std::string_view OwnComment(std::string_view comment) {
  const std::size_t at = comment.find(kOwnComment);
  return at == std::string_view::npos ? "" : comment.substr(at + kOwnComment.size());
}

std::optional<LogicalType> FromComment(std::string_view comment) {
  comment = comment.substr(0, comment.find(kOwnComment));
  std::string_view rest = comment;
  if (!Skip(rest, kCommentStart)) {
    return std::nullopt;
  }
  const std::size_t end = std::min(rest.find(';'), rest.size());
  std::optional<LogicalType> type = TypeFromText(rest.substr(0, end));
  if (!type) {
    return std::nullopt;
  }
  rest.remove_prefix(end);
  if (IsText(type->kind)) {
    if (!Skip(rest, kCharsetKey)) {
      return std::nullopt;
    }
    const std::size_t charset_end = std::min(rest.find(';'), rest.size());
    const std::optional<Charset> charset = CharsetFromName(rest.substr(0, charset_end));
    rest.remove_prefix(charset_end);
    if (!charset || charset == Charset::kBinary || !Skip(rest, kCollationKey) ||
        !IsCollationName(rest)) {
      return std::nullopt;
    }
    type->charset = *charset;
    type->collation = rest;
    rest = {};
  }
  // One spelling per type, so that equal comments and equal types are the same.
  return rest.empty() && ToComment(*type) == comment ? type : std::nullopt;
}

bool IsOurComment(std::string_view comment) {
  return comment.substr(0, kCommentPrefix.size()) == kCommentPrefix;
}

}  // namespace sealgate::policy
