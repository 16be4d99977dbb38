-- The days of a stage may be moved while its cycle runs.
alter table cycle_stages drop constraint cycle_stages_dated_by_check;
alter table cycle_stages add constraint cycle_stages_dated_by_check check (dated_by in ('scheme', 'opening', 'moved'));
-- Why, where they were.
alter table cycle_stages add column moved_why text;
