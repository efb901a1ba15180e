#include "policy/weight_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sealgate::policy {
namespace {

namespace fs = std::filesystem;

const WeightSourceName kName{"9.7.0 (../odd)", "utf8mb4_0900_ai_ci", false};

class WeightCacheTest : public testing::Test {
 protected:
  WeightCacheTest() {
    std::string name = testing::TempDir() + "weights-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    weights_.Set(U'a', "weight");
  }
  ~WeightCacheTest() override { fs::remove_all(directory_); }

  std::string directory_;
  CollationWeights weights_{kName.collation, kName.pad_space};
};

TEST_F(WeightCacheTest, WhatIsStoredIsLoaded) {
  const WeightCache cache(directory_);
  EXPECT_FALSE(cache.Load(kName));
  ASSERT_TRUE(cache.Store(kName, weights_));
  const auto loaded = cache.Load(kName);
  ASSERT_TRUE(loaded);
  EXPECT_EQ((*loaded)->WeightOf(U'a'), "weight");
  // Again, over the old one; nothing else is left.
  ASSERT_TRUE(cache.Store(kName, weights_));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1);
  EXPECT_EQ(fs::path(cache.FileOf(kName)).parent_path(), directory_);
  struct stat status {};
  ASSERT_EQ(::stat(cache.FileOf(kName).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(WeightCacheTest, ADamagedFileIsNotLoaded) {
  const WeightCache cache(directory_);
  ASSERT_TRUE(cache.Store(kName, weights_));
  fs::resize_file(cache.FileOf(kName), fs::file_size(cache.FileOf(kName)) - 1);
  EXPECT_FALSE(cache.Load(kName));
  std::ofstream(cache.FileOf(kName)) << "";
  EXPECT_FALSE(cache.Load(kName));
  fs::resize_file(cache.FileOf(kName), kMaxWeightFile + 1);
  EXPECT_FALSE(cache.Load(kName));
  ASSERT_TRUE(cache.Store(kName, weights_));
  EXPECT_TRUE(cache.Load(kName));
}

TEST_F(WeightCacheTest, WhatOthersMayWriteIsNotLoaded) {
  const WeightCache cache(directory_);
  ASSERT_TRUE(cache.Store(kName, weights_));
  fs::permissions(cache.FileOf(kName), fs::perms(0620));
  EXPECT_FALSE(cache.Load(kName));
  fs::permissions(cache.FileOf(kName), fs::perms(0600));
  EXPECT_TRUE(cache.Load(kName));
  fs::permissions(directory_, fs::perms(0777));
  EXPECT_FALSE(cache.Load(kName));
  EXPECT_FALSE(cache.Store(kName, weights_));
}

TEST_F(WeightCacheTest, WhatIsNoPlainFileIsNotLoaded) {
  const WeightCache cache(directory_);
  ASSERT_TRUE(cache.Store(kName, weights_));
  const std::string elsewhere = directory_ + "/elsewhere";
  fs::rename(cache.FileOf(kName), elsewhere);
  fs::create_symlink(elsewhere, cache.FileOf(kName));
  EXPECT_FALSE(cache.Load(kName));
  fs::remove(cache.FileOf(kName));
  ASSERT_EQ(::mkfifo(cache.FileOf(kName).c_str(), 0600), 0);
  EXPECT_FALSE(cache.Load(kName));
  EXPECT_FALSE(WeightCache(directory_ + "/none").Load(kName));
  EXPECT_FALSE(WeightCache(directory_ + "/none").Store(kName, weights_));
  EXPECT_FALSE(WeightCache(elsewhere).Load(kName));
  EXPECT_TRUE(WeightCache("").is_off());
}

}  // namespace
}  // namespace sealgate::policy
