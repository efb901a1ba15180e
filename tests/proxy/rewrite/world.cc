#include "tests/proxy/rewrite/world.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "crypto/key_ring.h"
#include "crypto/keychain.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

constexpr std::string_view kPolicy = R"(version: 1
columns:
  - {column: shop.customers.email, mode: searchable, domain: email}
  - {column: shop.customers.phone, mode: random}
  - {column: shop.customers.tax_id, mode: deterministic, domain: tax}
  - {column: shop.customers.age, mode: searchable}
  - {column: shop.orders.card, mode: random}
  - {column: shop.orders.contact, mode: searchable, domain: email}
  - {column: shop.legacy.secret, mode: random}
  - {column: shop.members.mail, mode: searchable, domain: email}
  - {column: shop.members.pin, mode: random}
  - {column: shop.customers.mail, mode: searchable, domain: email}
  - {column: shop.archive.email, mode: searchable, domain: email}
  - {column: shop.archive.phone, mode: random, domain: shop.customers.phone}
  - {column: shop.archive.tax_id, mode: deterministic, domain: tax}
  - {column: shop.archive.age, mode: searchable, domain: shop.customers.age}
  - {column: shop.shifts.starts, mode: deterministic, domain: hours}
  - {column: shop.shifts.ends, mode: deterministic, domain: hours}
  - {column: shop.shifts.note, mode: searchable}
  - {column: shop.visits.seen, mode: searchable}
  - {column: shop.births.day, mode: deterministic, domain: day}
  - {column: shop.births.number, mode: searchable, domain: number}
  - {column: shop.badges.code, mode: deterministic}
  - {column: shop.drafts.body, mode: random, plaintext: allow}
roles:
  - name: app
    match: [{user: app}]
    default: {reveal: clear, write: true}
  - name: support
    match: [{user: support}]
    default: {reveal: deny, write: false}
    columns:
      shop.customers.email: {reveal: {mask: {keep_first: 1}}, search: true}
      shop.customers.phone: {reveal: "null"}
  - name: mover
    match: [{user: mover}]
    default: {reveal: {mask: {keep_first: 1}}, write: true}
    columns:
      shop.customers.email: {reveal: {mask: {keep_first: 1}}, write: true, search: true}
      shop.births.day: {reveal: clear, write: true}
  - name: reader
    match: [{user: reader}]
    default: {reveal: clear, write: false}
  - name: replica
    match: [{user: replica}]
    replication: true
)";

std::shared_ptr<const policy::CollationWeights> CaseInsensitive() {
  auto weights = std::make_shared<policy::CollationWeights>("utf8mb4_general_ci", true);
  for (char32_t code = 1; code < 0x250; ++code) {
    const char upper = code >= 'a' && code <= 'z' ? static_cast<char>(code - 32) : 0;
    const char32_t weight = upper != 0 ? static_cast<char32_t>(upper) : code;
    const char bytes[2] = {static_cast<char>(weight >> 8), static_cast<char>(weight & 0xFF)};
    weights->Set(code, std::string_view(bytes, 2));
  }
  return weights;
}

policy::LogicalType TypeOf(std::string_view text) {
  policy::LogicalType type = policy::TypeFromText(text).value();
  if (policy::IsText(type.kind)) {
    type.charset = policy::Charset::kUtf8mb4;
    type.collation = "utf8mb4_general_ci";
  }
  return type;
}

struct TableBuilder {
  const policy::Policy& policy;
  policy::CatalogTable table;

  TableBuilder& Plain(std::string_view name, bool invisible = false) {
    policy::CatalogColumn column;
    column.name = name;
    column.physical_type = "varchar(100)";
    column.invisible = invisible;
    table.columns.push_back(std::move(column));
    return *this;
  }
  TableBuilder& Sealed(std::string_view name, std::string_view type) {
    policy::CatalogColumn column;
    column.name = name;
    column.protection = policy.Find(table.schema, table.name, name);
    column.type = TypeOf(type);
    const auto mode = policy.domains[policy.columns[*column.protection].domain].mode;
    column.physical_type = policy::PhysicalType(column.type, mode);
    static const auto kWeights = CaseInsensitive();
    if (mode == crypto::Mode::kSearchable && policy::IsText(column.type.kind)) {
      column.weights = kWeights;
    }
    table.columns.push_back(std::move(column));
    return *this;
  }
  TableBuilder& Latin1() {
    table.columns.back().type.charset = policy::Charset::kLatin1;
    return *this;
  }
  TableBuilder& NotNull() {
    table.columns.back().nullable = false;
    return *this;
  }
  TableBuilder& Default() {
    table.columns.back().has_default = true;
    return *this;
  }
  TableBuilder& Computed(std::string what) {
    policy::CatalogColumn& column = table.columns.back();
    (what.starts_with("default") ? column.computed_default : column.computed) = true;
    table.computed.push_back(std::move(what));
    return *this;
  }
  TableBuilder& StillPlain(std::string_view name) {
    Plain(name);
    table.columns.back().protection = policy.Find(table.schema, table.name, name);
    table.columns.back().state = policy::ColumnState::kPlaintext;
    return *this;
  }
  TableBuilder& OfPlaintext(std::string_view name) {
    Plain(name);
    table.columns.back().of_plaintext = true;
    return *this;
  }
};

// As the servers print definitions.
std::vector<policy::CatalogView> Views() {
  const std::string customers = "from `shop`.`customers`";
  const std::string email = "select `shop`.`customers`.`email` AS `email` " + customers;
  return {
      {"shop",
       "v_customers",
       "select `shop`.`customers`.`id` AS `id`,`shop`.`customers`.`email` AS `email`,"
       "`shop`.`customers`.`name` AS `name`,`shop`.`customers`.`phone` AS `phone` " +
           customers +
           " where ((`shop`.`customers`.`name` <> 'x') and "
           "(`shop`.`customers`.`phone` is not null))",
       {"id", "email", "name", "phone"},
       ""},
      // MySQL has the names of the list apart.
      {"shop",
       "v_renamed",
       "select `shop`.`customers`.`id` AS `id`,`shop`.`customers`.`email` AS `email` " + customers,
       {"Number", "Contact"},
       ""},
      {"shop",
       "v_over",
       "select `v_renamed`.`Contact` AS `a`,`shop`.`orders`.`contact` AS `b`,"
       "`shop`.`customers`.`tax_id` AS `tax` from ((`shop`.`v_renamed` join `shop`.`orders` "
       "on((`v_renamed`.`Number` = `shop`.`orders`.`id`))) left join `shop`.`customers` "
       "on((`shop`.`customers`.`id` = `shop`.`orders`.`id`)))",
       {"a", "b", "tax"},
       ""},
      {"shop",
       "v_tax",
       "select distinct `a`.`tax_id` AS `tax_id`,count(0) AS `n` from (`shop`.`customers` `a` join "
       "`shop`.`customers` `b` on((`a`.`tax_id` = `b`.`tax_id`))) group by `a`.`tax_id`",
       {"tax_id", "n"},
       ""},
      {"shop", "v_literal", email + " where (`shop`.`customers`.`email` = 'a')", {"email"}, ""},
      {"shop",
       "v_function",
       "select upper(`shop`.`customers`.`email`) AS `u` " + customers,
       {"u"},
       ""},
      {"shop", "v_other", email, {"email", "more"}, ""},
      {"shop",
       "v_odd",
       email + " where `shop`.`customers`.`name` = 'a\\' or 1 or ''",
       {"email"},
       ""},
      {"shop",
       "v_members",
       "select `shop`.`members`.`id` AS `id` from `shop`.`members`",
       {"id"},
       ""},
      {"shop",
       "v_choice",
       "select coalesce(`shop`.`customers`.`email`,NULL) AS `e` " + customers,
       {"e"},
       ""},
      {"shop", "v_unread", "", {}, "its definition cannot be read"},
      {"shop", "v_open", "select `email` AS `email` from `customers`", {"email"}, ""},
  };
}

std::shared_ptr<const policy::Catalog> MakeCatalog(const policy::Policy& policy) {
  auto catalog = std::make_shared<policy::Catalog>();
  catalog->server_version = "9.7.4";
  catalog->other_engines = {"WAREHOUSE"};
  catalog->logins_run_sql = false;
  catalog->programs_read_counts = false;
  catalog->programs_set_modes = false;
  catalog->programs_set_modes_unseen = false;
  catalog->programs_prepare = false;
  catalog->programs_execute = false;
  catalog->programs_touch_temporary = false;
  catalog->functions_touch_temporary = false;
  const auto builder = [&](std::string_view name) {
    TableBuilder result{policy, {}};
    result.table.schema = "shop";
    result.table.name = name;
    result.table.collation = "utf8mb4_general_ci";
    return result;
  };
  catalog->Add(builder("customers")
                   .Plain("id")
                   .Plain("name")
                   .Sealed("email", "varchar(100)")
                   .Sealed("phone", "varchar(20)")
                   .Sealed("tax_id", "varchar(20)")
                   .Sealed("age", "int")
                   .Plain("hidden", true)
                   .table);
  catalog->Add(builder("orders")
                   .Plain("id")
                   .Plain("customer_id")
                   .Sealed("card", "varchar(19)")
                   .Sealed("contact", "varchar(100)")
                   .table);
  catalog->Add(builder("legacy").Plain("id").StillPlain("secret").table);
  catalog->Add(builder("drafts").Plain("id").StillPlain("body").OfPlaintext("first_line").table);
  catalog->Add(builder("members")
                   .Plain("id")
                   .Sealed("mail", "varchar(100)")
                   .NotNull()
                   .Sealed("pin", "varchar(20)")
                   .NotNull()
                   .Default()
                   .table);
  catalog->Add(builder("shifts")
                   .Plain("id")
                   .Sealed("starts", "time(3)")
                   .Sealed("ends", "time(3)")
                   .Sealed("note", "varchar(20)")
                   .Latin1()
                   .table);
  catalog->Add(builder("visits").Plain("id").Sealed("seen", "timestamp").table);
  catalog->Add(builder("births")
                   .Plain("id")
                   .Sealed("day", "date")
                   .NotNull()
                   .Sealed("number", "bigint")
                   .table);
  catalog->Add(builder("badges")
                   .Plain("id")
                   .Sealed("code", "text")
                   .Plain("label")
                   .Computed("generated column label")
                   .Plain("kept")
                   .Computed("default of column kept")
                   .table);
  for (const char* name : {"customers", "orders", "legacy", "drafts", "members", "archive",
                           "shifts", "visits", "births", "badges"}) {
    catalog->AddHot({policy::NameKind::kTable, "shop", name});
  }
  for (policy::CatalogView& view : Views()) {
    catalog->AddHot({policy::NameKind::kView, view.schema, view.name});
    catalog->AddView(std::move(view));
  }
  catalog->semijoin_views = {{"shop", "in_stock"}};
  catalog->events = {{"shop", "nightly", "insert into V_Night (email) values ('x')"}};
  catalog->AddHot({policy::NameKind::kRoutine, "shop", "add_customer"});
  catalog->AddHot({policy::NameKind::kTriggered, "shop", "log"});
  catalog->AddCollation(45, {"utf8mb4_general_ci", "utf8mb4", true, true});
  catalog->AddCollation(8, {"latin1_swedish_ci", "latin1", true, true});
  catalog->AddCollation(300, {"utf8mb4_danish_ci", "utf8mb4", true, false});
  catalog->AddSchemaDefault("shop", "utf8mb4_general_ci");
  return catalog;
}

}  // namespace

World::World() {
  auto parsed = policy::ParsePolicy(kPolicy, "policy.yaml");
  if (!parsed) throw std::runtime_error(policy::ToText(parsed.error().front()));
  auto policy = std::make_shared<const policy::Policy>(std::move(*parsed));
  crypto::SecretBytes master(32);
  crypto::KeyRing ring(std::move(master));
  std::vector<std::pair<std::string, crypto::Mode>> domains;
  std::vector<std::string> names;
  for (const policy::Domain& domain : policy->domains) {
    if (!ring.AddDomain(domain.name, domain.mode, random_, 0)) throw std::runtime_error("keys");
    domains.emplace_back(domain.name, domain.mode);
    names.push_back(domain.name);
  }
  auto keys = crypto::Keychain::Build(ring, domains);
  if (!keys) throw std::runtime_error(keys.error().message);
  snapshot_.policy = policy;
  snapshot_.keys = std::make_shared<const crypto::Keychain>(std::move(*keys));
  snapshot_.catalog = MakeCatalog(*policy);
  snapshot_.version = 1;
  metrics_ = std::make_unique<metrics::Metrics>(names);
}

void World::BecomeMariadb() {
  auto catalog = std::make_shared<policy::Catalog>(*snapshot_.catalog);
  catalog->server_version = "10.11.6-MariaDB";
  catalog->is_mariadb = true;
  snapshot_.catalog = std::move(catalog);
  ++snapshot_.version;
}

SessionFacts World::Facts(std::string_view role) const {
  SessionFacts facts;
  facts.schema = "shop";
  facts.role = &snapshot_.policy->fallback;
  for (const policy::Role& known : snapshot_.policy->roles) {
    if (known.name == role) facts.role = &known;
  }
  return facts;
}

std::string World::WithMarks(std::string_view sql) const {
  sql::TokenList tokens;
  sql::Lex(sql, {}, tokens);
  std::string out;
  std::size_t at = 0;
  for (const sql::Token& token : tokens.tokens) {
    if (token.kind != sql::TokenKind::kHex) continue;
    std::string bytes;
    sql::DecodeHexOrBit(sql.substr(token.begin, token.end - token.begin), bytes);
    std::string mark;
    if (bytes.size() == crypto::kEqualityPrefixBytes) mark = "<low>";
    if (bytes.size() == crypto::kEqualityPrefixBytes + 8) mark = "<high>";
    for (const policy::Domain& domain : snapshot_.policy->domains) {
      std::string opened;
      if (!crypto::Open(*snapshot_.keys->Find(domain.name), bytes, opened)) continue;
      mark = "<" + domain.name + ":";
      for (const char c : opened) {
        const bool shown = c >= ' ' && c < 0x7F;
        char hex[5];
        std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
        mark += shown ? std::string(1, c) : std::string(hex);
      }
      mark += ">";
    }
    if (mark.empty()) continue;
    out += sql.substr(at, token.begin - at);
    out += mark;
    at = token.end;
  }
  out += sql.substr(at);
  return out;
}

}  // namespace sealgate::rewrite
