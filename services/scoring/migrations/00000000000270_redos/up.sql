-- Annulled results, each with who rates it anew on the next edition of its sheet.
create table redos (
    company_id uuid not null,
    appeal uuid not null,
    attempt integer not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    -- Of the sheet, from which the annulled result was computed.
    annulled_edition integer not null,
    -- Of the sheet on which it is redone, once that is settled.
    edition integer,
    -- Kind of rater by kind of rater.
    raters jsonb not null,
    reason text not null,
    -- Who decided first of those who did.
    decided_by text not null,
    due date,
    done_at timestamptz,
    primary key (company_id, appeal, attempt)
);
create unique index redos_open on redos (company_id, cycle, kind, subject) where done_at is null;
create index redos_by_subject on redos (company_id, cycle, kind, subject);
