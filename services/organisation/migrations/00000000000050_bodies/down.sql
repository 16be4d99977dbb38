create table sign_in_failures (
    company_id uuid not null,
    name text not null,
    failures integer not null,
    locked_until timestamptz,
    last_at timestamptz not null,
    primary key (company_id, name)
);
drop table heads;
drop table seats;
drop table bodies;
