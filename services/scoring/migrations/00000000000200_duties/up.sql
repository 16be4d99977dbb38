-- What somebody hands in by a day, beside the stages: its day is that of its step.
create table duties (
    company_id uuid not null,
    step uuid not null,
    cycle uuid not null,
    -- The code in the scheme.
    duty text not null,
    number text not null,
    -- Which one, where there are several: the promotion, the week.
    what text,
    done_on date,
    done_by text,
    -- What was said of it when it was done.
    note text,
    -- It is late and counts for nothing, by whom and why.
    struck_by text,
    struck_why text,
    struck_at timestamptz,
    primary key (company_id, step)
);
create index duties_by_cycle on duties (company_id, cycle, number);
create index duties_by_number on duties (company_id, number);
