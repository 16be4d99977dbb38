-- What people say of their published result; the answer is a decision in a step.
create table opinions (
    company_id uuid not null,
    step uuid not null,
    cycle uuid not null,
    -- The code of the stage.
    stage text not null,
    number text not null,
    -- Which version of the result it is about.
    result_version bigint not null,
    words text not null,
    stated_at timestamptz not null,
    primary key (company_id, step)
);
create index opinions_by_cycle on opinions (company_id, cycle, number);
