#include "crypto/openssl_check.h"

#include <cstdio>
#include <cstdlib>

namespace sealgate::crypto {

void EndProcess(const char* what) {
  std::fprintf(stderr, "sealgate: cryptography failed: %s\n", what);
  std::abort();
}

}  // namespace sealgate::crypto
