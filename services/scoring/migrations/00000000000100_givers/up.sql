-- Several may give a value of one path, each their own; what they come to counts.
alter table facts add column giver text not null default '';
alter table facts drop constraint facts_pkey;
alter table facts add primary key (company_id, cycle, kind, subject, path, giver, no);
drop index facts_latest;
create unique index facts_latest on facts (company_id, cycle, kind, subject, path, giver) where latest;
