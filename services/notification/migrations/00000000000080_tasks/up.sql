-- What waits for people, roles and bodies, whichever service it comes from.
drop table work_items;
create table tasks (
    company_id uuid not null,
    cycle uuid not null,
    source text not null,
    key text not null,
    stage text not null,
    label_zh text not null,
    label_en text not null,
    -- `person:E9`, `role:hr`, `body:LG` or `body:LG/leader`.
    holder text not null,
    -- `person:E1` or `unit:NET`.
    about text not null,
    about_name text not null,
    count bigint not null,
    due date,
    operation text not null,
    path text not null,
    done boolean not null,
    version bigint not null,
    primary key (company_id, cycle, source, key)
);
create index tasks_by_holder on tasks (company_id, holder, done, due);
create index tasks_open on tasks (company_id, due, holder) where not done;

-- Who holds what: roles and bodies; and who leads whom.
alter table employees add column roles text[] not null default '{}', add column superior text;
create index employees_by_superior on employees (company_id, superior);
create table bodies (
    company_id uuid not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    version bigint not null,
    primary key (company_id, code)
);
create table seats (
    company_id uuid not null,
    body text not null,
    -- Their place among the seats of the body.
    place int not null,
    number text not null,
    office text not null,
    from_on date not null,
    until_on date,
    primary key (company_id, body, place)
);
create index seats_by_number on seats (company_id, number);

-- Which of several cycles of a period, and the stages in their order, with what they are called.
alter table cycles add column name text, add column stages jsonb not null default '[]';
