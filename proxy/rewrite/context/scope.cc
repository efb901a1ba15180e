#include "proxy/rewrite/context/scope.h"

#include "proxy/sql/lexer.h"

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
  bool gap = false;
  for (const OutputColumn& output : source.outputs) {
    gap = gap || output.gap;
    if (!output.gap && output.name == column) {
      return {Resolution::Kind::kOutput, nullptr, &source, nullptr, &output};
    }
  }
  if (gap) return {Resolution::Kind::kUnknown, nullptr, &source, nullptr, nullptr};
  return {};
}

bool IsProtected(const Resolution& found) {
  if (found.kind == Resolution::Kind::kColumn) return found.column->protection.has_value();
  return found.kind == Resolution::Kind::kOutput &&
         found.output->type.kind == ExprType::Kind::kProtected;
}

// The best answer of one scope: a protected column before a plain one before
// "some table outside the catalog may have it".
Resolution InScope(const Scope& scope, std::string_view schema, std::string_view table,
                   std::string_view column) {
  Resolution best;
  for (std::size_t i = scope.first_seen; i < scope.sources.size(); ++i) {
    const Source& source = scope.sources[i];
    if (!Matches(source, schema, table)) continue;
    const Resolution found = InSource(source, column);
    if (found.kind == Resolution::Kind::kNotFound) continue;
    if (IsProtected(found)) return found;
    const bool better =
        best.kind == Resolution::Kind::kNotFound || best.kind == Resolution::Kind::kUnknown;
    if (better) best = found;
  }
  return best;
}

}  // namespace

bool Scope::HasUnknown() const {
  for (const Source& source : sources) {
    if (source.unknown()) return true;
    for (const OutputColumn& output : source.outputs) {
      if (output.gap) return true;
    }
  }
  return false;
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
      if (!table.empty()) return found;
      continue;
    }
    const bool inner_unknown = unknown.kind == Resolution::Kind::kUnknown;
    if (!inner_unknown) return found;
    if (IsProtected(found)) return {Resolution::Kind::kAmbiguous, at, nullptr, nullptr, nullptr};
    return unknown;
  }
  return unknown;
}

}  // namespace sealgate::rewrite
