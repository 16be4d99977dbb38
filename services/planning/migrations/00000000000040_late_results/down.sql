drop table imported_periods;
alter table subjects drop column published;
