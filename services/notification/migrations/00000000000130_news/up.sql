-- That tasks or people of a company have changed since its digests were looked through: a row each, so that nobody waits for
-- the digests, which hold the company's row of reminders while they are looked through.
create table news (
    company_id uuid not null,
    id bigint generated always as identity,
    primary key (company_id, id)
);
insert into news (company_id) select company_id from reminders where stale;
alter table reminders drop column stale;
