alter table tasks drop column count;
delete from tasks where holder not like 'person:%';
update tasks set holder = substr(holder, 8);
alter table tasks rename column holder to assignee;
