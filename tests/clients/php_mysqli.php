<?php
// php php_mysqli.php PORT USER PASSWORD DATABASE text|prepared[-compressed] <steps.json
// Runs the steps with mysqli and prints what each of them gave, as JSON. TLS with
// the CA of $SEALGATE_TEST_CA, if that is set.
mysqli_report(MYSQLI_REPORT_OFF);
[, $port, $user, $password, $database, $mode] = $argv;
$link = mysqli_init();
$ca = getenv('SEALGATE_TEST_CA');
if ($ca) $link->ssl_set(null, null, $ca, null, null);
$flags = $ca ? MYSQLI_CLIENT_SSL : 0;
if (str_ends_with($mode, '-compressed')) $flags |= MYSQLI_CLIENT_COMPRESS;
if (!$link->real_connect('127.0.0.1', $user, $password, $database, (int)$port, null, $flags)) {
  fwrite(STDERR, "cannot connect: " . mysqli_connect_error() . "\n");
  exit(1);
}
$link->set_charset('utf8mb4');

function bytes_of(array $value): string {
  return $value[0] === 'b' ? hex2bin($value[1]) : $value[1];
}

function shown(mixed $value): ?string {
  return $value === null ? null : gettype($value) . ':' . bin2hex((string)$value);
}

function columns_of(mysqli_result $result): array {
  return array_map(
    fn($f) => [$f->name, $f->orgname, $f->table, $f->orgtable, $f->type, $f->length, $f->charsetnr,
               $f->flags, $f->decimals],
    $result->fetch_fields());
}

function literal(mysqli $link, ?array $value): string {
  if ($value === null) return 'NULL';
  if (in_array($value[0], ['i', 'u', 'd'])) return $value[1];
  return "'" . $link->real_escape_string(bytes_of($value)) . "'";
}

function as_text(mysqli $link, string $sql, array $values): string {
  $text = '';
  foreach (explode('?', $sql) as $i => $part) {
    $text .= ($i > 0 ? literal($link, $values[$i - 1]) : '') . $part;
  }
  return $text;
}

function outcome(string $name, mysqli|mysqli_stmt $from, mixed $result): array {
  return [
    'name' => $name,
    'error' => $from->errno,
    'message' => $from->error,
    'affected' => $from->affected_rows,
    'insert_id' => $from->insert_id,
    'columns' => $result instanceof mysqli_result ? columns_of($result) : [],
    'rows' => $result instanceof mysqli_result
      ? array_map(fn($row) => array_map('shown', $row), $result->fetch_all(MYSQLI_NUM)) : [],
  ];
}

function run_text(mysqli $link, array $step): array {
  $result = $link->query(as_text($link, $step['sql'], $step['values']));
  return outcome($step['name'], $link, $result);
}

function run_prepared(mysqli $link, array $step): array {
  $statement = $link->prepare($step['sql']);
  if ($statement === false) return outcome($step['name'], $link, null);
  $kinds = '';
  $values = [];
  foreach ($step['values'] as $value) {
    $kinds .= $value !== null && $value[0] === 'i' ? 'i' : 's';
    $values[] = $value === null ? null : bytes_of($value);
  }
  if ($values) $statement->bind_param($kinds, ...$values);
  if (!$statement->execute()) return outcome($step['name'], $statement, null);
  return outcome($step['name'], $statement, $statement->get_result());
}

$steps = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
$run = str_starts_with($mode, 'prepared') ? 'run_prepared' : 'run_text';
echo json_encode(array_map(fn($step) => $run($link, $step), $steps), JSON_THROW_ON_ERROR);
