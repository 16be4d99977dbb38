-- What planning told: the cycle with its frozen scheme, the units and the settled sheets.
create table cycles (
    company_id uuid not null,
    id uuid not null,
    scheme_code text not null,
    scheme_version integer not null,
    scheme_source text not null,
    cadence text not null,
    period text not null,
    parameters jsonb not null,
    company_facts jsonb not null,
    stages jsonb not null,
    -- open: sheets are arriving; scoring; closing; failed; closed: to be previewed; published
    state text not null default 'open'
        check (state in ('open', 'scoring', 'closing', 'failed', 'closed', 'published')),
    released boolean not null default false,
    sheets_expected bigint not null default 0,
    company_carried jsonb not null default '{}',
    closing_since timestamptz,
    closed_at timestamptz,
    published_at timestamptz,
    announced_at timestamptz,
    version bigint not null default 1,
    primary key (company_id, id)
);
create index cycles_at_work on cycles (state) where state = 'closing' or (state = 'published' and announced_at is null);

create table units (
    company_id uuid not null,
    cycle uuid not null,
    code text not null,
    name text not null,
    category text,
    head text,
    facts jsonb not null,
    -- Entered here; stand in front of the settled facts.
    entered_facts jsonb not null default '{}',
    score text,
    score_by text,
    announced_at timestamptz,
    primary key (company_id, cycle, code)
);

create table sheets (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    id uuid not null,
    unit text not null,
    name text not null,
    category text,
    position text,
    superior text,
    hired_on date,
    left_on date,
    facts jsonb not null,
    entered_facts jsonb not null default '{}',
    weights jsonb not null,
    priorities text[] not null,
    settled_version bigint not null,
    -- {item: {input: value}} as in a case, and {item: {input: text}}
    inputs jsonb not null default '{}',
    evidence jsonb not null default '{}',
    -- {part: {by, at}}
    submitted jsonb not null default '{}',
    -- Parts with inputs or evidence still to be given, and parts still to be submitted.
    missing_parts text[] not null,
    open_parts text[] not null,
    complete boolean generated always as (cardinality(missing_parts) = 0 and cardinality(open_parts) = 0) stored,
    version bigint not null default 1,
    primary key (company_id, cycle, number),
    unique (company_id, id)
);
create index sheets_by_unit on sheets (company_id, cycle, unit, number);
create index sheets_by_superior on sheets (company_id, superior, cycle);
create index sheets_incomplete on sheets (company_id, cycle, number) where not complete;

create table recusals (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    rater text not null,
    reason text not null,
    recorded_by text not null,
    recorded_at timestamptz not null,
    primary key (company_id, cycle, number, rater)
);

-- What the closing job works through: a unit each, or one piece `*` where a scheme ranks the whole company.
create table closing_units (
    company_id uuid not null,
    cycle uuid not null,
    piece text not null,
    people bigint not null,
    state text not null default 'pending' check (state in ('pending', 'done', 'failed')),
    problem jsonb,
    -- What pay needs to know of the company; on one piece of the cycle.
    carried jsonb,
    done_at timestamptz,
    primary key (company_id, cycle, piece)
);
create index closing_units_pending on closing_units (company_id, cycle, piece) where state = 'pending';

create table unit_results (
    company_id uuid not null,
    cycle uuid not null,
    unit text not null,
    score numeric,
    grade text,
    coefficient numeric,
    outcomes text[] not null,
    carried jsonb not null,
    primary key (company_id, cycle, unit)
);

-- Version 1 is what closing found; each correction adds one and leaves those before it alone.
create table results (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    version bigint not null,
    id uuid not null,
    unit text not null,
    name text not null,
    category text,
    superior text,
    excluded text,
    score numeric,
    grade text,
    coefficient numeric,
    outcomes text[] not null,
    interview text[] not null,
    scores jsonb not null,
    carried jsonb not null,
    explanation text compression lz4 not null,
    reason text,
    made_by text not null,
    made_at timestamptz not null,
    primary key (company_id, cycle, number, version)
);
create index results_by_id on results (company_id, id, version);
create index results_by_number on results (company_id, number, cycle);
create index results_by_unit on results (company_id, cycle, unit, number);

-- The inputs a corrected version was computed from; the sheet keeps those of publication.
create table corrections (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    version bigint not null,
    inputs jsonb not null,
    evidence jsonb not null,
    primary key (company_id, cycle, number, version)
);

create table interviews (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    held_on date not null,
    notes text not null,
    recorded_by text not null,
    recorded_at timestamptz not null,
    primary key (company_id, cycle, number)
);

create table tasks (
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

-- A large cycle's sheets arrive within seconds, long before the server looks at them by itself. The service
-- does not own its tables, so it asks for it here.
create function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze units, sheets;
$$;
