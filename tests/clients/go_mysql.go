// go_mysql PORT USER PASSWORD DATABASE text|prepared <steps.json
// Runs the steps with go-sql-driver/mysql and prints what each of them gave, as
// JSON. TLS with the CA of $SEALGATE_TEST_CA, if that is set.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

type outcome struct {
	Name     string        `json:"name"`
	Error    int           `json:"error"`
	Message  string        `json:"message"`
	Affected int64         `json:"affected"`
	InsertID int64         `json:"insert_id"`
	Columns  []interface{} `json:"columns"`
	Rows     []interface{} `json:"rows"`
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "cannot connect:", number(err), err)
	os.Exit(1)
}

func number(err error) int {
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return int(answer.Number)
	}
	return -1
}

func values(raw []json.RawMessage) []interface{} {
	out := []interface{}{}
	for _, one := range raw {
		var pair []string
		if json.Unmarshal(one, &pair) != nil || pair == nil {
			out = append(out, nil)
			continue
		}
		switch pair[0] {
		case "b":
			data, _ := hex.DecodeString(pair[1])
			out = append(out, data)
		case "i":
			n, _ := strconv.ParseInt(pair[1], 10, 64)
			out = append(out, n)
		case "u":
			n, _ := strconv.ParseUint(pair[1], 10, 64)
			out = append(out, n)
		default:
			out = append(out, pair[1])
		}
	}
	return out
}

func columns(rows *sql.Rows) []interface{} {
	out := []interface{}{}
	types, _ := rows.ColumnTypes()
	for _, t := range types {
		length, hasLength := t.Length()
		precision, scale, hasPrecision := t.DecimalSize()
		nullable, hasNullable := t.Nullable()
		out = append(out, []interface{}{t.Name(), t.DatabaseTypeName(), t.ScanType().String(),
			length, hasLength, precision, scale, hasPrecision, nullable, hasNullable})
	}
	return out
}

func read(rows *sql.Rows, out *outcome) error {
	defer rows.Close()
	out.Columns = columns(rows)
	for rows.Next() {
		row := make([]interface{}, len(out.Columns))
		places := make([]interface{}, len(row))
		for i := range row {
			places[i] = &row[i]
		}
		if err := rows.Scan(places...); err != nil {
			return err
		}
		for i, value := range row {
			if data, ok := value.([]byte); ok {
				row[i] = hex.EncodeToString(data)
			} else if value != nil {
				row[i] = fmt.Sprintf("%T %v", value, value)
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return rows.Err()
}

func run(link *sql.Conn, name, text string, arguments []interface{}) outcome {
	out := outcome{Name: name, Affected: -1, Columns: []interface{}{}, Rows: []interface{}{}}
	ctx := context.Background()
	var err error
	if strings.HasPrefix(text, "SELECT") {
		var rows *sql.Rows
		if rows, err = link.QueryContext(ctx, text, arguments...); err == nil {
			err = read(rows, &out)
		}
	} else {
		var result sql.Result
		if result, err = link.ExecContext(ctx, text, arguments...); err == nil {
			out.Affected, _ = result.RowsAffected()
			out.InsertID, _ = result.LastInsertId()
		}
	}
	if err != nil {
		out.Error, out.Message = number(err), err.Error()
	}
	return out
}

func source(arguments []string) string {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.DBName = arguments[1], arguments[2], arguments[3]
	config.Net, config.Addr = "tcp", "127.0.0.1:"+arguments[0]
	config.Collation = "utf8mb4_general_ci"
	// Without prepared statements the driver puts the values into the text.
	config.InterpolateParams = arguments[4] == "text"
	if path := os.Getenv("SEALGATE_TEST_CA"); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			fail(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(data)
		mysql.RegisterTLSConfig("test", &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"})
		config.TLSConfig = "test"
	}
	return config.FormatDSN()
}

func main() {
	var steps []struct {
		Name   string            `json:"name"`
		SQL    string            `json:"sql"`
		Values []json.RawMessage `json:"values"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&steps); err != nil {
		fail(err)
	}
	pool, err := sql.Open("mysql", source(os.Args[1:]))
	if err != nil {
		fail(err)
	}
	link, err := pool.Conn(context.Background())
	if err != nil {
		fail(err)
	}
	outcomes := []outcome{}
	for _, s := range steps {
		outcomes = append(outcomes, run(link, s.Name, s.SQL, values(s.Values)))
	}
	json.NewEncoder(os.Stdout).Encode(outcomes)
}
