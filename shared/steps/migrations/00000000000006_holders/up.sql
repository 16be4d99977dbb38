-- What a group has to do is one task: role:hr, body:LG. Tasks that were given to people stay theirs.
alter table step_tasks rename column assignee to holder;
update step_tasks set holder = 'person:' || holder;
