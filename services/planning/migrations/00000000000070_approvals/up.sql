-- Plans that were handed in, and sheets that HR has settled, are decided about in steps (of the shared tables): who, in
-- which order, what they said. This tells what a step is about.
create table approvals (
    company_id uuid not null,
    step uuid not null,
    -- Null: the plan was no cycle's when somebody was asked.
    cycle uuid,
    -- Code of the stage; empty where a plan is made for longer than a cycle.
    stage text not null,
    label_zh text not null,
    label_en text not null,
    -- Null: the step is about settled sheets.
    plan uuid,
    -- Whose plan or sheet; of a unit with its people's sheets.
    kind text not null check (kind in ('person', 'unit')),
    subject text not null,
    -- Who may decide in place of those who are asked: person:E1, role:executive.
    also text[] not null,
    primary key (company_id, step)
);
create index approvals_by_plan on approvals (company_id, plan) where plan is not null;
create index approvals_by_subject on approvals (company_id, cycle, kind, subject);

-- The plan of a unit is a plan as a person's is: with goals of its own, or what its people's plans are together.
insert into plans as l (company_id, id, cycle, kind, subject, scheme, period, name, unit, superior, head, leader, edition,
    state, goals, reason, submitted_by, submitted_at, decided_by, decided_at, version)
select g.company_id, gen_random_uuid(), g.cycle, 'unit', g.code, c.scheme_code, c.period, u.name, u.subject, u.leader, u.head,
    u.leader, 1, case g.state when 'collecting' then 'draft' else g.state end, '[]', g.reason, g.submitted_by, g.submitted_at,
    g.decided_by, g.decided_at, g.version
from unit_plans g
join cycles c on c.company_id = g.company_id and c.id = g.cycle and c.has_unit_plans
join subjects u on u.company_id = g.company_id and u.cycle = g.cycle and u.kind = 'unit' and u.subject = g.code
on conflict (company_id, cycle, kind, subject) where cycle is not null do update set state = excluded.state,
    reason = excluded.reason, submitted_by = excluded.submitted_by, submitted_at = excluded.submitted_at,
    decided_by = excluded.decided_by, decided_at = excluded.decided_at, version = l.version + 1
    where excluded.state = 'approved';
drop table unit_plans;

-- What was handed in and not decided about.
with asked as (
    select l.company_id, gen_random_uuid() as step, l.cycle, l.id as plan, l.kind, l.subject,
        coalesce('person:' || l.superior, 'role:executive') as actor,
        case when l.kind = 'unit' then 'role:executive' else 'person:' || l.head end as also,
        coalesce(s.code, '') as stage, coalesce(s.label_zh, '') as label_zh, coalesce(s.label_en, '') as label_en, s.due,
        coalesce(l.submitted_at, now())::date as opened_on
    from plans l
    left join lateral (
        select code, label_zh, label_en, due from cycle_stages c where c.company_id = l.company_id and c.cycle = l.cycle
            and c.activity = any(case when l.kind = 'unit' then array['approve_unit_plan', 'draft_unit_plan']
                else array['draft_plan'] end)
        order by c.activity limit 1) s on true
    where l.state = 'submitted'
), opened as (
    insert into steps (company_id, id, about, place, round, actors, state, opened_on, due, version)
    select company_id, step, 'plan:' || plan, 1, 1, array[actor], 'open', opened_on, due, 1 from asked
)
insert into approvals (company_id, step, cycle, stage, label_zh, label_en, plan, kind, subject, also)
select company_id, step, cycle, stage, label_zh, label_en, plan, kind, subject,
    case when also is null or also = actor or also = 'person:' || subject then '{}' else array[also] end
from asked;

-- Whoever decided about plans of units has a task of the step from now on.
update tasks set done = true, version = version + 1, told = false where activity = 'approve_unit_plan' and not done;

-- Sheets that HR has settled, and that somebody has to confirm.
alter table settled_sheets drop constraint settled_sheets_state_check;
alter table settled_sheets add constraint settled_sheets_state_check
    check (state in ('draft', 'proposed', 'settled', 'superseded', 'annulled'));
drop index settled_sheets_current;
create unique index settled_sheets_current on settled_sheets (company_id, cycle, kind, subject)
    where state in ('draft', 'proposed', 'settled');

-- People, bodies and the calendar stand in the shared tables; everything newer replaces what is known here.
insert into directory_bodies (company_id, code, name_zh, name_en, seats, version)
select company_id, code, name_zh, name_en, seats, 0 from bodies;
insert into directory_calendars (company_id, non_working_days, working_days, version)
select company_id, non_working_days, working_days, version from working_calendars;
insert into directory_people (company_id, number, name, roles, left_on, version)
select company_id, number, name, '{}', left_on, 0 from employees;
drop table bodies;
drop table working_calendars;
