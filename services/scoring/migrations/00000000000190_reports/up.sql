-- What somebody writes about a person while a cycle runs, by a form of the scheme; who confirms it decides in steps about
-- 'report:ID', of which the first is the writing.
create table reports (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    -- The code of the stage.
    stage text not null,
    number text not null,
    -- In words, by the code of the form's field.
    answers jsonb not null default '{}',
    state text not null check (state in ('draft', 'handed_in', 'returned', 'done')),
    -- Employee number or account of whoever handed it in last; the day on which it was handed in first.
    handed_in_by text,
    handed_in_on date,
    version bigint not null,
    primary key (company_id, id),
    unique (company_id, cycle, stage, number)
);
create index reports_by_number on reports (company_id, number);
