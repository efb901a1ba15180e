// A directory of its own for a test, removed at its end.
#ifndef SEALGATE_TESTS_CRYPTO_SCRATCH_DIRECTORY_H_
#define SEALGATE_TESTS_CRYPTO_SCRATCH_DIRECTORY_H_

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sealgate::crypto {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    const char* const root = std::getenv("TEST_TMPDIR");
    std::string name = std::string(root != nullptr ? root : "/tmp") + "/sealgate.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("no scratch directory");
    }
    path_ = name;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

  std::string Write(std::string_view name, std::string_view bytes, mode_t mode = 0600) const {
    const std::string path = *this / name;
    std::ofstream(path, std::ios::binary) << bytes;
    if (::chmod(path.c_str(), mode) != 0) {
      throw std::runtime_error("no mode");
    }
    return path;
  }

  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static mode_t ModeOf(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }

  std::size_t Files() const {
    const std::filesystem::directory_iterator all(path_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

 private:
  std::string path_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_TESTS_CRYPTO_SCRATCH_DIRECTORY_H_
