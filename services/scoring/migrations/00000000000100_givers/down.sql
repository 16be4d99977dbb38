drop index facts_latest;
alter table facts drop constraint facts_pkey;
delete from facts where giver <> '';
alter table facts drop column giver;
alter table facts add primary key (company_id, cycle, kind, subject, path, no);
create unique index facts_latest on facts (company_id, cycle, kind, subject, path) where latest;
