-- A company is found by its code before anybody is signed in, so this table has no company_id.
create table companies (
    id uuid primary key,
    code text not null,
    name text not null,
    currency text not null,
    -- The day for which unit heads were last derived.
    heads_on date not null,
    created_at timestamptz not null
);
create unique index companies_by_code on companies (lower(code));
create index companies_by_heads_on on companies (heads_on);

-- Which company a machine client belongs to: all that is known before it has shown its secret.
create table client_homes (
    client uuid primary key,
    tenant uuid not null
);

create table accounts (
    company_id uuid not null,
    id uuid not null,
    username text not null,
    password_hash text not null,
    employee text,
    roles text[] not null,
    disabled boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null,
    primary key (company_id, id)
);
create unique index accounts_by_username on accounts (company_id, lower(username));
create unique index accounts_by_employee on accounts (company_id, employee);

-- Wrong passwords by name, whether or not such an account exists.
create table sign_in_failures (
    company_id uuid not null,
    name text not null,
    failures integer not null,
    locked_until timestamptz,
    last_at timestamptz not null,
    primary key (company_id, name)
);

create table clients (
    company_id uuid not null,
    id uuid not null,
    name text not null,
    scopes text[] not null,
    secret_hash bytea not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    primary key (company_id, id)
);

create table units (
    company_id uuid not null,
    code text not null,
    name text not null,
    parent text,
    category text,
    facts jsonb not null,
    head text,
    -- Set by hand; overrides the derived head.
    appointed_head text,
    version bigint not null,
    primary key (company_id, code)
);

create table employees (
    company_id uuid not null,
    number text not null,
    name text not null,
    email text,
    locale text not null,
    hired_on date,
    left_on date,
    facts jsonb not null,
    version bigint not null,
    primary key (company_id, number)
);

-- Where a person stands from a day on, until the next assignment begins.
create table assignments (
    company_id uuid not null,
    number text not null,
    from_day date not null,
    unit text not null,
    position text,
    category text,
    superior text,
    dotted_superior text,
    primary key (company_id, number, from_day),
    foreign key (company_id, number) references employees (company_id, number),
    foreign key (company_id, unit) references units (company_id, code)
);
create index assignments_by_unit on assignments (company_id, unit);
create index assignments_by_superior on assignments (company_id, superior);
create index assignments_by_dotted_superior on assignments (company_id, dotted_superior);

create table working_calendars (
    company_id uuid primary key,
    non_working_days date[] not null,
    working_days date[] not null,
    version bigint not null
);
