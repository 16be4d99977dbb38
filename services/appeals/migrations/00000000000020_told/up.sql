-- Where the scheme has people told their results in a talk, terms run from the day of it.
alter table cycles add column told boolean not null default false;
alter table results add column told_on date;
