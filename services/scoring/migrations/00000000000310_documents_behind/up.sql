-- What values and corrections rest on.
alter table facts add column document uuid;
create index facts_by_document on facts (company_id, document) where document is not null;
alter table results add column documents uuid[] not null default '{}';
create index results_by_document on results using gin (documents) where documents <> '{}';
