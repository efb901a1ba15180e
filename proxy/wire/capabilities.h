// Capability flags of MySQL (bits 0 to 31) and MariaDB (bits 32 and up).
//
// Sources: MySQL manual, "Capabilities Flags"; MariaDB knowledge base,
// "Connection: Capabilities". MariaDB says that it has extended flags by
// leaving bit 0 clear in its greeting.
#ifndef SEALGATE_PROXY_WIRE_CAPABILITIES_H_
#define SEALGATE_PROXY_WIRE_CAPABILITIES_H_

#include <cstdint>

namespace sealgate::wire {

/// A set of flags. The low half is MySQL's word, the high half MariaDB's.
using Capabilities = std::uint64_t;

/// CLIENT_LONG_PASSWORD; MariaDB calls it CLIENT_MYSQL.
inline constexpr Capabilities kClientLongPassword = 1ULL << 0;
inline constexpr Capabilities kClientFoundRows = 1ULL << 1;
inline constexpr Capabilities kClientLongFlag = 1ULL << 2;
inline constexpr Capabilities kClientConnectWithDb = 1ULL << 3;
inline constexpr Capabilities kClientNoSchema = 1ULL << 4;
inline constexpr Capabilities kClientCompress = 1ULL << 5;
inline constexpr Capabilities kClientOdbc = 1ULL << 6;
inline constexpr Capabilities kClientLocalFiles = 1ULL << 7;
inline constexpr Capabilities kClientIgnoreSpace = 1ULL << 8;
inline constexpr Capabilities kClientProtocol41 = 1ULL << 9;
inline constexpr Capabilities kClientInteractive = 1ULL << 10;
inline constexpr Capabilities kClientSsl = 1ULL << 11;
inline constexpr Capabilities kClientIgnoreSigpipe = 1ULL << 12;
inline constexpr Capabilities kClientTransactions = 1ULL << 13;
inline constexpr Capabilities kClientReserved = 1ULL << 14;
/// CLIENT_RESERVED2 in MySQL's newer sources.
inline constexpr Capabilities kClientSecureConnection = 1ULL << 15;
inline constexpr Capabilities kClientMultiStatements = 1ULL << 16;
inline constexpr Capabilities kClientMultiResults = 1ULL << 17;
inline constexpr Capabilities kClientPsMultiResults = 1ULL << 18;
inline constexpr Capabilities kClientPluginAuth = 1ULL << 19;
inline constexpr Capabilities kClientConnectAttrs = 1ULL << 20;
inline constexpr Capabilities kClientPluginAuthLenencData = 1ULL << 21;
inline constexpr Capabilities kClientCanHandleExpiredPasswords = 1ULL << 22;
inline constexpr Capabilities kClientSessionTrack = 1ULL << 23;
inline constexpr Capabilities kClientDeprecateEof = 1ULL << 24;
inline constexpr Capabilities kClientOptionalResultsetMetadata = 1ULL << 25;
inline constexpr Capabilities kClientZstdCompression = 1ULL << 26;
inline constexpr Capabilities kClientQueryAttributes = 1ULL << 27;
inline constexpr Capabilities kClientMultiFactorAuth = 1ULL << 28;
inline constexpr Capabilities kClientCapabilityExtension = 1ULL << 29;
inline constexpr Capabilities kClientSslVerifyServerCert = 1ULL << 30;
inline constexpr Capabilities kClientRememberOptions = 1ULL << 31;

inline constexpr Capabilities kMariaDbProgress = 1ULL << 32;
inline constexpr Capabilities kMariaDbComMulti = 1ULL << 33;
inline constexpr Capabilities kMariaDbStmtBulkOperations = 1ULL << 34;
inline constexpr Capabilities kMariaDbExtendedMetadata = 1ULL << 35;
inline constexpr Capabilities kMariaDbCacheMetadata = 1ULL << 36;
inline constexpr Capabilities kMariaDbBulkUnitResults = 1ULL << 37;

/// What either leg may offer by itself, whatever the other one has.
inline constexpr Capabilities kCompressionCapabilities = kClientCompress | kClientZstdCompression;

/// The only other flags that either leg may negotiate. Everything this folder
/// decodes is decoded under these; the rest is masked from the server's
/// greeting and from the client's answer:
///
///   ODBC                         no effect in any server we support
///   NO_SCHEMA                    refuses db.table.column, which rewriting may emit
///   IGNORE_SIGPIPE               concerns the client's own process only
///   RESERVED                     was the 4.1 protocol's development flag
///   OPTIONAL_RESULTSET_METADATA  results without column definitions cannot be checked
///                                against the plan; without the flag MySQL refuses
///                                resultset_metadata=NONE by itself
///   MULTI_FACTOR_AUTHENTICATION  more rounds of login than the relay speaks
///   CAPABILITY_EXTENSION         reserved, without a meaning yet
///   SSL_VERIFY_SERVER_CERT       a client library's own option, not for the wire
///   REMEMBER_OPTIONS             the same
///   MariaDB COM_MULTI            several commands in one packet; withdrawn by MariaDB
///   MariaDB BULK_UNIT_RESULTS    only servers from 11.5 have it; not tried yet
///   MariaDB CACHE_METADATA       a protected column's definition depends on the role
///                                and the session's character set, which the server
///                                does not know when it leaves definitions out
inline constexpr Capabilities kHandledCapabilities =
    kClientLongPassword | kClientFoundRows | kClientLongFlag | kClientConnectWithDb |
    kClientLocalFiles | kClientIgnoreSpace | kClientProtocol41 | kClientInteractive | kClientSsl |
    kClientTransactions | kClientSecureConnection | kClientMultiStatements | kClientMultiResults |
    kClientPsMultiResults | kClientPluginAuth | kClientConnectAttrs | kClientPluginAuthLenencData |
    kClientCanHandleExpiredPasswords | kClientSessionTrack | kClientDeprecateEof |
    kClientQueryAttributes | kMariaDbProgress | kMariaDbStmtBulkOperations |
    kMariaDbExtendedMetadata;

constexpr bool Has(Capabilities set, Capabilities flag) { return (set & flag) == flag; }

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_CAPABILITIES_H_
