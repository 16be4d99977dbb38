alter table statements drop column reckoning;
drop table reckonings;
