// Names of columns that the server must not see: it names an expression without an
// alias by its text, and that text has the statement's values in it.
//
// Pure; of one statement. That names are utf8mb3, and end after 255 bytes of it, is
// what both servers do; MySQL cuts what came in utf8mb3 after 256, be it in a character.
// What comes in no character set (SET NAMES binary) was tried on MariaDB 10.11 and MySQL 9.7.
#ifndef SEALGATE_PROXY_REWRITE_EXPRESSION_NAMES_H_
#define SEALGATE_PROXY_REWRITE_EXPRESSION_NAMES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/wire/column_definition.h"

namespace sealgate::rewrite {

class ExpressionNames {
 public:
  /// What such a name begins with. A user's own column will hardly be called so.
  static constexpr std::string_view kPrefix = "sealgate expression ";

  bool empty() const { return texts_.empty(); }
  /// Memory that the names take, about.
  std::size_t bytes() const;
  /// What the server is to call the column that the client knows as `text`, which is
  /// in the client's character set; nullopt when the results' character set has no
  /// such name.
  std::optional<std::string> Hide(const SessionFacts& facts, bool is_mariadb,
                                  std::string_view text);
  /// As much of `text`, which is in the client's character set, as MySQL takes for the name
  /// of an expression: of a longer alias it takes a byte more, and warns (1466).
  static std::string_view Longest(const SessionFacts& facts, std::string_view text);
  /// Gives a column its text back, if Hide() named it. The definition then has views
  /// of this object.
  void Show(wire::ColumnDefinition41& definition) const;

 private:
  std::string_view Shown(std::string_view name) const;

  std::vector<std::string> texts_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_EXPRESSION_NAMES_H_
