-- Nobody is reminded of a cancelled cycle.
alter table cycles add column cancelled boolean not null default false;
