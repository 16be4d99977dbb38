-- What waits for somebody is looked up by who that is. Without fastupdate, so that no look has to go through a list of what
-- is not in the index yet.
create index steps_by_actor on steps using gin (actors) with (fastupdate = off) where state = 'open';
create index steps_waiting on steps (company_id, about) where state in ('open', 'returned');
