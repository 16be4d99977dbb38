drop table units;
drop index assignments_to_lapse;
alter table assignments drop column may_decline;
update assignments set state = 'void' where state = 'lapsed';
alter table assignments drop constraint assignments_state_check;
alter table assignments add constraint assignments_state_check
    check (state in ('open', 'submitted', 'declined', 'replaced', 'void'));
