#include "crypto/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "crypto/key_ring.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/replayed_random.h"
#include "tests/crypto/scratch_directory.h"

namespace sealgate::crypto {
namespace {

const std::string kDigits(64, 'a');

void ExpectFailure(const std::string& path, KeyError code, std::string_view text) {
  const auto key = ReadMasterKey(path);
  ASSERT_FALSE(key) << path;
  EXPECT_EQ(key.error().code, code) << key.error().message;
  EXPECT_TRUE(key.error().message.starts_with(path + ": ")) << key.error().message;
  EXPECT_NE(key.error().message.find(text), std::string::npos) << key.error().message;
}

TEST(MasterKey, CreatedKeyIsReadAgain) {
  const ScratchDirectory scratch;
  ReplayedRandom random(0xf0);
  const std::string path = scratch / "master.key";
  ASSERT_TRUE(CreateMasterKey(path, random));
  EXPECT_EQ(ScratchDirectory::ModeOf(path), 0600U);
  EXPECT_EQ(ScratchDirectory::Read(path), ToHex(Sequence(0xf0, 32)) + "\n");
  const auto key = ReadMasterKey(path);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->Reveal(), Sequence(0xf0, 32));
}

TEST(MasterKey, CreatingDoesNotOverwrite) {
  const ScratchDirectory scratch;
  ReplayedRandom random;
  const std::string path = scratch.Write("master.key", "precious");
  const auto created = CreateMasterKey(path, random);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, KeyError::kFileExists);
  EXPECT_EQ(ScratchDirectory::Read(path), "precious");
  const auto nowhere = CreateMasterKey(scratch / "no/such/directory", random);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, KeyError::kWriteFailed);
}

TEST(MasterKey, HexAndRawFormsAreRead) {
  const ScratchDirectory scratch;
  for (const std::string& text :
       {kDigits, kDigits + "\n", kDigits + "\r\n", std::string(64, 'A')}) {
    const auto key = ReadMasterKey(scratch.Write("hex", text));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->Reveal(), std::string(32, '\xaa'));
  }
  const auto raw = ReadMasterKey(scratch.Write("raw", Sequence(0, 32)));
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->Reveal(), Sequence(0, 32));
}

TEST(MasterKey, EveryWrongLengthIsRefused) {
  const ScratchDirectory scratch;
  for (std::size_t size = 0; size <= 140; ++size) {
    if (size != 32 && size != 64) {
      ExpectFailure(scratch.Write("key", std::string(size, 'a')), KeyError::kMalformed, "bytes");
    }
  }
  std::string not_hex = kDigits;
  not_hex[63] = 'g';
  ExpectFailure(scratch.Write("key", not_hex), KeyError::kMalformed, "64 hex digits");
}

TEST(MasterKey, EveryModeWiderThan0600IsRefused) {
  const ScratchDirectory scratch;
  for (mode_t mode = 0; mode <= 07777; ++mode) {
    const std::string path = scratch.Write("key", kDigits, mode);
    if ((mode & ~mode_t{0600}) != 0) {
      ExpectFailure(path, KeyError::kFileMode, "chmod 600");
    } else if (::geteuid() == 0 || (mode & 0400) != 0) {
      EXPECT_TRUE(ReadMasterKey(path)) << mode;
    }
    ::unlink(path.c_str());
  }
}

TEST(MasterKey, OnlyARegularFileWillDo) {
  const ScratchDirectory scratch;
  ExpectFailure(scratch / "absent", KeyError::kFileMissing, "No such file");
  std::filesystem::create_directory(scratch / "directory");
  ExpectFailure(scratch / "directory", KeyError::kFileMode, "regular file");
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  ExpectFailure(scratch / "fifo", KeyError::kFileMode, "regular file");
  ExpectFailure("/dev/null", KeyError::kFileMode, "regular file");
}

TEST(MasterKey, SymbolicLinksAreFollowedAndTheirTargetIsChecked) {
  const ScratchDirectory scratch;
  std::filesystem::create_symlink(scratch.Write("good", kDigits), scratch / "link");
  EXPECT_TRUE(ReadMasterKey(scratch / "link"));
  std::filesystem::create_symlink(scratch.Write("open", kDigits, 0644), scratch / "open_link");
  ExpectFailure(scratch / "open_link", KeyError::kFileMode, "0644");
}

TEST(KeyFile, AnotherOwnersFileIsRefused) {
  struct stat status {};
  status.st_mode = S_IFREG | 0600;
  status.st_uid = 1000;
  EXPECT_FALSE(WhyNoKeyFile("key", status, 1000));
  for (const uid_t caller : {0, 999, 1001}) {
    const auto why = WhyNoKeyFile("key", status, caller);
    ASSERT_TRUE(why);
    EXPECT_EQ(why->code, KeyError::kFileMode);
    EXPECT_NE(why->message.find("change its owner"), std::string::npos);
  }
}

TEST(KeyFile, ReplacingLeavesOneFileOfMode0600) {
  const ScratchDirectory scratch;
  const std::string path = scratch.Write("ring", "old", 0644);
  ASSERT_TRUE(ReplaceKeyFile(path, "new"));
  EXPECT_EQ(ScratchDirectory::Read(path), "new");
  EXPECT_EQ(ScratchDirectory::ModeOf(path), 0600U);
  EXPECT_EQ(scratch.Files(), 1U);
}

TEST(KeyFile, ReplacingThroughALinkKeepsTheLink) {
  const ScratchDirectory scratch;
  std::filesystem::create_symlink(scratch.Write("ring", "old"), scratch / "link");
  ASSERT_TRUE(ReplaceKeyFile(scratch / "link", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(scratch / "link"));
  EXPECT_EQ(ScratchDirectory::Read(scratch / "ring"), "new");
}

TEST(KeyFile, FailedReplacementLeavesNothingBehind) {
  const ScratchDirectory scratch;
  std::filesystem::create_directory(scratch / "taken");
  const auto replaced = ReplaceKeyFile(scratch / "taken", "new");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code, KeyError::kWriteFailed);
  EXPECT_EQ(scratch.Files(), 1U);
  EXPECT_FALSE(ReplaceKeyFile(scratch / "no/such/place", "new"));
}

}  // namespace
}  // namespace sealgate::crypto
