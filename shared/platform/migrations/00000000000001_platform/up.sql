-- Tables every service has in its own schema. Those that a worker reads across companies name the
-- company `tenant`; row-level security is put on every table that has a column `company_id`.

create table outbox (
    position bigint generated always as identity primary key,
    id uuid not null unique,
    tenant uuid not null,
    kind text not null,
    event text not null,
    created_at timestamptz not null,
    epoch text,
    stream_id text,
    confirmed_at timestamptz
);
create index outbox_unconfirmed on outbox (position) where confirmed_at is null;

create table inbox (
    event_id uuid primary key,
    received_at timestamptz not null
);

create table dead_letters (
    event_id uuid primary key,
    tenant uuid not null,
    stream text not null,
    event text not null,
    reason text not null,
    deliveries bigint not null,
    buried_at timestamptz not null
);

create table idempotency_keys (
    company_id uuid not null,
    account uuid not null,
    key text not null,
    request_hash bytea not null,
    status smallint,
    etag text,
    location text,
    body text,
    created_at timestamptz not null,
    primary key (company_id, account, key)
);

create table audit_entries (
    seq bigint generated always as identity primary key,
    company_id uuid not null,
    at timestamptz not null,
    account uuid,
    actor text not null,
    action text not null,
    subject text not null,
    detail jsonb not null
);
create index audit_entries_by_company on audit_entries (company_id, seq);

create table audit_seals (
    company_id uuid not null,
    place bigint not null,
    entry bigint not null unique references audit_entries (seq),
    hash bytea not null,
    primary key (company_id, place)
);
