-- What planning keeps of the organisation: a projection, replaced by newer news only.

create table units (
    company_id uuid not null,
    code text not null,
    name text not null,
    parent text,
    category text,
    head text,
    facts jsonb not null,
    version bigint not null,
    primary key (company_id, code)
);

create table employees (
    company_id uuid not null,
    number text not null,
    name text not null,
    hired_on date,
    left_on date,
    facts jsonb not null,
    roles jsonb not null,
    version bigint not null,
    primary key (company_id, number)
);

create table assignments (
    company_id uuid not null,
    number text not null,
    from_on date not null,
    unit text not null,
    position text,
    category text,
    superior text,
    dotted_superior text,
    primary key (company_id, number, from_on)
);
create index assignments_by_unit on assignments (company_id, unit);

create table working_calendars (
    company_id uuid primary key,
    non_working_days date[] not null,
    working_days date[] not null,
    version bigint not null
);

create table schemes (
    company_id uuid not null,
    code text not null,
    version int not null,
    name_zh text not null,
    name_en text not null,
    source text not null,
    uploaded_by text not null,
    uploaded_at timestamptz not null,
    primary key (company_id, code, version)
);

create table cycles (
    company_id uuid not null,
    id uuid not null,
    scheme_code text not null,
    scheme_version int not null,
    cadence text not null,
    period text not null,
    parameters jsonb not null,
    company_facts jsonb not null,
    as_of date not null,
    state text not null check (state in ('open', 'released', 'published')),
    -- Which parts of planning the scheme's stages ask for.
    has_targets boolean not null,
    has_plans boolean not null,
    has_unit_plans boolean not null,
    has_settling boolean not null,
    participants bigint not null,
    opened_at timestamptz not null,
    released_at timestamptz,
    published_at timestamptz,
    version bigint not null,
    primary key (company_id, id),
    unique (company_id, scheme_code, cadence, period),
    foreign key (company_id, scheme_code, scheme_version) references schemes (company_id, code, version)
);

create table cycle_stages (
    company_id uuid not null,
    cycle uuid not null,
    place int not null,
    code text not null,
    label_zh text not null,
    label_en text not null,
    activity text,
    opens date not null,
    due date,
    primary key (company_id, cycle, code),
    foreign key (company_id, cycle) references cycles (company_id, id)
);

-- A unit as it was on the cycle's day, with the state of its plan.
create table cycle_units (
    company_id uuid not null,
    cycle uuid not null,
    code text not null,
    name text not null,
    category text,
    head text,
    -- Superior of the head.
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

-- A person as they stood on the cycle's day.
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

create table targets (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    unit text,
    employee text,
    title text not null,
    measure text,
    amount numeric(20, 6),
    due date,
    author text not null,
    created_at timestamptz not null,
    primary key (company_id, id),
    foreign key (company_id, cycle) references cycles (company_id, id),
    check ((unit is null) <> (employee is null))
);
create index targets_by_unit on targets (company_id, cycle, unit);
create index targets_by_employee on targets (company_id, cycle, employee);

create table plans (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    number text not null,
    -- 1, and one more with each change after approval.
    edition int not null,
    state text not null check (state in ('draft', 'submitted', 'returned', 'approved')),
    goals jsonb not null,
    -- Why it was returned, or why it is changed after approval.
    reason text,
    submitted_by text,
    submitted_at timestamptz,
    decided_by text,
    decided_at timestamptz,
    version bigint not null,
    primary key (company_id, id),
    unique (company_id, cycle, number)
);

-- Editions that were approved and then changed.
create table plan_editions (
    company_id uuid not null,
    plan uuid not null,
    edition int not null,
    goals jsonb not null,
    reason text,
    approved_by text,
    approved_at timestamptz,
    superseded_at timestamptz not null,
    primary key (company_id, plan, edition)
);

-- There is a row when the person's sheet is settled.
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

create table tasks (
    company_id uuid not null,
    cycle uuid not null,
    key text not null,
    stage text not null,
    activity text not null,
    assignee text not null,
    subject text not null,
    subject_name text not null,
    due date,
    done boolean not null,
    version bigint not null,
    -- Whether this version has been told to the other services.
    told boolean not null default false,
    primary key (company_id, cycle, key)
);
create index tasks_untold on tasks (company_id, cycle) where not told;
create index tasks_by_subject on tasks (company_id, cycle, activity, subject);
create index tasks_undone on tasks (company_id, cycle, due) where not done;

-- Tasks of the scoring service, for the view of who has done what.
create table scoring_tasks (
    company_id uuid not null,
    cycle uuid not null,
    key text not null,
    stage text not null,
    label_zh text not null,
    label_en text not null,
    assignee text not null,
    subject text not null,
    subject_name text not null,
    due date,
    done boolean not null,
    version bigint not null,
    primary key (company_id, cycle, key)
);
create index scoring_tasks_undone on scoring_tasks (company_id, cycle, due) where not done;

-- A large cycle fills these tables within seconds, long before the server looks at them by itself; without
-- statistics it takes each for a handful of rows and multiplies them with one another. The service does not
-- own its tables, so it asks for it here.
create function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze participants, cycle_units, plans, sheets, tasks;
$$;
