-- Nobody is reminded of a cancelled cycle.
alter table cycles add column cancelled boolean not null default false;
-- Cycles that were not published were cancelled when people and units came to be appraised alike.
update cycles c set cancelled = true where not exists (select from results r where r.company_id = c.company_id and r.cycle = c.cycle);
update work_items set done = true where not done;
