alter table cycles drop column cancelled;
