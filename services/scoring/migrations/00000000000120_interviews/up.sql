-- An interview is a step of whoever holds it: arranged, recorded, commented on by the person.
alter table interviews rename to recorded_interviews;
alter table recorded_interviews rename constraint interviews_pkey to recorded_interviews_pkey;
create table interviews (
    company_id uuid not null,
    step uuid not null,
    cycle uuid not null,
    -- The code of the stage.
    stage text not null,
    number text not null,
    -- When and where it is to be held.
    arranged_at timestamptz,
    place text,
    -- What came of it.
    held_on date,
    notes text,
    goals jsonb not null default '[]',
    recorded_by text,
    recorded_at timestamptz,
    -- What the person says of it.
    comment text,
    commented_at timestamptz,
    version bigint not null default 1,
    primary key (company_id, step),
    unique (company_id, cycle, stage, number)
);
create index interviews_by_number on interviews (company_id, number, cycle);

-- Published cycles: those that were held, and those that wait.
with wanted as (
    select gen_random_uuid() as step, r.company_id, r.cycle, r.subject as number, r.superior, i.held_on, i.notes, i.recorded_by, i.recorded_at
    from results r
    left join recorded_interviews i on i.company_id = r.company_id and i.cycle = r.cycle and i.number = r.subject
    where r.kind = 'person' and r.publication is not null
      and r.version = (select max(v.version) from results v
          where v.company_id = r.company_id and v.cycle = r.cycle and v.kind = r.kind and v.subject = r.subject)
      and (cardinality(r.interview) > 0 or i.number is not null)),
made as (
    insert into steps (company_id, id, about, place, round, actors, state, opened_on, ended_on, version)
    select company_id, step, 'interview:' || cycle, 1, 1, array[coalesce('person:' || superior, 'role:hr')],
        case when held_on is null then 'open' else 'done' end, coalesce(recorded_at::date, current_date), recorded_at::date, 1
    from wanted)
insert into interviews (company_id, step, cycle, stage, number, held_on, notes, recorded_by, recorded_at)
select company_id, step, cycle, 'interview', number, held_on, notes, recorded_by, recorded_at from wanted;
drop table recorded_interviews;
