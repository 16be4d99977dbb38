alter table reminders add column stale boolean not null default true;
drop table news;
