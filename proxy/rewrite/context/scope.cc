#include "proxy/rewrite/context/scope.h"

#include <algorithm>
#include <iterator>

#include "policy/ascii.h"

namespace sealgate::rewrite {
namespace {

bool Matches(const Source& source, std::string_view schema, std::string_view table) {
  if (!table.empty() && source.alias != table) return false;
  return schema.empty() || source.schema == schema;
}

Resolution InSource(const Source& source, std::string_view column) {
  if (source.unknown()) return {Resolution::Kind::kUnknown, nullptr, &source, nullptr, nullptr};
  if (source.table != nullptr) {
    const policy::CatalogColumn* found = source.table->Find(column);
    if (found == nullptr) return {};
    return {Resolution::Kind::kColumn, nullptr, &source, found, nullptr};
  }
  bool unknown = false;
  const OutputColumn* unnamed = nullptr;
  for (const OutputColumn& output : source.outputs) {
    if (!output.gap && !output.unnamed() && output.name == column) {
      return {Resolution::Kind::kOutput, nullptr, &source, nullptr, &output};
    }
    const bool maybe = output.MayBeCalled(column);
    unknown = unknown || output.gap || maybe;
    const bool is_protected = output.type.kind == ExprType::Kind::kProtected;
    if (maybe && (is_protected || output.hidden_name)) unnamed = &output;
  }
  if (unnamed != nullptr) {
    return {Resolution::Kind::kAmbiguous, nullptr, &source, nullptr, unnamed};
  }
  if (unknown) return {Resolution::Kind::kUnknown, nullptr, &source, nullptr, nullptr};
  return {};
}

bool IsProtected(const Resolution& found) {
  if (found.kind == Resolution::Kind::kColumn) return found.column->protection.has_value();
  return found.kind == Resolution::Kind::kOutput &&
         found.output->type.kind == ExprType::Kind::kProtected;
}

bool IsWordByte(char c) {
  const char lower = ascii::ToLower(c);
  return (lower >= 'a' && lower <= 'z') || ascii::IsDigit(c) || c == '_' || c == '$' ||
         ascii::IsHigh(c);
}

// Of a string the servers drop what is no visible character in front, and MySQL what
// follows a NUL.
bool MayName(std::string_view string, std::string_view column) {
  const auto is_dropped = [](char c) { return c <= ' ' || c == 0x7F || ascii::IsHigh(c); };
  const auto seen = std::find_if_not(string.begin(), string.end(), is_dropped);
  const auto end = std::find(seen, string.end(), '\0');
  const std::string_view cut(string.data(), static_cast<std::size_t>(end - string.begin()));
  for (const std::string_view name : {string, cut}) {
    if (!name.ends_with(column)) continue;
    if (std::all_of(name.begin(), name.end() - std::ssize(column), is_dropped)) return true;
  }
  return false;
}

// The order of answers of one scope: a protected column before a plain one before one
// that may be protected before "some table outside the catalog may have it".
int Rank(const Resolution& found) {
  switch (found.kind) {
    case Resolution::Kind::kNotFound:
      return 0;
    case Resolution::Kind::kUnknown:
      return 1;
    case Resolution::Kind::kAmbiguous:
      return 2;
    default:
      return IsProtected(found) ? 4 : 3;
  }
}

Resolution InScope(const Scope& scope, std::string_view schema, std::string_view table,
                   std::string_view column) {
  Resolution best;
  for (std::size_t i = scope.first_seen; i < scope.sources.size(); ++i) {
    const Source& source = scope.sources[i];
    if (!Matches(source, schema, table)) continue;
    const Resolution found = InSource(source, column);
    const bool twice = best.twice || (Rank(best) >= 3 && Rank(found) >= 3);
    const bool hidden = table.empty() && scope.Hides(i, column);
    if (!hidden && Rank(found) > Rank(best)) best = found;
    best.twice = twice;
  }
  return best;
}

}  // namespace

bool OutputColumn::MayBeCalled(std::string_view column) const {
  if (!unnamed()) return false;
  if (!std::all_of(column.begin(), column.end(), IsWordByte)) return true;
  if (in_string) return MayName(word, column);
  // Any number, which is no part of a statement's shape.
  if (word == "0") return !column.empty() && ascii::IsDigit(column.front());
  return word == "*" || word == column;
}

bool Scope::HasUnknown() const {
  for (const Source& source : sources) {
    if (source.unknown()) return true;
    for (const OutputColumn& output : source.outputs) {
      if (output.gap) return true;
    }
  }
  return false;
}

bool Scope::Hides(std::size_t index, std::string_view column) const {
  return std::any_of(hidden.begin(), hidden.end(), [&](const HiddenCommon& common) {
    return common.first <= index && index < common.end && common.column == column;
  });
}

Resolution Resolve(const Scope& scope, std::string_view schema, std::string_view table,
                   std::string_view column) {
  Resolution unknown;
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    Resolution found = InScope(*at, schema, table, column);
    if (found.kind == Resolution::Kind::kNotFound) continue;
    found.scope = at;
    if (found.kind == Resolution::Kind::kUnknown) {
      if (unknown.kind == Resolution::Kind::kNotFound) unknown = found;
      continue;
    }
    const bool inner_unknown = unknown.kind == Resolution::Kind::kUnknown;
    if (!inner_unknown || found.kind == Resolution::Kind::kAmbiguous) return found;
    if (IsProtected(found)) return {Resolution::Kind::kAmbiguous, at, nullptr, nullptr, nullptr};
    return unknown;
  }
  return unknown;
}

}  // namespace sealgate::rewrite
