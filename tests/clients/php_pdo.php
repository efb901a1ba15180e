<?php
// php php_pdo.php PORT USER PASSWORD DATABASE emulated|native <steps.json
// Runs the steps with PDO and prints what each of them gave, as JSON. TLS with
// the CA of $SEALGATE_TEST_CA, if that is set.
[, $port, $user, $password, $database, $mode] = $argv;
$options = [PDO::ATTR_EMULATE_PREPARES => $mode === 'emulated',
            PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT];
if (getenv('SEALGATE_TEST_CA')) $options[PDO::MYSQL_ATTR_SSL_CA] = getenv('SEALGATE_TEST_CA');
try {
  $link = new PDO("mysql:host=127.0.0.1;port=$port;dbname=$database;charset=utf8mb4", $user,
                  $password, $options);
} catch (PDOException $error) {
  fwrite(STDERR, "cannot connect: " . $error->getMessage() . "\n");
  exit(1);
}

function shown(mixed $value): ?string {
  return $value === null ? null : gettype($value) . ':' . bin2hex((string)$value);
}

function bind(PDOStatement $statement, int $index, ?array $value): void {
  match ($value[0] ?? null) {
    null => $statement->bindValue($index, null, PDO::PARAM_NULL),
    'i' => $statement->bindValue($index, (int)$value[1], PDO::PARAM_INT),
    'b' => $statement->bindValue($index, hex2bin($value[1]), PDO::PARAM_LOB),
    default => $statement->bindValue($index, $value[1], PDO::PARAM_STR),
  };
}

function columns_of(PDOStatement $statement): array {
  $columns = [];
  for ($i = 0; $i < $statement->columnCount(); ++$i) {
    $meta = $statement->getColumnMeta($i);
    $columns[] = [$meta['name'], $meta['table'], $meta['native_type'] ?? '', $meta['len'],
                  $meta['precision'], $meta['flags'], $meta['pdo_type']];
  }
  return $columns;
}

function run(PDO $link, array $step): array {
  $statement = $link->prepare($step['sql']);
  $from = $statement ?: $link;
  if ($statement) {
    foreach ($step['values'] as $i => $value) bind($statement, $i + 1, $value);
    $statement->execute();
  }
  $info = $from->errorInfo();
  $failed = $statement === false || ($info[1] ?? null) !== null;
  return [
    'name' => $step['name'],
    'error' => $info[1] ?? 0,
    'message' => $info[2] ?? '',
    'affected' => $failed ? -1 : $statement->rowCount(),
    'insert_id' => $link->lastInsertId(),
    'columns' => $failed ? [] : columns_of($statement),
    'rows' => $failed || $statement->columnCount() === 0 ? []
      : array_map(fn($row) => array_map('shown', $row), $statement->fetchAll(PDO::FETCH_NUM)),
  ];
}

$steps = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
echo json_encode(array_map(fn($step) => run($link, $step), $steps), JSON_THROW_ON_ERROR);
