#include "policy/file_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace sealgate::policy {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::string& file)
      : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<Diagnostic> Fail(const std::string& file, std::string problem, std::string advice) {
  return tl::make_unexpected(Diagnostic{file, 0, 0, std::move(problem), std::move(advice)});
}

tl::unexpected<Diagnostic> FailBySystem(const std::string& file) {
  return Fail(file, fmt::format("cannot be read: {}", std::generic_category().message(errno)),
              "Check the path and the permissions");
}

tl::expected<std::string, Diagnostic> ReadAll(const OpenFile& open, const std::string& file) {
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t got = ::read(open.descriptor(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return FailBySystem(file);
    }
    if (got == 0) {
      return text;
    }
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMaxConfigurationBytes) {
      return Fail(file, "is longer than 1 MiB", "Check that this is the right file");
    }
  }
}

}  // namespace

tl::expected<std::string, Diagnostic> ReadFileText(const std::string& file) {
  const OpenFile open(file);
  if (open.descriptor() < 0) {
    return FailBySystem(file);
  }
  return ReadAll(open, file);
}

tl::expected<std::string, Diagnostic> ReadSecretLine(const std::string& file) {
  const OpenFile open(file);
  struct stat status {};
  if (open.descriptor() < 0 || ::fstat(open.descriptor(), &status) != 0) {
    return FailBySystem(file);
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(file, "is not a regular file", "Name the file that holds the secret");
  }
  if ((status.st_mode & 077) != 0) {
    return Fail(file, fmt::format("may be used by others (mode {:04o})", status.st_mode & 07777),
                fmt::format("Run: chmod 600 {}", file));
  }
  tl::expected<std::string, Diagnostic> text = ReadAll(open, file);
  if (!text) {
    return text;
  }
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) {
    text->pop_back();
  }
  if (text->empty() || text->find('\n') != std::string::npos) {
    return Fail(file, text->empty() ? "is empty" : "has more than one line",
                "Put the secret alone in one line");
  }
  return text;
}

}  // namespace sealgate::policy
