-- A value that was found in another result keeps which one, in which version.
alter table facts add column rests_on uuid, add column rests_version bigint;
create index facts_resting on facts (company_id, cycle) where rests_on is not null;

-- With what values of that kind a version of a result was computed: whoever corrects the other result is told of it.
create table result_sources (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    version bigint not null,
    -- Whose value it was, the subject's own or their unit's, and which.
    value_of text not null,
    path text not null,
    value jsonb not null,
    rests_on uuid not null,
    rests_version bigint not null,
    primary key (company_id, cycle, kind, subject, version, value_of, path)
);
create index result_sources_by_result on result_sources (company_id, rests_on);
