-- What sysbench sends: text statements on table "load" of the chosen schema.
sysbench.cmdline.options = {
  load = {"point, rows100, rows10000, insert or mixed", "point"},
  rows = {"rows of the table", 20000},
}

local connection
local columns = "id, k, c1, c2, c3, c4, c5, c6"

function thread_init()
  connection = sysbench.sql.driver():connect()
end

function thread_done()
  connection:disconnect()
end

local function any_id(below)
  return sysbench.rand.uniform(1, below)
end

local function point()
  connection:query("SELECT id, k, c1 FROM load_table WHERE id = " .. any_id(sysbench.opt.rows))
end

local function range(count)
  local first = any_id(sysbench.opt.rows - count)
  connection:query(string.format("SELECT %s FROM load_table WHERE id BETWEEN %d AND %d", columns,
                                 first, first + count - 1))
end

local function insert()
  local text = sysbench.rand.string("###-@@@-###-@@@-###-@@@")
  connection:query(string.format(
    "INSERT INTO load_table (k, c1, c2, c3, c4, c5, c6) VALUES (%d, '%s', '%s', '%s', 'x', 'y', 'z')",
    any_id(1000000), text, text, text))
end

local loads = {
  point = point,
  rows100 = function() range(100) end,
  rows10000 = function() range(10000) end,
  insert = insert,
  mixed = function()
    local dice = sysbench.rand.uniform(1, 10)
    if dice <= 7 then point() elseif dice <= 9 then range(100) else insert() end
  end,
}

function event()
  loads[sysbench.opt.load]()
end
