alter table notes drop column document;
alter table entries drop column document;
