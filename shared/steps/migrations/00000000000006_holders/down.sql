update step_tasks set holder = substr(holder, 8) where holder like 'person:%';
alter table step_tasks rename column holder to assignee;
