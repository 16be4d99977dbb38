create table participants (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    name text not null,
    unit text not null,
    position text,
    category text,
    superior text,
    hired_on date,
    left_on date,
    facts jsonb not null,
    primary key (company_id, cycle, number)
);
create index participants_by_unit on participants (company_id, cycle, unit, number);
create index participants_by_superior on participants (company_id, cycle, superior);
insert into participants
select company_id, cycle, subject, name, coalesce(unit, ''), position, category, superior, hired_on, left_on, facts
from subjects where kind = 'person' and standing = 'in';

create table cycle_units (
    company_id uuid not null,
    cycle uuid not null,
    code text not null,
    name text not null,
    category text,
    head text,
    leader text,
    facts jsonb not null,
    plan_state text not null check (plan_state in ('collecting', 'submitted', 'returned', 'approved')),
    reason text,
    submitted_by text,
    submitted_at timestamptz,
    decided_by text,
    decided_at timestamptz,
    version bigint not null,
    primary key (company_id, cycle, code)
);
create index cycle_units_by_head on cycle_units (company_id, head, cycle);
create index cycle_units_by_leader on cycle_units (company_id, leader, cycle);
insert into cycle_units
select u.company_id, u.cycle, u.subject, u.name, u.category, u.head, u.leader, u.facts, l.state, l.reason,
    l.submitted_by, l.submitted_at, l.decided_by, l.decided_at, l.version
from unit_plans l
join subjects u on u.company_id = l.company_id and u.cycle = l.cycle and u.kind = 'unit' and u.subject = l.code;

create table sheets (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    weights jsonb not null,
    priorities jsonb not null,
    settled_by text not null,
    settled_at timestamptz not null,
    version bigint not null,
    primary key (company_id, cycle, number)
);
insert into sheets
select company_id, cycle, subject, weights, priorities, settled_by, settled_at, version
from settled_sheets where kind = 'person' and state = 'settled';

create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze participants, cycle_units, plans, sheets, tasks;
$$;

delete from plans where cycle is null or kind <> 'person';
drop index plans_of_cycle, plans_of_no_cycle, plans_by_period;
alter table plans
    drop column kind, drop column scheme, drop column period, drop column name, drop column unit,
    drop column superior, drop column head, drop column leader;
alter table plans rename column subject to number;
alter table plans alter column cycle set not null;
alter table plans add unique (company_id, cycle, number);

drop table settled_sheets, unit_plans, subject_changes, subjects, row_sets, placements, bodies;
alter table units drop column headships;

delete from cycle_stages where opens is null;
alter table cycle_stages alter column opens set not null;
alter table cycle_stages drop column dated_by;

drop index cycles_of_period;
delete from targets t using cycles c where c.company_id = t.company_id and c.id = t.cycle and c.state = 'cancelled';
delete from cycle_stages t using cycles c where c.company_id = t.company_id and c.id = t.cycle and c.state = 'cancelled';
delete from cycles where state = 'cancelled' or name is not null;
alter table cycles drop constraint cycles_state_check;
alter table cycles add constraint cycles_state_check check (state in ('open', 'released', 'published'));
alter table cycles add unique (company_id, scheme_code, cadence, period);
alter table cycles drop column name, drop column has_release, drop column chosen, drop column cancelled_why;
