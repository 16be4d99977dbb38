-- A cycle as it was opened; nothing of it but `results_published` ever changes.
create table cycles (
    company_id uuid not null,
    id uuid not null,
    scheme_code text not null,
    scheme_source text not null,
    cadence text not null,
    period text not null,
    last_day date not null,
    parameters jsonb not null,
    company_facts jsonb not null,
    -- How many results the cycle has; null until all of them have been published.
    results_published bigint,
    primary key (company_id, id)
);

-- What pay is reckoned from, by the day it takes effect. `version` counts a person's changes.
create table pay_profiles (
    company_id uuid not null,
    number text not null,
    effective_on date not null,
    inputs jsonb not null,
    version bigint not null,
    changed_at timestamptz not null,
    primary key (company_id, number, effective_on)
);

-- Published results whose statement cannot be issued yet, and those of schemes in which one person's pay
-- depends on other people's, which are kept for later corrections.
create table held_results (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    unit text not null,
    version bigint not null,
    held jsonb not null,
    missing text[] not null,
    problem text,
    due boolean not null,
    settled boolean not null,
    held_at timestamptz not null,
    primary key (company_id, cycle, number)
);
create index held_results_due on held_results (company_id, cycle) where due;
create index held_results_waiting on held_results (company_id, number) where not settled;

-- The last feed position given out. Its row lock is what puts positions in commit order.
create table feed_counters (
    company_id uuid not null primary key,
    last bigint not null
);

-- The ledger. `document` is the statement as payroll reads it.
create table statements (
    company_id uuid not null,
    position bigint not null,
    id uuid not null,
    cycle uuid not null,
    number text not null,
    result_version bigint not null,
    issued_at timestamptz not null,
    document text not null,
    explanation text,
    primary key (company_id, position)
);
create unique index statements_by_id on statements (company_id, id);
create unique index statements_by_person on statements (company_id, number, cycle, result_version);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger of statements is append-only';
end $$;
create trigger statements_are_append_only before update or delete on statements
    for each row execute function refuse_change();
create trigger statements_are_never_emptied before truncate on statements
    for each statement execute function refuse_change();

create table acknowledgements (
    company_id uuid not null,
    client uuid not null,
    name text not null,
    cursor bigint not null,
    acknowledged_at timestamptz not null,
    primary key (company_id, client)
);
