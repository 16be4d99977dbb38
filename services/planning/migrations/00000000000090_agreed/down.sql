alter table plans drop column agreed;
