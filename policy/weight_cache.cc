#include "policy/weight_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>

namespace sealgate::policy {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

tl::unexpected<std::string> Fail(const std::string& path, std::string_view problem) {
  return tl::make_unexpected(fmt::format("{} {}", path, problem));
}

tl::unexpected<std::string> FailBySystem(const std::string& path) {
  return Fail(path, std::generic_category().message(errno));
}

bool OthersMayWrite(const struct stat& status) {
  return status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

bool ReadAll(int descriptor, std::string& bytes) {
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t size = ::read(descriptor, bytes.data() + got, bytes.size() - got);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    got += static_cast<std::size_t>(size);
  }
  return true;
}

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(descriptor, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

std::string WeightCache::FileOf(const WeightSourceName& name) const {
  std::string file = name.collation + "-" + name.server_version;
  std::replace_if(
      file.begin(), file.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-' && c != '_'; },
      '_');
  return directory_ + "/" + file + ".weights";
}

tl::expected<void, std::string> WeightCache::CheckDirectory() const {
  struct stat status {};
  if (::stat(directory_.c_str(), &status) != 0) return FailBySystem(directory_);
  if (!S_ISDIR(status.st_mode)) return Fail(directory_, "is not a directory");
  if (OthersMayWrite(status)) return Fail(directory_, "may be written by others");
  return {};
}

tl::expected<std::shared_ptr<const CollationWeights>, std::string> WeightCache::Load(
    const WeightSourceName& name) const {
  if (auto good = CheckDirectory(); !good) return tl::make_unexpected(std::move(good.error()));
  const std::string path = FileOf(name);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return FailBySystem(path);
  if (!S_ISREG(status.st_mode)) return Fail(path, "is not a regular file");
  if (OthersMayWrite(status)) return Fail(path, "may be written by others");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxWeightFile) return Fail(path, "is too long");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  if (!ReadAll(file.number(), bytes)) return Fail(path, "cannot be read");
  auto weights = DecodeWeights(name, bytes);
  if (weights == nullptr) return Fail(path, "is damaged or of another server");
  return weights;
}

tl::expected<void, std::string> WeightCache::Store(const WeightSourceName& name,
                                                   const CollationWeights& weights) const {
  if (auto good = CheckDirectory(); !good) return good;
  const std::string path = FileOf(name);
  const auto bytes = EncodeWeights(name, weights);
  if (!bytes) return Fail(path, "would be too long");
  const std::string draft = fmt::format("{}.{}", path, ::getpid());
  ::unlink(draft.c_str());
  const Descriptor file(
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0) return FailBySystem(draft);
  if (!WriteAll(file.number(), *bytes) || std::rename(draft.c_str(), path.c_str()) != 0) {
    auto failure = FailBySystem(path);
    ::unlink(draft.c_str());
    return failure;
  }
  return {};
}

}  // namespace sealgate::policy
