-- Named groups with offices, and who leads units over time.
create table bodies (
    company_id uuid not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    -- {min, max, odd, represented: {capacity: at least}}
    rule jsonb not null,
    version bigint not null,
    primary key (company_id, code)
);

create table seats (
    company_id uuid not null,
    body text not null,
    place int not null,
    number text not null,
    office text not null check (office in ('leader', 'deputy', 'executive_leader', 'member', 'office')),
    in_charge text[] not null,
    represents text,
    from_on date not null,
    until_on date,
    primary key (company_id, body, place),
    foreign key (company_id, body) references bodies (company_id, code)
);

create table heads (
    company_id uuid not null,
    unit text not null,
    number text not null,
    office text not null check (office in ('head', 'co_head')),
    from_on date not null,
    until_on date,
    primary key (company_id, unit, office, from_on),
    check (until_on is null or until_on >= from_on)
);
insert into heads (company_id, unit, number, office, from_on)
select u.company_id, u.code, u.head, 'head', coalesce((
    select min(a.from_day) from assignments a
    where a.company_id = u.company_id and a.number = u.head and a.unit = u.code), '1900-01-01')
from units u where u.head is not null;

-- Who leads what is told once more, to those who keep it and to those who begin to listen.
update units set version = version + 1;
alter table companies alter column told_to set default 2;

-- Unused since attempts are counted by address.
drop table sign_in_failures;
