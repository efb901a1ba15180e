// What happens when OpenSSL cannot do what it must: the process ends. Going on
// would mean a value that is not sealed or a nonce that is not random.
#ifndef SEALGATE_CRYPTO_OPENSSL_CHECK_H_
#define SEALGATE_CRYPTO_OPENSSL_CHECK_H_

namespace sealgate::crypto {

/// Writes `what` to standard error and aborts. `what` is a constant text.
[[noreturn]] void EndProcess(const char* what);

inline void Require(bool ok, const char* what) {
  if (!ok) [[unlikely]] {
    EndProcess(what);
  }
}

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_OPENSSL_CHECK_H_
