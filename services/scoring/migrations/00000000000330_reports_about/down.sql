delete from reports where kind <> 'person';
drop index reports_by_subject;
alter table reports drop constraint reports_company_id_cycle_stage_kind_subject_key;
alter table reports drop column kind;
alter table reports rename column subject to number;
alter table reports add unique (company_id, cycle, stage, number);
create index reports_by_number on reports (company_id, number);
