alter table results drop column told_on;
alter table cycles drop column told;
