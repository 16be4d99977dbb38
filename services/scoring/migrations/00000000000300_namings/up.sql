-- For which kinds of rater HR has to name somebody, about whom; of an item where the scheme has others give it, else empty.
create table namings (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    rater_column text not null,
    item text not null,
    primary key (company_id, cycle, kind, subject, rater_column, item)
);
