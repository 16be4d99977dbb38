-- The figures of the company that scoring published with a cycle; null where it did not tell them yet.
alter table cycles add column company_carried jsonb;
