alter table settled_sheets drop column rows_by;
