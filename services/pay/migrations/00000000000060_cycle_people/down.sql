alter table cycles drop column cancelled;
drop table pay_warnings;
drop table paid_facts;
drop function refuse_change_of_paid_fact();
drop table cycle_people;
