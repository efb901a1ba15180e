// Logical types by their SQL text.
#ifndef SEALGATE_TESTS_PROXY_REWRITE_VALUE_TYPE_OF_H_
#define SEALGATE_TESTS_PROXY_REWRITE_VALUE_TYPE_OF_H_

#include <stdexcept>
#include <string>
#include <string_view>

#include "policy/logical_type.h"

namespace sealgate::rewrite {

/// "varchar(3)", "varchar(3) latin1_bin": text without a collation is
/// utf8mb4_general_ci.
inline policy::LogicalType TypeOf(std::string_view text) {
  std::string_view name = text;
  std::string_view collation = "utf8mb4_general_ci";
  const std::size_t space = text.find(' ');
  if (space != std::string_view::npos && text.substr(space) != " unsigned") {
    name = text.substr(0, space);
    collation = text.substr(space + 1);
  }
  auto type = policy::TypeFromText(name);
  if (!type) throw std::invalid_argument(std::string(text));
  if (policy::IsText(type->kind)) {
    type->charset = policy::CharsetFromName(collation.substr(0, collation.find('_'))).value();
    type->collation = collation;
  }
  return *type;
}

}  // namespace sealgate::rewrite

#endif  // SEALGATE_TESTS_PROXY_REWRITE_VALUE_TYPE_OF_H_
