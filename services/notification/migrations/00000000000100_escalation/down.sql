drop index tasks_overdue;
alter table reminders drop column escalate_after;
