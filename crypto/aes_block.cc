#include "crypto/aes_block.h"

#include <stdexcept>

#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

const EVP_CIPHER* BlockCipherOfKeySize(std::size_t key_bytes) {
  static const EVP_CIPHER* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
  static const EVP_CIPHER* const aes192 = EVP_CIPHER_fetch(nullptr, "AES-192-ECB", nullptr);
  static const EVP_CIPHER* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  switch (key_bytes) {
    case 16:
      return aes128;
    case 24:
      return aes192;
    case 32:
      return aes256;
    default:
      throw std::invalid_argument("an AES key has 16, 24 or 32 bytes");
  }
}

EVP_CIPHER_CTX* KeyedContext(std::string_view key) {
  const EVP_CIPHER* const cipher = BlockCipherOfKeySize(key.size());
  Require(cipher != nullptr, "AES is not available");
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  Require(
      context != nullptr &&
          EVP_EncryptInit_ex(context, cipher, nullptr,
                             reinterpret_cast<const unsigned char*>(key.data()), nullptr) == 1 &&
          EVP_CIPHER_CTX_set_padding(context, 0) == 1,
      "AES cannot be set up");
  return context;
}

}  // namespace

Block Doubled(const Block& block) {
  Block result;
  for (std::size_t i = 0; i + 1 < kBlockBytes; ++i) {
    result[i] = static_cast<unsigned char>((block[i] << 1) | (block[i + 1] >> 7));
  }
  const unsigned carry = block[0] >> 7;
  result[kBlockBytes - 1] =
      static_cast<unsigned char>((block[kBlockBytes - 1] << 1) ^ (0x87U & (0U - carry)));
  return result;
}

EVP_CIPHER_CTX* CopyCipherContext(const EVP_CIPHER_CTX* context) {
  EVP_CIPHER_CTX* const copy = EVP_CIPHER_CTX_new();
  Require(copy != nullptr && EVP_CIPHER_CTX_copy(copy, context) == 1,
          "an AES context cannot be copied");
  return copy;
}

AesBlockCipher::AesBlockCipher(std::string_view key) : pool_(KeyedContext(key)) {}

void AesBlockCipher::Session::Encrypt(const unsigned char* in, unsigned char* out,
                                      std::size_t size) const {
  int written = 0;
  Require(EVP_EncryptUpdate(lease_.get(), out, &written, in, static_cast<int>(size)) == 1 &&
              written == static_cast<int>(size),
          "AES block encryption");
}

Block AesBlockCipher::Session::Encrypt(const Block& block) const {
  Block result;
  Encrypt(block.data(), result.data(), kBlockBytes);
  return result;
}

}  // namespace sealgate::crypto
