-- Goals that were agreed on in an interview once the plan had been handed in: whoever writes it takes them into a new version.
alter table plans add column agreed jsonb not null default '[]';
