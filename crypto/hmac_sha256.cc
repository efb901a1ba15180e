#include "crypto/hmac_sha256.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_MAC_CTX* KeyedContext(std::string_view key) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(hmac);
  Require(context != nullptr && EVP_MAC_init(context, Bytes(key), key.size(), params) == 1,
          "HMAC-SHA-256 is not available");
  return context;
}

}  // namespace

EVP_MAC_CTX* CopyMacContext(const EVP_MAC_CTX* context) {
  EVP_MAC_CTX* const copy = EVP_MAC_CTX_dup(context);
  Require(copy != nullptr, "an HMAC context cannot be copied");
  return copy;
}

HmacSha256::HmacSha256(std::string_view key) : pool_(KeyedContext(key)) {}

HmacSha256::Tag HmacSha256::Of(std::string_view message) const {
  const auto lease = pool_.Take();
  Tag tag;
  std::size_t written = 0;
  // Initialising without a key goes back to the state just after the key.
  Require(EVP_MAC_init(lease.get(), nullptr, 0, nullptr) == 1 &&
              EVP_MAC_update(lease.get(), Bytes(message), message.size()) == 1 &&
              EVP_MAC_final(lease.get(), reinterpret_cast<unsigned char*>(tag.data()), &written,
                            tag.size()) == 1 &&
              written == tag.size(),
          "HMAC-SHA-256");
  return tag;
}

}  // namespace sealgate::crypto
