#include "tests/proxy/sql/tree_dump.h"

namespace sealgate::sql {
namespace {

class Dumper {
 public:
  explicit Dumper(const TokenList& tokens) : tokens_(tokens) {}

  std::string Of(const Expr* e) {
    switch (e->kind) {
      case ExprKind::kLiteral:
      case ExprKind::kParameter:
      case ExprKind::kUserVariable:
        return Text(e->span.last);
      case ExprKind::kColumn:
        return Of(e->name);
      case ExprKind::kStar:
        return e->name.table == kNoToken ? "*" : Of(e->name) + ".*";
      default:
        break;
    }
    std::string out = "(" + Head(e);
    for (const Expr* arg : e->args) out += " " + Of(arg);
    if (e->query != nullptr) out += " " + Of(e->query);
    return out + ")";
  }

  std::string Of(const Query* q) {
    std::string out = "{";
    for (const CommonTable& table : q->with) {
      out += "with " + Text(table.name) + List(table.columns) + " " + Of(table.query) + " ";
    }
    switch (q->kind) {
      case QueryKind::kSelect:
        out += Of(q->select);
        break;
      case QueryKind::kSetOperation:
        out += Text(q->set_token) + (q->set_distinct ? " " : " all ") + Of(q->left) + " " +
               Of(q->right);
        break;
      case QueryKind::kNested:
        out += Of(q->left);
        break;
      case QueryKind::kTable:
        out += "table " + Of(q->table);
        break;
      case QueryKind::kValues:
        out += "values" + Rows(q->rows);
        break;
    }
    out += Order("order", q->order_by) + Exprs("limit", q->limit);
    if (q->into != kNoToken) out += " into";
    return out + "}";
  }

  std::string Of(const TableRef* t) {
    switch (t->kind) {
      case TableKind::kTable:
        return Of(t->name) + Alias(t->alias);
      case TableKind::kDerived:
        return (t->lateral ? "lateral " : "") + Of(t->query) + Alias(t->alias) + List(t->columns);
      default:
        break;
    }
    static constexpr const char* kJoins[] = {"join",    "left",         "right",
                                             "natural", "natural-left", "natural-right"};
    std::string out = std::string("[") + kJoins[static_cast<int>(t->join)] + " " + Of(t->left) +
                      " " + Of(t->right);
    if (t->on != nullptr) out += " on " + Of(t->on);
    if (!t->using_columns.empty()) out += " using" + List(t->using_columns);
    return out + "]";
  }

  std::string Of(const Statement* s) {
    switch (s->kind) {
      case StatementKind::kSelect:
        return Of(s->query);
      case StatementKind::kInsert:
        return "insert " + Of(s->insert);
      case StatementKind::kReplace:
        return "replace " + Of(s->insert);
      case StatementKind::kUpdate:
        return "update" + With(s->update->with) + Tables(s->update->tables) +
               Sets("set", s->update->set) + Where(s->update->where) +
               Order("order", s->update->order_by) + Exprs("limit", s->update->limit);
      case StatementKind::kDelete: {
        std::string out = "delete" + With(s->del->with);
        for (const Name& target : s->del->targets) out += " " + Of(target);
        return out + (s->del->multi ? " from" : "") + Tables(s->del->tables) +
               Where(s->del->where) + Order("order", s->del->order_by) +
               Exprs("limit", s->del->limit) + Items("returning", s->del->returning);
      }
      case StatementKind::kCreateTable:
        return Of(s->create_table);
      case StatementKind::kAlterTable: {
        std::string out = "alter " + Of(s->alter_table->table);
        for (const AlterAction& action : s->alter_table->actions) {
          out += " " + std::to_string(static_cast<int>(action.kind));
        }
        return out;
      }
      case StatementKind::kCreateIndex:
        return "index on " + Of(s->create_index->table);
      case StatementKind::kRenameTable: {
        std::string out = "rename";
        for (const TableRename& each : s->rename_table->renames) {
          out += " " + Of(each.from) + "=" + Of(each.to);
        }
        return out;
      }
      case StatementKind::kView:
        return std::string(s->view->alters ? "alter" : "create") + " view " + Of(s->view->name) +
               List(s->view->columns) + " " + Of(s->view->query) +
               (s->view->check_option != kNoToken ? " check" : "");
      case StatementKind::kLoad:
        return Of(s->load);
      case StatementKind::kOther:
        break;
    }
    return "other " + Text(s->verb);
  }

 private:
  std::string Text(std::uint32_t token) const { return std::string(tokens_.Text(token)); }

  std::string Of(const Name& name) const {
    std::string out;
    for (const std::uint32_t part : {name.schema, name.table, name.column}) {
      if (part != kNoToken) out += (out.empty() ? "" : ".") + Text(part);
    }
    return out;
  }

  std::string Head(const Expr* e) const {
    const std::string not_ = e->negated ? "not-" : "";
    switch (e->kind) {
      case ExprKind::kUnary:
      case ExprKind::kBinary:
      case ExprKind::kComparison:
      case ExprKind::kQuantified:
        return not_ + Text(e->op_token);
      case ExprKind::kAnd:
        return "and";
      case ExprKind::kOr:
        return "or";
      case ExprKind::kIn:
        return not_ + "in";
      case ExprKind::kBetween:
        return not_ + "between";
      case ExprKind::kLike:
        return not_ + "like";
      case ExprKind::kIs:
        return not_ + "is-" + Text(e->span.last);
      case ExprKind::kCase:
        return std::string("case") + (e->has_operand ? "-of" : "") + (e->has_else ? "-else" : "");
      case ExprKind::kFunction:
      case ExprKind::kWindowFunction:
        return (e->kind == ExprKind::kWindowFunction ? "over " : "") + Of(e->name) +
               (e->distinct ? " distinct" : "");
      case ExprKind::kCast:
        return "cast";
      case ExprKind::kCollate:
        return "collate " + Text(e->span.last);
      case ExprKind::kRow:
        return "row";
      case ExprKind::kParenthesis:
        return "paren";
      case ExprKind::kSubquery:
        return "query";
      case ExprKind::kExists:
        return "exists";
      case ExprKind::kInterval:
        return "interval-" + Text(e->span.last);
      case ExprKind::kSystemVariable:
        return "@@" + Text(e->span.last);
      case ExprKind::kAssign:
        return Text(e->span.first) + ":=";
      case ExprKind::kIntroducer:
        return Text(e->op_token);
      case ExprKind::kAdjacentStrings:
        return "adjacent";
      case ExprKind::kDefault:
        return "default" + Of(e->name);
      case ExprKind::kValues:
        return "values " + Of(e->name);
      case ExprKind::kMatch:
        return "match";
      case ExprKind::kOdbcEscape:
        return "odbc-" + Text(e->op_token);
      default:
        return "?";
    }
  }

  std::string Alias(std::uint32_t token) const {
    return token == kNoToken ? "" : "=" + Text(token);
  }
  std::string List(std::span<const std::uint32_t> names) const {
    if (names.empty()) return "";
    std::string out = "(";
    for (const std::uint32_t name : names) out += (out.size() > 1 ? " " : "") + Text(name);
    return out + ")";
  }
  std::string Exprs(const std::string& head, std::span<Expr* const> exprs) {
    if (exprs.empty()) return "";
    std::string out = " " + head;
    for (const Expr* expr : exprs) out += " " + Of(expr);
    return out;
  }
  std::string Order(const std::string& head, std::span<const OrderItem> items) {
    if (items.empty()) return "";
    std::string out = " " + head;
    for (const OrderItem& item : items) out += " " + Of(item.expr);
    return out;
  }
  std::string Items(const std::string& head, std::span<const SelectItem> items) {
    if (items.empty()) return "";
    std::string out = " " + head;
    for (const SelectItem& item : items) out += " " + Of(item.expr) + Alias(item.alias);
    return out;
  }
  std::string Rows(std::span<const std::span<Expr*>> rows) {
    std::string out;
    for (const auto& row : rows) {
      out += " <";
      for (const Expr* value : row) out += (out.back() == '<' ? "" : " ") + Of(value);
      out += ">";
    }
    return out;
  }
  std::string Sets(const std::string& head, std::span<const Assignment> sets) {
    if (sets.empty()) return "";
    std::string out = " " + head;
    for (const Assignment& set : sets) out += " " + Of(set.target) + ":=" + Of(set.value);
    return out;
  }
  std::string Where(const Expr* where) { return where == nullptr ? "" : " where " + Of(where); }
  std::string Tables(std::span<TableRef* const> tables) {
    std::string out;
    for (const TableRef* table : tables) out += " " + Of(table);
    return out;
  }
  std::string With(std::span<const CommonTable> with) {
    std::string out;
    for (const CommonTable& table : with) {
      out += " with " + Text(table.name) + List(table.columns) + " " + Of(table.query);
    }
    return out;
  }

  std::string Of(const SelectBlock* b) {
    std::string out = "select";
    if (b->distinct) out += " distinct";
    out += Items("", b->items).substr(1);
    if (!b->from.empty()) out += " from" + Tables(b->from);
    out += Where(b->where) + Order("group", b->group_by);
    if (b->having != nullptr) out += " having " + Of(b->having);
    out += Exprs("partition", b->window_partitions);
    out += Exprs("window", b->window_exprs);
    if (b->into != kNoToken) out += " into";
    return out;
  }

  std::string Of(const InsertStatement* s) {
    std::string out = Of(s->table);
    if (s->has_columns) {
      out += " (";
      for (const Name& column : s->columns) out += (out.back() == '(' ? "" : " ") + Of(column);
      out += ")";
    }
    out += Rows(s->rows) + Sets("set", s->set);
    if (s->query != nullptr) out += " " + Of(s->query);
    out += Alias(s->row_alias) + List(s->row_alias_columns);
    return out + Sets("update", s->on_duplicate) + Items("returning", s->returning);
  }

  std::string Of(const LoadStatement* s) {
    std::string out = std::string("load") + (s->local ? " local " : " ") + Of(s->table);
    for (const std::uint32_t option : {s->character_set, s->field_end, s->enclosed, s->escape,
                                       s->line_start, s->line_end, s->skip_lines}) {
      out += " " + (option == kNoToken ? "-" : Text(option));
    }
    if (s->has_fields) {
      out += " (";
      for (const LoadField& field : s->fields) {
        out += (out.back() == '(' ? "" : " ") +
               (field.variable != kNoToken ? Text(field.variable) : Of(field.column));
      }
      out += ")";
    }
    return out + Sets("set", s->set);
  }

  std::string Of(const ColumnDefinition& c) {
    std::string out = " " + Text(c.name) + ":" + Text(c.type) + List(c.type_arguments);
    if (c.is_unsigned) out += " unsigned";
    if (c.character_set != kNoToken) out += " charset " + Text(c.character_set);
    if (c.collation != kNoToken) out += " collate " + Text(c.collation);
    if (c.not_null) out += " not-null";
    if (c.auto_increment) out += " auto";
    if (c.invisible) out += " invisible";
    if (c.default_value != nullptr) out += " default " + Of(c.default_value);
    if (c.on_update != nullptr) out += " on-update " + Of(c.on_update);
    if (c.generated_expr != nullptr) out += " as " + Of(c.generated_expr);
    if (c.key_attribute != kNoToken) out += " key-" + Text(c.key_attribute);
    if (c.comment != kNoToken) out += " comment " + Text(c.comment);
    if (c.check_expr != nullptr) out += " check " + Of(c.check_expr);
    if (c.references != kNoToken) out += " references";
    return out + ";";
  }

  std::string Of(const KeyDefinition& k) {
    static constexpr const char* kKinds[] = {"primary", "unique",  "index", "fulltext",
                                             "spatial", "foreign", "check"};
    std::string out = std::string(" ") + kKinds[static_cast<int>(k.kind)] + Alias(k.name);
    for (const KeyPart& part : k.parts) {
      out += " " + (part.expr != nullptr ? Of(part.expr) : Text(part.column));
      if (part.length != kNoToken) out += "/" + Text(part.length);
    }
    if (k.check_expr != nullptr) out += " " + Of(k.check_expr);
    return out + ";";
  }

  std::string Of(const CreateTableStatement* s) {
    std::string out = "create " + Of(s->table);
    if (s->like != kNoToken) return out + " like " + Of(s->like_table);
    for (const ColumnDefinition& column : s->columns) out += Of(column);
    for (const KeyDefinition& key : s->keys) out += Of(key);
    if (s->default_character_set != kNoToken) out += " charset " + Text(s->default_character_set);
    if (s->default_collation != kNoToken) out += " collate " + Text(s->default_collation);
    if (s->partition != kNoToken) out += " partition";
    if (s->query != nullptr) out += " " + Of(s->query);
    return out;
  }

  const TokenList& tokens_;
};

using See = std::function<void(const Expr&)>;

template <typename Items>
void WalkItems(const Items& items, const See& see) {
  for (const auto& item : items) Walk(item.expr, see);
}
void WalkAll(std::span<Expr* const> exprs, const See& see) {
  for (const Expr* expr : exprs) Walk(expr, see);
}
void WalkRows(std::span<const std::span<Expr*>> rows, const See& see) {
  for (const auto& row : rows) WalkAll(row, see);
}
void WalkSets(std::span<const Assignment> sets, const See& see) {
  for (const Assignment& set : sets) Walk(set.value, see);
}
void WalkTable(const TableRef* table, const See& see) {
  if (table == nullptr) return;
  Walk(table->query, see);
  WalkTable(table->left, see);
  WalkTable(table->right, see);
  Walk(table->on, see);
}
void WalkTables(std::span<TableRef* const> tables, const See& see) {
  for (const TableRef* table : tables) WalkTable(table, see);
}
void WalkWith(std::span<const CommonTable> with, const See& see) {
  for (const CommonTable& table : with) Walk(table.query, see);
}

}  // namespace

std::string Dump(const TokenList& tokens, const Expr* expr) { return Dumper(tokens).Of(expr); }
std::string Dump(const TokenList& tokens, const Query* query) { return Dumper(tokens).Of(query); }
std::string Dump(const TokenList& tokens, const Statement* statement) {
  return Dumper(tokens).Of(statement);
}

void Walk(const Expr* expr, const See& see) {
  if (expr == nullptr) return;
  see(*expr);
  WalkAll(expr->args, see);
  Walk(expr->query, see);
}

void Walk(const Query* query, const See& see) {
  if (query == nullptr) return;
  WalkWith(query->with, see);
  if (query->select != nullptr) {
    const SelectBlock& block = *query->select;
    WalkItems(block.items, see);
    WalkTables(block.from, see);
    Walk(block.where, see);
    WalkItems(block.group_by, see);
    Walk(block.having, see);
    WalkAll(block.window_partitions, see);
    WalkAll(block.window_exprs, see);
  }
  Walk(query->left, see);
  Walk(query->right, see);
  WalkRows(query->rows, see);
  WalkItems(query->order_by, see);
  WalkAll(query->limit, see);
}

void Walk(const Statement* statement, const See& see) {
  Walk(statement->query, see);
  if (const InsertStatement* insert = statement->insert) {
    WalkRows(insert->rows, see);
    WalkSets(insert->set, see);
    Walk(insert->query, see);
    WalkSets(insert->on_duplicate, see);
    WalkItems(insert->returning, see);
  }
  if (const UpdateStatement* update = statement->update) {
    WalkWith(update->with, see);
    WalkTables(update->tables, see);
    WalkSets(update->set, see);
    Walk(update->where, see);
    WalkItems(update->order_by, see);
    WalkAll(update->limit, see);
  }
  if (const DeleteStatement* del = statement->del) {
    WalkWith(del->with, see);
    WalkTables(del->tables, see);
    Walk(del->where, see);
    WalkItems(del->order_by, see);
    WalkAll(del->limit, see);
    WalkItems(del->returning, see);
  }
  if (const CreateTableStatement* create = statement->create_table) {
    for (const ColumnDefinition& column : create->columns) {
      for (const Expr* expr :
           {column.default_value, column.on_update, column.generated_expr, column.check_expr}) {
        Walk(expr, see);
      }
    }
    for (const KeyDefinition& key : create->keys) {
      WalkItems(key.parts, see);
      Walk(key.check_expr, see);
    }
    Walk(create->query, see);
  }
  if (statement->load != nullptr) WalkSets(statement->load->set, see);
}

}  // namespace sealgate::sql
