// node node_driver.js PORT USER PASSWORD DATABASE DRIVER-MODE <steps.json
// DRIVER: mysql2 or mariadb; MODE: text or prepared. Runs the steps and prints
// what each of them gave, as JSON. TLS with the CA of $SEALGATE_TEST_CA, if that
// is set. The drivers are looked for where $NODE_PATH says.
'use strict';
const fs = require('fs');

const [port, user, password, database, way] = process.argv.slice(2);
const [driver, mode] = way.split('-');
const ca = process.env.SEALGATE_TEST_CA;
const options = {host: '127.0.0.1', port: Number(port), user, password, database,
                 charset: 'utf8mb4', supportBigNumbers: true, bigNumberStrings: true,
                 dateStrings: true};
if (ca) options.ssl = {ca: fs.readFileSync(ca)};
if (driver === 'mariadb') {
  Object.assign(options, {allowPublicKeyRetrieval: true, bigIntAsNumber: false, rowsAsArray: true});
}

function valueOf(value) {
  if (value === null) return null;
  const [kind, text] = value;
  if (kind === 'b') return Buffer.from(text, 'hex');
  return kind === 'i' ? Number(text) : text;
}

function shown(value) {
  if (value === null || value === undefined) return null;
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
  return typeof value + ':' + bytes.toString('hex');
}

const fieldsOf = {
  mysql2: f => [f.name, f.orgName, f.table, f.orgTable, f.columnType, f.columnLength,
                f.characterSet, f.flags, f.decimals],
  mariadb: f => [f.name(), f.orgName(), f.table(), f.orgTable(), f.columnType || f.type,
                 f.columnLength, f.collation && f.collation.name, f.flags, f.scale],
};

function outcome(name, result, fields) {
  const out = {name, error: 0, message: '', affected: -1, insert_id: 0, columns: [], rows: []};
  if (Array.isArray(result)) {
    out.columns = (fields || []).map(fieldsOf[driver]);
    out.rows = result.map(row => row.map(shown));
  } else {
    out.affected = Number(result.affectedRows);
    out.insert_id = Number(result.insertId);
  }
  return out;
}

async function run(link, step) {
  const values = step.values.map(valueOf);
  const send = mode === 'prepared' ? 'execute' : 'query';
  try {
    if (driver === 'mysql2') {
      const [result, fields] = await link[send]({sql: step.sql, values, rowsAsArray: true});
      return outcome(step.name, result, fields);
    }
    const result = await link[send]({sql: step.sql, rowsAsArray: true}, values);
    return outcome(step.name, result, result.meta);
  } catch (error) {
    return {name: step.name, error: error.errno || -1, message: String(error.message),
            affected: -1, insert_id: 0, columns: [], rows: []};
  }
}

async function main() {
  const steps = JSON.parse(fs.readFileSync(0, 'utf8'));
  const library = require(driver === 'mysql2' ? 'mysql2/promise' : 'mariadb');
  let link;
  try {
    link = await library.createConnection(options);
  } catch (error) {
    console.error(`cannot connect: ${error.errno} ${error.message}`);
    process.exit(1);
  }
  const outcomes = [];
  for (const step of steps) outcomes.push(await run(link, step));
  console.log(JSON.stringify(outcomes));
  await link.end();
}

main();
