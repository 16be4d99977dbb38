-- What is known of others, from their events.

create table cycles (
    company_id uuid not null,
    cycle uuid not null,
    name_zh text not null,
    name_en text not null,
    period text not null,
    -- Of the frozen scheme; null where nobody can appeal.
    terms jsonb,
    cancelled boolean not null default false,
    primary key (company_id, cycle)
);

create table subjects (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null check (kind in ('person', 'unit')),
    subject text not null,
    name text not null,
    unit text,
    superior text,
    superior_above text,
    head text,
    leader text,
    dotted text,
    -- The scheme or HR leaves them out.
    left_out boolean not null,
    version bigint not null,
    primary key (company_id, cycle, kind, subject)
);

-- Published results: since when they are known, and who gave what they were computed from.
create table results (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    version bigint not null,
    known_on date not null,
    excluded text,
    score text,
    grade text,
    involved text[] not null,
    primary key (company_id, cycle, kind, subject, version)
);

create table appeals (
    company_id uuid not null,
    id uuid not null,
    position bigint generated always as identity,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    about text not null check (about in ('result', 'rating', 'exclusion')),
    -- The rating: its path below the subject, as in a case.
    place text,
    -- Null before publication.
    result_version bigint,
    -- Whose case it is: the person, or who leads the unit.
    appellant text not null,
    filed_by text not null,
    on_paper boolean not null,
    known_on date,
    filed_on date not null,
    grounds text not null,
    state text not null check (state in ('open', 'answered', 'decided', 'withdrawn')),
    verdict text,
    -- The place of the last step.
    level int not null,
    respond_by date,
    -- Answered: until when it may be carried to the next level.
    until date,
    withdrawn_why text,
    made_at timestamptz not null,
    version bigint not null,
    primary key (company_id, id)
);
create unique index appeals_one_at_a_time on appeals (company_id, cycle, kind, subject) where state in ('open', 'answered');
create index appeals_by_position on appeals (company_id, position);
create index appeals_by_appellant on appeals (company_id, appellant, position);
create index appeals_lapsing on appeals (until) where state = 'answered' and until is not null;

-- What a decision asks for, each time that it was told to scoring.
create table remedies (
    company_id uuid not null,
    appeal uuid not null,
    attempt int not null,
    reason text not null,
    decided_by text[] not null,
    -- Empty while somebody rates again.
    changes jsonb not null,
    -- Who rates again, and what.
    reassess jsonb,
    -- The step in which they do.
    step uuid,
    told_at timestamptz,
    told_by text not null,
    refused_zh text,
    refused_en text,
    done_at timestamptz,
    -- Of the result of whoever appealed, where it changed.
    done_version bigint,
    primary key (company_id, appeal, attempt)
);

-- What was said at a hearing or found since; never changed.
create table hearing_notes (
    company_id uuid not null,
    id uuid not null,
    appeal uuid not null,
    text text not null,
    by text not null,
    at timestamptz not null,
    primary key (company_id, id)
);
create index hearing_notes_by_appeal on hearing_notes (company_id, appeal, at);
