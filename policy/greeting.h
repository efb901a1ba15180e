// What a server's greeting says of TLS.
// Source: MySQL manual, "Protocol::HandshakeV10". Pure; any thread.
#ifndef SEALGATE_POLICY_GREETING_H_
#define SEALGATE_POLICY_GREETING_H_

#include <string_view>

namespace sealgate::policy {

/// Whether a server's first packet (without its header) offers TLS.
bool OffersTls(std::string_view greeting);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_GREETING_H_
