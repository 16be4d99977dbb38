-- Entries of lists are checked after they were recorded, as values are, where the scheme says so.
alter table entries add column state text not null default 'approved' check (state in ('reported', 'approved', 'returned', 'replaced'));
alter table entries add column report uuid;
create index entries_by_report on entries (company_id, report) where report is not null;
