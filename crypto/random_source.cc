#include "crypto/random_source.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <climits>
#include <cstring>

#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

void FillFromSystem(unsigned char* out, std::size_t size) {
  Require(size <= INT_MAX, "too many random bytes asked for at once");
  Require(RAND_bytes(out, static_cast<int>(size)) == 1, "no random bytes");
}

}  // namespace

SystemRandom::~SystemRandom() { OPENSSL_cleanse(block_, sizeof block_); }

void SystemRandom::Fill(unsigned char* out, std::size_t size) {
  if (size > kBlock) {
    FillFromSystem(out, size);
    return;
  }
  if (kBlock - used_ < size) {
    FillFromSystem(block_, kBlock);
    used_ = 0;
  }
  std::memcpy(out, block_ + used_, size);
  // What was handed out may have become a key.
  OPENSSL_cleanse(block_ + used_, size);
  used_ += size;
}

}  // namespace sealgate::crypto
