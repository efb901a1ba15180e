// Keys over protected columns become keys of the stored prefix.
#include <algorithm>
#include <utility>

#include "policy/name_folding.h"
#include "proxy/rewrite/definition/definition_planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// InnoDB's limit for a key part.
constexpr std::uint64_t kMaxKeyBytes = 3072;

bool IsPrimary(const sql::TokenList& tokens, const sql::ColumnDefinition& column) {
  return column.key_attribute != sql::kNoToken &&
         !sql::IsWord(tokens, column.key_attribute, "UNIQUE");
}

}  // namespace

bool DefinitionPlanner::CheckKey(const sql::KeyDefinition& key) {
  const std::vector<std::string> names = ProtectedNames();
  const bool looks_elsewhere =
      key.kind == sql::KeyKind::kForeign || key.kind == sql::KeyKind::kCheck ||
      key.kind == sql::KeyKind::kFulltext || key.kind == sql::KeyKind::kSpatial;
  if (looks_elsewhere && NamesAny(key.span, names)) {
    return Refuse(
        Unsupported("a foreign key, check, full-text or spatial key that names a "
                    "protected column is not supported" +
                    At(key.span.first)));
  }
  if (!CheckReference(key.reference)) return false;
  for (const sql::KeyPart& part : key.parts) {
    if (part.expr != nullptr && NamesAny(part.span, names)) {
      return Refuse(
          Unsupported("a functional key part over a protected column is not "
                      "supported" +
                      At(part.span.first)));
    }
  }
  return true;
}

bool DefinitionPlanner::CheckReference(const sql::Reference& reference) {
  const std::uint32_t at = reference.table.table;
  if (at == sql::kNoToken || reference.names_columns) return true;
  const std::string schema = Folded(reference.table.schema);
  const auto is_named = [&, table = Folded(at)](const policy::ProtectedColumn& column) {
    return policy::FoldName(column.table) == table &&
           (schema.empty() || policy::FoldName(column.schema) == schema);
  };
  const auto& columns = snapshot_.policy->columns;
  if (std::none_of(columns.begin(), columns.end(), is_named)) return true;
  return Refuse(
      Unsupported("REFERENCES to a protected table without the names of its columns is not "
                  "supported" +
                  At(at)));
}

bool DefinitionPlanner::KeyLength(const CreatedColumn& column, std::uint32_t token,
                                  std::string& length) {
  const std::string name = snapshot_.policy->columns[column.protection].QualifiedName();
  length.clear();
  if (!MayIndex(column, token)) return false;
  switch (column.mode) {
    case crypto::Mode::kRandom:
      return RefuseAt(token, name, "a key in mode 'random'");
    case crypto::Mode::kSearchable:
      length = "(" + std::to_string(crypto::kEqualityPrefixBytes) + ")";
      return true;
    case crypto::Mode::kDeterministic:
      break;
  }
  const std::uint64_t bytes =
      policy::MaxCanonicalBytes(column.type) + crypto::EnvelopeOverhead(column.mode);
  if (bytes > kMaxKeyBytes) return RefuseAt(token, name, "a key over so long a column");
  return true;
}

// A key among a column's attributes is taken out of them: `key` becomes one of the
// table's. The server gives it a name, as it would have.
bool DefinitionPlanner::TakeKey(const CreatedColumn& column, std::string& key) {
  const sql::ColumnDefinition& definition = *column.definition;
  if (definition.key_attribute == sql::kNoToken) return true;
  std::string length;
  if (!KeyLength(column, definition.key_attribute, length)) return false;
  key = IsPrimary(tokens_, definition) ? "PRIMARY KEY (" : "UNIQUE KEY (";
  sql::AppendQuotedIdentifier(snapshot_.policy->columns[column.protection].column, key);
  key += length + ")";
  edits_.Replace(definition.key_attribute_span, "");
  return true;
}

bool DefinitionPlanner::EditCreatedKeys(std::span<const sql::KeyDefinition> keys,
                                        const std::vector<CreatedColumn>& columns) {
  for (const sql::KeyDefinition& key : keys) {
    for (const sql::KeyPart& part : key.parts) {
      if (part.column == sql::kNoToken) continue;
      const std::string name = Folded(part.column);
      for (const CreatedColumn& column : columns) {
        if (policy::FoldName(snapshot_.policy->columns[column.protection].column) != name) continue;
        // A prefix only makes an index shorter, unless it is to be unique.
        if (part.length != sql::kNoToken && key.kind != sql::KeyKind::kIndex) {
          return RefuseAt(part.column, snapshot_.policy->columns[column.protection].QualifiedName(),
                          "a unique key over a prefix of the value");
        }
        std::string length;
        if (!KeyLength(column, part.column, length)) return false;
        if (part.length != sql::kNoToken) {
          edits_.Replace({part.length - 1, part.length + 1}, std::move(length));
        } else if (!length.empty()) {
          edits_.InsertBefore(part.column + 1, std::move(length));
        }
      }
    }
  }
  return true;
}

// KEY () goes by the primary key's columns, or else by those of a unique key.
bool DefinitionPlanner::CheckPartitionKey(const sql::CreateTableStatement& create,
                                          const std::vector<CreatedColumn>& columns) {
  if (create.partition == sql::kNoToken) return true;
  std::uint32_t at = create.partition;
  const auto is = [this](std::uint32_t token, sql::Operator op) {
    return tokens_.tokens[token].op == op;
  };
  while (at + 1 < tokens_.tokens.size() &&
         !(is(at, sql::Operator::kOpen) && is(at + 1, sql::Operator::kClose))) {
    ++at;
  }
  if (at + 1 >= tokens_.tokens.size()) return true;
  bool primary = false;
  for (const sql::KeyDefinition& key : create.keys) {
    primary = primary || key.kind == sql::KeyKind::kPrimary;
  }
  for (const sql::ColumnDefinition& column : create.columns) {
    primary = primary || IsPrimary(tokens_, column);
  }
  for (const CreatedColumn& column : columns) {
    if (!IsOfKey(create, column, primary)) continue;
    return RefuseAt(at, snapshot_.policy->columns[column.protection].QualifiedName(),
                    "partitioning by KEY () with a key that it is part of");
  }
  return true;
}

// Of the primary key, or of any unique one.
bool DefinitionPlanner::IsOfKey(const sql::CreateTableStatement& create,
                                const CreatedColumn& column, bool primary) {
  const sql::ColumnDefinition& definition = *column.definition;
  if (definition.key_attribute != sql::kNoToken && (!primary || IsPrimary(tokens_, definition))) {
    return true;
  }
  const std::string name = Folded(definition.name);
  for (const sql::KeyDefinition& key : create.keys) {
    const bool unique = !primary && key.kind == sql::KeyKind::kUnique;
    if (key.kind != sql::KeyKind::kPrimary && !unique) continue;
    for (const sql::KeyPart& part : key.parts) {
      if (part.column != sql::kNoToken && Folded(part.column) == name) return true;
    }
  }
  return false;
}

}  // namespace sealgate::rewrite
