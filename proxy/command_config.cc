// What several commands need of the configuration.
#include <fmt/format.h>

#include <cstdio>

#include "policy/file_text.h"
#include "proxy/commands.h"
#include "proxy/net/backend/protection.h"

namespace sealgate {

void PrintMistakes(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) fmt::print(stderr, "{}\n", line);
}

std::optional<policy::Config> LoadConfigOrExplain(const std::string& file) {
  auto config = policy::LoadConfig(file);
  if (config) return std::move(*config);
  PrintMistakes(net::ToLines(config.error()));
  return std::nullopt;
}

std::optional<admin::ClientOptions> ClientOptionsOf(const std::string& config_file, bool json) {
  const auto config = LoadConfigOrExplain(config_file);
  if (!config) return std::nullopt;
  auto token = policy::ReadSecretLine(config->admin.token_file);
  if (!token) {
    PrintMistakes({policy::ToText(token.error())});
    return std::nullopt;
  }
  admin::ClientOptions options;
  options.endpoint = {config->admin.listen.address, config->admin.listen.port};
  options.token = std::move(*token);
  options.json = json;
  return options;
}

}  // namespace sealgate
