-- What is announced to everybody in a cycle; each confirms having read it.
create table posted_texts (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    -- The code of the stage; empty where HR announces beside the stages.
    stage text not null,
    title text not null,
    body text not null,
    posted_by text not null,
    posted_at timestamptz not null,
    primary key (company_id, id)
);
create index posted_texts_by_cycle on posted_texts (company_id, cycle);

-- What somebody is asked to sign, each a step; the signature is a decision in it.
create table signatures (
    company_id uuid not null,
    step uuid not null,
    cycle uuid not null,
    -- The code of the stage; empty for what HR announces beside the stages.
    stage text not null,
    -- Whose result is signed; of an announcement: who reads it.
    number text not null,
    -- As what somebody signs: self, superior, superior.superior, head, leader, reader.
    capacity text not null,
    -- What is announced; none: a result.
    posted uuid,
    -- Of what has to be signed before it is published: the run that computed it.
    run int,
    -- It is waited for until its last day only.
    lapses boolean not null default false,
    -- The SHA-256 of what was signed.
    sha256 text,
    primary key (company_id, step)
);
create index signatures_by_cycle on signatures (company_id, cycle, number);
create unique index signatures_of_results on signatures (company_id, cycle, stage, number, capacity, run) nulls not distinct where posted is null;
create unique index signatures_of_texts on signatures (company_id, posted, number) where posted is not null;

-- Exactly what was signed.
create table signed_texts (
    company_id uuid not null,
    sha256 text not null,
    words text not null,
    primary key (company_id, sha256)
);

call tells('signatures');
