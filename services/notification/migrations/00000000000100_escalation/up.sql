-- After how many working days overdue tasks are told to the superior, too; null: never.
alter table reminders add column escalate_after int check (escalate_after > 0);
create index tasks_overdue on tasks (company_id, due) where not done;
