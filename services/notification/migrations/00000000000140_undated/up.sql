-- What has no day is spoken of again and again, by its age.
alter table tasks add column opened_on date not null default current_date;
alter table tasks alter column opened_on drop default;
alter table reminders add column undated_every int not null default 7 check (undated_every > 0);
