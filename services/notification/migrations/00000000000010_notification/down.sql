drop table mails;
drop table reminders;
drop table results;
drop table work_items;
drop table cycles;
drop table employees;
