-- For which items and lists HR has to name a rater of a kind, about whom; `whole`: whoever has the whole form has it, too.
create table namings (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    rater_column text not null,
    item text not null,
    whole boolean not null,
    primary key (company_id, cycle, kind, subject, rater_column, item)
);
