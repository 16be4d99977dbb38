-- Values that are checked and approved after they were reported: those that came together and are checked by the same
-- people are one part of a report. What is not through its checks does not count; what was sent back stays beside the others.
alter table facts add column state text not null default 'approved' check (state in ('reported', 'approved', 'returned', 'replaced'));
alter table facts add column report uuid;
create index facts_by_report on facts (company_id, report) where report is not null;

create table fact_checks (
    company_id uuid not null,
    step uuid not null,
    cycle uuid not null,
    -- The part of the report, and the place of the step in its chain: 1 for the first who checks.
    report uuid not null,
    place int not null,
    primary key (company_id, step)
);
create index fact_checks_by_cycle on fact_checks (company_id, cycle, report, place);

-- A part of a report: whose chain it is.
create table fact_reports (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    -- Who checks, place by place, as steps name them.
    chain jsonb not null,
    reported_by text not null,
    reported_at timestamptz not null,
    primary key (company_id, id)
);
