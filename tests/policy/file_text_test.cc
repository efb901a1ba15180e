#include "policy/file_text.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

namespace sealgate::policy {
namespace {

std::string Written(const std::string& name, const std::string& text, mode_t mode) {
  const std::string file = testing::TempDir() + "/" + name;
  std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(::chmod(file.c_str(), mode), 0);
  return file;
}

TEST(FileText, ReadsWhatIsThere) {
  EXPECT_EQ(ReadFileText(Written("a", "x\ny\n", 0644)).value(), "x\ny\n");
  EXPECT_EQ(ReadFileText("/nonexistent").error().problem,
            "cannot be read: No such file or directory");
  EXPECT_EQ(ReadFileText(testing::TempDir()).error().problem, "cannot be read: Is a directory");
  EXPECT_EQ(ReadFileText(Written("big", std::string(kMaxConfigurationBytes + 1, 'x'), 0644))
                .error()
                .problem,
            "is longer than 1 MiB");
}

TEST(FileText, SecretsAreOneLineOfAPrivateFile) {
  EXPECT_EQ(ReadSecretLine(Written("s1", "secret\n", 0600)).value(), "secret");
  EXPECT_EQ(ReadSecretLine(Written("s2", "secret\r\n", 0400)).value(), "secret");
  EXPECT_EQ(ReadSecretLine(Written("s3", "secret\n", 0640)).error().problem,
            "may be used by others (mode 0640)");
  EXPECT_EQ(ReadSecretLine(Written("s4", "\n", 0600)).error().problem, "is empty");
  EXPECT_EQ(ReadSecretLine(Written("s5", "a\nb\n", 0600)).error().problem,
            "has more than one line");
  EXPECT_EQ(ReadSecretLine("/dev/null").error().problem, "is not a regular file");
  EXPECT_FALSE(ReadSecretLine("/nonexistent"));
}

}  // namespace
}  // namespace sealgate::policy
