-- Who there is, is kept where steps keep it; what it knows besides is told once more.
insert into directory_people (company_id, number, name, roles, version)
select company_id, number, name, '{}', 0 from people on conflict do nothing;
insert into directory_bodies (company_id, code, name_zh, name_en, seats, version)
select company_id, code, name_zh, name_en, seats, 0 from bodies on conflict do nothing;
drop table people;
drop table bodies;

-- What has to be reviewed or approved before a run is published: a step each.
create table approvals (
    company_id uuid not null,
    step uuid not null,
    cycle uuid not null,
    run int not null,
    -- The code of the stage.
    stage text not null,
    -- The unit it is about; empty: everything that was computed.
    unit text not null,
    -- In the order of those who decide about it: 1 for the first.
    place int not null,
    primary key (company_id, step)
);
create index approvals_by_cycle on approvals (company_id, cycle, run, stage, unit, place);
