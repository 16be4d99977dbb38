-- Who wrote the rows of a sheet by hand; they stay when the sheet is settled. Null: they come from a plan or a set.
alter table settled_sheets add column rows_by text;
