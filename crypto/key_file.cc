#include "crypto/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

namespace sealgate::crypto {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { Close(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  bool Close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::string Reason() { return std::strerror(errno); }

tl::expected<SecretBytes, KeyFailure> ReadAll(const std::string& path, int fd, std::size_t size) {
  SecretBytes bytes(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, bytes.data() + done, size - done);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Fail(KeyError::kFileUnreadable, fmt::format("{}: cannot be read: {}", path, Reason()));
    }
    if (got == 0) {
      return Fail(KeyError::kTruncated, fmt::format("{}: became shorter while it was read", path));
    }
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put < 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string DirectoryOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

bool SyncDirectoryOf(const std::string& path) {
  const FileDescriptor directory(
      ::open(DirectoryOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.valid() && ::fsync(directory.get()) == 0;
}

bool WriteAndSync(FileDescriptor& file, std::string_view bytes) {
  return ::fchmod(file.get(), kOwnerOnly) == 0 && WriteAll(file.get(), bytes) &&
         ::fsync(file.get()) == 0 && file.Close();
}

tl::unexpected<KeyFailure> WriteFailure(const std::string& path, const std::string& reason) {
  return Fail(KeyError::kWriteFailed, fmt::format("{}: cannot be written: {}", path, reason));
}

// Where a rename has to go so that a symbolic link stays one.
std::string ResolvedTarget(const std::string& path) {
  std::error_code error;
  const auto resolved = std::filesystem::canonical(path, error);
  return error ? path : resolved.string();
}

}  // namespace

std::optional<KeyFailure> WhyNoKeyFile(const std::string& path, const struct stat& status,
                                       uid_t caller) {
  if (!S_ISREG(status.st_mode)) {
    return KeyFailure{KeyError::kFileMode, fmt::format("{}: is not a regular file", path)};
  }
  if (status.st_uid != caller) {
    return KeyFailure{KeyError::kFileMode,
                      fmt::format("{}: belongs to user {}, not to the user {} that runs sealgate; "
                                  "change its owner",
                                  path, status.st_uid, caller)};
  }
  if (((status.st_mode & 07777U) & ~kOwnerOnly) != 0) {
    return KeyFailure{
        KeyError::kFileMode,
        fmt::format("{}: has mode {:04o}; a file with keys may have 0600 at most: chmod 600 {}",
                    path, status.st_mode & 07777U, path)};
  }
  return std::nullopt;
}

tl::expected<SecretBytes, KeyFailure> ReadKeyFile(const std::string& path, std::size_t most_bytes) {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return Fail(missing ? KeyError::kFileMissing : KeyError::kFileUnreadable,
                fmt::format("{}: cannot be opened: {}", path, Reason()));
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return Fail(KeyError::kFileUnreadable, fmt::format("{}: {}", path, Reason()));
  }
  if (std::optional<KeyFailure> failure = WhyNoKeyFile(path, status, ::geteuid())) {
    return tl::make_unexpected(*std::move(failure));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > most_bytes) {
    return Fail(KeyError::kMalformed,
                fmt::format("{}: has {} bytes, more than the {} that such a file can have", path,
                            size, most_bytes));
  }
  return ReadAll(path, file.get(), size);
}

tl::expected<void, KeyFailure> CreateKeyFile(const std::string& path, std::string_view bytes) {
  FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
  if (!file.valid()) {
    if (errno == EEXIST) {
      return Fail(KeyError::kFileExists,
                  fmt::format("{}: is already there and is not overwritten; move it away or "
                              "choose another path",
                              path));
    }
    return WriteFailure(path, Reason());
  }
  if (!WriteAndSync(file, bytes) || !SyncDirectoryOf(path)) {
    const std::string reason = Reason();
    ::unlink(path.c_str());
    return WriteFailure(path, reason);
  }
  return {};
}

tl::expected<void, KeyFailure> ReplaceKeyFile(const std::string& path, std::string_view bytes) {
  const std::string target = ResolvedTarget(path);
  std::string temporary = target + ".XXXXXX";
  FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.valid()) {
    return WriteFailure(path, Reason());
  }
  if (!WriteAndSync(file, bytes) || ::rename(temporary.c_str(), target.c_str()) != 0) {
    const std::string reason = Reason();
    ::unlink(temporary.c_str());
    return WriteFailure(path, reason);
  }
  if (!SyncDirectoryOf(target)) {
    return WriteFailure(path, Reason());
  }
  return {};
}

}  // namespace sealgate::crypto
