# ruby ruby_mysql2.rb PORT USER PASSWORD DATABASE text|prepared <steps.json
# Runs the steps with mysql2 and prints what each of them gave, as JSON. TLS with
# the CA of $SEALGATE_TEST_CA, if that is set.
require 'json'
require 'mysql2'

port, user, password, database, mode = ARGV
options = { host: '127.0.0.1', port: port.to_i, username: user, password: password,
            database: database, encoding: 'utf8mb4', cast: mode == 'prepared', as: :array }
ca = ENV['SEALGATE_TEST_CA']
options.merge!(sslca: ca, sslverify: true) if ca
begin
  LINK = Mysql2::Client.new(options)
rescue Mysql2::Error => e
  warn "cannot connect: #{e.errno} #{e.message}"
  exit 1
end

def value_of(value)
  return nil if value.nil?
  kind, text = value
  case kind
  when 'b' then [text].pack('H*')
  when 'i', 'u' then text.to_i
  else text
  end
end

def literal(value)
  return 'NULL' if value.nil?
  kind, text = value
  return "X'#{text}'" if kind == 'b'
  %w[i u d].include?(kind) ? text : "'#{LINK.escape(text)}'"
end

def as_text(step)
  values = step['values'].dup
  step['sql'].gsub('?') { literal(values.shift) }
end

def shown(value)
  return nil if value.nil?
  text = value.is_a?(String) ? value : value.inspect
  "#{value.class}:#{text.b.unpack1('H*')}"
end

def run(step, mode)
  out = { name: step['name'], error: 0, message: '', affected: -1, insert_id: 0, columns: [],
          rows: [] }
  if mode == 'prepared'
    statement = LINK.prepare(step['sql'])
    result = statement.execute(*step['values'].map { |v| value_of(v) })
    from = statement
  else
    result = LINK.query(as_text(step))
    from = LINK
  end
  if result
    out[:columns] = result.fields
    out[:rows] = result.map { |row| row.map { |v| shown(v) } }
  else
    out[:affected] = from.affected_rows
    out[:insert_id] = from.last_id
  end
  out
rescue Mysql2::Error => e
  out.merge(error: e.errno, message: e.message.scrub)
end

steps = JSON.parse($stdin.read)
puts JSON.generate(steps.map { |step| run(step, mode) })
