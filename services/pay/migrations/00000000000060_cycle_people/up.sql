-- Who takes part in a cycle, from planning's events.
create table cycle_people (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    name text not null,
    unit text,
    category text,
    standing text not null check (standing in ('in', 'excluded', 'out')),
    version bigint not null,
    primary key (company_id, cycle, number)
);

-- Facts that only pay knows. The highest `no` of a person's fact is in force; a null takes it away.
create table paid_facts (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    name text not null,
    no bigint not null,
    value jsonb,
    by text not null,
    at timestamptz not null,
    reason text not null,
    primary key (company_id, cycle, number, name, no)
);
create function refuse_change_of_paid_fact() returns trigger language plpgsql as $$
begin
    raise exception 'facts that pay enters are append-only';
end $$;
create trigger paid_facts_are_append_only before update or delete on paid_facts
    for each row execute function refuse_change_of_paid_fact();
create trigger paid_facts_are_never_emptied before truncate on paid_facts
    for each statement execute function refuse_change_of_paid_fact();

-- What schemes warn of once pay is known. The unit is empty where people of several are reckoned together.
create table pay_warnings (
    company_id uuid not null,
    cycle uuid not null,
    unit text not null,
    code text not null,
    primary key (company_id, cycle, unit, code)
);

-- Why a cycle was cancelled; null where it was not.
alter table cycles add column cancelled text;
