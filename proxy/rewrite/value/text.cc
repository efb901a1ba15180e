// Text and binary columns.
#include <algorithm>
#include <cstddef>
#include <limits>

#include "proxy/rewrite/value/canonical.h"
#include "proxy/rewrite/value/charset.h"

namespace sealgate::rewrite {
namespace {

using Kind = SourceValue::Kind;
using policy::Charset;
using policy::TypeKind;

// Whether the collation compares as if texts went on with spaces for ever.
bool PadsSpaces(std::string_view collation) {
  return collation.find("nopad") == std::string_view::npos &&
         collation.find("_0900_") == std::string_view::npos;
}

// What the server takes a string of the client for: it converts from the
// client's set to the connection's, but not from or to binary.
Outcome ToConnection(const SessionFacts& facts, std::string_view bytes, Charset& charset,
                     std::string& out) {
  if (!facts.client || !facts.connection) return tl::unexpected(ValueError::kUnsupported);
  charset = *facts.connection;
  if (*facts.client == charset) {
    out.append(bytes);
    return {};
  }
  if (!Convert(*facts.client, charset, bytes, out)) {
    return tl::unexpected(ValueError::kBadString);
  }
  return {};
}

std::size_t WithoutTrailingSpaces(std::string_view text) {
  return text.find_last_not_of(' ') + 1;  // npos + 1 is 0
}

// Storing cuts what a server cuts without an error: spaces at the end, nothing else.
Outcome FitText(const policy::LogicalType& type, Purpose purpose, std::size_t start,
                std::string& out) {
  const std::string_view text = std::string_view(out).substr(start);
  const bool counted = type.kind == TypeKind::kChar || type.kind == TypeKind::kVarchar;
  const std::size_t end = counted ? CharacterOffset(type.charset, text, type.length)
                                  : std::min(text.size(), ByteLimit(type.kind));
  if (purpose == Purpose::kMix && text.size() > end) {
    out.resize(start);
    return tl::unexpected(ValueError::kWider);
  }
  const std::size_t used = WithoutTrailingSpaces(text);
  if (used > end) {
    out.resize(start);
    return tl::unexpected(ValueError::kTooLong);
  }
  out.resize(start + (type.kind == TypeKind::kChar ? used : end));
  return {};
}

Outcome AppendString(const policy::LogicalType& type, const SessionFacts& facts,
                     std::string_view bytes, Purpose purpose, std::string& out) {
  std::string as_read;
  Charset charset{};
  // The usual case needs no copy in between.
  const bool direct = facts.client == facts.connection && facts.client.has_value();
  if (direct) {
    charset = *facts.client;
  } else {
    const Outcome read = ToConnection(facts, bytes, charset, as_read);
    if (!read) return read;
    // A binary client's literals are taken for the connection's, unconverted, and on
    // MariaDB its parameters are not; the other way round, text would be stored in the
    // wrong character set.
    if (charset == Charset::kBinary || facts.client == Charset::kBinary) {
      return tl::unexpected(ValueError::kUnsupported);
    }
    bytes = as_read;
  }
  if (charset == Charset::kBinary && purpose == Purpose::kCompare) {
    return tl::unexpected(ValueError::kNotComparable);  // would be bytewise
  }
  if (charset == Charset::kBinary && !CountCharacters(type.charset, bytes)) {
    return tl::unexpected(ValueError::kBadString);
  }
  if (!Convert(charset, type.charset, bytes, out)) return tl::unexpected(ValueError::kBadString);
  return {};
}

Outcome AppendNumber(const SourceValue& source, Purpose purpose, std::string& out) {
  if (purpose == Purpose::kCompare) return tl::unexpected(ValueError::kNotComparable);
  Number number;
  if (!ReadNumber(source, number) || !AppendNumberText(number, out)) {
    return tl::unexpected(ValueError::kUnsupported);
  }
  return {};
}

Outcome AppendText(const policy::LogicalType& type, const SessionFacts& facts,
                   const SourceValue& source, Purpose purpose, std::string& out) {
  switch (source.kind) {
    case Kind::kString:
      return AppendString(type, facts, source.bytes, purpose, out);
    case Kind::kInteger:
    case Kind::kDecimal:
      return AppendNumber(source, purpose, out);
    case Kind::kBytes:
      if (purpose == Purpose::kCompare) return tl::unexpected(ValueError::kNotComparable);
      if (!CountCharacters(type.charset, source.bytes)) {
        return tl::unexpected(ValueError::kBadString);
      }
      out.append(source.bytes);
      return {};
    case Kind::kDate: {
      Moment moment;
      policy::LogicalType date;
      date.kind = TypeKind::kDate;
      if (purpose == Purpose::kStore && ReadTemporal(date, source.bytes, moment) &&
          !HasZeroPart(moment)) {
        out.append(source.bytes);
        return {};
      }
      return tl::unexpected(NotConverted(purpose));
    }
    default:
      return tl::unexpected(NotConverted(purpose));
  }
}

Outcome FitBinary(const policy::LogicalType& type, std::size_t start, std::string& out) {
  const bool counted = type.kind == TypeKind::kBinary || type.kind == TypeKind::kVarbinary;
  const std::size_t limit = counted ? type.length : ByteLimit(type.kind);
  if (out.size() - start > limit) {
    out.resize(start);
    return tl::unexpected(ValueError::kTooLong);
  }
  if (type.kind == TypeKind::kBinary) out.resize(start + limit, '\0');
  return {};
}

}  // namespace

std::size_t ByteLimit(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyText:
    case TypeKind::kTinyBlob:
      return 0xFF;
    case TypeKind::kText:
    case TypeKind::kBlob:
      return 0xFFFF;
    case TypeKind::kMediumText:
    case TypeKind::kMediumBlob:
      return 0xFFFFFF;
    case TypeKind::kLongText:
    case TypeKind::kLongBlob:
      return 0xFFFFFFFF;
    default:
      return std::numeric_limits<std::size_t>::max();
  }
}

Outcome TextToCanonical(const policy::LogicalType& type, const SessionFacts& facts,
                        const SourceValue& source, Purpose purpose, std::string& out) {
  const std::size_t start = out.size();
  if (Outcome appended = AppendText(type, facts, source, purpose, out); !appended) {
    return appended;
  }
  if (purpose != Purpose::kCompare) return FitText(type, purpose, start, out);
  // A CHAR has lost its spaces, and a padding collation does not miss them.
  if (type.kind == TypeKind::kChar && PadsSpaces(type.collation)) {
    out.resize(start + WithoutTrailingSpaces(std::string_view(out).substr(start)));
  }
  return {};
}

Outcome BinaryToCanonical(const policy::LogicalType& type, const SessionFacts& facts,
                          const SourceValue& source, Purpose purpose, std::string& out) {
  const std::size_t start = out.size();
  Outcome appended;
  Charset charset{};
  switch (source.kind) {
    case Kind::kString:
      appended = ToConnection(facts, source.bytes, charset, out);
      break;
    case Kind::kBytes:
      out.append(source.bytes);
      break;
    case Kind::kInteger:
    case Kind::kDecimal:
      appended = AppendNumber(source, purpose, out);
      break;
    default:
      return tl::unexpected(NotConverted(purpose));
  }
  if (!appended) return appended;
  // A value of another length equals nothing stored, padded or not.
  return purpose == Purpose::kStore ? FitBinary(type, start, out) : Outcome{};
}

}  // namespace sealgate::rewrite
