// Rows of information_schema.COLUMNS and STATISTICS: what they tell of a sealed
// column, as the application has it. Source: MySQL manual, "The
// INFORMATION_SCHEMA COLUMNS Table".
#include "crypto/column_cipher.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/schema/rows.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Value = std::optional<std::string>;

// Digits that an integer type can hold, as both servers count them.
std::uint32_t DigitsOf(const policy::LogicalType& type, bool is_mariadb) {
  switch (type.kind) {
    case policy::TypeKind::kTinyint:
      return 3;
    case policy::TypeKind::kSmallint:
      return 5;
    case policy::TypeKind::kMediumint:
      return type.is_unsigned && is_mariadb ? 8 : 7;
    case policy::TypeKind::kInt:
      return 10;
    case policy::TypeKind::kBigint:
      return type.is_unsigned ? 20 : 19;
    default:
      return type.precision;
  }
}

class InformationRow {
 public:
  InformationRow(const policy::Snapshot& snapshot, const SessionFacts& facts, const Plan& plan,
                 const std::vector<std::string>& names, SchemaRow& row)
      : snapshot_(snapshot), facts_(facts), plan_(plan), names_(names), row_(row) {}

  void Change() {
    const policy::CatalogTable* table = TableTold();
    if (IsUnusableView(table)) return HideDefault();
    const policy::CatalogColumn* column = ColumnTold(table);
    if (column == nullptr) return;
    if (policy::HidesPlaintext(*column, *facts_.role)) return HideDefault();
    if (policy::HidesUnusable(*column, *facts_.role)) return HideDefault();
    if (column->state != policy::ColumnState::kSealed ||
        facts_.role->columns[*column->protection].reveal == policy::Reveal::kCiphertext) {
      return;
    }
    if (plan_.schema_rows == SchemaRows::kInformationStatistics) return ChangeKey(*column);
    ChangeColumn(*column);
  }

 private:
  const Value* Find(std::string_view upper) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (sql::EqualsKeyword(names_[i], upper)) return &row_[i];
    }
    return nullptr;
  }
  std::string TextOf(std::string_view upper, const std::string& otherwise) const {
    const Value* value = Find(upper);
    return value != nullptr && *value ? **value : otherwise;
  }
  // A query may select a column more than once.
  void Set(std::string_view upper, const Value& value) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (sql::EqualsKeyword(names_[i], upper)) row_[i] = value;
    }
  }

  // What the row tells of.
  const policy::CatalogTable* TableTold() const {
    const std::string schema = TextOf("TABLE_SCHEMA", plan_.rows_schema);
    const std::string name = TextOf("TABLE_NAME", plan_.rows_table);
    const policy::CatalogTable* table = snapshot_.catalog->FindSpelled(schema, name);
    return table != nullptr ? table : FindView(schema, name);
  }

  // If it is protected.
  const policy::CatalogColumn* ColumnTold(const policy::CatalogTable* table) const {
    const policy::CatalogColumn* column =
        table == nullptr ? nullptr : table->Find(TextOf("COLUMN_NAME", ""));
    return column == nullptr || !column->protection ? nullptr : column;
  }

  const policy::CatalogTable* FindView(const std::string& schema, const std::string& name) const {
    for (const auto& view : plan_.views_as_tables) {
      if (policy::EqualsFolded(view->schema, schema) && policy::EqualsFolded(view->name, name) &&
          snapshot_.catalog->IsSpelled(schema, name, view->schema, view->name)) {
        return view.get();
      }
    }
    return nullptr;
  }

  void ChangeKey(const policy::CatalogColumn& column) {
    const std::uint32_t domain = snapshot_.policy->columns[*column.protection].domain;
    const bool prefix = snapshot_.policy->domains[domain].mode == crypto::Mode::kSearchable &&
                        TextOf("SUB_PART", "") == std::to_string(crypto::kEqualityPrefixBytes);
    if (prefix) Set("SUB_PART", std::nullopt);
  }

  void ChangeColumn(const policy::CatalogColumn& column) {
    const policy::LogicalType& type = column.type;
    const bool is_mariadb = snapshot_.catalog->is_mariadb;
    const std::string text = policy::ToText(type);
    Set("COLUMN_TYPE", ShownType(type, is_mariadb));
    Set("DATA_TYPE", text.substr(0, text.find_first_of("( ")));
    Set("COLUMN_COMMENT", std::string(policy::OwnComment(TextOf("COLUMN_COMMENT", ""))));
    if (TextOf("COLUMN_KEY", "") == "MUL" && column.unique_prefix) Set("COLUMN_KEY", "UNI");
    if (const Value* extra = Find("EXTRA"); extra != nullptr && *extra) {
      Set("EXTRA", WithoutDefaultGenerated(**extra));
    }
    HideDefault();
    SetLengths(type, is_mariadb);
  }

  void HideDefault() {
    const Value* shown = Find("COLUMN_DEFAULT");
    const bool has_default = shown != nullptr && *shown && **shown != "NULL";
    if (has_default) Set("COLUMN_DEFAULT", std::string(kSealedDefault));
  }

  void SetLengths(const policy::LogicalType& type, bool is_mariadb) {
    const bool is_text = policy::IsText(type.kind);
    const std::uint64_t bytes = policy::MaxCanonicalBytes(type);
    Value length;
    if (is_text || policy::IsBinary(type.kind)) {
      length = std::to_string(type.length != 0 ? type.length : bytes);
      Set("CHARACTER_OCTET_LENGTH", std::to_string(bytes));
    } else {
      Set("CHARACTER_OCTET_LENGTH", std::nullopt);
    }
    Set("CHARACTER_MAXIMUM_LENGTH", length);
    Set("CHARACTER_SET_NAME",
        is_text ? Value(std::string(policy::CharsetName(type.charset))) : std::nullopt);
    Set("COLLATION_NAME", is_text ? Value(type.collation) : std::nullopt);
    const bool decimal = type.kind == policy::TypeKind::kDecimal;
    const bool number = decimal || policy::IsInteger(type.kind);
    Set("NUMERIC_PRECISION", number ? Value(std::to_string(DigitsOf(type, is_mariadb))) : Value());
    Set("NUMERIC_SCALE", number ? Value(std::to_string(type.scale)) : Value());
    const bool time = type.kind == policy::TypeKind::kDatetime ||
                      type.kind == policy::TypeKind::kTimestamp ||
                      type.kind == policy::TypeKind::kTime;
    Set("DATETIME_PRECISION", time ? Value(std::to_string(type.fraction)) : Value());
  }

  const policy::Snapshot& snapshot_;
  const SessionFacts& facts_;
  const Plan& plan_;
  const std::vector<std::string>& names_;
  SchemaRow& row_;
};

}  // namespace

void MakeInformationLogical(const policy::Snapshot& snapshot, const SessionFacts& facts,
                            const Plan& plan, const std::vector<std::string>& names,
                            SchemaRow& row) {
  InformationRow(snapshot, facts, plan, names, row).Change();
}

}  // namespace sealgate::rewrite
