create table bodies (
    company_id uuid not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    seats jsonb not null,
    version bigint not null,
    primary key (company_id, code)
);
create table working_calendars (
    company_id uuid primary key,
    non_working_days date[] not null,
    working_days date[] not null,
    version bigint not null
);
update settled_sheets set state = 'draft' where state = 'proposed';
drop index settled_sheets_current;
create unique index settled_sheets_current on settled_sheets (company_id, cycle, kind, subject)
    where state in ('draft', 'settled');
alter table settled_sheets drop constraint settled_sheets_state_check;
alter table settled_sheets add constraint settled_sheets_state_check
    check (state in ('draft', 'settled', 'superseded', 'annulled'));
create table unit_plans (
    company_id uuid not null,
    cycle uuid not null,
    code text not null,
    state text not null check (state in ('collecting', 'submitted', 'returned', 'approved')),
    reason text,
    submitted_by text,
    submitted_at timestamptz,
    decided_by text,
    decided_at timestamptz,
    version bigint not null,
    primary key (company_id, cycle, code)
);
insert into unit_plans (company_id, cycle, code, state, reason, submitted_by, submitted_at, decided_by, decided_at, version)
select company_id, cycle, subject, case state when 'draft' then 'collecting' else state end, reason, submitted_by, submitted_at,
    decided_by, decided_at, version
from plans where kind = 'unit' and cycle is not null;
drop table approvals;
