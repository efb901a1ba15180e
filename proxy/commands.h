// The commands behind the command line. Each prints results to standard output
// and mistakes to standard error, and returns the exit status: 0 done, 1 failed,
// 2 wrong usage, 3 (explain only) the statement is refused.
#ifndef SEALGATE_PROXY_COMMANDS_H_
#define SEALGATE_PROXY_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "policy/config.h"
#include "proxy/admin/admin_client.h"

namespace sealgate {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

/// Loads the configuration or prints what is wrong with it.
std::optional<policy::Config> LoadConfigOrExplain(const std::string& file);
void PrintMistakes(const std::vector<std::string>& lines);

int RunProxy(const std::string& config_file);
int CheckConfiguration(const std::string& config_file, bool offline);

int InitKeys(const std::string& config_file);
int ListKeys(const std::string& config_file);
/// Every key that the policy needs and the ring lacks.
int AddPolicyKeys(const std::string& config_file);
int AddDomainKeys(const std::string& config_file, const std::string& domain,
                  const std::string& mode);

struct ExplainArguments {
  std::string statement;  // "" or "-": standard input
  std::string role;
  std::string user;
  std::string from;  // address
  std::string schema;
  std::string sql_mode;
  bool json = false;
};
int ExplainStatement(const std::string& config_file, const ExplainArguments& arguments);

/// How the commands reach the proxy that runs with this configuration.
std::optional<admin::ClientOptions> ClientOptionsOf(const std::string& config_file, bool json);

}  // namespace sealgate

#endif  // SEALGATE_PROXY_COMMANDS_H_
