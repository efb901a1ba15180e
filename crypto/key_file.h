// Files that hold keys, on POSIX.
//
// A key file is a regular file that belongs to the caller and that nobody else
// may read or write (mode 0600 or stricter). A symbolic link is followed, since
// mounted secrets are often one, and what it leads to is checked on the opened
// file itself.
#ifndef SEALGATE_CRYPTO_KEY_FILE_H_
#define SEALGATE_CRYPTO_KEY_FILE_H_

#include <sys/stat.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "crypto/key_info.h"
#include "crypto/secret.h"

namespace sealgate::crypto {

/// Why a file with this status may not hold keys of `caller`; nullopt when it
/// may. `path` is for the message.
std::optional<KeyFailure> WhyNoKeyFile(const std::string& path, const struct stat& status,
                                       uid_t caller);

/// The whole file. A file longer than `most_bytes` is kMalformed.
tl::expected<SecretBytes, KeyFailure> ReadKeyFile(const std::string& path, std::size_t most_bytes);

/// Makes a file that was not there, mode 0600; kFileExists otherwise.
tl::expected<void, KeyFailure> CreateKeyFile(const std::string& path, std::string_view bytes);

/// Puts the file in the place of an older one, mode 0600. After a crash there
/// is the old or the new content, never a mixture: temporary file in the same
/// directory, fsync, rename, fsync of the directory.
tl::expected<void, KeyFailure> ReplaceKeyFile(const std::string& path, std::string_view bytes);

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_KEY_FILE_H_
