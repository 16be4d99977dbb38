alter table cycles drop column grades;
