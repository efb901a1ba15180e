// The command line: arguments and wiring only.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include "metrics/build_info.h"
#include "proxy/commands.h"

namespace {

using sealgate::admin::BeginArguments;

constexpr const char* kDescription =
    "Sealgate stands between applications and a MySQL or MariaDB server and encrypts the columns "
    "that its policy names.";
constexpr const char* kExamples =
    "Examples:\n"
    "  sealgate keys init --config sealgate.yaml       once: master key and key ring\n"
    "  sealgate keys add --from-policy --config sealgate.yaml\n"
    "  sealgate check --config sealgate.yaml           before every change\n"
    "  sealgate run --config sealgate.yaml\n"
    "  sealgate explain --role app --schema shop \"SELECT email FROM customers\"\n"
    "  sealgate maintenance begin --for 10m --reason 'schema change' --wait\n"
    "\n"
    "--config is also taken from the environment variable SEALGATE_CONFIG. Paths in the\n"
    "configuration are relative to it. Exit status: 0 done, 1 failed, 2 wrong usage;\n"
    "explain: 3 if the statement is refused.\n";

// What the arguments name, and what is to be done.
struct Arguments {
  std::string config = "/etc/sealgate/sealgate.yaml";
  bool offline = false;
  bool from_policy = false;
  bool json = false;
  std::string domain;
  std::string mode;
  BeginArguments begin;
  sealgate::ExplainArguments explain;
  std::function<int()> command;
};

using ClientCommand = int (*)(const sealgate::admin::ClientOptions&, std::ostream&, std::ostream&);

CLI::App* AddCommand(CLI::App& parent, Arguments& arguments, const char* name,
                     const char* description, std::function<int()> command) {
  CLI::App* added = parent.add_subcommand(name, description);
  added->add_option("--config,-c", arguments.config, "the configuration file, sealgate.yaml")
      ->envname("SEALGATE_CONFIG")
      ->capture_default_str();
  added->callback([&arguments, command = std::move(command)] { arguments.command = command; });
  return added;
}

CLI::App* AddClientCommand(CLI::App& parent, Arguments& arguments, const char* name,
                           const char* description, ClientCommand command) {
  CLI::App* added = AddCommand(parent, arguments, name, description, [&arguments, command] {
    const auto options = sealgate::ClientOptionsOf(arguments.config, arguments.json);
    return options ? command(*options, std::cout, std::cerr) : sealgate::kFailed;
  });
  added->add_flag("--json", arguments.json, "print JSON");
  return added;
}

int AddKeys(const Arguments& arguments) {
  if (arguments.from_policy == !arguments.domain.empty() ||
      arguments.domain.empty() != arguments.mode.empty()) {
    fmt::print(stderr, "keys add: give either --from-policy, or --domain and --mode\n");
    return sealgate::kUsage;
  }
  return arguments.from_policy
             ? sealgate::AddPolicyKeys(arguments.config)
             : sealgate::AddDomainKeys(arguments.config, arguments.domain, arguments.mode);
}

void AddKeysCommands(CLI::App& app, Arguments& arguments) {
  CLI::App* keys = app.add_subcommand("keys", "Make and list keys.")->require_subcommand(1);
  AddCommand(*keys, arguments, "init",
             "Make the master key (mode 0600), unless there is one, and an empty key ring.",
             [&arguments] { return sealgate::InitKeys(arguments.config); });
  AddCommand(*keys, arguments, "list", "List what keys there are; never the keys themselves.",
             [&arguments] { return sealgate::ListKeys(arguments.config); });
  CLI::App* add = AddCommand(*keys, arguments, "add",
                             "Add the keys of one domain, or all that the policy needs. A running "
                             "proxy takes them with SIGHUP.",
                             [&arguments] { return AddKeys(arguments); });
  add->add_flag("--from-policy", arguments.from_policy,
                "every key that the policy needs and the ring does not have");
  add->add_option("--domain", arguments.domain,
                  "a domain's name; of a column alone: schema.table.column");
  add->add_option("--mode", arguments.mode, "random, searchable or deterministic");
}

void AddMaintenanceCommands(CLI::App& app, Arguments& arguments) {
  CLI::App* maintenance =
      app.add_subcommand("maintenance", "Hold writes back while data is being maintained.")
          ->require_subcommand(1);
  CLI::App* begin = AddClientCommand(
      *maintenance, arguments, "begin",
      "Close the write gate: writes wait, reads go on. It opens by itself at its deadline.",
      nullptr);
  begin->callback([&arguments] {
    arguments.command = [&arguments] {
      const auto options = sealgate::ClientOptionsOf(arguments.config, arguments.json);
      return options ? sealgate::admin::MaintenanceBegin(*options, arguments.begin, std::cout,
                                                         std::cerr)
                     : sealgate::kFailed;
    };
  });
  begin->add_option("--for", arguments.begin.duration,
                    "how long at most, as 90s, 10m or 1h30m; default limits.hold's");
  begin->add_option("--reason", arguments.begin.reason, "told to who asks and to refused clients");
  begin->add_flag("--wait", arguments.begin.wait, "return when no write is in flight any more");
  AddClientCommand(*maintenance, arguments, "status", "Show the write gate.",
                   sealgate::admin::MaintenanceStatus);
  AddClientCommand(*maintenance, arguments, "end", "Open the write gate: held writes go on.",
                   sealgate::admin::MaintenanceEnd);
}

void AddExplainCommand(CLI::App& app, Arguments& arguments) {
  sealgate::ExplainArguments& explain = arguments.explain;
  CLI::App* command = AddCommand(
      app, arguments, "explain",
      "Say what becomes of a statement: the protected names in it, what the server gets, what the "
      "client sees; or why it is refused, where, and what to write instead. Nothing is run, and no "
      "sealed value is shown.",
      [&arguments] { return sealgate::ExplainStatement(arguments.config, arguments.explain); });
  command->add_option("statement", explain.statement,
                      "the statement; without it, or with -, standard input. With ? it is "
                      "explained as a prepared one");
  command->add_option("--role", explain.role, "explain for this role of the policy");
  command->add_option("--user", explain.user, "or for the role that this account gets")
      ->excludes("--role");
  command->add_option("--from", explain.from, "the account's address; default ::1")
      ->needs("--user");
  command->add_option("--schema", explain.schema, "the default schema, as after USE");
  command->add_option("--sql-mode", explain.sql_mode, "the session's modes, as 'ANSI_QUOTES'");
  command->add_flag("--json", explain.json, "print JSON");
  command->footer(
      "Examples:\n"
      "  sealgate explain --role app --schema shop \"SELECT email FROM customers WHERE id = 1\"\n"
      "  sealgate explain --user web --schema shop < slow.sql\n"
      "  sealgate explain --role app --json \"UPDATE shop.customers SET email = ? WHERE id = ?\"\n"
      "\n"
      "It reads configuration, policy, keys and the live schema itself; the proxy need not run.\n"
      "Exit status: 0 the statement goes to the server, 3 it is refused, 1 and 2 as always.\n");
}

void AddCommands(CLI::App& app, Arguments& arguments) {
  AddCommand(app, arguments, "run",
             "Run the proxy until SIGTERM. SIGHUP loads policy and keys again.",
             [&arguments] { return sealgate::RunProxy(arguments.config); });
  CLI::App* check = AddCommand(
      app, arguments, "check",
      "Report every mistake in configuration, policy and keys, and where the live schema differs.",
      [&arguments] { return sealgate::CheckConfiguration(arguments.config, arguments.offline); });
  check->add_flag("--offline", arguments.offline, "do not ask the database server");
  AddExplainCommand(app, arguments);
  AddKeysCommands(app, arguments);
  AddMaintenanceCommands(app, arguments);
  AddClientCommand(app, arguments, "status", "Show what the running proxy does.",
                   sealgate::admin::ProxyStatus);
  CLI::App* catalog =
      app.add_subcommand("catalog", "What the proxy knows of the schema.")->require_subcommand(1);
  AddClientCommand(*catalog, arguments, "reload", "Read policy, keys and schema again, now.",
                   sealgate::admin::CatalogReload);
  app.add_subcommand("version", "Print the version.")->callback([&arguments] {
    arguments.command = [] {
      fmt::print("sealgate {} ({})\n", sealgate::metrics::kVersion, sealgate::metrics::kCompiler);
      return sealgate::kDone;
    };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(kDescription, "sealgate");
  Arguments arguments;
  app.footer(kExamples);
  app.require_subcommand(1);
  app.set_version_flag("--version", "sealgate " + std::string(sealgate::metrics::kVersion));
  AddCommands(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? sealgate::kDone : sealgate::kUsage;
  }
  try {
    return arguments.command();
  } catch (const std::exception& error) {
    fmt::print(stderr, "sealgate: {}\n", error.what());
    return sealgate::kFailed;
  }
}
