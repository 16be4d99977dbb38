-- Who there is: from the organisation's events.
create table directory_people (
    company_id uuid not null,
    number text not null,
    name text not null,
    -- Of their account; empty without one.
    roles text[] not null,
    left_on date,
    version bigint not null,
    primary key (company_id, number)
);

create table directory_bodies (
    company_id uuid not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    seats jsonb not null,
    version bigint not null,
    primary key (company_id, code)
);

create table directory_calendars (
    company_id uuid primary key,
    non_working_days date[] not null,
    working_days date[] not null,
    version bigint not null
);

-- What somebody has to decide: one place in an order of such.
create table steps (
    company_id uuid not null,
    id uuid not null,
    -- What it is about, such as appeal:UUID.
    about text not null,
    place int not null,
    -- 1, and one more each time that those who decide together were divided.
    round int not null,
    -- person:E1, role:hr, body:LG, body:LG/leader; empty while somebody has to be named.
    actors text[] not null,
    state text not null check (state in ('open', 'done', 'sent_on', 'missed', 'void')),
    opened_on date not null,
    due date,
    ended_on date,
    -- Whether it was told that its day has gone by.
    overdue_told boolean not null default false,
    version bigint not null,
    primary key (company_id, id)
);
create index steps_by_about on steps (company_id, about, place);
create index steps_due on steps (due) where state = 'open' and due is not null and not overdue_told;

-- Who sits in a step that a body decides.
create table panels (
    company_id uuid not null,
    step uuid not null,
    number text not null,
    -- Whom they speak for, such as staff.
    represents text,
    withdrew_why text,
    -- Whose seat they fill.
    fills text,
    primary key (company_id, step, number)
);
create index panels_by_number on panels (company_id, number);

create table sessions (
    company_id uuid not null,
    id uuid not null,
    step uuid not null,
    body text not null,
    held_on date not null,
    present text[] not null,
    withdrew text[] not null,
    votes_for int,
    votes_against int,
    abstained int,
    minutes text not null,
    by text not null,
    at timestamptz not null,
    primary key (company_id, id)
);
create index sessions_by_step on sessions (company_id, step);

create table decisions (
    company_id uuid not null,
    id uuid not null,
    step uuid not null,
    round int not null,
    -- For which of the step's actors.
    actor text not null,
    verdict text not null,
    reason text not null,
    -- What else was decided.
    detail jsonb not null,
    by text not null,
    session uuid,
    at timestamptz not null,
    primary key (company_id, id),
    unique (company_id, step, round, actor)
);

create table documents (
    company_id uuid not null,
    id uuid not null,
    -- Null until it is handed in with something.
    about text,
    name text not null,
    media_type text not null,
    size int not null,
    sha256 text not null,
    bytes bytea not null,
    by text not null,
    at timestamptz not null,
    primary key (company_id, id)
);
create index documents_by_about on documents (company_id, about);

-- What people have to do, as it was told last.
create table step_tasks (
    company_id uuid not null,
    step uuid not null,
    assignee text not null,
    due date,
    done boolean not null,
    version bigint not null,
    primary key (company_id, step, assignee)
);

create function refuse_change_of_steps() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end $$;
create trigger decisions_are_append_only before update or delete on decisions
    for each row execute function refuse_change_of_steps();
create trigger sessions_are_append_only before update or delete on sessions
    for each row execute function refuse_change_of_steps();
