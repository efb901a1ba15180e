#include <fmt/format.h>
#include <openssl/crypto.h>

#include <string>

#include "crypto/hkdf.h"
#include "crypto/key_file.h"
#include "crypto/key_ring.h"

namespace sealgate::crypto {
namespace {

constexpr std::size_t kHexDigits = 2 * kRootKeyBytes;
// A line end after the digits, as editors and echo leave it.
constexpr std::size_t kLongestMasterKeyFile = kHexDigits + 2;

std::string_view WithoutLineEnd(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// An empty result when `digits` are not 64 hex digits.
SecretBytes FromHex(std::string_view digits) {
  if (digits.size() != kHexDigits) {
    return {};
  }
  SecretBytes bytes(kRootKeyBytes);
  for (std::size_t i = 0; i < kRootKeyBytes; ++i) {
    const int high = OPENSSL_hexchar2int(static_cast<unsigned char>(digits[2 * i]));
    const int low = OPENSSL_hexchar2int(static_cast<unsigned char>(digits[2 * i + 1]));
    if (high < 0 || low < 0) {
      return {};
    }
    bytes.data()[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace

tl::expected<SecretBytes, KeyFailure> ReadMasterKey(const std::string& path) {
  auto content = ReadKeyFile(path, kLongestMasterKeyFile);
  if (!content) {
    return content;
  }
  if (content->size() == kRootKeyBytes) {
    return content;
  }
  SecretBytes key = FromHex(WithoutLineEnd(content->Reveal()));
  if (key.size() == 0) {
    return Fail(KeyError::kMalformed,
                fmt::format("{}: a master key is 64 hex digits or 32 bytes; this file has {} bytes "
                            "that are neither",
                            path, content->size()));
  }
  return key;
}

tl::expected<void, KeyFailure> CreateMasterKey(const std::string& path, RandomSource& random) {
  static constexpr char kDigits[] = "0123456789abcdef";
  SecretBytes key(kRootKeyBytes);
  random.Fill(key.data(), key.size());
  SecretBytes text(kHexDigits + 1);
  for (std::size_t i = 0; i < kRootKeyBytes; ++i) {
    text.data()[2 * i] = static_cast<unsigned char>(kDigits[key.data()[i] >> 4]);
    text.data()[2 * i + 1] = static_cast<unsigned char>(kDigits[key.data()[i] & 15]);
  }
  text.data()[kHexDigits] = '\n';
  return CreateKeyFile(path, text.Reveal());
}

}  // namespace sealgate::crypto
