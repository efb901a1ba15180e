// What to write instead of a refused construct: a table from words of the
// refusal's message to advice. The first row that matches counts.
#include <array>

#include "proxy/explain/explain.h"

namespace sealgate::explain {
namespace {

struct Advice {
  std::string_view words;  // of the message
  std::string_view advice;
};

constexpr std::string_view kCompute =
    "Compute the value in the application and send it as a literal or a parameter.";
constexpr std::string_view kReadAndDo =
    "Select the column itself and do this in the application: the server has only ciphertext.";
constexpr std::string_view kOrder =
    "Sealed values have no order. Compare with =, <>, IN or IS NULL, limit the rows by a plain "
    "column, or compare in the application.";
constexpr std::string_view kEquality =
    "This needs a mode with equality. A column that is to be created can have mode searchable or "
    "deterministic in policy.yaml; a random one can only be stored, read and tested for NULL.";
constexpr std::string_view kNameColumns = "Name the columns, and join them with ON.";
constexpr std::string_view kOneStatement =
    "Send the statement alone, without executable comments, as text or prepared by the driver.";
constexpr std::string_view kRole =
    "The role's rule for this column in policy.yaml decides it: reveal, write and search. Log in "
    "with an account of another role, or have the rule changed.";
constexpr std::string_view kDefinition =
    "Leave this attribute out for the protected column, or give it to a plain one.";

constexpr std::string_view kOneByOne =
    "Run the queries one by one and join their rows in the application.";

constexpr std::string_view kView =
    "Make the view over the columns themselves, through Sealgate, and put the rest into the "
    "statements that use it.";

constexpr std::array kAdvice{
    Advice{"may not be told of it by",
           "Use EXPLAIN FORMAT=TRADITIONAL, or log in with an account whose role sees the column."},
    Advice{"may use it, because the server runs that past Sealgate",
           "Drop the event, or give another name."},
    Advice{"may not read the server's logs",
           "Read them at the server, or as an account whose role sees the columns."},
    Advice{"may not", kRole},
    Advice{"of a value with other values",
           "Compare the column and the values in comparisons of their own, joined by OR."},
    Advice{"IN of a value in a row with several rows",
           "Compare with each row in a comparison of its own, joined by OR."},
    Advice{"CASE of a value with a date or time",
           "Write CASE WHEN column = value THEN … in place of CASE value WHEN column."},
    Advice{"with ON DUPLICATE KEY UPDATE",
           "Select the rows in the application and send them as VALUES."},
    Advice{"ADD COLUMN IF NOT EXISTS of a column that is there",
           "Leave the part out, and add the key or the default in a statement of its own."},
    Advice{"text beyond ASCII for a column of bytes in a view", "Write it as a hex literal."},
    Advice{"a value for a TIMESTAMP in a view",
           "Make the view without the condition, and put it into the statements that use it."},
    Advice{"compares a protected column with a subquery by IN or ANY",
           "Write that IN as EXISTS (SELECT 1 … WHERE a = b), or as a join."},
    Advice{"of what a set operation puts beside literals",
           "Compare in each of its queries, or leave the literals out."},
    Advice{"an expression of a grouped subquery beside another",
           "Select the column itself, or put the subquery on the left into a join."},
    Advice{"names a column that it has set before",
           "Write the value out again, or change the rows by two statements."},
    Advice{"DISTINCT in an UPDATE or DELETE",
           "Select the rows first, and change them by their keys."},
    Advice{"length is too big", "Make it a TEXT or a BLOB."},
    Advice{"a length for which a row has no room", "Make it a TEXT or a BLOB."},
    Advice{"CYCLE is not supported", "Use UNION, or limit the depth by a column of numbers."},
    Advice{"every derived table must have an alias", "Write (SELECT …) AS name."},
    Advice{"uses the names that Sealgate gives", "Choose other aliases."},
    Advice{"with so many parameters",
           "Split the list over several statements, or send it as text."},
    Advice{"the server would choose, group or order by",
           "Select the rows by names, and compare, group and sort in the application."},
    Advice{"what information_schema has of protected columns (",
           "Send a SELECT of its own, and use the rows in the application."},
    Advice{"it uses what information_schema has of",
           "Select from information_schema itself, in a SELECT of its own."},
    Advice{"what is stored as the DEFAULT",
           "Leave COLUMN_DEFAULT out, send the query as text with plain columns of one table, or "
           "log in with an account whose role sees the column."},
    Advice{"gets the server's messages by",
           "Send SHOW WARNINGS alone, right behind the statement that it is about."},
    Advice{"IN, BETWEEN or LIKE of another one", "Put parentheses around the first one."},
    Advice{"GROUP BY of an expression over",
           "Group by the columns themselves, and compute the rest in the application."},
    Advice{"outside of ON DUPLICATE KEY UPDATE", "Write NULL, or the value itself."},
    Advice{"PERSISTENT", "Name plain columns: PERSISTENT FOR COLUMNS (id) INDEXES ()."},
    Advice{"UPDATE HISTOGRAM", "Name plain columns only: sealed values have no order."},
    Advice{"default_collation_for_utf8mb4",
           "Leave the variable, and write COLLATE where another collation is meant."},
    Advice{"cannot be used: its definition cannot be read",
           "Grant the catalog account SHOW VIEW and SELECT on *.*."},
    Advice{"cannot be used: ", kView},
    Advice{"its query compares", kView},
    Advice{"a view with a subquery", "Join the tables themselves instead of the view."},
    Advice{"a view whose query", kView},
    Advice{"writing through view", "Write to the tables that the view is over."},
    Advice{"LOAD DATA into a view", "Load into the table that the view is over."},
    Advice{"as a view's column without an alias", "Give the column a name with AS."},
    Advice{"a parameter in a view", "Write the value into the view's query."},
    Advice{"a view under the name", "Choose another name for the view."},
    Advice{"in mode 'random'", kEquality},
    Advice{"IS NULL, which also finds",
           "The column is NOT NULL: compare with '0000-00-00', or, behind an outer join, test "
           "another column of the table for NULL."},
    Advice{"ADD COLUMN with NOT NULL",
           "Give the new column a literal DEFAULT, or let it be NULL and fill it first."},
    Advice{"a PRIMARY KEY over rows",
           "Add the column with NOT NULL and a literal DEFAULT, or make a UNIQUE key of it."},
    Advice{"a DEFAULT in the statement that defines",
           "Write the DEFAULT into the column's definition, or into an ALTER TABLE of its own."},
    Advice{"in its type", "Write the character set out: CHARACTER SET latin1."},
    Advice{
        "and this type is not",
        "Choose an integer type, DECIMAL, DATE, DATETIME, TIMESTAMP, TIME, YEAR, or one of text or "
        "bytes."},
    Advice{"its character set is not",
           "Choose a text character set and its collation, or VARBINARY."},
    Advice{"beside a change of the table's character set",
           "Write CHARACTER SET and COLLATE in the column's definition."},
    Advice{"a mention in a row that is inserted",
           "Give the column a value in the same statement, and write that in place of its name."},
    Advice{"a literal of several words", "Give the literal an alias."},
    Advice{"the alias of what is grouped", "Write the column in place of its alias."},
    Advice{"a program that sets sql_mode",
           "Call the program in a statement of its own, or set the modes in the session before."},
    Advice{"a change of its type",
           "Add a new protected column of the new type, copy the values through the application, "
           "and drop the old one."},
    Advice{"from NULL to NOT NULL", "Leave it NULL, or add a new column with a DEFAULT."},
    Advice{"under its new name",
           "Name the columns of the new table in policy.yaml first, with the same domain and the "
           "same rules, and reload the policy."},
    Advice{"a new name that the policy does not protect",
           "Name the new column in policy.yaml first, with the same domain and the same rules, and "
           "reload the policy."},
    Advice{"the policy protects its new name",
           "Choose another name. A protected column has to be added as one, and filled."},
    Advice{"brings an unprotected table",
           "Create the table under its protected name through Sealgate, and fill it."},
    Advice{"ENGINE=MEMORY of", "Leave ENGINE out, or write ENGINE=InnoDB."},
    Advice{"of MySQL's engine MEMORY", "Send ALTER TABLE … ENGINE=InnoDB through Sealgate."},
    Advice{"without the names of its columns",
           "Name the columns that are referred to: plain ones."},
    Advice{"beside CONVERT TO", "Add the column in an ALTER TABLE of its own."},
    Advice{"beside ADD, CHANGE or RENAME COLUMN",
           "Rename the table in a statement of its own, and the columns before or after it."},
    Advice{"partitioning by KEY ()", "Name the columns to partition by: plain ones."},
    Advice{"CONVERT TO CHARACTER SET", "Change the plain columns one by one with MODIFY."},
    Advice{"MERGE table", "Use a view of the server's over plain columns, or one table."},
    Advice{"ALTER TABLE …",
           "If it carries no value and no name of a protected column, run it at the server."},
    Advice{"of another domain",
           "Give both columns the same 'domain' in policy.yaml before they hold data."},
    Advice{"columns of different types", "Give both columns the same type and collation."},
    Advice{"order (<, <=, >, >=)", kOrder},
    Advice{"BETWEEN", kOrder},
    Advice{"a TIME that is not the column itself",
           "Compare the column itself, or select it and compare in the application."},
    Advice{"BINLOG", "Apply the events at the server."},
    Advice{"a name in a window", "Qualify the name with its table, or choose another alias."},
    Advice{"Basic Multilingual Plane", "Give it a name of other characters."},
    Advice{"init_connect",
           "Write one string of words, numbers and quotes that names no protected table, or set it "
           "in the server's configuration."},
    Advice{"an engine such as FEDERATED",
           "Make it at the server; the proxy finds it within catalog.refresh."},
    Advice{"a COMMENT of so many", "Write a shorter one: its type needs up to 120 characters."},
    Advice{"IS NULL of a literal", "Leave it out: it is not NULL."},
    Advice{"a table like", "Create it with columns of its own."},
    Advice{"an event is not moved",
           "Drop the event and create it in that schema through the proxy, which then reads it."},
    Advice{"differs by case only", "Choose a name that differs by more than case."},
    Advice{"called so in another case",
           "Write the name as it is in the policy, or rename the other table at the server."},
    Advice{
        "computed by the server",
        "Drop it at the server, before the column is sealed, and compute it in the application."},
    Advice{"LOAD DATA of a file of the server's", "Use LOAD DATA LOCAL."},
    Advice{"LOAD DATA", "docs/load_data.md says what can be loaded into protected columns."},
    Advice{"ENCLOSED BY", "Give one character, or none."},
    Advice{"ORDER BY", "Order by a plain column, or sort in the application."},
    Advice{"cannot be null", "Give the column a value."},
    Advice{"is NOT NULL, has no default", "Give the column a value."},
    Advice{"temporary table", "Give the temporary table another name, and plain columns."},
    Advice{"CREATE TABLE … SELECT", "Create the table first, then insert into it."},
    Advice{"LIKE",
           "Look for the whole value with = or IN, in mode searchable; or select the rows by a "
           "plain column and match in the application."},
    Advice{"INSERT … SELECT", kCompute},
    Advice{"SELECT … INTO", kReadAndDo},
    Advice{"give it an alias", "Name the expression: (SELECT … AS a name)."},
    Advice{"in nothing but case", "Use aliases that differ in more than case."},
    Advice{"NATURAL JOIN", kNameColumns},
    Advice{"USING", kNameColumns},
    Advice{"qualify it with its table", "Write the name as table.column."},
    Advice{"cannot be followed; name the columns", "Name the columns instead of *."},
    Advice{"with a subquery", "Run the inner query first and send its values as a list."},
    Advice{"a subquery", "Run the inner query first and send its values."},
    Advice{"WITH ROLLUP", kReadAndDo},
    Advice{"with something that is not protected",
           "Choose between columns of one domain and literals; or read the columns and choose in "
           "the application."},
    Advice{"a common table whose name", "Give it a name that no other table of the statement has."},
    Advice{"a name in HAVING",
           "Select the column in that query, group by it, or have the condition in its WHERE."},
    Advice{"a recursive common table",
           "Have its first query yield the protected columns, and the others only follow."},
    Advice{"GROUP BY", kReadAndDo},
    Advice{"DISTINCT", kReadAndDo},
    Advice{"NULLIF", kReadAndDo},
    Advice{"UNION", kOneByOne},
    Advice{"INTERSECT", kOneByOne},
    Advice{"EXCEPT", kOneByOne},
    Advice{"session's time_zone", "Run SET time_zone = '+00:00', or another offset, first."},
    Advice{"explicit_defaults_for_timestamp",
           "Run SET explicit_defaults_for_timestamp = ON first."},
    Advice{"a hint of the whole statement",
           "Set max_execution_time, or the variable, for the session before."},
    Advice{"SET_VAR", "Set the variable for the session, before the statement."},
    Advice{"not a valid date or time", "Write it as in '2020-02-29 23:59:59'."},
    Advice{"ON UPDATE", kDefinition},
    Advice{"COMPRESSED", "Leave COMPRESSED out: what is sealed does not get smaller."},
    Advice{"anything but a literal", kCompute},
    Advice{"storing anything but", kCompute},
    Advice{"storing", "Both columns have to be protected, in one domain; or send the value."},
    Advice{"DROP DEFAULT", "Use SET DEFAULT NULL."},
    Advice{"DEFAULT other than a literal", "Use a literal as the default, or none."},
    Advice{"without converting it", "Send the value in the column's own type."},
    Advice{"longer than the column's values",
           "Use a literal without blanks at its end, or select the column without it."},
    Advice{"would need a conversion", "Send the value in the column's own type."},
    Advice{"a value sent in pieces", "Send the value with the statement's other parameters."},
    Advice{"still holds plaintext",
           "Create the column through Sealgate, or set plaintext: allow for it in policy.yaml "
           "until it is migrated."},
    Advice{"cannot hold sealed values", "'sealgate check' says what is wrong with the column."},
    Advice{"which the policy does not name", "Add the columns to policy.yaml."},
    Advice{"that the policy does not name", "Add the columns to policy.yaml."},
    Advice{"has not read it yet",
           "Create the table through Sealgate. If it is there, run 'sealgate catalog reload'."},
    Advice{"no key is loaded", "Run 'sealgate keys add --from-policy', then reload the proxy."},
    Advice{"is not one of the character set",
           "Write a collation of that character set: its name begins with the set's."},
    Advice{"collation's weights", "Use mode random, or a collation that docs/policy.md lists."},
    Advice{"collation", "Use a collation that docs/policy.md lists, or mode random."},
    Advice{
        "this construct is not",
        "Leave it out, and write an attribute that stands twice once. If it carries no protected "
        "value, run the statement at the server."},
    Advice{"executable comment", kOneStatement},
    Advice{"more than one statement", kOneStatement},
    Advice{"second statement", kOneStatement},
    Advice{"run any text", kOneStatement},
    Advice{"dynamic SQL", kOneStatement},
    Advice{"unterminated", "Look for a quote or a comment that does not end."},
    Advice{"user variable", kCompute},
    Advice{"session tracking", "Leave these variables alone; Sealgate sets them."},
    Advice{"SET NAMES utf8mb4", "Run SET NAMES utf8mb4 first."},
    Advice{"while sql_mode has", "Take that mode out of sql_mode for this session."},
    Advice{"CREATE or ALTER",
           "Do it in the application. What was made at the server is refused in statements that "
           "carry or show protected values."},
    Advice{"a view over", "Select from the protected table itself."},
    Advice{"trigger", "Have the application write both tables, without the trigger."},
    Advice{"stored function", "Have the application run the function's statements itself."},
    Advice{"no database is selected", "Give --schema, or write the table as schema.table."},
    Advice{"no such column to drop", "Check the name against DESCRIBE."},
    Advice{"unknown column", "Check the name against DESCRIBE."},
    Advice{"column count", "Give one value for each column of the list."},
    Advice{"table function", "Run the two parts as statements of their own."},
    Advice{"a default, generated column or check", kDefinition},
    Advice{"AUTO_INCREMENT", kDefinition},
    Advice{"CHECK", kDefinition},
    Advice{"REFERENCES", kDefinition},
    Advice{"foreign key", kDefinition},
    Advice{"a unique key over a prefix", "Make the unique key over the whole column."},
    Advice{"as a prepared statement", "Send it as text."},
    Advice{"WITH …", "Write the common table as a derived table or a join."},
    Advice{"a row of several columns", "Compare the columns one by one, with AND."},
    Advice{"of its kind", "If it carries no protected value, run it at the server."},
    Advice{"a parameter marker", "Prepare the statement, or write the value out."},
    Advice{"nested too deeply", "Split the statement."},
    Advice{"mean more than 200000 columns",
           "Name the columns that are wanted, and split the statement."},
    Advice{"a function", kReadAndDo},
    Advice{"truth value", "Write the condition with a comparison."},
    Advice{"use as a condition", "Write the condition with a comparison, as in column = 'x'."},
    Advice{"could not be understood",
           "If the server takes this statement, please report it; until then say it in another "
           "way, or run it at the server if it carries no protected value."},
    Advice{"the value is too long",
           "The column's type is among the references: shorten the value."},
    Advice{"the value is out of range", "The column's type is among the references."},
};

}  // namespace

std::string_view AdviceFor(const rewrite::Refusal& refusal) {
  for (const Advice& row : kAdvice) {
    if (refusal.message.find(row.words) != std::string::npos) return row.advice;
  }
  return "README.md lists what works on protected tables. Compare and store protected columns as "
         "column = value, with the value as a literal or a parameter.";
}

}  // namespace sealgate::explain
