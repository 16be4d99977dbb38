-- How long an interview is to take, where whoever holds it says so.
alter table interviews add column minutes int;
