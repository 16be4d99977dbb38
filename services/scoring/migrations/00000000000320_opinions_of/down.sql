alter table opinions drop column digest;
