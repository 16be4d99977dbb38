-- What a group has to do is one task of the group.
alter table tasks rename column assignee to holder;
update tasks set holder = 'person:' || holder;
-- How many things are in it.
alter table tasks add column count bigint not null default 1;
alter table tasks alter column count drop default;
