#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <stdexcept>

#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

OSSL_PARAM Octets(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

EVP_KDF* Hkdf() {
  static EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  return kdf;
}

}  // namespace

SecretBytes HkdfSha256(std::string_view key, std::string_view salt, std::string_view info,
                       std::size_t size) {
  char digest[] = "SHA256";
  OSSL_PARAM params[5];
  OSSL_PARAM* next = params;
  *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
  *next++ = Octets(OSSL_KDF_PARAM_KEY, key);
  // OpenSSL refuses a null pointer, and the RFC's default for both is empty.
  if (!salt.empty()) {
    *next++ = Octets(OSSL_KDF_PARAM_SALT, salt);
  }
  if (!info.empty()) {
    *next++ = Octets(OSSL_KDF_PARAM_INFO, info);
  }
  *next = OSSL_PARAM_construct_end();

  SecretBytes derived(size);
  EVP_KDF_CTX* const context = EVP_KDF_CTX_new(Hkdf());
  const bool ok = context != nullptr && EVP_KDF_derive(context, derived.data(), size, params) == 1;
  EVP_KDF_CTX_free(context);
  Require(ok, "HKDF-SHA-256");
  return derived;
}

SecretBytes DeriveSubkey(const SecretBytes& root, const SubkeyPurpose& purpose) {
  if (root.size() != kRootKeyBytes) {
    throw std::invalid_argument("a data key or master key has 32 bytes");
  }
  return HkdfSha256(root.Reveal(), {}, purpose.label, purpose.bytes);
}

}  // namespace sealgate::crypto
