-- A report is about a person or a unit.
alter table reports rename column number to subject;
alter table reports add column kind text not null default 'person' check (kind in ('person', 'unit'));
alter table reports alter column kind drop default;
alter table reports drop constraint reports_company_id_cycle_stage_number_key;
alter table reports add unique (company_id, cycle, stage, kind, subject);
drop index reports_by_number;
create index reports_by_subject on reports (company_id, kind, subject);
