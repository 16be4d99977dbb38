-- Units of a computed cycle that somebody looks at; what is recommended, answered and settled are decisions in steps.
create table spot_checks (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    -- The code of the stage.
    stage text not null,
    unit text not null,
    -- Who looks: an actor as steps name them.
    checker text not null,
    state text not null,
    -- Whose results the recommendation is about.
    subjects text[] not null default '{}',
    drawn_by text not null,
    drawn_at timestamptz not null,
    primary key (company_id, id)
);
create index spot_checks_by_cycle on spot_checks (company_id, cycle, unit);
