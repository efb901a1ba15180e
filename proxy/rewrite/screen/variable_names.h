// Names of the server's variables and programs, as the servers find them: by a collation
// that knows no accents.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_VARIABLE_NAMES_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_VARIABLE_NAMES_H_

#include <string>
#include <string_view>

namespace sealgate::rewrite {

/// Whether the text holds the name of this variable, or of one whose name begins so; in
/// lower-case ASCII.
bool MayNameVariable(std::string_view text, std::string_view lower);
/// Of a variable of session tracking.
bool MayNameTracking(std::string_view text);
/// Of MySQL's variable for what CHARACTER SET utf8mb4 means without COLLATE.
bool MayNameDefaultCollation(std::string_view text);
/// Of init_connect, init_replica or init_slave: SQL that the server runs by itself, in
/// sessions that are not the proxy's.
bool MayNameServerSql(std::string_view text);
/// Of a procedure of the server's own that runs a text of the caller's, or a part of one.
bool MayNameTextRunner(std::string_view text);
/// Of any of these, in a character set that is not UTF-8 (loose_name.h).
bool BytesMayHoldServersOwn(std::string_view text);
/// The text with blanks in the place of such procedures' names.
std::string WithoutTextRunners(std::string_view text);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_VARIABLE_NAMES_H_
