-- Whoever was given a password by somebody else chooses one of their own before they get a token.
alter table accounts add column must_change_password boolean not null default false;

-- Attempts to sign in by name, whether or not such an account exists, and address: whoever guesses is slowed down, not
-- whoever is guessed at. It takes the place of sign_in_failures, which counted by name alone.
create table sign_in_attempts (
    company_id uuid not null,
    name text not null,
    address text not null,
    -- Wrong passwords since the last right one.
    failures integer not null,
    locked_until timestamptz,
    succeeded_at timestamptz,
    last_at timestamptz not null,
    primary key (company_id, name, address)
);
create index sign_in_attempts_by_time on sign_in_attempts (last_at);
