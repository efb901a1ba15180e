// Views over protected tables. The definition stays at the server as it is; it is
// planned as a query of its own, under the role of whoever uses the view, and what
// it yields is what the view's columns are. So it has to be right without a single
// change, and every permission is asked as if it stood in the statement.
#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"

namespace sealgate::rewrite {
namespace {

// Of the definitions within one another, together: each may be planned while those
// around it are.
constexpr std::size_t kMaxHeight = 200;
constexpr std::size_t kMaxViews = 256;  // definitions planned for one statement

std::string NameOf(const policy::CatalogView& view) { return view.schema + "." + view.name; }

// The server prints a definition for default modes, except that a backslash may or
// may not be an escape: then it has to mean the same either way.
bool LexDefinition(const std::string& text, sql::TokenList& tokens) {
  sql::LexMode mode;
  mode.utf8 = true;
  sql::Lex(text, mode, tokens);
  if (text.find('\\') == std::string::npos) return true;
  mode.no_backslash_escapes = true;
  sql::TokenList other;
  sql::Lex(text, mode, other);
  bool same = tokens.tokens.size() == other.tokens.size();
  for (std::size_t i = 0; same && i < other.tokens.size(); ++i) {
    const sql::Token& a = tokens.tokens[i];
    const sql::Token& b = other.tokens[i];
    same = a.kind == b.kind && a.begin == b.begin && a.end == b.end;
  }
  return same;
}

// Without "sealgate: " before it and the place in the definition behind it.
std::string_view Reason(std::string_view message) {
  constexpr std::string_view kBegin = "sealgate: ";
  if (message.starts_with(kBegin)) message.remove_prefix(kBegin.size());
  return message.substr(0, message.rfind(" (at character "));
}

}  // namespace

// A temporary table of that name, made before the view was, would be read instead.
bool Planner::IsHidden(const policy::CatalogView& view) const {
  if (facts_.made_unseen || facts_.made_temporary.size() >= kMostMadeTemporary) return true;
  std::string key;
  policy::ObjectNames::KeyOf(policy::FoldName(view.schema), policy::FoldName(view.name), key);
  for (const std::string& each : facts_.made_temporary) {
    if (policy::FoldName(each) == key) return true;
  }
  return false;
}

bool Planner::RefuseView(const policy::CatalogView& view, std::uint32_t token,
                         std::string_view reason) {
  return Refuse(
      Unsupported("view " + NameOf(view) + " cannot be used: " + std::string(reason) + At(token)));
}

bool Planner::AddView(const policy::CatalogView& view, std::uint32_t token, Source& source,
                      ViewedTable* viewed) {
  source.derived = true;
  source.schema = policy::FoldName(view.schema);
  source.alias = policy::FoldName(view.name);
  has_views_ = true;
  if (IsHidden(view)) {
    return RefuseView(view, token,
                      facts_.made_unseen
                          ? "the session may have a temporary table of its name, which a program, "
                            "dynamic SQL or a statement within another may have made"
                          : "the session has a temporary table of its name");
  }
  if (!view.problem.empty()) return RefuseView(view, token, view.problem);
  std::size_t planned = 0;
  if (views_planned_ == nullptr) views_planned_ = &planned;
  const bool done = PlanView(view, token, source.outputs, viewed);
  if (views_planned_ == &planned) views_planned_ = nullptr;
  return done;
}

bool Planner::PlanView(const policy::CatalogView& view, std::uint32_t token,
                       std::vector<OutputColumn>& outputs, ViewedTable* viewed) {
  if (++*views_planned_ > kMaxViews) {
    return RefuseView(view, token, "the statement leads to too many views");
  }
  sql::TokenList tokens;
  if (!LexDefinition(view.definition, tokens)) {
    return RefuseView(view, token, "a string in its definition has a backslash before a quote");
  }
  sql::Arena arena;
  const auto tree = sql::Parse(tokens, {}, arena);
  const bool has_parameter =
      std::any_of(tokens.tokens.begin(), tokens.tokens.end(),
                  [](const sql::Token& token) { return token.kind == sql::TokenKind::kParameter; });
  if (has_parameter || !tree || (*tree)->kind != sql::StatementKind::kSelect || (*tree)->explain) {
    return RefuseView(view, token, "its definition could not be understood");
  }
  const std::size_t height = view_height_ + (*tree)->query->height;
  if (height > kMaxHeight) {
    return RefuseView(view, token, "its definition, or the views in it, are nested too deeply");
  }
  SessionFacts facts = facts_;
  facts.lex = {};
  facts.schema.clear();  // a name without its schema is none that the server printed
  facts.client = facts.connection = policy::Charset::kUtf8mb4;
  Plan plan;
  Planner definition(snapshot_, facts, tokens, plan);
  definition.views_planned_ = views_planned_;
  definition.view_height_ = height;
  definition.stored_ = true;
  definition.in_outer_join_ = in_outer_join_;
  std::vector<OutputColumn> columns;
  if (!definition.PlanDefinition(*(*tree)->query, columns)) {
    const Refusal& refusal = *plan.refusal;
    RefuseView(view, token, Reason(refusal.message));
    if (refusal.reason != metrics::RefusalReason::kDenied) return false;
    plan_.refusal->code = refusal.code;
    plan_.refusal->reason = refusal.reason;
    return false;
  }
  bool gap = false;
  for (const OutputColumn& column : columns) gap = gap || column.gap;
  if (gap || columns.size() != view.columns.size()) {
    return RefuseView(view, token, "its columns are not those of its definition");
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    OutputColumn output;
    output.name = policy::FoldName(view.columns[i]);
    output.shown_name = view.columns[i];
    if (columns[i].type.kind == ExprType::Kind::kProtected) {
      const Target& target = plan.targets[columns[i].type.target];
      output.type = columns[i].type;
      output.type.target = TargetOf(*target.table, *target.column);
    }
    outputs.push_back(std::move(output));
  }
  varies_ = varies_ || definition.varies_;
  semijoins_.Read(definition.semijoins_.any());
  has_ranges_ = has_ranges_ || definition.has_ranges_;
  has_hidden_subquery_ =
      has_hidden_subquery_ || definition.has_hidden_subquery_ || !definition.unjoined_.empty();
  if (viewed != nullptr) *viewed = definition.TableViewed(*(*tree)->query);
  // Whatever the definition uses, the statement uses.
  for (const Target& target : plan.targets) TargetOf(*target.table, *target.column);
  return true;
}

// Of a query that is one table's rows as they are, perhaps not all of them.
Planner::ViewedTable Planner::TableViewed(const sql::Query& query) {
  if (query.kind != sql::QueryKind::kSelect || !query.with.empty() || !query.limit.empty())
    return {};
  const sql::SelectBlock& block = *query.select;
  const bool rows = !block.distinct && block.group_by.empty() && block.having == nullptr &&
                    block.from.size() == 1 && block.from[0]->kind == sql::TableKind::kTable;
  if (!rows) return {};
  const sql::Name& name = block.from[0]->name;
  ViewedTable viewed;
  viewed.table = snapshot_.catalog->Find(Folded(name.schema), Folded(name.table));
  if (viewed.table == nullptr) return {};
  for (const sql::SelectItem& item : block.items) {
    const sql::Expr& expr = Inner(*item.expr);
    const bool column = expr.kind == sql::ExprKind::kColumn;
    viewed.columns.push_back(column ? viewed.table->Find(Folded(expr.name.column)) : nullptr);
  }
  return viewed;
}

// A view through which is written becomes a table of its columns' kinds.
bool Planner::AddWrittenView(const policy::CatalogView& view, std::uint32_t token, Source& source) {
  ViewedTable viewed;
  if (!AddView(view, token, source, &viewed)) return false;
  bool simple = viewed.table != nullptr && viewed.columns.size() == source.outputs.size();
  for (std::size_t i = 0; simple && i < viewed.columns.size(); ++i) {
    const bool sealed = source.outputs[i].type.kind == ExprType::Kind::kProtected;
    simple = !sealed || viewed.columns[i] != nullptr;
  }
  if (!simple) {
    return Refuse(Unsupported("writing through view " + NameOf(view) +
                              ", which is more than columns of one protected table, is not "
                              "supported" +
                              At(token)));
  }
  if (!MayTrigger(policy::FoldName(viewed.table->schema), policy::FoldName(viewed.table->name),
                  token)) {
    return false;
  }
  auto table = std::make_shared<policy::CatalogTable>();
  table->schema = view.schema;
  table->name = view.name;
  for (std::size_t i = 0; i < viewed.columns.size(); ++i) {
    policy::CatalogColumn column;
    if (viewed.columns[i] != nullptr) column = *viewed.columns[i];
    column.invisible = false;
    column.name = view.columns[i];
    table->columns.push_back(std::move(column));
  }
  source.derived = false;
  source.outputs.clear();
  source.table = table.get();
  source.base = viewed.table;
  plan_.views_as_tables.push_back(std::move(table));
  return true;
}

// A query that has to be right as it stands.
bool Planner::PlanDefinition(const sql::Query& query, std::vector<OutputColumn>& outputs) {
  if (!PlanQuery(query, nullptr, {}, outputs)) return false;
  if (has_ranges_ && (has_hidden_subquery_ || !unjoined_.empty())) {
    return Refuse(Unsupported(
        "its query has a subquery within an outer join beside a comparison of a protected column, "
        "which is not supported on MySQL" +
        At(query.span.first)));
  }
  if (edits_.empty()) return true;
  return Refuse(
      Unsupported("its query compares, groups or seals values of protected columns, which it "
                  "would have to be written for" +
                  At(query.span.first)));
}

// What is made here is used as any other view later, by whatever role: so it has to
// be one that can be used.
bool Planner::PlanViewStatement(const sql::ViewStatement& view) {
  plan_.cacheable = false;
  TableName name;
  if (!TableNameOf(view.name, name) || !CheckNewName(view.name)) return false;
  if (IsProtectedName(name)) {
    return Refuse(Unsupported("a view under the name of a protected table is not supported" +
                              At(view.name.table)));
  }
  if (!stored_ && !NoEventUses(view.name)) return false;
  std::vector<OutputColumn> outputs;
  if (stored_) return PlanDefinition(*view.query, outputs);
  if (!PlanQuery(*view.query, nullptr, {}, outputs)) return false;
  if (const auto parameter = edits_.SealedParameter()) {
    return Refuse(Unsupported("a parameter in a view is not supported" + At(*parameter)));
  }
  if (!CheckViewValues()) return false;
  plan_.makes_view = edits_.count() != 0;
  if (!view.columns.empty()) return true;
  for (const OutputColumn& output : outputs) {
    const bool named = output.gap || output.as_written || output.name_token != sql::kNoToken ||
                       !output.shown_name.empty();
    if (named) continue;
    const std::uint32_t at = output.leaves.empty() || output.leaves[0].expr == nullptr
                                 ? view.query->span.first
                                 : output.leaves[0].expr->span.first;
    return Refuse(Unsupported(
        "an expression that is changed, as a view's column without an alias, is not supported" +
        At(at)));
  }
  return true;
}

// Values that are the same in whatever session the view is used. MySQL converts its text,
// so that bytes beyond ASCII are others later.
bool Planner::CheckViewValues() {
  const auto type_of = [this](const Piece& piece) -> const policy::LogicalType& {
    return plan_.targets[piece.target].column->type;
  };
  const auto moment = edits_.SealedLiteral(
      [&](const Piece& piece) { return type_of(piece).kind == policy::TypeKind::kTimestamp; });
  if (moment) {
    return Refuse(
        Unsupported("a value for a TIMESTAMP in a view is not supported, because it is "
                    "another moment in each time zone" +
                    At(*moment)));
  }
  if (snapshot_.catalog->is_mariadb) return true;
  const auto bytes = edits_.SealedLiteral([&](const Piece& piece) {
    const std::uint32_t begin = tokens_.tokens[piece.value_first].begin;
    const std::uint32_t end = tokens_.tokens[piece.value_last].end;
    return policy::IsBinary(type_of(piece).kind) &&
           !ascii::IsAscii(tokens_.text.substr(begin, end - begin));
  });
  return !bytes || Refuse(Unsupported("text beyond ASCII for a column of bytes in a view is not "
                                      "supported on MySQL, which keeps other bytes of it" +
                                      At(*bytes)));
}

// What is to be stored, as it will be read again when the view is used.
std::optional<Refusal> Planner::CheckMadeView(const policy::Snapshot& snapshot,
                                              const SessionFacts& facts, std::string_view text) {
  sql::TokenList tokens;
  sql::Lex(text, LexModeOf(facts), tokens);
  sql::Arena arena;
  const auto tree = sql::Parse(tokens, facts.lex, arena);
  if (!tree || (*tree)->view == nullptr) {
    return Unsupported("a view whose query could not be read again is not supported");
  }
  Plan plan;
  Planner planner(snapshot, facts, tokens, plan);
  planner.stored_ = true;
  if (planner.PlanViewStatement(*(*tree)->view)) return std::nullopt;
  return Unsupported("a view whose query has to be changed in this way is not supported: " +
                     std::string(Reason(plan.refusal->message)));
}

// The view as a table of which every column is what its definition yields.
std::shared_ptr<const policy::CatalogTable> Planner::AsTable(const policy::CatalogView& view,
                                                             const Source& source) const {
  auto table = std::make_shared<policy::CatalogTable>();
  table->schema = view.schema;
  table->name = view.name;
  for (const OutputColumn& output : source.outputs) {
    policy::CatalogColumn column;
    if (output.type.kind == ExprType::Kind::kProtected) {
      column = *plan_.targets[output.type.target].column;
      column.unique_prefix = false;
    }
    column.name = output.shown_name;
    table->columns.push_back(std::move(column));
  }
  return table;
}

std::shared_ptr<const policy::CatalogTable> Planner::TableOf(const policy::Snapshot& snapshot,
                                                             const SessionFacts& facts,
                                                             const policy::CatalogView& view) {
  sql::TokenList tokens;
  sql::Lex("", LexModeOf(facts), tokens);
  Plan plan;
  Planner planner(snapshot, facts, tokens, plan);
  Source source;
  if (!planner.AddView(view, 0, source)) source.outputs.clear();
  return planner.AsTable(view, source);
}

// One that cannot be used, perhaps by this role only, has no columns then: it is shown as the
// server has it, without its defaults. Types are no secret.
void Planner::DescribeView(const policy::CatalogView& view, std::uint32_t token) {
  Source source;
  if (!AddView(view, token, source)) source.outputs.clear();
  plan_.refusal.reset();
  plan_.created = AsTable(view, source);
  plan_.schema_rows = SchemaRows::kColumns;
  plan_.targets.clear();
  for (const policy::CatalogColumn& column : plan_.created->columns) {
    if (column.protection) TargetOf(*plan_.created, column);
  }
}

}  // namespace sealgate::rewrite
