alter table entries drop column state, drop column report;
