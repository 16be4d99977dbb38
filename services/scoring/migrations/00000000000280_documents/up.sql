-- What an entry or a note rests on, where somebody handed it in.
alter table entries add column document uuid;
alter table notes add column document uuid;
