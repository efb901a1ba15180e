// connector_cpp PORT USER PASSWORD DATABASE text|prepared <steps.json
// Runs the steps with Connector/C++ (its JDBC interface) and prints what each of
// them gave, as JSON. TLS with the CA of $SEALGATE_TEST_CA, if that is set.
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string ToHex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string Literal(const json& value) {
  if (value.is_null()) return "NULL";
  const std::string kind = value[0], text = value[1];
  if (kind == "b") return "X'" + text + "'";
  if (kind == "i" || kind == "u" || kind == "d") return text;
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string AsText(const json& step) {
  std::string text;
  std::size_t next = 0;
  for (const char c : step["sql"].get<std::string>()) {
    if (c == '?') {
      text += Literal(step["values"][next++]);
    } else {
      text += c;
    }
  }
  return text;
}

json Columns(sql::ResultSet& rows) {
  json columns = json::array();
  sql::ResultSetMetaData* meta = rows.getMetaData();
  for (unsigned i = 1; i <= meta->getColumnCount(); ++i) {
    columns.push_back({meta->getColumnLabel(i).asStdString(), meta->getColumnName(i).asStdString(),
                       meta->getTableName(i).asStdString(), meta->getColumnType(i),
                       meta->getColumnTypeName(i).asStdString(), meta->getPrecision(i),
                       meta->getScale(i), meta->isSigned(i), meta->isNullable(i),
                       meta->getColumnCharset(i).asStdString(),
                       meta->getColumnCollation(i).asStdString()});
  }
  return columns;
}

json Rows(sql::ResultSet& result) {
  json rows = json::array();
  const unsigned columns = result.getMetaData()->getColumnCount();
  while (result.next()) {
    json row = json::array();
    for (unsigned i = 1; i <= columns; ++i) {
      const std::string value = result.getString(i).asStdString();
      row.push_back(result.wasNull() ? json() : json(ToHex(value)));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void Bind(sql::PreparedStatement& statement, const json& values) {
  for (unsigned i = 1; i <= values.size(); ++i) {
    const json& value = values[i - 1];
    if (value.is_null()) {
      statement.setNull(i, 0);
      continue;
    }
    const std::string kind = value[0], text = value[1];
    if (kind == "i") {
      statement.setInt64(i, std::stoll(text));
    } else if (kind == "u") {
      statement.setUInt64(i, std::stoull(text));
    } else {
      statement.setString(i, kind == "b" ? FromHex(text) : text);
    }
  }
}

// What a statement that was executed gave: rows, or a number of rows.
template <typename Statement>
void Collect(Statement& statement, bool has_rows, json& outcome) {
  if (!has_rows) {
    outcome["affected"] = statement.getUpdateCount();
    return;
  }
  const std::unique_ptr<sql::ResultSet> result(statement.getResultSet());
  outcome["columns"] = Columns(*result);
  outcome["rows"] = Rows(*result);
}

json Run(sql::Connection& connection, const json& step, bool prepared) {
  json outcome = {
      {"name", step["name"]},     {"error", 0},           {"message", ""}, {"affected", -1},
      {"columns", json::array()}, {"rows", json::array()}};
  try {
    if (prepared) {
      const std::unique_ptr<sql::PreparedStatement> statement(
          connection.prepareStatement(step["sql"].get<std::string>()));
      Bind(*statement, step["values"]);
      Collect(*statement, statement->execute(), outcome);
    } else {
      const std::unique_ptr<sql::Statement> statement(connection.createStatement());
      Collect(*statement, statement->execute(AsText(step)), outcome);
    }
  } catch (const sql::SQLException& error) {
    outcome["error"] = error.getErrorCode();
    outcome["message"] = error.what();
  }
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const json steps = json::parse(text);
  const bool prepared = std::string(argv[5]) == "prepared";
  try {
    sql::ConnectOptionsMap options;
    options["hostName"] = sql::SQLString("tcp://127.0.0.1:" + std::string(argv[1]));
    options["userName"] = sql::SQLString(argv[2]);
    options["password"] = sql::SQLString(argv[3]);
    const char* ca = std::getenv("SEALGATE_TEST_CA");
    if (ca != nullptr) {
      options["sslCA"] = sql::SQLString(ca);
      options["sslVerify"] = true;
      options["sslEnforce"] = true;
    }
    const std::unique_ptr<sql::Connection> connection(get_driver_instance()->connect(options));
    connection->setSchema(argv[4]);
    const std::unique_ptr<sql::Statement> names(connection->createStatement());
    names->execute("SET NAMES utf8mb4");
    json outcomes = json::array();
    for (const json& step : steps) outcomes.push_back(Run(*connection, step, prepared));
    std::cout << outcomes.dump(-1, ' ', false, json::error_handler_t::replace);
  } catch (const sql::SQLException& error) {
    std::cerr << "cannot connect: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
