// LOAD DATA LOCAL into a protected table. The client's file is read by the proxy in
// the statement's format (load/file_reader.h), sealed (file_sealer.h), and sent in a
// format of the proxy's own (load/row_writer.h). To the server the statement becomes
//
//   LOAD DATA LOCAL INFILE 'f' INTO TABLE t CHARACTER SET … FIELDS … LINES …
//     (id, @`sealgate:1`, plain, @`sealgate:end`)
//     SET `email` = IF(LENGTH(@`sealgate:end`) = 1, <error>,
//                      IF(LENGTH(@`sealgate:1`) = 0, NULL, <UNHEX of it, or error>))
//
// Sealed values come as hex, because MySQL refuses a file in UTF-8 that is not, and as
// variables, because a field that is longer than its column would be cut. An error of
// <error>, a number out of range, is one that neither IGNORE nor a lax sql_mode turns
// into a warning: it ends a load that the proxy has to fail, and no value that does
// not decode is stored as NULL.
#include <algorithm>
#include <charconv>

#include "policy/ascii.h"
#include "proxy/load/row_writer.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

constexpr std::string_view kVariable = "@`sealgate:";
constexpr std::string_view kEndVariable = "@`sealgate:end`";

std::string Variable(std::size_t number) {
  return std::string(kVariable) + std::to_string(number) + "`";
}

// Of a variable whose length is not 0.
std::string OutOfRange(std::string_view variable) {
  return "18446744073709551615 + LENGTH(" + std::string(variable) + ")";
}

std::string Unsealed(const std::string& variable) {
  return "IF(LENGTH(" + variable + ") = 0, NULL, IFNULL(UNHEX(" + variable + "), " +
         OutOfRange(variable) + "))";
}

load::Encoding EncodingOf(policy::Charset charset) {
  switch (charset) {
    case policy::Charset::kUtf8mb3:
      return load::Encoding::kUtf8mb3;
    case policy::Charset::kUtf8mb4:
      return load::Encoding::kUtf8mb4;
    default:
      return load::Encoding::kBytes;
  }
}

}  // namespace

bool Planner::PlanLoad(const sql::LoadStatement& load) {
  plan_.cacheable = false;  // the format is in literals
  if (!load.local) {
    return Refuse(Unsupported(
        "LOAD DATA of a file of the server's into a protected table is not supported; LOAD DATA "
        "LOCAL is" +
        At(load.table.table)));
  }
  Scope scope;
  scope.before_row = true;
  scope.sources.emplace_back();
  if (FindView(load.table) != nullptr) {
    return Refuse(Unsupported("LOAD DATA into a view over a protected table is not supported" +
                              At(load.table.table)));
  }
  if (!FindWritten(load.table, scope.sources[0])) return false;
  const Source source = scope.sources[0];
  if (!ComputesNothing(source, load.table.table)) return false;
  std::vector<const policy::CatalogColumn*> columns;
  FileLoad file;
  if (source.table != nullptr && !PlanLoadFields(load, source, scope, columns, file)) return false;
  if (!CheckOmitted(load.set, source, columns)) return false;
  const bool seals = std::any_of(file.fields.begin(), file.fields.end(),
                                 [](const auto& target) { return target.has_value(); });
  if (seals) {
    if (!CheckVariables() || !PlanFileCharset(load, file) || !PlanFileFormat(load, file))
      return false;
    EditLoad(load, columns, file);
    plan_.file_load = std::make_shared<const FileLoad>(std::move(file));
  }
  if (!PlanAssignments(load.set, scope, scope)) return false;
  plan_.loads_file = true;
  return true;
}

// Null stands for a variable.
bool Planner::PlanLoadFields(const sql::LoadStatement& load, const Source& source,
                             const Scope& scope, std::vector<const policy::CatalogColumn*>& columns,
                             FileLoad& file) {
  for (const sql::LoadField& field : load.fields) {
    if (field.variable != sql::kNoToken) {
      columns.push_back(nullptr);
      file.fields.emplace_back();
      continue;
    }
    const sql::Name& name = field.column;
    const Resolution found =
        Resolve(scope, Folded(name.schema), Folded(name.table), Folded(name.column));
    if (found.kind != Resolution::Kind::kColumn) {
      return Refuse(TypeRefusal(1054, "42S22",
                                "unknown column in the list of fields" + At(field.span.first)));
    }
    columns.push_back(found.column);
    if (!PlanLoadField(source, *found.column, field.span.first, file)) return false;
  }
  if (!load.fields.empty()) return true;
  for (const policy::CatalogColumn& column : source.table->columns) {
    if (column.invisible) continue;
    columns.push_back(&column);
    if (!PlanLoadField(source, column, load.table.table, file)) return false;
  }
  return true;
}

bool Planner::PlanLoadField(const Source& source, const policy::CatalogColumn& column,
                            std::uint32_t token, FileLoad& file) {
  file.fields.emplace_back();
  if (!column.protection) return true;
  bool plain = false;
  if (!CheckState(*source.table, column, token, true, &plain)) return false;
  if (plain) return true;
  const std::uint32_t target = TargetOf(*source.table, column);
  file.fields.back() = target;
  return MayWrite(target, token);
}

// The names of ours are the load's own. The servers find them by letters with accents, too.
bool Planner::CheckVariables() {
  for (std::uint32_t i = 0; i < tokens_.tokens.size(); ++i) {
    if (tokens_.tokens[i].kind != sql::TokenKind::kUserVariable) continue;
    const std::string_view text = tokens_.Text(i);
    const bool plain = ascii::IsAscii(text) && text.find('\\') == text.npos;
    if (plain && !ascii::Contains(text, "sealgate")) continue;
    return Refuse(
        Unsupported("a user variable of this name in LOAD DATA into protected columns is "
                    "not supported" +
                    At(i)));
  }
  return true;
}

bool Planner::PlanFileCharset(const sql::LoadStatement& load, FileLoad& file) {
  const std::uint32_t token = load.character_set;
  if (token == sql::kNoToken && !facts_.file_charset) {
    plan_.needs_file_charset = true;
    return Refuse(
        Unsupported("LOAD DATA without CHARACTER SET: character_set_database is not "
                    "known" +
                    At(load.table.table)));
  }
  const std::string name = token == sql::kNoToken ? *facts_.file_charset : Folded(token);
  const auto charset = policy::CharsetFromName(name);
  if (!charset) {
    return Refuse(Unsupported(
        "LOAD DATA into protected columns of a file in a character set other than utf8mb4, "
        "utf8mb3, latin1, ascii and binary is not supported; say CHARACTER SET" +
        At(token == sql::kNoToken ? load.table.table : token)));
  }
  file.charset = *charset;
  file.format.encoding = EncodingOf(*charset);
  return true;
}

bool Planner::PlanFileFormat(const sql::LoadStatement& load, FileLoad& file) {
  load::FileFormat& format = file.format;
  // As the servers have it.
  if (facts_.lex.no_backslash_escapes) format.escape.reset();
  if (!ReadDelimiter(load.field_end, format.field_end) ||
      !ReadDelimiter(load.line_end, format.line_end) ||
      !ReadDelimiter(load.line_start, format.line_start) ||
      !ReadCharacter(load.enclosed, format.enclosed) ||
      !ReadCharacter(load.escape, format.escape)) {
    return false;
  }
  if (format.field_end.empty() || format.line_end.empty() || format.field_end == format.line_end) {
    return Refuse(Unsupported(
        "LOAD DATA into protected columns needs FIELDS TERMINATED BY and LINES TERMINATED BY that "
        "are not empty and not the same" +
        At(load.format_span.first)));
  }
  if (load.skip_lines == sql::kNoToken) return true;
  const std::string_view digits = tokens_.Text(load.skip_lines);
  const auto read =
      std::from_chars(digits.data(), digits.data() + digits.size(), format.skip_lines);
  if (read.ec == std::errc()) return true;
  return Refuse(Unsupported("IGNORE of so many lines is not supported" + At(load.skip_lines)));
}

// Leaves `delimiter` as it is where the statement has none.
bool Planner::ReadDelimiter(std::uint32_t token, std::string& delimiter) {
  if (token == sql::kNoToken) return true;
  delimiter.clear();
  const std::string_view text = tokens_.Text(token);
  if (tokens_.tokens[token].kind == sql::TokenKind::kString) {
    sql::UnescapeString(text, facts_.lex, delimiter);
  } else {
    sql::DecodeHexOrBit(text, delimiter);
  }
  if (ascii::IsAscii(delimiter) && delimiter.size() <= load::kMaxDelimiter) return true;
  return Refuse(
      Unsupported("a delimiter of LOAD DATA into protected columns that is not ASCII, or "
                  "longer than " +
                  std::to_string(load::kMaxDelimiter) + " bytes, is not supported" + At(token)));
}

bool Planner::ReadCharacter(std::uint32_t token, std::optional<char>& character) {
  if (token == sql::kNoToken) return true;
  std::string text;
  if (!ReadDelimiter(token, text)) return false;
  if (text.size() > 1) {
    return Refuse(TypeRefusal(1083, "42000",
                              "ENCLOSED BY and ESCAPED BY take one character or none" + At(token)));
  }
  character.reset();
  if (!text.empty()) character = text.front();
  return true;
}

// The statement as it is shown above. Ours comes first in SET, so that the others see
// what is stored.
void Planner::EditLoad(const sql::LoadStatement& load,
                       const std::vector<const policy::CatalogColumn*>& columns,
                       const FileLoad& file) {
  std::string list = "(";
  std::string set;
  std::size_t sealed = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string name;
    if (file.fields[i]) {
      name = Variable(++sealed);
      set += set.empty() ? "" : ", ";
      sql::AppendQuotedIdentifier(columns[i]->name, set);
      set += " = ";
      const std::string value = Unsealed(name);
      set += sealed > 1 ? value
                        : "IF(LENGTH(" + std::string(kEndVariable) + ") = 1, " +
                              OutOfRange(kEndVariable) + ", " + value + ")";
      if (!load.fields.empty()) edits_.Replace(load.fields[i].span, name);
    } else if (load.fields.empty()) {
      sql::AppendQuotedIdentifier(columns[i]->name, name);
    }
    list += name + ", ";
  }
  list += std::string(kEndVariable) + ")";
  if (load.set.empty()) {
    set = " SET " + set;
    list += set;
  } else {
    edits_.InsertBefore(load.set.front().target_span.first, set + ", ");
  }
  std::string format(load::kRowFormat);
  if (!load.has_fields) format += " " + list;
  if (load.has_format) {
    edits_.Replace(load.format_span, std::move(format));
  } else {
    edits_.Append(load.head_last, Edits::Around::kBlock, " " + format);
  }
  if (load.has_fields && load.fields.empty()) {
    edits_.Replace(load.fields_span, std::move(list));
  } else if (load.has_fields) {
    edits_.InsertBefore(load.fields_span.last, ", " + std::string(kEndVariable));
    if (load.set.empty()) {
      edits_.Append(load.fields_span.last, Edits::Around::kBlock, set);
    }
  }
}

}  // namespace sealgate::rewrite
