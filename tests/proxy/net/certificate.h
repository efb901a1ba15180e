// Certificates for tests, made when they are needed.
#ifndef SEALGATE_TESTS_PROXY_NET_CERTIFICATE_H_
#define SEALGATE_TESTS_PROXY_NET_CERTIFICATE_H_

#include <string>

namespace sealgate::net {

/// Writes a PEM file with a self-signed certificate for 127.0.0.1 and
/// db.example.net, with this serial number, and its key. It is its own CA.
void WriteCertificate(const std::string& file, long serial);

}  // namespace sealgate::net

#endif  // SEALGATE_TESTS_PROXY_NET_CERTIFICATE_H_
