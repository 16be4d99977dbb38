-- What is known of others, from their events.

create table employees (
    company_id uuid not null,
    number text not null,
    name text not null,
    email text,
    locale text not null,
    left_on date,
    version bigint not null,
    primary key (company_id, number)
);

create table cycles (
    company_id uuid not null,
    cycle uuid not null,
    name_zh text not null,
    name_en text not null,
    period text not null,
    primary key (company_id, cycle)
);

create table work_items (
    company_id uuid not null,
    cycle uuid not null,
    source text not null,
    key text not null,
    label_zh text not null,
    label_en text not null,
    assignee text not null,
    subject text not null,
    subject_name text not null,
    due date,
    done boolean not null,
    version bigint not null,
    primary key (company_id, cycle, source, key)
);
create index work_items_open on work_items (company_id, due, assignee) where not done;

-- Every version of a published result, so that a correction can say what changed.
create table results (
    company_id uuid not null,
    cycle uuid not null,
    number text not null,
    version bigint not null,
    score text,
    grade text,
    excluded text,
    primary key (company_id, cycle, number, version)
);

-- Whether a company's open tasks have to be looked at again today.
create table reminders (
    company_id uuid primary key,
    looked_on date,
    stale boolean not null
);

create table mails (
    company_id uuid not null,
    id uuid not null,
    position bigint generated always as identity,
    dedupe_key text not null,
    kind text not null,
    recipient text not null,
    address text,
    locale text not null,
    subject text not null,
    body text not null,
    state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'dead', 'undeliverable')),
    tries integer not null default 0,
    next_try_at timestamptz,
    leased_until timestamptz,
    last_error text,
    created_at timestamptz not null,
    sent_at timestamptz,
    primary key (company_id, id),
    unique (company_id, dedupe_key)
);
create index mails_by_position on mails (company_id, position);
create index mails_by_recipient on mails (company_id, recipient, position);
create index mails_by_state on mails (company_id, state, position) where state <> 'sent';
create index mails_due on mails (next_try_at) where state in ('queued', 'failed');
create index mails_leased on mails (leased_until) where state = 'sending';
