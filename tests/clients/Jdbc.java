// java -cp DRIVER.jar:CLASSES Jdbc PORT USER PASSWORD DATABASE MODE <steps.txt
// Runs the steps with MariaDB Connector/J and prints what each of them gave, as
// JSON. MODE: text, prepared (useServerPrepStmts) or compressed (text, with
// useCompression). "batched" adds each step's values as a batch of one.
// A line of steps.txt is: name, statement, values; in hex, between tabs.
// TLS with the CA of $SEALGATE_TEST_CA, if that is set.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

public class Jdbc {
  static byte[] unhex(String text) {
    return HexFormat.of().parseHex(text);
  }

  static String text(String hex) {
    return new String(unhex(hex), StandardCharsets.UTF_8);
  }

  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c < 0x20 || c > 0x7E || c == '"' || c == '\\') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  static String list(List<String> items) {
    return "[" + String.join(",", items) + "]";
  }

  static void bind(PreparedStatement statement, String[] fields) throws SQLException {
    for (int i = 2; i < fields.length; ++i) {
      String value = fields[i];
      int at = i - 1;
      if (value.equals("-")) {
        statement.setNull(at, java.sql.Types.VARCHAR);
      } else if (value.charAt(0) == 'b') {
        statement.setBytes(at, unhex(value.substring(1)));
      } else if (value.charAt(0) == 'i') {
        statement.setLong(at, Long.parseLong(text(value.substring(1))));
      } else if (value.charAt(0) == 'u' || value.charAt(0) == 'd') {
        statement.setBigDecimal(at, new java.math.BigDecimal(text(value.substring(1))));
      } else {
        statement.setString(at, text(value.substring(1)));
      }
    }
  }

  static String columns(ResultSetMetaData meta) throws SQLException {
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= meta.getColumnCount(); ++i) {
      columns.add(list(List.of(quoted(meta.getColumnLabel(i)), quoted(meta.getColumnName(i)),
          quoted(meta.getTableName(i)), quoted(meta.getColumnTypeName(i)),
          quoted(meta.getColumnClassName(i)), "" + meta.getColumnType(i), "" + meta.getPrecision(i),
          "" + meta.getScale(i), "" + meta.getColumnDisplaySize(i), "" + meta.isNullable(i),
          "" + meta.isSigned(i), "" + meta.isAutoIncrement(i))));
    }
    return list(columns);
  }

  static String rows(ResultSet result) throws SQLException {
    List<String> rows = new ArrayList<>();
    int count = result.getMetaData().getColumnCount();
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= count; ++i) {
        byte[] value = result.getBytes(i);
        Object object = result.getObject(i);
        row.add(value == null ? "null" : quoted(HexFormat.of().formatHex(value) + " "
            + object.getClass().getSimpleName()
            + (object instanceof byte[] || object instanceof java.sql.Blob ? "" : " " + object)));
      }
      rows.add(list(row));
    }
    return list(rows);
  }

  static String run(Connection link, String[] fields, boolean batched) {
    String columns = "[]", rows = "[]", message = "";
    long affected = -1, insertId = 0;
    int error = 0;
    try (PreparedStatement statement =
             link.prepareStatement(text(fields[1]), Statement.RETURN_GENERATED_KEYS)) {
      bind(statement, fields);
      if (batched && !text(fields[1]).startsWith("SELECT")) {
        statement.addBatch();
        affected = statement.executeBatch()[0];
      } else if (statement.execute()) {
        columns = columns(statement.getResultSet().getMetaData());
        rows = rows(statement.getResultSet());
      } else {
        affected = statement.getUpdateCount();
      }
    } catch (SQLException caught) {
      error = caught.getErrorCode();
      message = String.valueOf(caught.getMessage());
    }
    return "{\"name\":" + quoted(text(fields[0])) + ",\"error\":" + error + ",\"message\":"
        + quoted(message) + ",\"affected\":" + affected + ",\"insert_id\":" + insertId
        + ",\"columns\":" + columns + ",\"rows\":" + rows + "}";
  }

  public static void main(String[] arguments) throws Exception {
    String mode = arguments[4];
    String url = "jdbc:mariadb://127.0.0.1:" + arguments[0] + "/" + arguments[3]
        + "?allowPublicKeyRetrieval=true&useServerPrepStmts=" + mode.startsWith("prepared")
        + "&useCompression=" + mode.startsWith("compressed");
    String ca = System.getenv("SEALGATE_TEST_CA");
    if (ca != null) {
      url += "&useSsl=true&serverSslCert=" + ca;
    }
    List<String> outcomes = new ArrayList<>();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (Connection link = DriverManager.getConnection(url, arguments[1], arguments[2])) {
      for (String line; (line = input.readLine()) != null;) {
        outcomes.add(run(link, line.split("\t"), mode.endsWith("batched")));
      }
    } catch (SQLException caught) {
      System.err.println("cannot connect: " + caught.getErrorCode() + " " + caught.getMessage());
      System.exit(1);
    }
    System.out.println(list(outcomes));
  }
}
