-- People and units are appraised alike: one table of subjects, one of sheets with editions, and plans of either.

create table bodies (
    company_id uuid not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    seats jsonb not null,
    version bigint not null,
    primary key (company_id, code)
);

alter table units add column headships jsonb not null default '[]';

-- Who takes part, and in which category, where the company says it beside the scheme.
create table placements (
    company_id uuid not null,
    scheme text not null,
    kind text not null check (kind in ('person', 'unit')),
    place int not null,
    -- None: who takes part at all.
    category text,
    rule text not null,
    made_by text not null,
    made_at timestamptz not null,
    primary key (company_id, scheme, kind, place)
);

-- Rows kept for a position, a category or a subject.
create table row_sets (
    company_id uuid not null,
    scheme text not null,
    place text not null,
    holder text not null,
    rows jsonb not null,
    made_by text not null,
    made_at timestamptz not null,
    primary key (company_id, scheme, place, holder)
);

-- Who and what is appraised in a cycle, as they stand now.
create table subjects (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null check (kind in ('person', 'unit')),
    subject text not null,
    name text not null,
    -- Of a unit: its own code.
    unit text,
    position text,
    category text,
    category_by text check (category_by in ('rule', 'given', 'override')),
    own_category text,
    superior text,
    superior_above text,
    head text,
    co_head text,
    head_since date,
    leader text,
    dotted text,
    hired_on date,
    left_on date,
    facts jsonb not null,
    standing text not null check (standing in ('in', 'excluded', 'out')),
    why text,
    decided_by text,
    version bigint not null,
    primary key (company_id, cycle, kind, subject)
);
create index subjects_by_unit on subjects (company_id, cycle, unit);
create index subjects_by_superior on subjects (company_id, superior, cycle);
create index subjects_by_head on subjects (company_id, head, cycle);
create index subjects_by_leader on subjects (company_id, leader, cycle);

insert into subjects (company_id, cycle, kind, subject, name, unit, category, category_by, own_category, head, leader,
    facts, standing, version)
select company_id, cycle, 'unit', code, name, code, category, case when category is not null then 'given' end, category,
    head, leader, facts, 'in', 1
from cycle_units;

insert into subjects (company_id, cycle, kind, subject, name, unit, position, category, category_by, own_category,
    superior, superior_above, head, leader, hired_on, left_on, facts, standing, version)
select p.company_id, p.cycle, 'person', p.number, p.name, p.unit, p.position, p.category,
    case when p.category is not null then 'given' end, p.category, p.superior, s.superior, u.head, u.leader, p.hired_on,
    p.left_on, p.facts, 'in', 1
from participants p
left join cycle_units u on u.company_id = p.company_id and u.cycle = p.cycle and u.code = p.unit
left join participants s on s.company_id = p.company_id and s.cycle = p.cycle and s.number = p.superior;

create table subject_changes (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    no int not null,
    -- Each field with what it was and what it is: {"superior": ["E1", "E2"]}.
    what jsonb not null,
    followed text not null check (followed in ('followed', 'kept', 'added')),
    at timestamptz not null,
    seen_by text,
    primary key (company_id, cycle, kind, subject, no)
);
create index subject_changes_unseen on subject_changes (company_id, cycle) where seen_by is null;

-- How far the plans of a unit's people are as a whole.
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
insert into unit_plans (company_id, cycle, code, state, reason, submitted_by, submitted_at, decided_by, decided_at,
    version)
select company_id, cycle, code, plan_state, reason, submitted_by, submitted_at, decided_by, decided_at, version
from cycle_units;

alter table plans rename column number to subject;
alter table plans drop constraint plans_company_id_cycle_number_key;
alter table plans alter column cycle drop not null;
alter table plans
    add column kind text not null default 'person' check (kind in ('person', 'unit')),
    add column scheme text,
    add column period text,
    add column name text,
    add column unit text,
    add column superior text,
    add column head text,
    add column leader text;
update plans l set scheme = c.scheme_code, period = c.period, name = p.name, unit = p.unit, superior = p.superior,
    head = p.head, leader = p.leader
from cycles c, subjects p
where c.company_id = l.company_id and c.id = l.cycle
  and p.company_id = l.company_id and p.cycle = l.cycle and p.kind = 'person' and p.subject = l.subject;
delete from plans where scheme is null;
alter table plans alter column kind drop default;
alter table plans alter column scheme set not null;
alter table plans alter column period set not null;
alter table plans alter column name set not null;
create unique index plans_of_cycle on plans (company_id, cycle, kind, subject) where cycle is not null;
create unique index plans_of_no_cycle on plans (company_id, scheme, kind, subject, period) where cycle is null;
create index plans_by_period on plans (company_id, scheme, period);

create table settled_sheets (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null check (kind in ('person', 'unit')),
    subject text not null,
    edition int not null,
    state text not null check (state in ('draft', 'settled', 'superseded', 'annulled')),
    -- Whether scoring has been told of this edition.
    told boolean not null,
    rows jsonb not null,
    weights jsonb not null,
    priorities jsonb not null,
    why text,
    settled_by text,
    settled_at timestamptz,
    version bigint not null,
    primary key (company_id, cycle, kind, subject, edition)
);
create unique index settled_sheets_current on settled_sheets (company_id, cycle, kind, subject)
    where state in ('draft', 'settled');

insert into settled_sheets (company_id, cycle, kind, subject, edition, state, told, rows, weights, priorities,
    settled_by, settled_at, version)
select s.company_id, s.cycle, 'person', s.number, 1, 'settled', c.state <> 'open', '[]', s.weights, s.priorities,
    s.settled_by, s.settled_at, s.version
from sheets s join cycles c on c.company_id = s.company_id and c.id = s.cycle;

drop table sheets, participants, cycle_units;

alter table cycles
    add column name text,
    add column has_release boolean not null default true,
    -- Who was chosen; null: nobody was, and the rules say who takes part.
    add column chosen jsonb,
    add column cancelled_why text;
alter table cycles alter column has_release drop default;
alter table cycles drop constraint cycles_company_id_scheme_code_cadence_period_key;
alter table cycles drop constraint cycles_state_check;
alter table cycles add constraint cycles_state_check check (state in ('open', 'released', 'published', 'cancelled'));
update cycles set state = 'cancelled', cancelled_why = 'opened before this version', version = version + 1
where state <> 'published';
create unique index cycles_of_period on cycles (company_id, scheme_code, cadence, period, coalesce(name, ''))
    where state <> 'cancelled';

alter table cycle_stages alter column opens drop not null;
alter table cycle_stages add column dated_by text not null default 'scheme' check (dated_by in ('scheme', 'opening'));

create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze subjects, plans, settled_sheets, tasks, unit_plans;
$$;
