#include "proxy/rewrite/result.h"

#include <algorithm>
#include <utility>

#include "crypto/column_cipher.h"
#include "policy/ascii.h"
#include "policy/charset_names.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/rewrite/schema/rows.h"
#include "proxy/rewrite/value/value.h"
#include "proxy/wire/row.h"

namespace sealgate::rewrite {
namespace {

// The protected column that the metadata names as the base of a result column.
const policy::ProtectedColumn* Base(const policy::Policy& policy,
                                    const wire::ColumnDefinition41& definition) {
  for (const policy::ProtectedColumn& column : policy.columns) {
    if (ascii::EqualsAnyCase(definition.org_name, column.column) &&
        ascii::EqualsAnyCase(definition.org_table, column.table) &&
        ascii::EqualsAnyCase(definition.schema, column.schema)) {
      return &column;
    }
  }
  return nullptr;
}

bool HoldsPlaintext(const policy::Catalog& catalog, const policy::ProtectedColumn& protection) {
  const policy::CatalogTable* table = catalog.Find(protection.schema, protection.table);
  const policy::CatalogColumn* column = table ? table->Find(protection.column) : nullptr;
  return column != nullptr && column->state == policy::ColumnState::kPlaintext;
}

bool CanHoldEnvelope(wire::FieldType type) {
  switch (type) {
    case wire::FieldType::kVarchar:
    case wire::FieldType::kTinyBlob:
    case wire::FieldType::kMediumBlob:
    case wire::FieldType::kLongBlob:
    case wire::FieldType::kBlob:
    case wire::FieldType::kVarString:
    case wire::FieldType::kString:
      return true;
    default:
      return false;
  }
}

Refusal RefuseStored(const Target& target) {
  return CannotOpen("column " + target.protection->QualifiedName() +
                    ": a stored value cannot be decrypted; it was changed, moved from another "
                    "column, or sealed under a key that is not loaded");
}

// It was opened, and cannot be shown. A cursor may outlive the time zone in which its
// statement was planned.
Refusal RefuseShown(const Target& target, const SessionFacts& facts) {
  if (target.column->type.kind != policy::TypeKind::kTimestamp || facts.utc_offset) {
    return RefuseStored(target);
  }
  return Unsupported("column " + target.protection->QualifiedName() +
                     " is a TIMESTAMP, which cannot be shown while the session's time_zone is a "
                     "name or a SYSTEM other than UTC");
}

// A number as the text row would have it; a text as it is.
std::string TextOf(wire::FieldType type, std::string_view bytes) {
  if (CanHoldEnvelope(type) || bytes.size() > 8) return std::string(bytes);
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  }
  return std::to_string(number);
}

Refusal RefuseDefinition() {
  return Unsupported(
      "the server's definition of this table has parts that Sealgate cannot read; MariaDB shows "
      "sealed defaults as they are only after SET NAMES utf8mb4");
}

Refusal RefuseColumns() {
  return CannotOpen(
      "the server's result has other columns than Sealgate's catalog says; try again");
}

Refusal RefuseRow() { return CannotOpen("a row of the server could not be read"); }

// Of a view's column it is not known whose it is. Bytes may have become question marks,
// and characters be four bytes long, but the scheme stays the second of them.
bool LooksSealed(std::string_view default_on_wire) {
  const std::size_t prefix = default_on_wire.front() == '\xFC' ? 3 : 1;
  const std::string_view value =
      default_on_wire.substr(std::min(prefix, default_on_wire.size()), 2 * sizeof(char32_t));
  return std::any_of(value.begin(), value.end(), [](char c) { return c >= 1 && c <= 3; });
}

bool OfInformation(const Plan& plan) {
  return plan.schema_rows == SchemaRows::kInformationColumns ||
         plan.schema_rows == SchemaRows::kInformationStatistics;
}

// "(sealed)" with its length before it.
constexpr std::string_view kDefaultOnWire = "\x08(sealed)";

}  // namespace

tl::expected<void, Refusal> ResultReader::Begin(const policy::Snapshot& snapshot,
                                                const SessionFacts& facts, const Plan& plan,
                                                std::uint64_t columns) {
  snapshot_ = &snapshot;
  facts_ = &facts;
  plan_ = &plan;
  changes_rows_ = false;
  columns_.clear();
  changed_.clear();
  physical_types_.clear();
  names_.clear();
  gap_ = 0;
  if (OfInformation(plan)) return NameItems(columns);
  if (!plan.knows_result) return {};
  bool has_gap = false;
  for (const PlannedColumn& column : plan.result) has_gap = has_gap || column.gap;
  const std::size_t known = plan.result.size() - (has_gap ? 1 : 0);
  if (columns < known || (!has_gap && columns != known)) {
    return tl::unexpected(RefuseColumns());
  }
  gap_ = static_cast<std::size_t>(columns) - known;
  return {};
}

// The metadata calls a column by its alias alone when MySQL sorts or buffers.
tl::expected<void, Refusal> ResultReader::NameItems(std::uint64_t columns) {
  const std::vector<std::string>& items = plan_->rows_items;
  const auto stars = static_cast<std::uint64_t>(std::count(items.begin(), items.end(), "*"));
  const std::uint64_t named = items.size() - stars;
  const std::uint64_t rest = columns < named ? 1 : columns - named;
  if (columns < named || (stars == 0 ? rest != 0 : rest % stars != 0)) {
    return tl::unexpected(RefuseColumns());
  }
  for (const std::string& item : items) {
    names_.insert(names_.end(), item == "*" ? rest / stars : 1, item);
  }
  return {};
}

const Target* ResultReader::PlannedTarget(std::size_t index) const {
  if (!plan_->knows_result) return nullptr;
  for (const PlannedColumn& column : plan_->result) {
    if (column.gap) {
      if (index < gap_) return nullptr;
      index -= gap_;
      continue;
    }
    if (index == 0) return column.target ? &plan_->targets[*column.target] : nullptr;
    --index;
  }
  return nullptr;
}

// Plan and metadata must agree as far as the metadata says anything.
tl::expected<void, Refusal> ResultReader::Check(const Target* target,
                                                const wire::ColumnDefinition41& definition) const {
  const policy::ProtectedColumn* base = Base(*snapshot_->policy, definition);
  if (target == nullptr) {
    if (base == nullptr || HoldsPlaintext(*snapshot_->catalog, *base)) return {};
    return tl::unexpected(Unsupported("the result carries the protected column " +
                                      base->QualifiedName() +
                                      " in a way that the statement did not show"));
  }
  if (base != nullptr && base != target->protection &&
      base->QualifiedName() != target->protection->QualifiedName()) {
    return tl::unexpected(CannotOpen("the result carries column " + base->QualifiedName() +
                                     " where " + target->protection->QualifiedName() +
                                     " was expected"));
  }
  if (!CanHoldEnvelope(definition.type)) {
    return tl::unexpected(CannotOpen("column " + target->protection->QualifiedName() +
                                     " has another type on the server than expected"));
  }
  return {};
}

// Rows about the schema, and messages, are looked at as ASCII, whatever the session is
// thought to be: SHOW WARNINGS goes out without asking, which would clear what it shows.
bool ResultReader::IsReadable(const wire::ColumnDefinition41& definition) const {
  if (plan_->schema_rows == SchemaRows::kNone) return true;
  const policy::CollationInfo* shown = snapshot_->catalog->FindCollation(definition.collation);
  return shown == nullptr || policy::CharsetFromName(shown->charset) ||
         policy::ExtendsAscii(shown->charset);
}

tl::expected<void, Refusal> ResultReader::Column(wire::ColumnDefinition41& definition) {
  if (!IsReadable(definition)) return tl::unexpected(RefuseUnreadResults());
  const Target* target = PlannedTarget(columns_.size());
  physical_types_.push_back(definition.type);
  if (const auto checked = Check(target, definition); !checked) return checked;
  if (plan_->names_no_table) {
    definition.schema = definition.table = definition.org_table = {};
    definition.org_name = definition.name;
  }
  if (plan_->schema_rows != SchemaRows::kNone) {
    if (!OfInformation(*plan_)) {
      names_.emplace_back(definition.name);
    } else if (std::string& name = names_[columns_.size()]; name == "*") {
      name = definition.name;
    }
    changes_rows_ = true;
  }
  OutputColumn column{target, policy::Reveal::kClear};
  if (target != nullptr) {
    column.reveal = target->rule->reveal;
    if (column.reveal == policy::Reveal::kCiphertext) {
      column.target = nullptr;
    } else {
      DescribeLogical(target->column->type, *facts_, definition);
      // MariaDB calls the column itself unsigned.
      if (target->column->type.kind == policy::TypeKind::kTimestamp &&
          snapshot_->catalog->is_mariadb && !definition.org_table.empty()) {
        definition.flags |= wire::kFieldUnsigned;
      }
      if (column.reveal == policy::Reveal::kNull) definition.flags &= ~wire::kFieldNotNull;
      changes_rows_ = true;
      changed_.push_back(columns_.size());
    }
  }
  columns_.push_back(column);
  return {};
}

tl::expected<void, Refusal> ResultReader::Open(const OutputColumn& column,
                                               std::string_view stored) {
  const Target& target = *column.target;
  opened_.clear();
  if (!crypto::Open(*target.cipher, stored, opened_)) {
    metrics_.domains[target.domain].open_failures.Add();
    return tl::unexpected(RefuseStored(target));
  }
  metrics_.domains[target.domain].opened.Add();
  if (column.reveal == policy::Reveal::kMask) {
    opened_ = MaskCanonical(target.column->type, target.rule->mask, opened_);
  }
  return {};
}

tl::expected<void, Refusal> ResultReader::SchemaTextRow(std::string_view row, std::string& out) {
  wire::TextRowReader reader(row);
  SchemaRow values;
  for (std::size_t i = 0; i < names_.size(); ++i) values.emplace_back(reader.Next());
  if (!reader.ok() || reader.Finish()) return tl::unexpected(RefuseRow());
  if (!MakeLogical(*snapshot_, *facts_, *plan_, names_, values)) {
    return tl::unexpected(RefuseDefinition());
  }
  wire::Writer writer(out);
  for (const auto& value : values) wire::WriteTextValue(value, writer);
  return {};
}

tl::expected<void, Refusal> ResultReader::SchemaBinaryRow(std::string_view row, std::string& out) {
  wire::BinaryRowReader reader(row, physical_types_);
  SchemaRow values;
  std::vector<std::optional<std::string_view>> stored;
  for (const wire::FieldType type : physical_types_) {
    const auto value = reader.Next();
    stored.push_back(value);
    values.emplace_back();
    if (value) values.back() = TextOf(type, *value);
  }
  if (!reader.ok() || reader.Finish()) return tl::unexpected(RefuseRow());
  const SchemaRow before = values;
  if (!MakeLogical(*snapshot_, *facts_, *plan_, names_, values)) {
    return tl::unexpected(RefuseDefinition());
  }
  const std::size_t start = out.size();
  wire::BinaryRowWriter writer(values.size(), out);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) {
      writer.AppendNull();
    } else {
      const bool same = values[i] == before[i];
      writer.Append(physical_types_[i], same ? *stored[i] : *values[i]);
    }
  }
  if (writer.Finish()) return {};
  out.resize(start);
  return tl::unexpected(RefuseRow());
}

// Columns that pass are copied in one piece with their neighbours: `copied`
// bytes of the row are in `out` already, or gave way to what is.
tl::expected<void, Refusal> ResultReader::TextRow(std::string_view row, std::string& out) {
  if (plan_->schema_rows != SchemaRows::kNone) return SchemaTextRow(row, out);
  const std::size_t start = out.size();
  const auto fail = [&](Refusal refusal) {
    out.resize(start);
    return tl::unexpected(std::move(refusal));
  };
  wire::TextRowReader reader(row);
  wire::Writer writer(out);
  std::size_t copied = 0;
  std::size_t next = 0;  // column
  for (const std::size_t index : changed_) {
    reader.Skip(index - next);
    next = index + 1;
    const std::size_t before = reader.position();
    const auto stored = reader.Next();
    if (!reader.ok()) return fail(RefuseRow());
    if (!stored) continue;
    writer.Bytes(row.substr(copied, before - copied));
    copied = reader.position();
    const OutputColumn& column = columns_[index];
    if (column.reveal == policy::Reveal::kNull) {
      writer.LenencNull();
      continue;
    }
    if (auto opened = Open(column, *stored); !opened) return fail(std::move(opened.error()));
    const auto text = ShownText(column.target->column->type, *facts_, opened_, value_);
    if (!text) return fail(RefuseShown(*column.target, *facts_));
    writer.LenencString(*text);
  }
  reader.Skip(columns_.size() - next);
  if (reader.Finish()) return fail(RefuseRow());
  writer.Bytes(row.substr(copied));
  return {};
}

tl::expected<void, Refusal> ResultReader::BinaryRow(std::string_view row, std::string& out) {
  if (plan_->schema_rows != SchemaRows::kNone) return SchemaBinaryRow(row, out);
  const std::size_t start = out.size();
  const auto fail = [&](Refusal refusal) {
    out.resize(start);
    return tl::unexpected(std::move(refusal));
  };
  wire::BinaryRowReader reader(row, physical_types_);
  wire::Writer writer(out);
  std::size_t copied = 0;
  std::size_t next = 0;
  for (const std::size_t index : changed_) {
    reader.Skip(index - next);
    next = index + 1;
    const std::size_t before = reader.position();
    const auto stored = reader.Next();
    if (!reader.ok()) return fail(RefuseRow());
    if (!stored) continue;
    writer.Bytes(row.substr(copied, before - copied));
    copied = reader.position();
    const OutputColumn& column = columns_[index];
    if (column.reveal == policy::Reveal::kNull) {
      wire::MarkNull(index, out.data() + start);
      continue;
    }
    if (auto opened = Open(column, *stored); !opened) return fail(std::move(opened.error()));
    if (!CanonicalToBinary(column.target->column->type, *facts_, opened_, out)) {
      return fail(RefuseShown(*column.target, *facts_));
    }
  }
  reader.Skip(columns_.size() - next);
  if (reader.Finish()) return fail(RefuseRow());
  writer.Bytes(row.substr(copied));
  return {};
}

tl::expected<void, Refusal> ResultReader::FieldListColumn(const policy::Snapshot& snapshot,
                                                          const SessionFacts& facts,
                                                          wire::ColumnDefinition41& definition) {
  const policy::Catalog& catalog = *snapshot.catalog;
  const policy::CatalogTable* table = catalog.FindSpelled(definition.schema, definition.org_table);
  const policy::CatalogView* view =
      table ? nullptr : catalog.FindView(definition.schema, definition.org_table);
  std::shared_ptr<const policy::CatalogTable> shown;
  if (view != nullptr &&
      catalog.IsSpelled(definition.schema, definition.org_table, view->schema, view->name)) {
    shown = Planner::TableOf(snapshot, facts, *view);
    table = shown.get();
  }
  const policy::CatalogColumn* column = table ? table->Find(definition.org_name) : nullptr;
  const bool sealed =
      column != nullptr && column->protection && column->state == policy::ColumnState::kSealed;
  // ucs2 and the like have a NUL in each letter.
  const bool hides = sealed || definition.org_name.find('\0') != std::string_view::npos;
  if (hides && !facts.results_have_ascii_bytes) return tl::unexpected(RefuseUnreadResults());
  if (sealed) DescribeLogical(column->type, facts, definition);
  const bool has_default = !definition.default_value.empty() && definition.default_value != "\xFB";
  const bool hidden = column != nullptr && policy::HidesPlaintext(*column, *facts.role);
  if (has_default && (sealed || hidden || LooksSealed(definition.default_value))) {
    definition.default_value = kDefaultOnWire;
  }
  return {};
}

}  // namespace sealgate::rewrite
