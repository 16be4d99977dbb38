alter table directory_bodies drop column rule;
update steps set state = 'void' where state = 'returned';
alter table steps drop constraint steps_state_check;
alter table steps add constraint steps_state_check check (state in ('open', 'done', 'sent_on', 'missed', 'void'));
