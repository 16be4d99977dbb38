-- Who decides may send back what the step is about.
alter table steps drop constraint steps_state_check;
alter table steps add constraint steps_state_check check (state in ('open', 'done', 'sent_on', 'returned', 'missed', 'void'));

-- How many decide in a body, and whom they must speak for.
alter table directory_bodies add column rule jsonb not null default '{}';
