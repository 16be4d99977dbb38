drop table audit_heads;
alter table audit_seals drop column version;
