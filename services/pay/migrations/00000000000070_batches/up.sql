-- What was reckoned for a cycle and waits for whoever approves pay, where the cycle's scheme names somebody. At most one batch
-- of a cycle is not issued; what is reckoned after one was issued makes the next.
create table batches (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    no int not null,
    state text not null check (state in ('open', 'returned', 'issued', 'void')),
    -- In which it is decided about now; null until all results of the cycle have come.
    step uuid,
    -- Counts the changes of what is in it: nobody approves what they have not seen.
    version bigint not null,
    opened_at timestamptz not null,
    -- What it held when it was issued.
    issued_at timestamptz,
    people int,
    totals jsonb,
    differences jsonb,
    primary key (company_id, id)
);
create unique index batches_by_cycle on batches (company_id, cycle, no);
create unique index batches_not_issued on batches (company_id, cycle) where state in ('open', 'returned');

-- Statements that wait in a batch: one a person, of the newest version of their result.
create table drafts (
    company_id uuid not null,
    batch uuid not null,
    number text not null,
    cycle uuid not null,
    result_version bigint not null,
    -- What it stands on.
    reckoning uuid not null,
    -- The result with its figures, as it goes into the ledger.
    reckoned text compression lz4 not null,
    -- What the statement will say.
    entry jsonb not null,
    primary key (company_id, batch, number)
);
create index drafts_by_person on drafts (company_id, number);
create index drafts_by_reckoning on drafts (company_id, batch, reckoning);

-- How many results each publication of a cycle brought; `results_published` is their sum. And the last publication of which
-- results have come.
alter table cycles add column publications jsonb not null default '{}';
alter table cycles add column publication_begun int not null default 0;
update cycles set publications = jsonb_build_object('1', results_published), publication_begun = 1
    where results_published is not null;
