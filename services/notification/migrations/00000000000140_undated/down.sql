alter table tasks drop column opened_on;
alter table reminders drop column undated_every;
