// UTF-8 as the servers read names. Source: RFC 3629.
#ifndef SEALGATE_PROXY_SQL_UTF8_H_
#define SEALGATE_PROXY_SQL_UTF8_H_

#include <string_view>

namespace sealgate::sql {

/// No overlong forms, no surrogates, nothing beyond U+10FFFF.
bool IsWellFormedUtf8(std::string_view text);

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_UTF8_H_
